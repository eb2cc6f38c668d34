//! The headers and forms of answers, on success and on refusal.

use crate::support::{
    FORM_ENDPOINTS, GRANT, INTROSPECT, JWKS, METADATA, REVOKE, TOKEN, TestApp, header, json, refusal,
    request, set,
};
use http::{Method, StatusCode};

/// RFC 6749 §5.1: no cache keeps an answer that may hold a token, nor any refusal.
#[test]
fn nothing_is_stored_on_success_or_error() {
    let app = TestApp::new();
    let token = app.access_token();
    for path in FORM_ENDPOINTS {
        let done = app.post(path, &format!("{GRANT}&token={token}"));
        assert_eq!((done.status(), header(&done, "cache-control")), (StatusCode::OK, "no-store"), "{path}");
        let bad = app.post(path, "x=1&x=1");
        let unknown = app.send(set(app.form(path, GRANT), "authorization", "Basic eDp5"));
        let get = app.send(request(Method::GET, path));
        for refused in [bad, unknown, get] {
            assert!(refused.status().is_client_error(), "{path}");
            assert_eq!(header(&refused, "cache-control"), "no-store", "{path} {}", refused.status());
        }
    }
}

/// RFC 6749 §5.1, §5.2 and RFC 7662 §2.2: answers are `application/json`, which has no charset.
#[test]
fn answers_are_json() {
    let app = TestApp::new();
    for answer in [app.post(TOKEN, GRANT), app.post(INTROSPECT, "token=x"), app.post(TOKEN, "")] {
        assert_eq!(header(&answer, "content-type"), "application/json");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert!(json(&answer).is_object());
    }
}

/// RFC 7009 §2.2: revocation answers 200, and what is in the body does not matter: nothing.
#[test]
fn a_revocation_says_nothing() {
    let app = TestApp::new();
    let answer = app.post(REVOKE, "token=unknown");
    assert_eq!((answer.status(), answer.body().len()), (StatusCode::OK, 0));
}

/// RFC 6749 §5.2 and RFC 9110 §15.5.2: every 401 names the scheme to authenticate by.
#[test]
fn every_401_carries_a_challenge() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        for authorization in ["", "Basic eDp5", "Basic !", "Bearer x"] {
            let answer =
                app.send(set(app.form(path, &format!("{GRANT}&token=x")), "authorization", authorization));
            assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()), "{path} {authorization}");
            assert_eq!(header(&answer, "www-authenticate"), "Basic realm=\"https://as.example\"", "{path}");
        }
    }
}

/// RFC 6585 §4 and RFC 9110 §10.2.3: too many failures are answered by 429, which says when to come back.
#[test]
fn a_limit_is_answered_with_the_time_to_wait() {
    let app = TestApp::new();
    let guess = || app.send(set(app.form(TOKEN, GRANT), "authorization", "Basic c2hvcDp4"));
    for _ in 0..20 {
        assert_eq!(guess().status(), StatusCode::UNAUTHORIZED);
    }
    let answer = guess();
    assert_eq!(refusal(&answer), (429, "temporarily_unavailable".to_owned()));
    assert!(header(&answer, "retry-after").parse::<u32>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
    assert_eq!(header(&answer, "cache-control"), "no-store");
}

/// RFC 9457 §3: what is not an OAuth endpoint says its problem in its own form.
#[test]
fn an_unknown_path_is_a_problem() {
    let app = TestApp::new();
    for path in ["/", "/oauth2", "/oauth2/token/", "//oauth2/token", "/oauth2/%74oken", "/metrics"] {
        let answer = app.get(path);
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
        assert_eq!(json(&answer)["status"], 404);
        assert_eq!(json(&answer)["request_id"], header(&answer, "x-request-id"));
    }
}

/// RFC 9110 §15.5.6: a known path says which methods it takes.
#[test]
fn a_document_is_not_posted_to() {
    let app = TestApp::new();
    for path in [JWKS, METADATA, "/healthz", "/readyz"] {
        let answer = app.post(path, "");
        assert_eq!(
            (answer.status(), header(&answer, "allow")),
            (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD"),
            "{path}"
        );
    }
}
