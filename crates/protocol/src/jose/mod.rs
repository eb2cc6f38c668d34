//! JOSE: the keys, signatures and tokens of Doorward. Owns the [`Algorithm`]s we speak and, below, everything between
//! a private key and a verified claim: the ring-backed provider for `jsonwebtoken`, JWKs, compact JWS and one verifier
//! per purpose. Which key signs when, and where keys sleep sealed, is `core/keys`' business; what a token says is
//! decided by `core/token`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

pub mod claims;
pub mod jwk;
pub mod jws;
pub mod key;
mod key_pair;
pub mod octets;
mod parsed_keys;
pub mod probe;
pub mod provider;
mod random;
pub mod statement;
pub mod verification_key;
pub mod verifier;

#[cfg(test)]
mod tests_forgery;
#[cfg(test)]
mod tests_id_token;
#[cfg(test)]
mod tests_provider;
#[cfg(test)]
mod tests_support;
#[cfg(test)]
mod tests_verifier;

/// A signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1). There are three, all asymmetric: no variant exists for
/// `none` or a MAC, so no code path can be talked into one (RFC 8725 §3.1, §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: the default, small and fast everywhere.
    ES256,
    /// Ed25519: the fastest to verify and deterministic.
    EdDSA,
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every OpenID Connect client must understand.
    RS256,
}

/// A name that is none of the [`Algorithm`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature algorithms are ES256, EdDSA and RS256")]
pub struct UnknownAlgorithm;

impl Algorithm {
    /// Every algorithm, in the order of our preference.
    pub const ALL: [Self; 3] = [Self::ES256, Self::EdDSA, Self::RS256];

    /// Its name as registered for the `alg` member.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
            Self::RS256 => "RS256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// RFC 7515 §4.1.1: the name is case-sensitive.
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name).ok_or(UnknownAlgorithm)
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::ES256 => Self::ES256,
            Algorithm::EdDSA => Self::EdDSA,
            Algorithm::RS256 => Self::RS256,
        }
    }
}

impl TryFrom<jsonwebtoken::Algorithm> for Algorithm {
    type Error = UnknownAlgorithm;

    fn try_from(algorithm: jsonwebtoken::Algorithm) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|ours| jsonwebtoken::Algorithm::from(*ours) == algorithm)
            .ok_or(UnknownAlgorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7518 §3.1: an algorithm is written by its registered name everywhere.
    #[test]
    fn an_algorithm_reads_back_from_each_of_its_forms() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.name());
            assert_eq!(Algorithm::try_from(jsonwebtoken::Algorithm::from(algorithm)), Ok(algorithm));
        }
    }

    /// RFC 8725 §3.2: neither `none`, nor a MAC, nor a name in another case is an algorithm here.
    #[test]
    fn no_other_algorithm_can_be_named() {
        for name in ["none", "None", "HS256", "es256", "ES384", "PS256", "Ed25519", "RS256 ", ""] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
        assert!(Algorithm::try_from(jsonwebtoken::Algorithm::HS256).is_err());
    }
}
