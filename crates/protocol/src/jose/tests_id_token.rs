//! What a client asks of a rightly signed ID token: whom it is for, which request it answers, what came along with it.

use super::Algorithm;
use super::claims::{IdTokenClaims, ProfileClaims, access_token_hash};
use super::jws::Typ;
use super::key::SigningKey;
use super::tests_support::{ISSUER, NOW, forge, key, keys, token, with};
use super::verification_key::VerificationKey;
use super::verifier::{Awaited, IdTokenVerifier, Unverified};
use crate::id::Id;
use crate::time::{Lifetime, Seconds};
use serde_json::{Value, json};

const AWAITED: Awaited<'static> = Awaited { nonce: "n-0S6_WzA2Mj", access_token: "the access token" };

fn id_claims(algorithm: Algorithm) -> IdTokenClaims {
    IdTokenClaims {
        iss: ISSUER.to_owned(),
        sub: Id::from_parts(0, 7).to_string(),
        aud: "shop".parse().unwrap(),
        exp: NOW + Lifetime::minutes(10),
        iat: NOW,
        auth_time: NOW,
        nonce: Some(AWAITED.nonce.to_owned()),
        acr: "1".to_owned(),
        amr: vec!["pwd".to_owned()],
        at_hash: access_token_hash(algorithm, AWAITED.access_token),
        sid: Id::from_parts(0, 8),
        profile: ProfileClaims { email: Some("a@example.com".to_owned()), ..ProfileClaims::default() },
    }
}

fn verifier() -> IdTokenVerifier {
    let keys = keys().map(|key| VerificationKey::try_from(key.jwk()).unwrap());
    IdTokenVerifier::new(ISSUER, "shop".parse().unwrap(), keys)
}

fn signed(key: &SigningKey) -> String {
    key.sign(&id_claims(key.algorithm()), Typ::IdToken).unwrap()
}

/// A token in which one claim is another, or is not there.
fn altered(claim: &str, value: Option<Value>) -> String {
    let key = key(Algorithm::ES256);
    let header = json!({"typ": "JWT", "alg": key.algorithm(), "kid": key.kid()});
    let payload = serde_json::to_value(id_claims(key.algorithm())).unwrap();
    forge(key, header.to_string(), with(payload, claim, value))
}

fn refused(claim: &str, value: Value) -> Unverified {
    verifier().verify(&altered(claim, Some(value)), AWAITED, NOW).unwrap_err()
}

/// OpenID Connect Core §3.1.3.7: the awaited token is believed, whatever the algorithm of its key.
#[test]
fn the_awaited_token_is_believed() {
    for key in keys() {
        assert_eq!(verifier().verify(&signed(key), AWAITED, NOW), Ok(id_claims(key.algorithm())));
    }
}

/// OpenID Connect Core §3.1.3.7: of this issuer, for this client, and the answer to this request.
#[test]
fn a_token_for_somebody_or_something_else_is_refused() {
    assert_eq!(refused("iss", json!("https://id.example.evil")), Unverified::Issuer);
    assert_eq!(refused("aud", json!("another-shop")), Unverified::Audience);
    assert!(matches!(refused("aud", json!(["shop"])), Unverified::Claims(_)), "we issue one audience");
    assert_eq!(refused("nonce", json!("another")), Unverified::Nonce);
    assert_eq!(verifier().verify(&altered("nonce", None), AWAITED, NOW), Err(Unverified::Nonce));
}

/// OpenID Connect Core §3.1.3.8: the access token is the one that was issued beside it.
#[test]
fn another_access_token_is_refused() {
    for key in keys() {
        let swapped = Awaited { access_token: "another access token", ..AWAITED };
        assert_eq!(verifier().verify(&signed(key), swapped, NOW), Err(Unverified::AccessToken));
    }
    assert!(matches!(verifier().verify(&altered("at_hash", None), AWAITED, NOW), Err(Unverified::Claims(_))));
}

/// OpenID Connect Core §3.1.3.7: the client's clock may differ by a minute, not more.
#[test]
fn a_token_is_good_in_its_time() {
    let token = signed(key(Algorithm::EdDSA));
    let at = |now| verifier().verify(&token, AWAITED, Seconds(now)).map(drop);
    assert_eq!((at(NOW.0 - 60), at(NOW.0 + 659)), (Ok(()), Ok(())));
    assert_eq!(at(NOW.0 - 61), Err(Unverified::IssuedInFuture));
    assert_eq!(at(NOW.0 + 660), Err(Unverified::Expired));
}

/// RFC 8725 §3.11: an access token is no ID token, whoever signed it.
#[test]
fn a_token_of_another_kind_is_refused() {
    assert_eq!(verifier().verify(&token(key(Algorithm::ES256)), AWAITED, NOW), Err(Unverified::Typ));
}

/// RFC 7515 §5.2: what was changed after it was signed is refused.
#[test]
fn a_changed_token_is_refused() {
    let token = signed(key(Algorithm::ES256));
    let other = altered("sub", Some(json!("another")));
    let mixed = [
        token.split('.').next().unwrap(),
        other.split('.').nth(1).unwrap(),
        token.split('.').nth(2).unwrap(),
    ]
    .join(".");
    assert_eq!(verifier().verify(&mixed, AWAITED, NOW), Err(Unverified::Signature));
}
