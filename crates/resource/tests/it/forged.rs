//! Tokens that somebody made, or made over.

use crate::server::{SIGNED, Server};
use crate::signed::status;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::jose::key::SigningKey;
use serde_json::{Value, json};

/// The claims of a real token.
fn claims(token: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn with(token: &str, claim: &str, value: Value) -> Value {
    let mut claims = claims(token);
    claims[claim] = value;
    claims
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// RFC 9068 §4: what the issuer's own key has signed counts only with every claim in order.
#[tokio::test]
async fn a_signed_claim_that_is_wrong_is_refused() {
    let server = Server::new();
    let (api, key, token) = (server.api(SIGNED), server.signing_key(), server.token(SIGNED, "read"));
    let signed = |claims: &Value| key.sign(claims, Typ::AccessToken).unwrap();
    assert_eq!(status(&signed(&claims(&token)), &api).await, 200, "as it was");
    let now = claims(&token)["iat"].as_i64().unwrap();
    for (claim, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{}/", server.issuer()))),
        ("aud", json!("https://other.example")),
        ("aud", json!([SIGNED])),
        ("aud", json!([SIGNED, "https://other.example"])),
        ("aud", Value::Null),
        ("exp", json!(now - 10)),
        ("exp", json!("tomorrow")),
        ("exp", Value::Null),
        ("iat", json!(now + 61)),
        ("scope", json!("re\"ad")),
        ("scope", json!(["read"])),
        ("client_id", Value::Null),
        ("jti", json!("x")),
    ] {
        assert_eq!(status(&signed(&with(&token, claim, value.clone())), &api).await, 401, "{claim}: {value}");
    }
}

/// RFC 7800 §3.1: a token that is bound to a key is good for nobody who has not proven to hold it, and nobody can do that here.
#[tokio::test]
async fn a_bound_token_is_no_bearers() {
    let server = Server::new();
    let (api, key, token) = (server.api(SIGNED), server.signing_key(), server.token(SIGNED, "read"));
    let thumbprint = json!("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    for cnf in [json!({"jkt": thumbprint}), json!({"x5t#S256": thumbprint}), json!({}), Value::Null] {
        let bound = key.sign(&with(&token, "cnf", cnf.clone()), Typ::AccessToken).unwrap();
        assert_eq!(status(&bound, &api).await, 401, "{cnf}");
    }
}

/// RFC 7519 §4.1.5: a token is not taken before the instant from which it is good, but for the leeway.
#[tokio::test]
async fn a_token_begins_with_the_leeway() {
    let server = Server::new();
    let (api, key, token) = (server.api(SIGNED), server.signing_key(), server.token(SIGNED, "read"));
    let from = |nbf: Value| key.sign(&with(&token, "nbf", nbf), Typ::AccessToken).unwrap();
    let now = claims(&token)["iat"].as_i64().unwrap();
    let later = from(json!(now + 15));
    assert_eq!((status(&from(json!(now)), &api).await, status(&later, &api).await), (200, 401));
    server.advance(4);
    assert_eq!(status(&later, &api).await, 401);
    server.advance(1);
    assert_eq!(status(&later, &api).await, 200);
    for odd in [json!("now"), json!(now as f64 + 0.5), Value::Null] {
        assert_eq!(status(&from(odd.clone()), &api).await, 401, "{odd}");
    }
}

/// RFC 8725 §3.11, RFC 9068 §4: an ID token is no access token, even one that says all an access token says.
#[tokio::test]
async fn an_id_token_is_refused() {
    let server = Server::new();
    let claims = claims(&server.token(SIGNED, "read"));
    let token = server.signing_key().sign(&claims, Typ::IdToken).unwrap();
    assert_eq!(status(&token, &server.api(SIGNED)).await, 401);
}

/// RFC 8725 §2.1, §3.1, §3.2: `none`, and a MAC under the public key, are no signatures.
#[tokio::test]
async fn a_header_chooses_no_algorithm() {
    let server = Server::new();
    let (api, key, token) = (server.api(SIGNED), server.signing_key(), server.token(SIGNED, "read"));
    let payload = encoded(&with(&token, "scope", json!("read write")));
    let public = serde_json::to_vec(key.jwk()).unwrap();
    for algorithm in ["none", "None", "HS256", "RS256", "EdDSA", "ES384"] {
        let header = encoded(&json!({"typ": "at+jwt", "alg": algorithm, "kid": key.kid()}));
        let mac = ring::hmac::sign(
            &ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public),
            format!("{header}.{payload}").as_bytes(),
        );
        for signature in [String::new(), "AA".to_owned(), URL_SAFE_NO_PAD.encode(mac)] {
            assert_eq!(status(&format!("{header}.{payload}.{signature}"), &api).await, 401, "{algorithm}");
        }
    }
}

/// RFC 7515 §5.2: a payload that was changed is not taken for the one that was signed, although its `jti` was seen before.
#[tokio::test]
async fn a_changed_payload_with_a_live_jti_is_refused() {
    let server = Server::new();
    let (api, token) = (server.api(SIGNED), server.token(SIGNED, "read"));
    assert_eq!(status(&token, &api).await, 200);
    let parts: Vec<_> = token.split('.').collect();
    let payload = encoded(&with(&token, "scope", json!("read write")));
    assert_eq!(status(&format!("{}.{payload}.{}", parts[0], parts[2]), &api).await, 401);
    assert_eq!(status(&format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)), &api).await, 401);
    assert_eq!(status(&token, &api).await, 200);
}

/// RFC 8725 §3.1: a key that the server never published verifies nothing, and the header cannot bring one along.
#[tokio::test]
async fn a_foreign_key_is_refused() {
    let server = Server::new();
    let (api, token) = (server.api(SIGNED), server.token(SIGNED, "read"));
    let foreign = SigningKey::generate(Algorithm::ES256).unwrap();
    assert_eq!(status(&foreign.sign(&claims(&token), Typ::AccessToken).unwrap(), &api).await, 401);
    let header =
        encoded(&json!({"typ": "at+jwt", "alg": "ES256", "kid": foreign.kid(), "jwk": foreign.jwk()}));
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(status(&format!("{header}.{}.{}", parts[1], parts[2]), &api).await, 401);
}
