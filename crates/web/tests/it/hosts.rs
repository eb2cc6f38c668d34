//! Requests that are meant for somebody else.

use crate::support::{GRANT, JWKS, METADATA, TOKEN, TestApp, header, request, set};
use doorward_web::settings::WebSettings;
use http::{HeaderValue, Method, StatusCode};

/// RFC 9110 §15.5.20: a request for another host is misdirected; probes know an address only.
#[test]
fn another_host_is_refused_except_for_probes() {
    let settings = WebSettings { metrics: Some(std::sync::Arc::new(String::new)), ..WebSettings::default() };
    let app = TestApp::with("https://as.example", settings);
    for path in [TOKEN, JWKS, METADATA, "/nothing"] {
        let answer = app.send(set(app.form(path, GRANT), "host", "evil.example"));
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
        assert!(
            !String::from_utf8_lossy(answer.body()).contains("evil"),
            "{path}: nothing of the request is echoed"
        );
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        let answer = app.send(set(request(Method::GET, path), "host", "10.0.0.7:8080"));
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}

/// RFC 9112 §3.2: a request without a host, or with two, is bad.
#[test]
fn a_request_without_one_host_is_bad() {
    let app = TestApp::new();
    assert_eq!(app.send(set(request(Method::GET, JWKS), "host", "")).status(), StatusCode::BAD_REQUEST);
    let mut twice = request(Method::GET, JWKS);
    twice.headers_mut().append("host", HeaderValue::from_static("as.example"));
    assert_eq!(app.send(twice).status(), StatusCode::BAD_REQUEST);
}

/// RFC 9700 §4.13: headers by which proxies name another host count for nothing.
#[test]
fn forwarded_headers_do_not_change_the_host() {
    let app = TestApp::new();
    let spoofed = set(
        set(request(Method::GET, METADATA), "x-forwarded-host", "evil.example"),
        "forwarded",
        "host=evil.example",
    );
    assert_eq!(app.send(spoofed).body(), app.get(METADATA).body());
    let misdirected =
        set(set(request(Method::GET, METADATA), "x-forwarded-host", "as.example"), "host", "evil.example");
    assert_eq!(app.send(misdirected).status(), StatusCode::MISDIRECTED_REQUEST);
}

/// RFC 9110 §15.4.9: who came by another name of ours is sent on by the same method, with path and query.
#[test]
fn localhost_is_sent_to_the_issuer_while_trying_out() {
    let settings =
        WebSettings { redirected_hosts: vec!["localhost:8080".to_owned()], ..WebSettings::default() };
    let app = TestApp::with("http://127.0.0.1:8080", settings);
    let answer = app.send(set(app.form("/oauth2/token?a=b", GRANT), "host", "localhost:8080"));
    assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(header(&answer, "location"), "http://127.0.0.1:8080/oauth2/token?a=b");
    let other = app.send(set(request(Method::GET, JWKS), "host", "localhost:8081"));
    assert_eq!(other.status(), StatusCode::MISDIRECTED_REQUEST);
    let evil = app.send(set(request(Method::GET, "//evil.example/"), "host", "localhost:8080"));
    assert_eq!(header(&evil, "location"), "http://127.0.0.1:8080//evil.example/");
}
