//! The UserInfo endpoint, as far as the way of its token to it goes.

use crate::support::{FORM, TestApp, header, refusal, request, set};
use bytes::Bytes;
use http::{Method, StatusCode};

const USERINFO: &str = "/oauth2/userinfo";

/// RFC 6750 §3.1: who brings no token is asked for one, without a word about an error. §2.3: one in the URL is none.
#[test]
fn without_a_token_one_is_asked_for() {
    let app = TestApp::new();
    for ask in [
        request(Method::GET, USERINFO),
        request(Method::POST, USERINFO),
        request(Method::GET, &format!("{USERINFO}?access_token=x")),
        set(request(Method::GET, USERINFO), "authorization", "Basic eDp5"),
    ] {
        let answer = app.send(ask);
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(header(&answer, "www-authenticate"), "Bearer");
        assert!(answer.body().is_empty());
    }
}

/// RFC 6750 §2 and OpenID Connect Core §5.3.1: two ways at a time are refused, each by itself is read.
#[test]
fn a_token_comes_by_one_way_at_a_time() {
    let app = TestApp::new();
    let form = set(request(Method::POST, USERINFO), "content-type", FORM);
    let form = form.map(|_| Bytes::from_static(b"access_token=x"));
    let both = app.send(set(form.clone(), "authorization", "Bearer x"));
    assert_eq!(refusal(&both), (400, "invalid_request".to_owned()));
    assert!(header(&both, "www-authenticate").starts_with("Bearer error=\"invalid_request\""));
    for one in [form, set(request(Method::GET, USERINFO), "authorization", "Bearer x")] {
        assert_ne!(header(&app.send(one), "www-authenticate"), "Bearer", "it was read");
    }
}

/// OpenID Connect Core §5.3: the endpoint is for programs in browsers too.
#[test]
fn claims_are_shared_with_every_origin_and_kept_by_nobody() {
    let app = TestApp::new();
    let preflight = app.send(set(request(Method::OPTIONS, USERINFO), "origin", "https://spa.example"));
    assert_eq!(header(&preflight, "access-control-allow-methods"), "GET, HEAD, POST");
    let answer = app.send(set(request(Method::GET, USERINFO), "authorization", "Bearer x"));
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    assert_eq!(header(&answer, "cache-control"), "no-store");
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
}
