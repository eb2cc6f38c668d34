//! Statuses, headers and cookies of each turn.

use crate::http::request_id::RequestIds;
use crate::pages::refused::refused;
use crate::pages::tests_samples::{
    all, answered, authorization, body, choose, consent, host, password, setup, shown, sign_in, sign_out,
    site,
};
use crate::pages::{self, assets};
use bytes::Bytes;
use doorward_core::endpoint::page::{Cookies, Page, Then, Turn};
use doorward_core::random::SystemRandom;
use doorward_core::sign_in::Notice;
use doorward_protocol::error::OAuthError;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::ResponseMode;
use http::Response;

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn policy(form_action: &str, script: &str) -> String {
    format!(
        "default-src 'none'; {script}style-src 'self'; img-src 'self'; form-action {form_action}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// RFC 9700 §4.16: no page of ours is shown in a frame.
#[test]
fn every_page_carries_the_headers_of_a_page() {
    for (name, page) in all("x") {
        let page = answered(page);
        for (header_name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(header(&page, header_name), value, "{name} {header_name}");
        }
        assert_eq!(page.headers().len(), 8, "{name}: {:?}", page.headers());
    }
}

#[test]
fn a_form_may_end_where_its_client_is_and_nowhere_else() {
    let here = policy("'self'", "");
    let there = policy("'self' https://app.example", "");
    for (page, expected) in [
        (Page::SignIn(sign_in("", None)), &there),
        (Page::Choose(choose("")), &there),
        (Page::Consent(consent("")), &there),
        (Page::Host(host()), &there),
        (Page::SignOut(sign_out("")), &there),
        (Page::Setup(setup("", &[])), &here),
        (Page::Password(password("", &[])), &here),
        (Page::SignedOut, &here),
    ] {
        assert_eq!(header(&shown(page), "content-security-policy"), expected);
    }
    let form_post = answered(Then::Answer(authorization(ResponseMode::FormPost, "")));
    let expected = policy("'self' https://app.example", "script-src 'self'; ");
    assert_eq!(header(&form_post, "content-security-policy"), expected);
}

/// RFC 9110 §15.5.21: a form that said something wrong is shown again, and is no success.
#[test]
fn a_form_that_was_wrong_comes_back_by_422() {
    let status = |page| shown(page).status().as_u16();
    assert_eq!(status(Page::SignIn(sign_in("", None))), 200);
    assert_eq!(status(Page::SignIn(sign_in("", Some(Notice::ProveAgain)))), 200);
    assert_eq!(status(Page::SignIn(sign_in("", Some(Notice::ProveAgain)))), 200);
    assert_eq!(status(Page::SignIn(sign_in("", Some(Notice::WrongCredentials)))), 422);
    assert_eq!(status(Page::Setup(setup("", &[]))), 200);
    assert_eq!(status(Page::Setup(setup("", &["It is too short."]))), 422);
    assert_eq!(status(Page::Password(password("", &["It is too short."]))), 422);
}

/// RFC 6585 §4: too many attempts are answered by 429, with the time to wait, in words too.
#[test]
fn too_many_attempts_are_told_when_to_come_back() {
    let page = shown(Page::SignIn(sign_in("", Some(Notice::TooManyAttempts(Lifetime::seconds(601))))));
    assert_eq!((page.status().as_u16(), header(&page, "retry-after")), (429, "601"));
    assert!(body(&page).contains("Try again in 11 minutes."), "{}", body(&page));
}

/// RFC 9700 §4.12: after a form that held a password, no browser is sent on by a status that repeats it.
#[test]
fn redirects_are_303_and_leave_no_trace() {
    for (then, location) in [
        (Then::Go("/oauth2/authorize?a=b".to_owned()), "https://as.example/t/oauth2/authorize?a=b"),
        (Then::Leave("com.example.app:/out".to_owned()), "com.example.app:/out"),
        (
            Then::Answer(authorization(ResponseMode::Query, "")),
            "https://app.example/cb?a=b&c=d&code=dw_ac_x&state=state&iss=https%3A%2F%2Fas.example%2Ft",
        ),
    ] {
        let answer = answered(then);
        assert_eq!((answer.status().as_u16(), header(&answer, "location")), (303, location));
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        assert!(answer.body().is_empty());
    }
}

#[test]
fn a_redirect_never_leaves_the_issuer_by_its_path_nor_adds_a_header() {
    for then in [
        Then::Go("@evil.example/".to_owned()),
        Then::Go(".evil.example/".to_owned()),
        Then::Go(String::new()),
        Then::Go("/a\r\nset-cookie: x=y".to_owned()),
        Then::Leave("https://app.example/\r\nx: y".to_owned()),
        Then::Leave("https://app.example/ ä".to_owned()),
    ] {
        assert!(pages::answer(Turn { cookies: Cookies::default(), then }, &site()).is_err());
    }
}

/// OAuth 2.0 Form Post Response Mode, §2: each parameter is a hidden field of a form that is posted to the redirect URI.
#[test]
fn a_form_post_carries_every_parameter() {
    let answer = answered(Then::Answer(authorization(ResponseMode::FormPost, "a\"b")));
    let html = body(&answer);
    assert_eq!(answer.status().as_u16(), 200);
    for part in [
        "<form method=\"post\" action=\"https://app.example/cb?a=b&#38;c=d\">",
        "<input type=\"hidden\" name=\"code\" value=\"dw_ac_x\">",
        "<input type=\"hidden\" name=\"state\" value=\"statea&#34;b\">",
        "<input type=\"hidden\" name=\"iss\" value=\"https://as.example/t\">",
        "<button id=\"continue\" type=\"submit\"",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    let script = format!("<script src=\"/t/id/assets/form-post.js?v={}\" defer></script>", *assets::VERSION);
    assert!(html.contains(&script), "{html}");
}

#[test]
fn cookies_come_with_whatever_follows() {
    let secret = || Secret::new("dw_br_x".to_owned());
    for then in [Then::Show(Page::SignedOut), Then::Go("/x".to_owned())] {
        let cookies = Cookies { browser: Some(secret()), sessions: Some(vec![secret()]) };
        let answer = pages::answer(Turn { cookies, then }, &site()).unwrap();
        assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 2);
    }
    assert!(!answered(Then::Show(Page::SignedOut)).headers().contains_key("set-cookie"));
}

#[test]
fn a_hosts_page_is_sent_as_it_is() {
    let page = shown(Page::Host(host()));
    assert_eq!((page.status().as_u16(), body(&page)), (200, "<!DOCTYPE html><title>Ours</title>"));
}

#[test]
fn a_refusal_is_a_page_with_what_helps_to_find_it() {
    let id = RequestIds::new(&SystemRandom::default()).unwrap().next();
    let page = refused(&OAuthError::invalid_request("the parameter '<x>' is missing"), &id, &site());
    let html = body(&page);
    assert_eq!(page.status().as_u16(), 400);
    for part in
        ["The parameter &#39;&#60;x&#62;&#39; is missing.", "400 Bad Request", "invalid_request", id.as_str()]
    {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    assert_eq!(header(&page, "content-security-policy"), policy("'self'", ""));
    let busy = refused(&OAuthError::unavailable(), &id, &site());
    assert_eq!((busy.status().as_u16(), header(&busy, "retry-after")), (503, "1"));
}
