//! Forms that are posted to pages: from ours, from clients' and from strangers'.

use crate::support::{FORM, TestApp, header, request, set};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

/// What only our own pages post to.
const OURS: [&str; 5] = ["/login", "/consent", "/setup", "/account/password", "/account/consents"];

fn form(path: &str, body: &str) -> Request<Bytes> {
    let request = set(request(Method::POST, path), "content-type", FORM);
    request.map(|_| Bytes::copy_from_slice(body.as_bytes()))
}

fn is_refused_as_foreign(answer: &Response<Bytes>) -> bool {
    let html = std::str::from_utf8(answer.body()).unwrap();
    answer.status() == StatusCode::FORBIDDEN && html.contains("not sent from a page of this server")
}

/// OWASP ASVS 3.5: what a browser says came from another site is refused before anybody reads it.
#[test]
fn a_form_from_another_site_is_refused() {
    let app = TestApp::new();
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "http://as.example"),
    ];
    for path in OURS.into_iter().chain(["/oauth2/logout"]) {
        for (name, value) in foreign {
            let answer = app.send(set(form(path, "csrf=x&username=a&password=b"), name, value));
            assert!(is_refused_as_foreign(&answer), "{path} {name}: {value}: {}", answer.status());
        }
    }
}

#[test]
fn a_form_of_ours_is_read_also_from_a_browser_that_says_nothing() {
    let app = TestApp::new();
    for path in OURS.into_iter().chain(["/oauth2/logout"]) {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://as.example")],
        ] {
            let request = form(path, "csrf=x&username=a&password=b");
            let request = headers.iter().fold(request, |request, (name, value)| set(request, name, value));
            assert!(!is_refused_as_foreign(&app.send(request)), "{path} {headers:?}");
        }
    }
}

/// OAuth 2.1 §2.4: what a form says does not stand in the URL, and a form is a form.
#[test]
fn a_form_with_a_query_or_of_another_type_is_refused() {
    let app = TestApp::new();
    for path in OURS.into_iter().chain(["/oauth2/authorize", "/oauth2/logout"]) {
        let with_query = app.send(form(&format!("{path}?csrf=x"), "csrf=x&password=b"));
        assert_eq!(with_query.status(), StatusCode::BAD_REQUEST, "{path}");
        for content_type in ["", "application/json", "multipart/form-data; boundary=x", "text/plain"] {
            let answer = app.send(set(form(path, "csrf=x&password=b"), "content-type", content_type));
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path} {content_type}");
        }
        let twice = app.send(form(path, "csrf=x&csrf=x"));
        assert_eq!(twice.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

/// OpenID Connect Core §3.1.2.1: an authorization request may be posted, from the client's site, whence our cookies do not
/// come along; so the browser is sent to ask again.
#[test]
fn a_posted_authorization_request_is_asked_again() {
    let app = TestApp::new();
    let body = "response_type=code&client_id=shop&scope=openid+email&state=a%26b%3D%22c%22";
    for site in ["cross-site", "same-site", "same-origin", ""] {
        let request = set(form("/oauth2/authorize", body), "sec-fetch-site", site);
        let answer = app.send(set(request, "origin", "https://app.example"));
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{site}");
        assert_eq!(
            header(&answer, "location"),
            format!("https://as.example/oauth2/authorize?{body}"),
            "{site}"
        );
        assert_eq!(header(&answer, "cache-control"), "no-store");
    }
    let long = format!("claims={0}&state={0}", "x".repeat(5_000));
    assert_eq!(app.send(form("/oauth2/authorize", &long)).status(), StatusCode::PAYLOAD_TOO_LARGE);
}

/// OpenID Connect RP-Initiated Logout §2: a client may post its request to sign out; our own page does so with a token.
#[test]
fn a_posted_logout_request_is_asked_again() {
    let app = TestApp::new();
    let request = set(form("/oauth2/logout", "client_id=shop&state=x"), "sec-fetch-site", "cross-site");
    let answer = app.send(request);
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(header(&answer, "location"), "https://as.example/oauth2/logout?client_id=shop&state=x");
    let ours = app.send(set(form("/oauth2/logout", "csrf=x"), "sec-fetch-site", "same-origin"));
    assert!(!header(&ours, "location").contains("csrf"), "a token of ours is never put into a URL");
}
