//! What probes are told.

use crate::support::{METADATA, TestApp, header, json};
use doorward_web::settings::{ReadyCheck, WebSettings};
use http::StatusCode;
use std::sync::Arc;

#[test]
fn a_server_that_works_is_alive_and_ready() {
    let app = TestApp::new();
    let (alive, ready) = (app.get("/healthz"), app.get("/readyz"));
    assert_eq!((alive.status(), &alive.body()[..]), (StatusCode::OK, &b"ok\n"[..]));
    assert_eq!((ready.status(), json(&ready)), (StatusCode::OK, serde_json::json!({"ready": true})));
    assert_eq!(header(&ready, "cache-control"), "no-store");
}

#[test]
fn without_its_store_a_server_is_alive_but_not_ready_and_says_no_details() {
    let app = TestApp::new();
    app.store.turn_off();
    let ready = app.get("/readyz");
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json(&ready), serde_json::json!({"ready": false, "reasons": ["the store does not answer"]}));
    assert_eq!(app.get("/healthz").status(), StatusCode::OK);
}

#[test]
fn readiness_heeds_what_the_binary_demands() {
    let check = ReadyCheck { reason: "stopping", holds: Arc::new(|| false) };
    let app =
        TestApp::with("https://as.example", WebSettings { ready: vec![check], ..WebSettings::default() });
    let ready = app.get("/readyz");
    assert_eq!(
        (ready.status(), json(&ready)["reasons"][0].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("stopping"))
    );
}

#[test]
fn metrics_are_served_only_where_they_are_given() {
    assert_eq!(TestApp::new().get("/metrics").status(), StatusCode::NOT_FOUND);
    let settings =
        WebSettings { metrics: Some(Arc::new(|| "doorward_x 1\n".to_owned())), ..WebSettings::default() };
    let answer = TestApp::with("https://as.example", settings).get("/metrics");
    assert_eq!((answer.status(), &answer.body()[..]), (StatusCode::OK, &b"doorward_x 1\n"[..]));
    assert!(header(&answer, "content-type").starts_with("text/plain; version=0.0.4"));
}

#[test]
fn a_host_keeps_its_own_probes() {
    let app = TestApp::with("https://as.example", WebSettings::embedded());
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(app.get(path).status(), StatusCode::NOT_FOUND);
        assert!(!app.app.paths().any(|known| known == path), "{path}");
    }
    assert_eq!(app.get(METADATA).status(), StatusCode::OK);
}
