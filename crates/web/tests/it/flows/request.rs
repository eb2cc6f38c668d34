//! Who asks, and where the answer may go: what is checked before anything else, and told to the person alone.

use crate::flows::browser::{Browser, Seen};
use crate::flows::place::{APP, CALLBACK, INTRANET, Place, SHOP, VERIFIER, done, json, tokens};
use crate::support::header;
use bytes::Bytes;
use doorward_core::manage::{clients, organizations};
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Status};
use doorward_testkit::calls::by_operator;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{Request, Response};

/// Where somebody would have codes sent who must not have them.
const EVIL: &str = "https://evil.example/callback";

/// An answer that leads nowhere: an error page that neither redirects nor repeats the address.
#[track_caller]
fn stays_here(answer: &Response<Bytes>) {
    let html = String::from_utf8(answer.body().to_vec()).unwrap();
    assert_eq!(answer.status(), 400, "{html}");
    assert!(!answer.headers().contains_key(LOCATION) && !answer.headers().contains_key("refresh"));
    assert!(html.contains("id=\"request_id\"") && !html.contains("evil.example"), "{html}");
    let policy = header(answer, "content-security-policy");
    assert!(policy.contains("form-action 'self';"), "no form leads away: {policy}");
}

/// RFC 6749 §4.1.2.1 and RFC 9700 §4.11: an unknown client is told to the person, and nobody is redirected.
#[test]
fn an_unknown_client_is_an_error_page_and_never_a_redirect() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for client_id in ["nobody", "PHOTO-APP", "photo app", "'; DROP TABLE clients; --", ""] {
        for redirect_uri in [CALLBACK, EVIL, ""] {
            for mode in ["query", "form_post", "fragment"] {
                let parameters =
                    [("client_id", client_id), ("redirect_uri", redirect_uri), ("response_mode", mode)];
                stays_here(&browser.get(&place.request(APP, &parameters)));
            }
        }
    }
}

/// RFC 6749 §4.1.2.1: a client that was switched off, itself or with its organization, is none.
#[test]
fn a_client_that_is_switched_off_is_an_error_page() {
    let mut place = Place::new();
    let organization = done(organizations::create(
        organizations::Members::named("Acme"),
        &by_operator(&place.context()),
        &place.context(),
    ))
    .id
    .to_string();
    let of_acme = clients::Members { organization: Some(organization.clone()), ..Place::members() };
    place.register("acme-app", of_acme);
    let browser = Browser::new(&place);
    for client in ["acme-app", APP] {
        assert!(browser.open(&place.request(client, &[])).page().has("login"));
    }
    done(organizations::set_status(
        &organization,
        Status::Inactive,
        &by_operator(&place.context()),
        &place.context(),
    ));
    done(clients::set_status(APP, Status::Inactive, &by_operator(&place.context()), &place.context()));
    for client in ["acme-app", APP] {
        for parameters in [&[][..], &[("redirect_uri", EVIL)], &[("prompt", "none")]] {
            stays_here(&browser.get(&place.request(client, parameters)));
        }
    }
}

/// RFC 9700 §2.1, §4.1.3: a redirect URI is compared as a string with those that were registered.
#[test]
fn a_redirect_uri_that_was_not_registered_is_an_error_page() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let padded = |rest: &str| format!("{CALLBACK}{rest}");
    for redirect_uri in [
        EVIL,
        "https://app.example/Callback",
        "https://APP.example/callback",
        "http://app.example/callback",
        "https://app.example:443/callback",
        "https://app.example@evil.example/callback",
        "https://app.example.evil.example/callback",
        "https://app.example\\@evil.example/callback",
        "//evil.example/callback",
        "/oauth2/logout",
        "javascript:alert(1)//evil.example",
        "data:text/html,evil.example",
        &padded("/"),
        &padded("/../open?to=https://evil.example"),
        &padded("/%2e%2e/open?to=https://evil.example"),
        &padded("?to=https://evil.example"),
        &padded("#evil.example"),
        &padded("%00.evil.example"),
        &padded(" "),
        &padded("\r\nLocation: https://evil.example"),
    ] {
        stays_here(&browser.get(&place.request(APP, &[("redirect_uri", redirect_uri)])));
        let form_post = [("redirect_uri", redirect_uri), ("response_mode", "form_post")];
        stays_here(&browser.get(&place.request(INTRANET, &form_post)));
    }
}

/// OpenID Connect Core §3.1.2.1: `redirect_uri` is required; RFC 6749 §3.1.2.3: and where several are registered.
#[test]
fn a_redirect_uri_is_left_out_only_where_it_goes_without_saying() {
    let mut place = Place::new();
    let two = vec![CALLBACK.to_owned(), "https://app.example/other".to_owned()];
    place.register("two-uris", clients::Members { redirect_uris: two, ..Place::members() });
    let browser = Browser::new(&place);
    stays_here(&browser.get(&place.request(APP, &[("redirect_uri", ""), ("scope", "openid")])));
    stays_here(&browser.get(&place.request(APP, &[("redirect_uri", ""), ("scope", "orders:read openid")])));
    stays_here(&browser.get(&place.request("two-uris", &[("redirect_uri", ""), ("scope", "orders:read")])));

    let without = place.request(APP, &[("redirect_uri", ""), ("scope", "orders:read")]);
    let answer = {
        let code = place.code(&browser, &without, "alice");
        let form = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", VERIFIER)];
        place.token(APP, &form)
    };
    assert_eq!(tokens(&answer).0["scope"], "orders:read");
    let Seen::Left(url) = browser.open(&without) else { panic!("asked again") };
    assert!(url.starts_with(&format!("{CALLBACK}?code=")), "{url}");
}

/// RFC 8252 §7.3: the port of a loopback redirect URI is whatever the machine gave the app; nothing else is free.
#[test]
fn the_port_of_a_loopback_redirect_uri_is_free() {
    let mut place = Place::new();
    let redirect_uris = vec!["http://127.0.0.1/back".to_owned(), "http://[::1]:1/back".to_owned()];
    let native = clients::Members {
        redirect_uris,
        auth_method: AuthMethod::None,
        consent: ConsentMode::Implicit,
        ..Place::members()
    };
    place.register("native-app", native);
    let browser = Browser::new(&place);
    for redirect_uri in ["http://127.0.0.1:51004/back", "http://[::1]:8/back", "http://127.0.0.1/back"] {
        let path = place.request("native-app", &[("redirect_uri", redirect_uri)]);
        let code = place.code(&browser, &path, "alice");
        let Seen::Left(url) = browser.open(&path) else { panic!("asked again") };
        assert!(url.starts_with(&format!("{redirect_uri}?code=")), "{url}");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        tokens(&place.token("native-app", &form));
    }
    for redirect_uri in [
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004@evil.example/back",
        "http://127.0.0.1:5100451004/back",
        "http://127.0.0.2:51004/back",
        "http://localhost:51004/back",
        "https://127.0.0.1:51004/back",
    ] {
        stays_here(&browser.get(&place.request("native-app", &[("redirect_uri", redirect_uri)])));
    }
}

/// RFC 6749 §3.1: request parameters must not be included more than once; which of two counts is nobody's guess.
#[test]
fn a_parameter_that_comes_twice_is_an_error_page() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let path = place.request(APP, &[("x", "1")]);
    for twice in
        ["client_id=photo-app", "redirect_uri=https://evil.example/callback", "state=1", "scope=openid"]
    {
        stays_here(&browser.get(&format!("{path}&{twice}")));
    }
    stays_here(&browser.get(&format!("{path}&x=2")));
    stays_here(&browser.get(&format!("{path}&y=%ff")));
    stays_here(&browser.get(&format!("{path}&{}=1", "y".repeat(200))));
}

/// OpenID Connect Core §3.1.2.1: the request may come as a form; the browser asks again by GET, and then brings its cookies.
#[test]
fn a_request_by_post_is_asked_again_by_get() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let path = place.request(INTRANET, &[]);
    let (endpoint, query) = path.split_once('?').unwrap();
    let form = |body: &str| {
        let request = Request::post(endpoint).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        // What a browser adds to a form of another site.
        let request = request.header("origin", "https://app.example").header("sec-fetch-site", "cross-site");
        request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
    };
    let answer = browser.send(form(query));
    assert_eq!(answer.status(), 303);
    assert_eq!(header(&answer, "location"), format!("https://as.example{path}"));
    assert!(!place.code(&browser, &path, "alice").is_empty());
    assert_eq!(browser.send(form("client_id=a&client_id=b")).status(), 400);
    let mixed =
        Request::post(format!("{path}&x=1")).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    stays_here(&browser.send(mixed.body(Bytes::from_static(b"y=1")).unwrap()));
    let json = Request::post(endpoint).header(CONTENT_TYPE, "application/json");
    stays_here(&browser.send(json.body(Bytes::from_static(b"{}")).unwrap()));
}

/// RFC 9700 §2.1.1: PKCE for every public client; only an administrator exempts a confidential one.
#[test]
fn a_public_client_cannot_be_exempted_from_pkce() {
    let place = Place::new();
    let members = clients::Members {
        auth_method: AuthMethod::None,
        grant_types: vec![GrantType::AuthorizationCode],
        require_pkce: false,
        ..Place::members()
    };
    let created = doorward_testkit::block_on::block_on(clients::create(
        None,
        members,
        &by_operator(&place.context()),
        &place.context(),
    ));
    assert!(created.is_err_and(|stop| format!("{stop:?}").contains("/require_pkce")));
}

/// RFC 9700 §2.1.1, §4.8.2: an exempt client may use PKCE or not; a verifier is good if and only if there was a challenge.
#[test]
fn an_exempt_client_goes_with_and_without_pkce() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let code = |parameters: &[(&str, &str)]| place.code(&browser, &place.request(SHOP, parameters), "alice");
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    let redeem = |code: &str, verifier: Option<&str>| {
        let mut form = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let answer = place.token(SHOP, &form);
        json(&answer)["error"].as_str().unwrap_or("granted").to_owned()
    };
    assert_eq!(redeem(&code(&bare), None), "granted");
    assert_eq!(redeem(&code(&[]), Some(VERIFIER)), "granted");
    assert_eq!(redeem(&code(&bare), Some(VERIFIER)), "invalid_grant", "a downgrade");
    assert_eq!(redeem(&code(&[]), None), "invalid_grant");
}
