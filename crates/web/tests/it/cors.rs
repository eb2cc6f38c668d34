//! Who may read answers from a page in a browser.

use crate::support::{
    FORM_ENDPOINTS, GRANT, INTROSPECT, JWKS, METADATA, REVOKE, TOKEN, TestApp, header, request, set,
};
use http::{Method, Request, StatusCode};

const SHARED: [(&str, &str); 4] =
    [(TOKEN, "POST"), (REVOKE, "POST"), (JWKS, "GET, HEAD"), (METADATA, "GET, HEAD")];

fn preflight(path: &str) -> Request<bytes::Bytes> {
    let request = set(request(Method::OPTIONS, path), "origin", "https://spa.example");
    set(request, "access-control-request-method", "POST")
}

/// OAuth 2.1 §3.2: the token endpoint is for browser-based clients too, as are keys, metadata and revocation.
#[test]
fn a_preflight_tells_what_a_page_may_send() {
    let app = TestApp::new();
    for (path, methods) in SHARED {
        let answer = app.send(preflight(path));
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(header(&answer, "access-control-allow-origin"), "*", "{path}");
        assert_eq!(header(&answer, "access-control-allow-methods"), methods, "{path}");
        assert!(
            header(&answer, "access-control-allow-headers").starts_with("Authorization, Content-Type"),
            "{path}"
        );
        assert!(header(&answer, "access-control-max-age").parse::<u32>().is_ok(), "{path}");
    }
}

#[test]
fn answers_are_shared_with_every_origin_and_never_with_credentials() {
    let app = TestApp::new();
    for answer in [app.post(TOKEN, GRANT), app.post(REVOKE, "token=x"), app.get(JWKS), app.get(METADATA)] {
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, "access-control-allow-origin"), "*");
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    }
}

#[test]
fn refusals_are_shared_with_their_challenge() {
    let app = TestApp::new();
    for path in [TOKEN, REVOKE] {
        let unauthorized = app.send(set(app.form(path, GRANT), "authorization", "Basic eDp5"));
        let too_large = app.post(path, &"a".repeat(70_000));
        let not_allowed = app.get(path);
        for answer in [unauthorized, too_large, not_allowed] {
            assert!(answer.status().is_client_error(), "{path}");
            assert_eq!(header(&answer, "access-control-allow-origin"), "*", "{path} {}", answer.status());
            let exposed = header(&answer, "access-control-expose-headers");
            assert!(exposed.contains("WWW-Authenticate") && exposed.contains("Retry-After"), "{path}");
        }
    }
}

#[test]
fn introspection_is_for_programs_only() {
    let app = TestApp::new();
    let asked = app.send(set(app.form(INTROSPECT, "token=x"), "origin", "https://spa.example"));
    assert_eq!(asked.status(), StatusCode::OK);
    let preflight = app.send(preflight(INTROSPECT));
    assert_eq!((preflight.status(), header(&preflight, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    let health = app.get("/healthz");
    for answer in [asked, preflight, health] {
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
}

/// Every form endpoint but introspection is shared: the table of this file is complete.
#[test]
fn the_shared_form_endpoints_are_token_and_revocation() {
    let app = TestApp::new();
    let shared = FORM_ENDPOINTS
        .into_iter()
        .filter(|path| app.send(preflight(path)).status() == StatusCode::NO_CONTENT);
    assert_eq!(shared.collect::<Vec<_>>(), [TOKEN, REVOKE]);
}
