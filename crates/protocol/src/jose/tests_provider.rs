//! The provider as `jsonwebtoken` and a host that shares it see it: right signatures, and errors instead of panics.

use super::Algorithm;
use super::jwk::PublicKey;
use super::key::SigningKey;
use super::key_pair::KeyPair;
use super::provider::{PROVIDER, install};
use super::tests_support::keys;
use super::verification_key::VerificationKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{sign, verify};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey};
use ring::rsa::PublicKeyComponents;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

const MESSAGE: &[u8] = b"header.payload";

/// RFC 7518 §3.1, RFC 8037 §3.1: what is signed is verified, by the provider and by ring itself.
#[test]
fn a_signature_of_each_algorithm_is_verified_by_both_sides() {
    for key in keys() {
        let public = VerificationKey::try_from(key.jwk()).unwrap();
        let signature = key.sign_bytes(MESSAGE).unwrap();
        assert!(verify(&signature, MESSAGE, &public.key, public.algorithm.into()).unwrap());
        assert!(!verify(&signature, b"header.other", &public.key, public.algorithm.into()).unwrap());
        let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
        ring_verifies(&key.jwk().key, &raw).unwrap();
    }
}

/// RFC 7518 §3.4: ECDSA signatures are R and S at full length, not DER.
#[test]
fn ring_s_own_signatures_are_verified_by_the_provider() {
    for key in keys() {
        let public = VerificationKey::try_from(key.jwk()).unwrap();
        let raw = KeyPair::parse(key.algorithm(), key.pkcs8().expose()).unwrap().sign(MESSAGE).unwrap();
        let signature = URL_SAFE_NO_PAD.encode(&raw);
        assert!(verify(&signature, MESSAGE, &public.key, public.algorithm.into()).unwrap());
        let expected = match key.algorithm() {
            Algorithm::ES256 | Algorithm::EdDSA => 64,
            Algorithm::RS256 => 256,
        };
        assert_eq!(raw.len(), expected);
    }
}

/// RFC 8725 §3.1: a key of one family never serves another's algorithm.
#[test]
fn an_algorithm_that_does_not_fit_the_key_is_an_error_and_no_panic() {
    install();
    let mac = jsonwebtoken::Algorithm::HS256;
    assert!(sign(MESSAGE, &EncodingKey::from_secret(b"secret"), mac).is_err());
    assert!(verify("AA", MESSAGE, &DecodingKey::from_secret(b"secret"), mac).is_err());
    for key in keys() {
        let public = VerificationKey::try_from(key.jwk()).unwrap();
        let signature = key.sign_bytes(MESSAGE).unwrap();
        // The right bytes, handed over as those of another family.
        let raw = public.key.try_get_as_bytes().unwrap_or_default();
        assert!(
            verify(&signature, MESSAGE, &DecodingKey::from_secret(raw), public.algorithm.into()).is_err()
        );
        let private = EncodingKey::from_secret(key.pkcs8().expose());
        assert!(sign(MESSAGE, &private, public.algorithm.into()).is_err());
        for other in [mac, jsonwebtoken::Algorithm::ES384, jsonwebtoken::Algorithm::PS256] {
            assert!(verify(&signature, MESSAGE, &public.key, other).is_err());
        }
    }
}

#[test]
fn bytes_that_are_no_key_are_an_error_and_no_panic() {
    install();
    let junk = b"not a key at all";
    for (algorithm, private, public) in [
        (Algorithm::ES256, EncodingKey::from_ec_der(junk), DecodingKey::from_ec_der(junk)),
        (Algorithm::EdDSA, EncodingKey::from_ed_der(junk), DecodingKey::from_ed_der(junk)),
        (Algorithm::RS256, EncodingKey::from_rsa_der(junk), DecodingKey::from_rsa_der(junk)),
    ] {
        assert!(sign(MESSAGE, &private, algorithm.into()).is_err());
        assert!(!verify("AAAA", MESSAGE, &public, algorithm.into()).unwrap_or(false));
    }
}

/// RFC 7517 §4: a host that signs through jsonwebtoken, and asks it for the JWK, gets the one we publish.
#[test]
fn jsonwebtoken_s_own_jwk_of_a_key_is_ours() {
    install();
    for key in keys() {
        let (private, algorithm) = (encoding(key), key.algorithm().into());
        let public = VerificationKey::try_from(key.jwk()).unwrap();
        let signature = sign(MESSAGE, &private, algorithm).unwrap();
        assert!(verify(&signature, MESSAGE, &public.key, algorithm).unwrap());
        let theirs = jsonwebtoken::jwk::Jwk::from_encoding_key(&private, algorithm).unwrap();
        let theirs: PublicKey = serde_json::from_value(serde_json::to_value(theirs).unwrap()).unwrap();
        assert_eq!(theirs, key.jwk().key);
    }
}

#[test]
fn questions_about_unsupported_keys_are_errors_and_no_panics() {
    let utils = &PROVIDER.key_utils;
    assert!((utils.rsa_pub_components_from_private_key)(b"junk").is_err());
    assert!((utils.rsa_pub_components_from_public_key)(b"junk").is_err());
    for algorithm in [jsonwebtoken::Algorithm::ES256, jsonwebtoken::Algorithm::ES384] {
        assert!((utils.ec_pub_components_from_private_key)(b"junk", algorithm).is_err());
    }
    for curve in [EllipticCurve::Ed25519, EllipticCurve::P384] {
        assert!((utils.ed_pub_components_from_private_key)(b"junk", &curve).is_err());
    }
    assert_eq!((utils.compute_digest)(b"", ThumbprintHash::SHA512).unwrap().len(), 64);
}

/// The key as a host would hold it.
fn encoding(key: &SigningKey) -> EncodingKey {
    match key.algorithm() {
        Algorithm::ES256 => EncodingKey::from_ec_der(key.pkcs8().expose()),
        // jsonwebtoken knows an Ed25519 key by the 48 octets of RFC 8410 §7; ring writes the public half as well.
        Algorithm::EdDSA => {
            let prefix = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
            EncodingKey::from_ed_der(&[&prefix[..], &key.pkcs8().expose()[16..48]].concat())
        }
        Algorithm::RS256 => EncodingKey::from_rsa_der(key.pkcs8().expose()),
    }
}

fn ring_verifies(key: &PublicKey, signature: &[u8]) -> Result<(), ring::error::Unspecified> {
    match key {
        PublicKey::Ec { x, y, .. } => {
            let point = [&[4], x.as_bytes(), y.as_bytes()].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(MESSAGE, signature)
        }
        PublicKey::Okp { x, .. } => UnparsedPublicKey::new(&ED25519, x.as_bytes()).verify(MESSAGE, signature),
        PublicKey::Rsa { n, e } => PublicKeyComponents { n: n.as_bytes(), e: e.as_bytes() }.verify(
            &RSA_PKCS1_2048_8192_SHA256,
            MESSAGE,
            signature,
        ),
    }
}
