//! Actors for the tests of this folder: a key of each algorithm, the verifier that trusts them, and a forger who can
//! sign whatever he likes with any of them.

use super::Algorithm;
use super::claims::AccessTokenClaims;
use super::jws::Typ;
use super::key::SigningKey;
use super::verification_key::VerificationKey;
use super::verifier::{AccessTokenVerifier, Unverified};
use crate::id::Id;
use crate::time::{Lifetime, Seconds};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::LazyLock;

pub(super) const ISSUER: &str = "https://id.example";
pub(super) const NOW: Seconds = Seconds(1_795_000_000);

// Once per process: generating the RSA key takes a moment.
static KEYS: LazyLock<[SigningKey; 3]> =
    LazyLock::new(|| Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap()));

pub(super) fn keys() -> [&'static SigningKey; 3] {
    KEYS.each_ref()
}

pub(super) fn key(algorithm: Algorithm) -> &'static SigningKey {
    keys().into_iter().find(|key| key.algorithm() == algorithm).unwrap()
}

pub(super) fn verifier() -> AccessTokenVerifier {
    AccessTokenVerifier::new(ISSUER, keys().map(|key| VerificationKey::try_from(key.jwk()).unwrap()))
}

pub(super) fn verify(token: &str) -> Result<AccessTokenClaims, Unverified> {
    verifier().verify(token, NOW)
}

pub(super) fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: ISSUER.to_owned(),
        sub: "billing-app".to_owned(),
        aud: "https://billing.example".to_owned(),
        client_id: "billing-app".parse().unwrap(),
        exp: NOW + Lifetime::minutes(10),
        iat: NOW,
        jti: Id::from_parts(1_795_000_000_000, 42),
        scope: "invoices:read invoices:write".to_owned(),
        generation: 3,
        access: vec![],
        allowed_ips: vec![],
        person: None,
        exchanged: None,
    }
}

pub(super) fn token(key: &SigningKey) -> String {
    key.sign(&claims(), Typ::AccessToken).unwrap()
}

/// A header as we write it.
pub(super) fn header(key: &SigningKey) -> Value {
    json!({"typ": "at+jwt", "alg": key.algorithm(), "kid": key.kid()})
}

/// Whatever header and payload, rightly signed with this key.
pub(super) fn forge(key: &SigningKey, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let message = unsigned(header, payload);
    let signature = key.sign_bytes(message.as_bytes()).unwrap();
    format!("{message}.{signature}")
}

/// Header and payload as a signing input.
pub(super) fn unsigned(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
}

/// The given members set in, or with `None` taken out of, a JSON object.
pub(super) fn with(mut object: Value, member: &str, value: Option<Value>) -> String {
    let members = object.as_object_mut().unwrap();
    members.remove(member);
    if let Some(value) = value {
        members.insert(member.to_owned(), value);
    }
    object.to_string()
}

/// The claims as JSON.
pub(super) fn payload() -> Value {
    serde_json::to_value(claims()).unwrap()
}
