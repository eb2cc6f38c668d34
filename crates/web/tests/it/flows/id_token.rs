//! The ID token, as the client that it is for would check it: by the published keys, and claim by claim.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, INTRANET, ISSUER, Place, Tokens, tokens};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use doorward_core::manage::clients;
use doorward_core::settings::Settings;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::jwk::JwkSet;
use doorward_protocol::jose::verification_key::VerificationKey;
use doorward_protocol::jose::verifier::{Awaited, IdTokenVerifier};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::ConsentMode;
use doorward_testkit::frozen_clock::START;
use ring::digest::{SHA256, SHA512, digest};
use serde_json::{Value, json};

/// A server that keeps a key for each algorithm, and a client of the house with these members.
fn place_with(members: impl FnOnce(&mut clients::Members)) -> Place {
    let mut place = Place::signing(Settings::new(ISSUER.parse().unwrap()));
    let mut registered = clients::Members { consent: ConsentMode::Implicit, ..Place::members() };
    members(&mut registered);
    place.register("relying", registered);
    place
}

fn header(jwt: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(jwt.split('.').next().unwrap()).unwrap()).unwrap()
}

/// The tokens of a request with these parameters at `relying`.
fn at_relying(place: &Place, parameters: &[(&str, &str)]) -> Tokens {
    let code = place.code(&Browser::new(place), &place.request("relying", parameters), "alice");
    tokens(&place.redeem("relying", &code))
}

/// OpenID Connect Core §3.1.3.7: verified by the published keys, for this client, this request, this access token.
fn is_verified(place: &Place, tokens: &Tokens) -> bool {
    let request = http::Request::get("/oauth2/jwks").header("host", "as.example").body(Bytes::new()).unwrap();
    let answer = doorward_testkit::block_on::block_on(place.app.respond(request, Default::default()));
    let published: JwkSet = serde_json::from_slice(answer.body()).unwrap();
    let keys = published.keys.iter().map(|key| VerificationKey::try_from(key).unwrap());
    let verifier = IdTokenVerifier::new(ISSUER, "relying".parse().unwrap(), keys.collect::<Vec<_>>());
    let awaited = Awaited { nonce: "n-0", access_token: tokens.access() };
    verifier.verify(tokens.0["id_token"].as_str().unwrap(), awaited, START).is_ok()
}

/// OpenID Connect Core §15.1 and OpenID Connect Registration §2: RS256 where the client names nothing else.
#[test]
fn the_algorithm_is_rs256_or_the_one_that_the_client_names() {
    for (named, algorithm) in [
        (None, "RS256"),
        (Some(Algorithm::RS256), "RS256"),
        (Some(Algorithm::ES256), "ES256"),
        (Some(Algorithm::EdDSA), "EdDSA"),
    ] {
        let place = place_with(|members| members.id_token_signed_response_alg = named);
        let tokens = at_relying(&place, &[]);
        let header = header(tokens.0["id_token"].as_str().unwrap());
        assert_eq!((&header["alg"], &header["typ"]), (&json!(algorithm), &json!("JWT")));
        assert!(header["kid"].is_string());
        assert!(is_verified(&place, &tokens), "{algorithm}");
        // OpenID Connect Core §3.1.3.6: the left half of the hash that the algorithm uses.
        let hash = if algorithm == "EdDSA" { &SHA512 } else { &SHA256 };
        let hash = digest(hash, tokens.access().as_bytes());
        let half = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]);
        assert_eq!(tokens.id_token()["at_hash"], half);
    }
}

/// A server that keeps no RSA key signs with the key it has.
#[test]
fn without_an_rsa_key_the_servers_own_algorithm_signs() {
    let place = Place::new();
    let tokens = place.tokens(&Browser::new(&place), APP, "alice");
    assert_eq!(header(tokens.0["id_token"].as_str().unwrap())["alg"], "ES256");
}

/// OpenID Connect Core §2, §3.1.3.6: what an ID token says of the sign-in, and nothing else unless the client wants it.
#[test]
fn it_says_who_signed_in_when_and_how() {
    let place = place_with(|members| members.id_token_signed_response_alg = Some(Algorithm::ES256));
    let browser = Browser::new(&place);
    place.code(&browser, &place.request("relying", &[]), "alice");
    place.advance(Lifetime::minutes(2));
    let code = place.code(&browser, &place.request("relying", &[]), "alice");
    place.advance(Lifetime::seconds(5));
    let claims = tokens(&place.redeem("relying", &code)).id_token();
    let now = START.0 + 125;
    let expected = json!({
        "iss": ISSUER,
        "sub": place.subject("alice"),
        "aud": "relying",
        "exp": now + 600,
        "iat": now,
        "auth_time": START.0,
        "nonce": "n-0",
        "acr": "1",
        "amr": ["pwd"],
        "at_hash": claims["at_hash"],
        "sid": claims["sid"],
    });
    assert_eq!(claims, expected);
    assert_eq!(claims["sid"].as_str().unwrap().len(), 26);
}

/// OpenID Connect Core §2, §3.1.2.1: the nonce is passed through unmodified, and is not there where none was sent.
#[test]
fn the_nonce_is_that_of_the_request() {
    let place = place_with(|_| {});
    for nonce in ["n", "a b&c=\"é😀\\", &"n".repeat(2_000)] {
        assert_eq!(at_relying(&place, &[("nonce", nonce)]).id_token()["nonce"], nonce);
    }
    assert_eq!(at_relying(&place, &[("nonce", "")]).id_token().get("nonce"), None);
}

/// OpenID Connect Core §3.1.3.3, §12.2: an ID token comes with `openid` and with nothing else.
#[test]
fn without_openid_there_is_no_id_token() {
    let place = place_with(|_| {});
    let without = at_relying(&place, &[("scope", "profile offline_access")]);
    assert_eq!(without.0.get("id_token"), None);
    let refreshed = tokens(&place.refresh("relying", without.refresh()));
    assert_eq!(refreshed.0.get("id_token"), None);
}

/// OpenID Connect Core §5.4: the claims of the scope come from userinfo; in the ID token where the client is set to it.
#[test]
fn claims_about_the_person_are_in_it_only_where_the_client_asks_by_setting() {
    let all = [("scope", "openid profile email groups")];
    let claims = ["name", "preferred_username", "updated_at", "email", "email_verified", "groups"];
    let plain = at_relying(&place_with(|_| {}), &all).id_token();
    assert!(claims.iter().all(|claim| plain.get(claim).is_none()), "{plain}");
    let place = place_with(|members| members.id_token_claims = true);
    let full = at_relying(&place, &all).id_token();
    assert_eq!(full["name"], "ALICE Example");
    assert_eq!(full["preferred_username"], "alice");
    assert_eq!(full["updated_at"], START.0);
    assert_eq!((&full["email"], &full["email_verified"]), (&json!("alice@example.com"), &json!(false)));
    assert_eq!(full["groups"], json!(["Members"]));
    let some = at_relying(&place, &[("scope", "openid email")]).id_token();
    assert!(
        some.get("email").is_some() && some.get("name").is_none() && some.get("groups").is_none(),
        "{some}"
    );
}

/// OpenID Connect Core §12.2: a refreshed ID token is about the same person and sign-in, and answers no request.
#[test]
fn a_refreshed_one_says_the_same_of_the_sign_in() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let first = place.tokens_later(&browser, INTRANET, &[]);
    place.advance(Lifetime::minutes(30));
    let second = tokens(&place.refresh(INTRANET, first.refresh()));
    let (before, after) = (first.id_token(), second.id_token());
    for claim in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert_eq!(after["iat"].as_i64().unwrap(), before["iat"].as_i64().unwrap() + 1_800);
    assert_eq!(after.get("nonce"), None);
    assert_ne!(before["at_hash"], after["at_hash"]);
}

/// OpenID Connect Core §2: `sub` is the person, at every client and for good; the name may change.
#[test]
fn the_subject_is_the_same_at_every_client() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let subject = |client| place.tokens(&browser, client, "alice").id_token()["sub"].clone();
    assert_eq!(subject(APP), subject(INTRANET));
    assert_eq!(subject(APP), place.subject("alice"));
    assert_ne!(subject(APP), "alice");
}
