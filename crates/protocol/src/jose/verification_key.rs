//! A public key bound to its name and to the one algorithm it verifies: what verifiers hold. Owns the step from a
//! published [`Jwk`] to that; whether a token was signed by it is [`super::verifier`]'s question.

use super::jwk::{EcCurve, Jwk, OkpCurve, PublicKey};
use super::octets::Octets;
use super::{Algorithm, provider};
use jsonwebtoken::DecodingKey;

/// A public key that may verify signatures of one algorithm.
#[derive(Clone, Debug)]
pub struct VerificationKey {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// Why a [`Jwk`] cannot verify anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableJwk {
    /// The key's type or curve is not that of its `alg`.
    #[error("the key's type does not fit its alg")]
    AnotherType,
    /// A member has a length its algorithm does not allow.
    #[error("a member of the key has the wrong length")]
    WrongLength,
    /// The name is not the key's thumbprint, so two keys might share it.
    #[error("the kid is not the key's thumbprint")]
    NotItsThumbprint,
}

impl VerificationKey {
    /// Its name, the thumbprint: two keys of the same name are the same.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

impl TryFrom<&Jwk> for VerificationKey {
    type Error = UnusableJwk;

    fn try_from(jwk: &Jwk) -> Result<Self, UnusableJwk> {
        if jwk.kid != jwk.key.thumbprint() {
            return Err(UnusableJwk::NotItsThumbprint);
        }
        provider::install();
        Ok(Self { kid: jwk.kid.clone(), algorithm: jwk.alg, key: decoding_key(&jwk.key, jwk.alg)? })
    }
}

fn decoding_key(key: &PublicKey, alg: Algorithm) -> Result<DecodingKey, UnusableJwk> {
    match (alg, key) {
        (Algorithm::ES256, PublicKey::Ec { crv: EcCurve::P256, x, y }) => {
            let (x, y) = (octets_32(x)?, octets_32(y)?);
            // SEC 1 §2.3.3: an uncompressed point. ring checks at each use that it lies on the curve.
            Ok(DecodingKey::from_ec_der(&[&[0x04], x, y].concat()))
        }
        (Algorithm::EdDSA, PublicKey::Okp { crv: OkpCurve::Ed25519, x }) => {
            Ok(DecodingKey::from_ed_der(octets_32(x)?))
        }
        (Algorithm::RS256, PublicKey::Rsa { n, e }) => {
            // RFC 7518 §3.3: 2048 bits or larger. Which moduli and exponents are sound, ring checks at each use.
            if !(256..=1024).contains(&n.as_bytes().len()) {
                return Err(UnusableJwk::WrongLength);
            }
            Ok(DecodingKey::from_rsa_raw_components(n.as_bytes(), e.as_bytes()))
        }
        _ => Err(UnusableJwk::AnotherType),
    }
}

fn octets_32(octets: &Octets) -> Result<&[u8], UnusableJwk> {
    if octets.as_bytes().len() == 32 { Ok(octets.as_bytes()) } else { Err(UnusableJwk::WrongLength) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8725 §3.1: a key is used with exactly one algorithm, and that one must fit it.
    #[test]
    fn a_key_that_does_not_fit_its_algorithm_is_unusable() {
        let unusable = |key, alg| VerificationKey::try_from(&Jwk::new(key, alg)).unwrap_err();
        assert_eq!(unusable(PublicKey::ed25519(&[3; 32]), Algorithm::ES256), UnusableJwk::AnotherType);
        assert_eq!(
            unusable(PublicKey::rsa(&[9; 256], &[1, 0, 1]), Algorithm::EdDSA),
            UnusableJwk::AnotherType
        );
        assert_eq!(unusable(PublicKey::p256(&[7; 32], &[9; 31]), Algorithm::ES256), UnusableJwk::WrongLength);
        assert_eq!(unusable(PublicKey::ed25519(&[3; 33]), Algorithm::EdDSA), UnusableJwk::WrongLength);
        assert_eq!(
            unusable(PublicKey::rsa(&[9; 128], &[1, 0, 1]), Algorithm::RS256),
            UnusableJwk::WrongLength
        );
    }

    /// RFC 7638 §1: a name that is the thumbprint cannot be shared by two keys, so no other is taken.
    #[test]
    fn a_key_under_a_foreign_name_is_unusable() {
        let jwk = Jwk { kid: "1".to_owned(), ..Jwk::new(PublicKey::ed25519(&[3; 32]), Algorithm::EdDSA) };
        assert_eq!(VerificationKey::try_from(&jwk).unwrap_err(), UnusableJwk::NotItsThumbprint);
    }
}
