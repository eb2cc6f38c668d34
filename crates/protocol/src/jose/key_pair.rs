//! A private key as ring holds it, parsed and ready. Owns reading, generating and raw signing for the three
//! [`Algorithm`]s; remembering parsed keys is `parsed_keys`' part, compact tokens are [`super::key`]'s.

use super::Algorithm;
use super::jwk::PublicKey;
use super::random::{self, PrimeSearch};
use ring::error::Unspecified;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use rsa::pkcs8::EncodePrivateKey;
use zeroize::Zeroizing;

/// The size of RSA keys we make. RFC 7518 §3.3: 2048 bits or larger.
const RSA_BITS: usize = 2048;

/// A parsed private key.
pub(super) enum KeyPair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

/// Bytes that are no private key of the algorithm asked for. Why not is left out: whoever holds the key can look, and
/// nobody else should learn about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a private key for {0}")]
pub(super) struct InvalidKey(pub(super) Algorithm);

impl KeyPair {
    /// A new private key, as PKCS#8.
    ///
    /// ring cannot generate RSA keys, so the `rsa` crate does that, and only that: its private-key *operations* are not
    /// constant in time (RUSTSEC-2023-0071), and every signature is made by ring.
    pub(super) fn generate(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
        let der = match algorithm {
            Algorithm::ES256 => {
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random::system())?
                    .as_ref()
                    .to_vec()
            }
            Algorithm::EdDSA => Ed25519KeyPair::generate_pkcs8(&random::system())?.as_ref().to_vec(),
            Algorithm::RS256 => {
                let key = rsa::RsaPrivateKey::new(&mut PrimeSearch::seeded()?, RSA_BITS)
                    .map_err(|_| Unspecified)?;
                key.to_pkcs8_der().map_err(|_| Unspecified)?.as_bytes().to_vec()
            }
        };
        Ok(Zeroizing::new(der))
    }

    /// Reads a private key: PKCS#8 for all three, for RSA also the bare `RSAPrivateKey` (RFC 8017 §A.1.2) that
    /// `jsonwebtoken` means by "DER".
    pub(super) fn parse(algorithm: Algorithm, der: &[u8]) -> Result<Self, InvalidKey> {
        match algorithm {
            Algorithm::ES256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &random::system())
                    .map(Self::Es256)
            }
            // RFC 8410 §7: PKCS#8 without the public key is legal, and what OpenSSL writes.
            Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Self::EdDsa),
            Algorithm::RS256 => {
                RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)).map(Self::Rs256)
            }
        }
        .map_err(|_| InvalidKey(algorithm))
    }

    /// Signs, in the form JWS carries (RFC 7518 §3.3 and §3.4, RFC 8037 §3.1).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Es256(pair) => Ok(pair.sign(&random::system(), message)?.as_ref().to_vec()),
            Self::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random::system(), message, &mut signature)?;
                Ok(signature)
            }
        }
    }

    /// The public half.
    pub(super) fn public(&self) -> PublicKey {
        match self {
            Self::Es256(pair) => {
                // SEC 1 §2.3.3: an uncompressed point, which is all ring writes, is 0x04, then x and y of equal length.
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                PublicKey::p256(x, y)
            }
            Self::EdDsa(pair) => PublicKey::ed25519(pair.public_key().as_ref()),
            Self::Rs256(pair) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                PublicKey::rsa(&n, &e)
            }
        }
    }
}
