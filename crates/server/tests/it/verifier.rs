//! An API that verifies what is presented to it by the server's key set, as any would: it keeps the set, reads it again only
//! for a key that it does not know, and checks the signature itself. Owns the keys it has seen.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The keys of one server, kept.
pub(crate) struct Verifier<F> {
    /// Reads the key set (RFC 7517 §5).
    read: F,
    keys: HashMap<String, UnparsedPublicKey<Vec<u8>>>,
    /// The keys that have signed what it has verified.
    pub(crate) signers: HashSet<String>,
    /// How many tokens it has verified.
    pub(crate) verified: usize,
    /// How often it had to read the key set.
    pub(crate) reads: usize,
}

impl<F: FnMut() -> Value> Verifier<F> {
    pub(crate) fn new(read: F) -> Self {
        Self { read, keys: HashMap::new(), signers: HashSet::new(), verified: 0, reads: 0 }
    }

    /// Verifies a token that is signed with ES256 (RFC 7515 §5.2), or says what is wrong with it.
    pub(crate) fn verify(&mut self, token: &str) -> Result<(), String> {
        let (signed, signature) = token.rsplit_once('.').ok_or("no signature")?;
        let header: Value = serde_json::from_slice(&decode(signed.split('.').next().unwrap_or_default())?)
            .map_err(|error| error.to_string())?;
        let kid = header["kid"].as_str().ok_or("no key is named")?;
        if !self.keys.contains_key(kid) {
            self.read_again()?;
        }
        let key = self.keys.get(kid).ok_or_else(|| format!("{kid} signs and is not published"))?;
        key.verify(signed.as_bytes(), &decode(signature)?)
            .map_err(|_| format!("{kid} has not signed this"))?;
        self.signers.insert(kid.to_owned());
        self.verified += 1;
        Ok(())
    }

    fn read_again(&mut self) -> Result<(), String> {
        let set = (self.read)();
        self.keys = set["keys"].as_array().ok_or("no key set")?.iter().map(key).collect::<Result<_, _>>()?;
        self.reads += 1;
        Ok(())
    }
}

/// A key's name and its point, uncompressed (RFC 7518 §6.2.1; SEC 1 §2.3.3).
fn key(jwk: &Value) -> Result<(String, UnparsedPublicKey<Vec<u8>>), String> {
    let member = |name: &str| jwk[name].as_str().ok_or_else(|| format!("no {name}"));
    let mut point = vec![4];
    point.extend(decode(member("x")?)?);
    point.extend(decode(member("y")?)?);
    Ok((member("kid")?.to_owned(), UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)))
}

fn decode(text: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| error.to_string())
}

#[test]
#[expect(clippy::disallowed_methods, reason = "keys for the verifier alone")]
fn a_signature_of_another_key_is_no_signature() {
    let sign = |kid: &str, key: &ring::signature::EcdsaKeyPair| {
        let signed = [format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#), "{}".to_owned()]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".");
        let signature = key.sign(&ring::rand::SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    let pair = || {
        let (random, alg) =
            (ring::rand::SystemRandom::new(), &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING);
        let pkcs8 = ring::signature::EcdsaKeyPair::generate_pkcs8(alg, &random).unwrap();
        ring::signature::EcdsaKeyPair::from_pkcs8(alg, pkcs8.as_ref(), &random).unwrap()
    };
    let (ours, other) = (pair(), pair());
    let [x, y] = {
        use ring::signature::KeyPair;
        let point = ours.public_key().as_ref();
        [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half))
    };
    let set = serde_json::json!({ "keys": [{ "kid": "a", "kty": "EC", "crv": "P-256", "x": x, "y": y }] });
    let mut verifier = Verifier::new(|| set.clone());
    assert_eq!(verifier.verify(&sign("a", &ours)), Ok(()));
    assert_eq!(verifier.verify(&sign("a", &other)), Err("a has not signed this".to_owned()));
    assert_eq!(verifier.verify(&sign("b", &ours)), Err("b signs and is not published".to_owned()));
    assert_eq!((verifier.verified, verifier.reads), (1, 2));
}
