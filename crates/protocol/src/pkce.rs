//! Proof Key for Code Exchange (RFC 7636): a code is good only in the hands of whoever began the request. Owns the one
//! method we have, S256, and the syntax of challenge and verifier; whether a client needs one is `core`'s decision.

use crate::error::OAuthError;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq;

/// The `code_challenge_method`s, as metadata lists them. `plain` is none of them (RFC 9700 §2.1.1).
pub const METHODS: [&str; 1] = ["S256"];

/// RFC 7636 §4.1: what a client keeps to itself until it redeems the code.
pub struct Verifier(Secret);

/// RFC 7636 §4.2: the base64url of a SHA-256 digest, which has 43 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge(String);

impl Verifier {
    /// RFC 7636 §4.1: the base64url of 32 random octets.
    #[must_use]
    pub fn of(random: &[u8; 32]) -> Self {
        Self(Secret::new(URL_SAFE_NO_PAD.encode(random)))
    }

    /// The text, for the token request alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// RFC 7636 §4.2: what the authorization request says of it.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge::of(self.expose())
    }
}

impl Challenge {
    fn of(verifier: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())))
    }

    /// Reads `code_challenge` and `code_challenge_method`.
    ///
    /// # Errors
    /// `invalid_request` (RFC 7636 §4.4.1) for another method, a missing one (whose default would be `plain`), a method
    /// without a challenge, and a challenge that no SHA-256 digest has.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, OAuthError> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (None, Some(_)) => {
                Err(OAuthError::invalid_request("'code_challenge_method' stands without a 'code_challenge'"))
            }
            (Some(challenge), Some("S256")) => Self::stored(challenge).map(Some).ok_or_else(|| {
                OAuthError::invalid_request("'code_challenge' is not the base64url of a SHA-256 digest")
            }),
            (Some(_), _) => Err(OAuthError::invalid_request("'code_challenge_method' must be S256")),
        }
    }

    /// Reads a challenge that was accepted before.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
        (decoded.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// RFC 7636 §4.6: the verifier is hashed and compared. §4.1: it has 43 to 128 unreserved characters.
    #[must_use]
    pub fn is_met_by(&self, verifier: &str) -> bool {
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(unreserved)
            && Self::of(verifier).0.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// RFC 7636 Appendix B: the example of the specification.
    #[test]
    fn the_example_of_the_specification_holds() {
        let challenge = Challenge::parse(Some(CHALLENGE), Some("S256")).unwrap().unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(CHALLENGE), "the challenge itself, as `plain` would have it");
    }

    /// RFC 7636 §4.1, §4.2: a verifier that we make ourselves meets the challenge that we make of it, and no other does.
    #[test]
    fn a_verifier_meets_its_own_challenge() {
        let (one, other) = (Verifier::of(&[1; 32]), Verifier::of(&[2; 32]));
        assert!(one.challenge().is_met_by(one.expose()) && !one.challenge().is_met_by(other.expose()));
        assert_eq!(one.expose().len(), 43);
    }

    /// RFC 7636 §4.1: a verifier has 43 to 128 unreserved characters.
    #[test]
    fn a_verifier_has_its_syntax() {
        for verifier in
            ["x".repeat(42), "x".repeat(129), format!("{VERIFIER}+"), format!("{VERIFIER} "), String::new()]
        {
            let challenge = Challenge::of(&verifier);
            assert!(!challenge.is_met_by(&verifier), "{verifier}");
        }
        let longest = "~".repeat(128);
        let challenge = Challenge::of(&longest);
        assert!(challenge.is_met_by(&longest));
    }

    /// RFC 9700 §2.1.1: the challenge method does not expose the verifier: S256 and nothing else.
    #[test]
    fn only_s256_is_read() {
        assert_eq!(Challenge::parse(None, None), Ok(None));
        for (challenge, method) in [
            (Some(VERIFIER), Some("plain")),
            (Some(CHALLENGE), None),
            (Some(CHALLENGE), Some("s256")),
            (None, Some("S256")),
            (Some("short"), Some("S256")),
            (Some(&format!("{CHALLENGE}=")), Some("S256")),
        ] {
            assert!(Challenge::parse(challenge, method).is_err(), "{challenge:?} {method:?}");
        }
    }
}
