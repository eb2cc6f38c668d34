//! Answers by form: the browser posts them to the client, by itself or by a button.

use crate::flows::browser::{Browser, Page};
use crate::flows::place::{APP, CALLBACK, INTRANET, ISSUER, Place, tokens};
use crate::support::header;
use bytes::Bytes;
use doorward_core::manage::clients;
use doorward_protocol::words::ConsentMode;
use http::Response;

const FORM_POST: (&str, &str) = ("response_mode", "form_post");

/// The page of an answer, as it comes over the wire.
#[track_caller]
fn page(answer: &Response<Bytes>) -> Page {
    let html = String::from_utf8(answer.body().to_vec()).unwrap();
    assert_eq!(answer.status(), 200, "{html}");
    Page { status: answer.status(), html, path: String::new() }
}

fn names(page: &Page) -> Vec<String> {
    page.form().fields.into_iter().map(|(name, _)| name).collect()
}

/// OAuth 2.0 Form Post Response Mode 2: the parameters are hidden fields of a form that is posted to the redirect URI.
#[test]
fn a_code_is_posted_to_the_client() {
    let place = Place::new();
    let browser = Browser::new(&place);
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let answer = browser.get(&place.request(INTRANET, &[FORM_POST]));
    assert!(!answer.headers().contains_key("location"));
    assert_eq!(header(&answer, "cache-control"), "no-store");
    let page = page(&answer);
    assert_eq!(page.form().action, CALLBACK);
    assert!(page.says("method=\"post\""), "{}", page.html);
    assert_eq!(names(&page), ["code", "state", "iss"]);
    assert_eq!((page.field("state").as_str(), page.field("iss").as_str()), ("s t&a=te", ISSUER));
    assert_eq!(page.html.matches(&page.field("code")).count(), 1, "in the form, and nowhere else");
    tokens(&place.redeem(INTRANET, &page.field("code")));
}

/// OAuth 2.0 Form Post Response Mode 2: sent by a script of our own, and without one by a button that is there to be seen.
#[test]
fn the_form_goes_by_itself_or_by_a_button() {
    let place = Place::new();
    let browser = Browser::new(&place);
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let answer = browser.get(&place.request(INTRANET, &[FORM_POST]));
    let policy = header(&answer, "content-security-policy");
    assert!(
        policy.contains("script-src 'self';") && policy.contains("form-action 'self' https://app.example;")
    );
    assert!(!policy.contains("unsafe") && !policy.contains("'nonce"), "{policy}");
    let page = page(&answer);
    assert!(page.has("continue") && page.says("<button id=\"continue\" type=\"submit\""), "{}", page.html);
    assert!(!page.says("onload") && !page.says("<script>"), "{}", page.html);
    let script = page.html.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    let script = browser.get(script);
    assert_eq!(
        (script.status().as_u16(), header(&script, "content-type")),
        (200, "text/javascript; charset=utf-8")
    );
    assert!(String::from_utf8_lossy(script.body()).contains("submit"));
}

/// RFC 6749 §4.1.2.1: an error takes the same way, after pages as well as before any.
#[test]
fn an_error_is_posted_as_well() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let silent = page(&browser.get(&place.request(APP, &[FORM_POST, ("prompt", "none")])));
    assert_eq!(names(&silent), ["error", "error_description", "state", "iss"]);
    assert_eq!(silent.field("error"), "login_required");
    let sign_in = browser.open(&place.request(APP, &[FORM_POST])).page();
    let consent = place.sign_in(&browser, &sign_in, "alice").page();
    let denied = browser.submit(&consent, &[("decision", "deny")]).page();
    assert_eq!((denied.form().action.as_str(), denied.field("error").as_str()), (CALLBACK, "access_denied"));
}

/// OWASP ASVS 1.2.1: whatever a client has registered or sent is text in the form, and the query of its URI stays its own.
#[test]
fn nothing_of_the_clients_ends_the_form() {
    let mut place = Place::new();
    let redirect_uri = "https://app.example/callback?tenant=1&x=2";
    let members = clients::Members {
        redirect_uris: vec![redirect_uri.to_owned()],
        consent: ConsentMode::Implicit,
        ..Place::members()
    };
    place.register("tenant-app", members);
    let browser = Browser::new(&place);
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let state = "\"></form><form action='https://evil.example'><script>alert(1)</script>";
    let parameters = [FORM_POST, ("redirect_uri", redirect_uri), ("state", state)];
    let page = page(&browser.get(&place.request("tenant-app", &parameters)));
    assert_eq!((page.form().action.as_str(), page.field("state").as_str()), (redirect_uri, state));
    assert_eq!((page.html.matches("<form").count(), page.html.matches("<script>").count()), (1, 0));
}
