//! The authorization code flow, as it should go.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, ISSUER, Place, json, tokens};

/// OpenID Connect Core §3.1: a person signs in and agrees, and the client learns who they are.
#[test]
fn a_person_signs_in_and_the_client_learns_who_they_are() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let sign_in = browser.open(&place.request(APP, &[])).page();
    assert!(sign_in.has("username") && sign_in.has("password") && sign_in.has("login"));
    let consent = place.sign_in(&browser, &sign_in, "Alice").page();
    assert!(consent.has("approve") && consent.has("deny"), "{}", consent.html);
    let answer = browser.submit(&consent, &[("decision", "approve")]).answer();
    assert_eq!(answer["state"], "s t&a=te");
    assert_eq!(answer["iss"], ISSUER);
    let tokens = tokens(&place.redeem(APP, &answer["code"]));
    let claims = tokens.id_token();
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(ISSUER), Some(APP)));
    assert_eq!((claims["nonce"].as_str(), claims["acr"].as_str()), (Some("n-0"), Some("1")));
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
    let info = json(&place.userinfo(tokens.access()));
    assert_eq!(info["sub"], claims["sub"]);
    assert_eq!(info["preferred_username"], "alice");
    assert_eq!(info["email"], "alice@example.com");
}
