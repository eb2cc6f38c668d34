//! When something breaks on our side.

use crate::support::{FORM_ENDPOINTS, GRANT, TestApp, header, json, refusal};
use doorward_web::settings::WebSettings;
use http::StatusCode;
use std::sync::Arc;

/// RFC 6749 §5.2 and RFC 9110 §15.6.4: a fault is answered in the form of a refusal, tells when to try again, and nothing
/// about its cause.
#[test]
fn a_fault_of_the_store_is_503_without_its_cause() {
    let app = TestApp::new();
    app.store.turn_off();
    for path in FORM_ENDPOINTS {
        let answer = app.post(path, &format!("{GRANT}&token=x"));
        assert_eq!(refusal(&answer), (503, "temporarily_unavailable".to_owned()), "{path}");
        assert_eq!(header(&answer, "retry-after"), "1", "{path}");
        assert_eq!(header(&answer, "cache-control"), "no-store", "{path}");
        assert!(!String::from_utf8_lossy(answer.body()).contains("secret-path"), "{path}");
    }
}

/// RFC 9110 §15.6.1: a panic is a fault of ours, and stays in its request.
#[test]
fn a_panic_in_a_handler_is_a_500_and_the_next_request_is_served() {
    let settings =
        WebSettings { metrics: Some(Arc::new(|| panic!("secret words"))), ..WebSettings::default() };
    let app = TestApp::with("https://as.example", settings);
    let answer = app.get("/metrics");
    assert_eq!(
        (answer.status(), json(&answer)["status"].as_u64()),
        (StatusCode::INTERNAL_SERVER_ERROR, Some(500))
    );
    assert!(!String::from_utf8_lossy(answer.body()).contains("secret words"));
    assert_eq!(app.get("/healthz").status(), StatusCode::OK);
}
