//! A private signing key of ours: made, read, named, and used to sign tokens. Owns the way from claims to a compact
//! token; when a key is active and how it is sealed at rest is `core/keys`' part, what a token says `core/token`'s.

use super::jwk::Jwk;
use super::jws::{self, Typ};
use super::key_pair::KeyPair;
use super::parsed_keys::PARSED_KEYS;
use super::{Algorithm, provider};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use rsa::pkcs1;
use rsa::pkcs8::PrivateKeyInfo;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use zeroize::Zeroizing;

/// Room for the longest signature, that of a 4096-bit RSA key, as base64url with its dot.
const SIGNATURE_ROOM: usize = 684;

/// RFC 8410 §7: what stands before the 32 bytes of an Ed25519 key in PKCS#8 without its public half.
const ED25519_PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A private key, ready to sign.
pub struct SigningKey {
    jwk: Jwk,
    pkcs8: Pkcs8,
    encoding: EncodingKey,
    /// The same for every access token under this key, so it is encoded once.
    access_token_header: String,
    /// The same for every ID token.
    id_token_header: String,
    /// The same for every answer of the feed of revocations.
    revocations_header: String,
}

/// A private key as PKCS#8 (RFC 5958), the form that is sealed and stored: wiped when dropped, without `Debug` or
/// `Serialize`.
#[derive(Clone)]
pub struct Pkcs8(Zeroizing<Vec<u8>>);

/// No key could be made: the operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no {0} key could be generated")]
pub struct Ungenerated(pub Algorithm);

/// These bytes hold no signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a PKCS#8 private key for {0}")]
pub struct Unreadable(pub Algorithm);

/// A token could not be signed: our fault or the provider's, never a caller's.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// The claims do not serialize.
    #[error("the claims do not serialize: {0}")]
    Claims(#[from] serde_json::Error),
    /// The provider refused.
    #[error("the signature failed: {0}")]
    Signature(#[from] jsonwebtoken::errors::Error),
}

impl SigningKey {
    /// Makes a new key. RSA takes up to seconds: keep it off the threads that answer requests.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Ungenerated> {
        let der = KeyPair::generate(algorithm).map_err(|_| Ungenerated(algorithm))?;
        Self::from_pkcs8(algorithm, Pkcs8(der)).map_err(|_| Ungenerated(algorithm))
    }

    /// Reads a key back from the form [`Self::pkcs8`] gives.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: Pkcs8) -> Result<Self, Unreadable> {
        let encoding = encoding_key(algorithm, &pkcs8)?;
        // Read through the provider's memory, so that the first signature finds it parsed.
        let pair = PARSED_KEYS.key_pair(algorithm, encoding.as_bytes()).map_err(|_| Unreadable(algorithm))?;
        let jwk = Jwk::new(pair.public(), algorithm);
        let access_token_header = jws::encoded_header(Typ::AccessToken, algorithm, &jwk.kid);
        let id_token_header = jws::encoded_header(Typ::IdToken, algorithm, &jwk.kid);
        let revocations_header = jws::encoded_header(Typ::Revocations, algorithm, &jwk.kid);
        provider::install();
        Ok(Self { jwk, pkcs8, encoding, access_token_header, id_token_header, revocations_header })
    }

    /// RFC 8032 §5.1.5, RFC 8410 §7: the Ed25519 key of this seed, the same each time.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, Unreadable> {
        let mut der = Vec::with_capacity(ED25519_PKCS8.len() + seed.len());
        der.extend_from_slice(&ED25519_PKCS8);
        der.extend_from_slice(seed);
        Self::from_pkcs8(Algorithm::EdDSA, Pkcs8::new(der))
    }

    /// The claims as a signed token in compact form (RFC 7515 §7.1).
    pub fn sign(&self, claims: &impl Serialize, typ: Typ) -> Result<String, Unsigned> {
        let claims = serde_json::to_vec(claims)?;
        let header = &*self.header(typ);
        let mut token = String::with_capacity(header.len() + 1 + claims.len() * 4 / 3 + 1 + SIGNATURE_ROOM);
        token.push_str(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.sign_bytes(token.as_bytes())?;
        token.push('.');
        token.push_str(&signature);
        Ok(token)
    }

    /// The signature over these bytes, as base64url.
    pub(super) fn sign_bytes(&self, message: &[u8]) -> Result<String, jsonwebtoken::errors::Error> {
        jsonwebtoken::crypto::sign(message, &self.encoding, self.jwk.alg.into())
    }

    fn header(&self, typ: Typ) -> Cow<'_, str> {
        match typ {
            Typ::AccessToken => Cow::Borrowed(&self.access_token_header),
            Typ::IdToken => Cow::Borrowed(&self.id_token_header),
            Typ::Revocations => Cow::Borrowed(&self.revocations_header),
            // Signed once in minutes.
            Typ::AuditCheckpoint | Typ::AuditCut => {
                Cow::Owned(jws::encoded_header(typ, self.jwk.alg, &self.jwk.kid))
            }
        }
    }

    /// The one algorithm it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.jwk.alg
    }

    /// Its name: the RFC 7638 SHA-256 thumbprint of the public key, which needs no register to be unique.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.jwk.kid
    }

    /// The public half, to be published.
    #[must_use]
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The private half, to be sealed.
    #[must_use]
    pub fn pkcs8(&self) -> &Pkcs8 {
        &self.pkcs8
    }
}

/// The key in the form `jsonwebtoken` expects of each family, so that a foreign provider understands it too: PKCS#8,
/// but for RSA the bare `RSAPrivateKey` inside.
fn encoding_key(algorithm: Algorithm, pkcs8: &Pkcs8) -> Result<EncodingKey, Unreadable> {
    match algorithm {
        Algorithm::ES256 => Ok(EncodingKey::from_ec_der(pkcs8.expose())),
        Algorithm::EdDSA => Ok(EncodingKey::from_ed_der(pkcs8.expose())),
        Algorithm::RS256 => {
            let info = PrivateKeyInfo::try_from(pkcs8.expose()).map_err(|_| Unreadable(algorithm))?;
            // RFC 4055 §1.2: a key marked for another RSA scheme, such as PSS, is not for this one.
            info.algorithm.assert_algorithm_oid(pkcs1::ALGORITHM_OID).map_err(|_| Unreadable(algorithm))?;
            Ok(EncodingKey::from_rsa_der(info.private_key))
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm(), self.kid())
    }
}

impl Pkcs8 {
    /// Takes the bytes into custody.
    #[must_use]
    pub fn new(der: Vec<u8>) -> Self {
        Self(Zeroizing::new(der))
    }

    /// The bytes themselves, for the one place that seals them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{claims, key, keys};
    use super::*;

    /// RFC 5958 §2: a key read back from PKCS#8 is the same key, under the same name.
    #[test]
    fn a_key_survives_being_stored() {
        for key in keys() {
            let read = SigningKey::from_pkcs8(key.algorithm(), key.pkcs8().clone()).unwrap();
            assert_eq!(read.jwk(), key.jwk());
            assert_eq!(read.kid(), key.jwk().key.thumbprint());
        }
    }

    #[test]
    fn a_key_is_read_as_nothing_but_what_it_is() {
        for key in keys() {
            for other in Algorithm::ALL.into_iter().filter(|other| *other != key.algorithm()) {
                assert_eq!(
                    SigningKey::from_pkcs8(other, key.pkcs8().clone()).unwrap_err(),
                    Unreadable(other)
                );
            }
            let truncated = Pkcs8::new(key.pkcs8().expose()[1..].to_vec());
            assert!(SigningKey::from_pkcs8(key.algorithm(), truncated).is_err());
        }
    }

    /// RFC 4055 §1.2: an RSA key restricted to PSS does not sign with RS256.
    #[test]
    fn an_rsa_key_for_another_scheme_is_not_read() {
        let mut der = key(Algorithm::RS256).pkcs8().expose().to_vec();
        let rsa_encryption = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
        let at = der.windows(rsa_encryption.len()).position(|window| window == rsa_encryption).unwrap();
        der[at + 8] = 10;
        assert!(SigningKey::from_pkcs8(Algorithm::RS256, Pkcs8::new(der)).is_err());
    }

    #[test]
    fn two_generated_keys_differ() {
        for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
            let (one, other) =
                (SigningKey::generate(algorithm).unwrap(), SigningKey::generate(algorithm).unwrap());
            assert_ne!(one.kid(), other.kid());
        }
    }

    /// RFC 7518 §3.3: RSA keys have 2048 bits or more.
    #[test]
    fn a_generated_rsa_key_has_2048_bits() {
        let jwk = serde_json::to_value(key(Algorithm::RS256).jwk()).unwrap();
        let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
        assert_eq!(modulus.len(), 256);
        assert!(modulus[0] >= 0x80);
        assert_eq!(jwk["e"], "AQAB");
    }

    /// RFC 7517 §4, RFC 7518 §6: what is published holds no private member.
    #[test]
    fn neither_the_jwk_nor_debug_shows_the_private_half() {
        for key in keys() {
            let jwk = serde_json::to_value(key.jwk()).unwrap();
            let members: Vec<_> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
            for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
                assert!(!members.contains(&private), "{private}");
            }
            assert_eq!(format!("{key:?}"), format!("SigningKey({} {})", key.algorithm(), key.kid()));
        }
    }

    /// RFC 9068 §2.1: the header says at+jwt, the algorithm and the key.
    #[test]
    fn a_signed_token_names_its_type_algorithm_and_key() {
        for key in keys() {
            let token = key.sign(&claims(), Typ::AccessToken).unwrap();
            let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
            let expected =
                serde_json::json!({"typ": "at+jwt", "alg": key.algorithm().name(), "kid": key.kid()});
            assert_eq!(header, expected);
        }
    }

    #[test]
    fn claims_that_do_not_serialize_are_an_error() {
        let unserializable = std::collections::HashMap::from([((), ())]);
        assert!(matches!(
            key(Algorithm::EdDSA).sign(&unserializable, Typ::AccessToken),
            Err(Unsigned::Claims(_))
        ));
    }
}
