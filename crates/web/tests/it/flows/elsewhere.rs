//! A server below a path of its host, with its pages below one of their own: the whole way of a person, none of it at the
//! root, which may be somebody else's.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, CALLBACK, ISSUER, Place, VERIFIER, json, tokens};
use doorward_core::settings::Settings;
use http::StatusCode;

/// RFC 8414 §3.1: an issuer may have a path, and everything of it stands below.
#[test]
fn a_person_signs_in_below_a_path() {
    let issuer = format!("{ISSUER}/tenant");
    let settings = Settings::new(issuer.parse().unwrap());
    let place = Place::with(Settings { pages_prefix: "/id".to_owned(), ..settings });
    let browser = Browser::new(&place);
    let sign_in = browser.open(&format!("/tenant{}", place.request(APP, &[]))).page();
    assert_eq!(sign_in.form().action, "/tenant/id/login");
    let consent = place.sign_in(&browser, &sign_in, "alice").page();
    assert_eq!(consent.form().action, "/tenant/id/consent");
    let answer = browser.submit(&consent, &[("decision", "approve")]).answer();
    assert_eq!(answer["iss"], issuer);

    let form = [
        ("grant_type", "authorization_code"),
        ("code", &answer["code"]),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let given = tokens(&place.client("/tenant/oauth2/token", APP, &form));
    assert_eq!(given.id_token()["iss"], issuer);
    let active = place.client("/tenant/oauth2/introspect", APP, &[("token", given.access())]);
    assert_eq!(active.status(), StatusCode::UNAUTHORIZED, "a public client may not ask");
    let next = [("grant_type", "refresh_token"), ("refresh_token", given.refresh())];
    assert_eq!(json(&place.client("/tenant/oauth2/token", APP, &next))["token_type"], "Bearer");

    assert!(browser.open("/tenant/id/account").page().says("ALICE Example"));
    let asked = browser.open("/tenant/oauth2/logout").page();
    assert_eq!(browser.submit(&asked, &[]).page().path, "/tenant/id/logged-out");
    assert!(browser.open("/tenant/id/account").page().has("login"));
    for path in ["/oauth2/authorize", "/id/login", "/login", "/account", "/oauth2/logout"] {
        assert_eq!(browser.get(path).status(), StatusCode::NOT_FOUND, "{path}");
    }
}
