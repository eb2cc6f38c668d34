//! Verifiers, one per purpose. Each owns the whole list of checks between a received text and claims that may be
//! believed, with nothing left to choose at the call: algorithm, type, issuer and claims are fixed by what the verifier
//! is for (RFC 8725 §3). Whether a verified token was revoked since, and whether its audience is the API at hand, is
//! asked of the claims afterwards, in `core/token` and `core/access`.

use super::claims::AccessTokenClaims;
use super::jws::{self, Compact, Header, Typ};
use super::verification_key::VerificationKey;
use crate::time::{Lifetime, Seconds};
use std::collections::HashMap;

/// How far another node's clock may run ahead of ours.
const CLOCK_SKEW: Lifetime = Lifetime::seconds(60);

/// Verifies JWT access tokens of one issuer (RFC 9068 §4).
#[derive(Clone, Debug)]
pub struct AccessTokenVerifier {
    issuer: String,
    keys: HashMap<String, VerificationKey>,
}

/// Why a token is not believed. For the log: whoever presented it hears no more than `invalid_token`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// Longer than [`jws::MAX_LENGTH`].
    #[error("longer than any token of ours")]
    TooLong,
    /// Not three parts in compact form.
    #[error("not a token in compact form")]
    NotCompact,
    /// The header lacks a member, repeats one, has one we do not write, or is not JSON at all.
    #[error("its header is not one of ours")]
    Header,
    /// A token for another purpose.
    #[error("its typ is that of another kind of token")]
    Typ,
    /// No key of this name.
    #[error("its kid names no current key")]
    UnknownKey,
    /// The header's algorithm is not the one its key is for.
    #[error("its alg is not that of its key")]
    Algorithm,
    /// Not signed by that key.
    #[error("its signature is wrong")]
    Signature,
    /// Signed, but a claim is missing, repeated or of the wrong type.
    #[error("its claims are malformed: {0}")]
    Claims(String),
    /// Issued by somebody else.
    #[error("its issuer is another")]
    Issuer,
    /// No longer good.
    #[error("expired")]
    Expired,
    /// Issued later than now.
    #[error("issued in the future")]
    IssuedInFuture,
}

impl AccessTokenVerifier {
    /// A verifier for tokens of this issuer, signed with one of these keys.
    pub fn new(issuer: impl Into<String>, keys: impl IntoIterator<Item = VerificationKey>) -> Self {
        let keys = keys.into_iter().map(|key| (key.kid.clone(), key)).collect();
        Self { issuer: issuer.into(), keys }
    }

    /// The claims of a token, if it is one of ours and good now.
    ///
    /// RFC 7519 §7.2, RFC 9068 §4: from cheap to dear; nothing in the payload is looked at before the signature.
    pub fn verify(&self, token: &str, now: Seconds) -> Result<AccessTokenClaims, Unverified> {
        if token.len() > jws::MAX_LENGTH {
            return Err(Unverified::TooLong);
        }
        let compact = Compact::split(token).ok_or(Unverified::NotCompact)?;
        self.key(&compact)?.verify(&compact)?;
        let claims = claims(&compact)?;
        self.judge(&claims, now)?;
        Ok(claims)
    }

    /// The key the header names, provided that the rest of the header fits it.
    fn key(&self, compact: &Compact<'_>) -> Result<&VerificationKey, Unverified> {
        let json = jws::object(compact.header).ok_or(Unverified::Header)?;
        let header: Header<'_> = serde_json::from_str(&json).map_err(|_| Unverified::Header)?;
        if !Typ::AccessToken.is_named(header.typ) {
            return Err(Unverified::Typ);
        }
        let key = self.keys.get(header.kid).ok_or(Unverified::UnknownKey)?;
        if header.alg != key.algorithm.name() {
            return Err(Unverified::Algorithm);
        }
        Ok(key)
    }

    fn judge(&self, claims: &AccessTokenClaims, now: Seconds) -> Result<(), Unverified> {
        if claims.iss != self.issuer {
            return Err(Unverified::Issuer);
        }
        // RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be accepted". No leeway: our own clock wrote it.
        if claims.exp <= now {
            return Err(Unverified::Expired);
        }
        if claims.iat > now + CLOCK_SKEW {
            return Err(Unverified::IssuedInFuture);
        }
        Ok(())
    }
}

impl VerificationKey {
    /// RFC 8725 §3.1: the algorithm is the key's; what the header says has only been compared with it.
    fn verify(&self, compact: &Compact<'_>) -> Result<(), Unverified> {
        let message = compact.signing_input.as_bytes();
        match jsonwebtoken::crypto::verify(compact.signature, message, &self.key, self.algorithm.into()) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Unverified::Signature),
        }
    }
}

fn claims(compact: &Compact<'_>) -> Result<AccessTokenClaims, Unverified> {
    let json =
        jws::object(compact.payload).ok_or_else(|| Unverified::Claims("not a JSON object".to_owned()))?;
    serde_json::from_str(&json).map_err(|error| Unverified::Claims(error.to_string()))
}
