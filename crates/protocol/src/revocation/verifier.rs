//! What an API asks of an answer of the feed before it believes it. Owns the whole list of checks; what follows from the entries is
//! the API's business.

use crate::jose::jws::Typ;
use crate::jose::verification_key::VerificationKey;
use crate::jose::verifier::{CLOCK_SKEW, Signatures, Unverified};
use crate::revocation::Revocations;
use crate::time::Seconds;

/// Verifies answers of one issuer's feed.
#[derive(Clone, Debug)]
pub struct RevocationsVerifier(Signatures);

/// What was asked: the answer has to say the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct AskedFeed<'a> {
    /// The cursor that was sent.
    pub since: Option<&'a str>,
    /// The identifier of the API that was asked about.
    pub api: Option<&'a str>,
}

impl RevocationsVerifier {
    /// A verifier for answers of this issuer, signed with one of these keys.
    pub fn new(issuer: impl Into<String>, keys: impl IntoIterator<Item = VerificationKey>) -> Self {
        Self(Signatures::new(issuer, keys))
    }

    /// The claims of an answer, if it is the awaited one and good now.
    ///
    /// RFC 8725 §3.11: by its type, no token of another kind passes for an answer. An older answer played back, or one to another
    /// question, would hide what was taken back since: so it says what it answers, and is good for a minute, with some leeway
    /// for the clocks.
    ///
    /// # Errors
    /// [`Unverified`].
    pub fn verify(
        &self,
        answer: &str,
        asked: AskedFeed<'_>,
        now: Seconds,
    ) -> Result<Revocations, Unverified> {
        let claims: Revocations = self.0.claims(answer, Typ::Revocations)?;
        self.0.issued_by_us(&claims.iss)?;
        if claims.aud != Revocations::audience(&claims.iss) {
            return Err(Unverified::Audience);
        }
        let is_about_another = |api: &str| Some(api) != asked.api;
        if claims.about.as_deref() != asked.api
            || claims.api.as_ref().is_some_and(|api| is_about_another(&api.identifier))
            || claims.since.as_deref() != asked.since
        {
            return Err(Unverified::Question);
        }
        if claims.exp + CLOCK_SKEW <= now {
            return Err(Unverified::Expired);
        }
        if claims.iat > now + CLOCK_SKEW {
            return Err(Unverified::IssuedInFuture);
        }
        Ok(claims)
    }
}
