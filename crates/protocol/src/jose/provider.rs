//! The cryptography `jsonwebtoken` calls: ring for ES256, EdDSA and RS256, and nothing else. Owns the provider and its
//! installation; jsonwebtoken's own providers read the key again at each call, and one of them carries
//! RUSTSEC-2023-0071. The provider is the process's, so a host that embeds us may have chosen another before: it then
//! stays, and [`super::probe`] proves that it can do what we need.

use super::Algorithm;
use super::jwk::PublicKey;
use super::key_pair::KeyPair;
use super::parsed_keys::PARSED_KEYS;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind, Result};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::digest;
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use rsa::pkcs1;
use std::sync::Arc;

pub(super) static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key,
        rsa_pub_components_from_public_key,
        ec_pub_components_from_private_key,
        ed_pub_components_from_private_key,
        compute_digest,
    },
};

/// Makes ring the process's provider, unless one is installed already: that one was somebody's choice, and stays.
///
/// Whoever makes a key of ours calls this, so that no key can meet a `jsonwebtoken` without a provider, which panics.
pub fn install() {
    let _ours_or_earlier = PROVIDER.install_default();
}

/// A private key, ready to sign.
struct RingSigner(Algorithm, Arc<KeyPair>);

/// A public key to verify with. ring has no parsed form of one, so the bytes are kept.
struct RingVerifier(Algorithm, DecodingKeyKind);

fn signer(algorithm: &jsonwebtoken::Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    let algorithm = supported(*algorithm, key.family())?;
    let pair = PARSED_KEYS.key_pair(algorithm, key.as_bytes()).map_err(|_| invalid_key(algorithm))?;
    Ok(Box::new(RingSigner(algorithm, pair)))
}

/// RFC 8725 §3.1: the algorithm is the caller's, and the key must be of its family; a public key's bytes can never
/// serve as a MAC's secret here.
pub(super) fn verifier(
    algorithm: &jsonwebtoken::Algorithm,
    key: &DecodingKey,
) -> Result<Box<dyn JwtVerifier>> {
    let algorithm = supported(*algorithm, key.family())?;
    Ok(Box::new(RingVerifier(algorithm, key.kind().clone())))
}

fn supported(algorithm: jsonwebtoken::Algorithm, family: AlgorithmFamily) -> Result<Algorithm> {
    if algorithm.family() != family {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Algorithm::try_from(algorithm).map_err(|_| ErrorKind::UnsupportedAlgorithm.into())
}

fn invalid_key(algorithm: Algorithm) -> Error {
    match algorithm {
        Algorithm::ES256 => ErrorKind::InvalidEcdsaKey,
        Algorithm::EdDSA => ErrorKind::InvalidEddsaKey,
        Algorithm::RS256 => {
            ErrorKind::InvalidRsaKey("not an RSA private key of 2048 to 4096 bits".to_owned())
        }
    }
    .into()
}

impl Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        self.1.sign(message).map_err(|_unspecified| signature::Error::new())
    }
}

impl JwtSigner for RingSigner {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.0.into()
    }
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        match (self.0, &self.1) {
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(x)) => {
                UnparsedPublicKey::new(&ED25519, x).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::SecretOrDer(pkcs1)) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pkcs1).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                PublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Algorithm::ES256 | Algorithm::EdDSA, DecodingKeyKind::RsaModulusExponent { .. }) => {
                return Err(signature::Error::new());
            }
        }
        .map_err(|_unspecified| signature::Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.0.into()
    }
}

// What jsonwebtoken's own JWK type asks of a provider. We never do (ours is `jwk`), but a host may, and must get an
// answer or an error, never a panic.

fn rsa_pub_components_from_private_key(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    match public_half(Algorithm::RS256, der)? {
        PublicKey::Rsa { n, e } => Ok((n.as_bytes().to_vec(), e.as_bytes().to_vec())),
        PublicKey::Ec { .. } | PublicKey::Okp { .. } => Err(invalid_key(Algorithm::RS256)),
    }
}

fn rsa_pub_components_from_public_key(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let key = pkcs1::RsaPublicKey::try_from(der).map_err(|_| invalid_key(Algorithm::RS256))?;
    Ok((key.modulus.as_bytes().to_vec(), key.public_exponent.as_bytes().to_vec()))
}

fn ec_pub_components_from_private_key(
    der: &[u8],
    algorithm: jsonwebtoken::Algorithm,
) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    if algorithm != jsonwebtoken::Algorithm::ES256 {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    match public_half(Algorithm::ES256, der)? {
        PublicKey::Ec { x, y, .. } => Ok((EllipticCurve::P256, x.as_bytes().to_vec(), y.as_bytes().to_vec())),
        PublicKey::Okp { .. } | PublicKey::Rsa { .. } => Err(invalid_key(Algorithm::ES256)),
    }
}

fn ed_pub_components_from_private_key(der: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>> {
    if *curve != EllipticCurve::Ed25519 {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    match public_half(Algorithm::EdDSA, der)? {
        PublicKey::Okp { x, .. } => Ok(x.as_bytes().to_vec()),
        PublicKey::Ec { .. } | PublicKey::Rsa { .. } => Err(invalid_key(Algorithm::EdDSA)),
    }
}

fn public_half(algorithm: Algorithm, der: &[u8]) -> Result<PublicKey> {
    KeyPair::parse(algorithm, der).map(|pair| pair.public()).map_err(|_| invalid_key(algorithm))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "jsonwebtoken's table of functions asks for this signature"
)]
fn compute_digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &digest::SHA256,
        ThumbprintHash::SHA384 => &digest::SHA384,
        ThumbprintHash::SHA512 => &digest::SHA512,
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    Ok(digest::digest(algorithm, data).as_ref().to_vec())
}
