//! The library as a reader and a foreign OpenID Connect library see it.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot be had is a failure")]

mod library;

use crate::library::Library;
use doorward_testkit::browser::Browser;
use doorward_testkit::http;
use doorward_testkit::openid::{self, begin, redeem, send, verified};
use openidconnect::core::CoreUserInfoClaims;
use openidconnect::{OAuth2TokenResponse, TokenResponse};

const CALLBACK: &str = "http://127.0.0.1:4000/callback";

/// Shows the card at the library's own desk.
fn at_the_desk(library: &Library, browser: &Browser) {
    let hall = browser.open(&library.url("/desk")).submit(&[("username", "dora"), ("card", &library.card)]);
    assert!(hall.text().contains("You are Dora Lind."), "{}", hall.answer.body);
}

fn client(library: &Library) -> openid::Library {
    openid::library(&library.issuer(), "reading-list", Some(&library.client_secret), CALLBACK)
}

/// OpenID Connect Core §3.1: whom the library knows already, a foreign library signs in with one click and no card.
#[test]
fn a_reader_whom_the_library_knows_goes_on_with_one_click() {
    let library = Library::open();
    let (client, browser) = (client(&library), Browser::new(http::agent()));
    at_the_desk(&library, &browser);
    let under_way = begin(&client, &["profile", "offline_access"], &[]);
    let page = browser.open(&under_way.url);
    assert!(page.answer.body.contains("Continue as Dora Lind (dora)"), "{}", page.answer.body);
    let consent = page.submit(&[]);
    assert_eq!(consent.heading(), "Allow Reading list?");
    let page = consent.submit(&[("decision", "approve")]);
    let (tokens, nonce) = redeem(&client, under_way, &page);
    let claims = verified(&client, tokens.id_token().unwrap(), &nonce);
    let request = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
    let info: CoreUserInfoClaims = request.unwrap().request(&send).unwrap();
    assert_eq!(info.preferred_username().unwrap().as_str(), "dora");
    assert_eq!(info.name().unwrap().get(None).unwrap().as_str(), "Dora Lind");
}

/// OpenID Connect Core §3.1.2.1: `prompt=login` wants a proof of now, which a session of the library's is not.
#[test]
fn a_reader_shows_their_card_where_a_proof_of_now_is_wanted() {
    let library = Library::open();
    let (client, browser) = (client(&library), Browser::new(http::agent()));
    at_the_desk(&library, &browser);
    let under_way = begin(&client, &[], &[("prompt", "login")]);
    let page = browser.open(&under_way.url);
    assert!(!page.answer.body.contains("Continue as"), "{}", page.answer.body);
    let nothing = page.submit(&[]);
    assert!(nothing.answer.body.contains("There is no such card."), "{}", nothing.answer.body);
    let wrong = nothing.submit(&[("username", "dora"), ("card", "0000")]);
    assert!(wrong.answer.body.contains("There is no such card."));
    let consent = wrong.submit(&[("username", "dora"), ("card", &library.card)]);
    let page = consent.submit(&[("decision", "approve")]);
    let (tokens, nonce) = redeem(&client, under_way, &page);
    assert!(verified(&client, tokens.id_token().unwrap(), &nonce).auth_time().is_some());
}

#[test]
fn the_library_keeps_its_own_pages() {
    let library = Library::open();
    let get = |path: &str| http::get(&http::agent(), &library.url(path)).unwrap();
    assert!(get("/").body.contains("Readers show their card"));
    for path in ["/oauth2/token", "/login", "/healthz", "/metrics"] {
        assert_eq!(get(path).status, 404, "{path}");
    }
    for path in ["/.well-known/openid-configuration/auth", "/auth/login", "/auth/oauth2/jwks"] {
        assert_eq!(get(path).status, 200, "{path}");
    }
}

/// Whom the page has shown is signed in, or nobody: also where somebody else's session has come into the browser meanwhile.
#[test]
fn a_click_signs_in_whom_the_page_has_shown() {
    let library = Library::open();
    let (client, browser) = (client(&library), Browser::new(http::agent()));
    at_the_desk(&library, &browser);
    let under_way = begin(&client, &[], &[]);
    let page = browser.open(&under_way.url);
    let other = page.submit(&[("reader", "2")]);
    assert!(other.answer.body.contains("There is no such card."), "{}", other.answer.body);
    assert_eq!(other.submit(&[]).heading(), "Allow Reading list?");
}

/// A page of another site cannot bring its own reader into the browser.
#[test]
fn the_desk_takes_no_card_from_another_site() {
    let library = Library::open();
    let post = |site: &str| {
        let body = format!("username=dora&card={}", library.card);
        let request = ureq::http::Request::post(library.url("/desk"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site);
        http::send(&http::agent(), request.body(body).unwrap()).unwrap()
    };
    assert_eq!(
        (post("same-origin").status, post("cross-site").status, post("same-site").status),
        (303, 403, 403)
    );
}

/// Who leaves the library is asked whether to leave Doorward, too.
#[test]
fn a_reader_leaves() {
    let library = Library::open();
    let browser = Browser::new(http::agent());
    at_the_desk(&library, &browser);
    let left = browser.open(&library.url("/")).submit(&[]);
    assert!(left.url.path().starts_with("/auth/"), "{}", left.url);
    assert!(browser.open(&library.url("/")).text().contains("Readers show their card"));
}
