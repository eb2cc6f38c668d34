//! The shop as a customer and a foreign OpenID Connect library see it.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot be had is a failure")]

mod shop;

use crate::shop::Shop;
use doorward_testkit::browser::{Browser, Page};
use doorward_testkit::http;
use doorward_testkit::openid::{self, begin, redeem, send, verified};
use openidconnect::core::CoreUserInfoClaims;
use openidconnect::{OAuth2TokenResponse, TokenResponse};

const CALLBACK: &str = "http://127.0.0.1:4000/callback";

/// What a customer does until the application has its answer.
fn go_through<'a>(shop: &Shop, browser: &'a Browser, url: &str) -> Page<'a> {
    let page = browser.open(url);
    assert!(page.answer.body.contains("The shop knows you"), "{:?}", page.answer);
    let wrong = page.submit(&[("username", "carol"), ("password", "no")]);
    assert!(wrong.answer.body.contains("not what we have written down"), "{}", wrong.answer.body);
    let consent = wrong.submit(&[("username", "carol"), ("password", &shop.password)]);
    assert_eq!(consent.heading(), "Allow Kettle planner?", "{}", consent.answer.body);
    assert!(consent.answer.body.contains("<link rel=\"stylesheet\" href=\"/shop.css\">"));
    consent.submit(&[("decision", "approve")])
}

/// OpenID Connect Core §3.1: a library signs a customer in at the shop, by the shop's page and the shop's password.
#[test]
fn a_customer_signs_in_elsewhere_with_their_shop_account() {
    let shop = Shop::open();
    let library = openid::library(&shop.issuer(), "planner", None, CALLBACK);
    let browser = Browser::new(http::agent());
    let under_way = begin(&library, &["profile", "email", "offline_access"], &[]);
    assert!(under_way.url.starts_with(&format!("{}/oauth2/authorize?", shop.issuer())));
    let page = go_through(&shop, &browser, &under_way.url);
    let (tokens, nonce) = redeem(&library, under_way, &page);
    let claims = verified(&library, tokens.id_token().unwrap(), &nonce);
    let request = library.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
    let info: CoreUserInfoClaims = request.unwrap().request(&send).unwrap();
    assert_eq!(info.preferred_username().unwrap().as_str(), "carol");
    assert_eq!(info.email().unwrap().as_str(), "carol@shop.example");
    let refresh = tokens.refresh_token().unwrap();
    let refreshed = library.exchange_refresh_token(refresh).unwrap().request(&send).unwrap();
    assert_ne!(refreshed.refresh_token().unwrap().secret(), refresh.secret());
}

/// Attempts at a customer's password are counted, and many at once are given no memory that there is not.
#[test]
fn guessing_ends_after_ten_attempts() {
    let shop = Shop::open();
    let browser = Browser::new(http::agent());
    let mut page = browser.open(&shop.url("/auth/login"));
    for _ in 0..10 {
        page = page.submit(&[("username", "carol"), ("password", "a guess")]);
        assert!(page.answer.body.contains("not what we have written down"), "{}", page.answer.body);
    }
    let page = page.submit(&[("username", "carol"), ("password", &shop.password)]);
    assert!(page.answer.body.contains("Too many attempts"), "{}", page.answer.body);
}

/// The shop is what it was: its pages, and no path of Doorward's outside of `/auth` and `/.well-known`.
#[test]
fn the_shop_keeps_its_own_pages() {
    let shop = Shop::open();
    let get = |path: &str| http::get(&http::agent(), &shop.url(path)).unwrap();
    assert!(get("/").body.contains("Kettles, mostly."));
    assert_eq!(get("/shop.css").status, 200);
    for path in ["/oauth2/token", "/login", "/healthz", "/readyz", "/metrics"] {
        assert_eq!(get(path).status, 404, "{path}");
    }
    for path in [
        "/.well-known/openid-configuration/auth",
        "/.well-known/oauth-authorization-server/auth",
        "/auth/.well-known/openid-configuration",
        "/auth/login",
        "/auth/oauth2/jwks",
    ] {
        assert_eq!(get(path).status, 200, "{path}");
    }
}

/// The shop's database holds the shop's table and nothing else, and both survive a restart with what was issued.
#[test]
fn the_shops_database_is_left_alone_and_a_restart_loses_nothing() {
    let mut shop = Shop::open();
    let library = openid::library(&shop.issuer(), "planner", None, CALLBACK);
    let browser = Browser::new(http::agent());
    let under_way = begin(&library, &["offline_access"], &[]);
    let page = go_through(&shop, &browser, &under_way.url);
    let (tokens, _) = redeem(&library, under_way, &page);
    // The second is how SQLite remembers which numbers were given.
    assert_eq!(shop.tables(), ["customers", "sqlite_sequence"]);
    shop.restart();
    let refresh = tokens.refresh_token().unwrap();
    let refreshed = library.exchange_refresh_token(refresh).unwrap().request(&send).unwrap();
    assert!(refreshed.id_token().is_some());
    let silent = begin(&library, &["offline_access"], &[("prompt", "none")]);
    assert!(browser.open(&silent.url).left().parameter("code").is_some(), "and she is still signed in");
}
