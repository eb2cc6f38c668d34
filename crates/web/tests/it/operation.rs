//! Request ids and log lines.

use crate::logs::logged;
use crate::support::{GRANT, TOKEN, TestApp, header};
use doorward_web::http::request_id;
use doorward_web::settings::WebSettings;
use std::sync::{Arc, Mutex};

#[test]
fn every_answer_names_its_request() {
    let app = TestApp::new();
    let answers = [app.post(TOKEN, GRANT), app.get("/nothing"), app.get("/healthz"), app.get(TOKEN)];
    let ids: std::collections::HashSet<_> =
        answers.iter().map(|answer| header(answer, "x-request-id")).collect();
    assert_eq!(ids.len(), answers.len());
    assert!(ids.iter().all(|id| id.len() == 26));
}

#[test]
fn whoever_logs_can_ask_for_the_request_id() {
    let seen = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&seen);
    let numbers = move || {
        *slot.lock().unwrap() = request_id::current();
        String::new()
    };
    let app = TestApp::with(
        "https://as.example",
        WebSettings { metrics: Some(Arc::new(numbers)), ..WebSettings::default() },
    );
    let answer = app.get("/metrics");
    assert_eq!(
        seen.lock().unwrap().map(|id| id.to_string()).as_deref(),
        Some(header(&answer, "x-request-id"))
    );
    assert_eq!(request_id::current(), None);
}

#[test]
fn a_fault_is_logged_once_with_its_cause_and_request_id() {
    let app = TestApp::new();
    app.store.turn_off();
    let mut id = String::new();
    let text = logged(|| {
        id = header(&app.post(TOKEN, GRANT), "x-request-id").to_owned();
    });
    assert_eq!(text.matches("ERROR").count(), 1, "{text}");
    assert!(text.contains(&id) && text.contains("secret-path"), "{text}");
}

/// OAuth 2.1 §2.4: what somebody put into a URL or a body does not end in the log, at any level.
#[test]
fn no_log_line_holds_a_secret() {
    let app = TestApp::new();
    let mut token = String::new();
    let text = logged(|| {
        token = app.access_token();
        app.post(&format!("{TOKEN}?client_secret={}", app.secret), GRANT);
        app.post(TOKEN, &format!("{GRANT}&client_secret={}", app.secret));
        app.post("/oauth2/introspect", &format!("token={token}"));
        app.get(&format!("/x/{token}"));
        app.get(&format!("{TOKEN}/{}", app.secret));
    });
    assert!(text.contains("endpoint=\"token\"") && text.contains("endpoint=\"unknown\""), "{text}");
    assert!(!text.contains(&app.secret) && !text.contains(&token) && !text.contains(&app.basic), "{text}");
}

#[test]
fn a_request_is_no_line_at_info() {
    let app = TestApp::new();
    let text = logged(|| drop(app.post(TOKEN, GRANT)));
    assert!(text.contains("answered"), "{text}");
    assert!(!text.contains("INFO") && !text.contains("WARN"), "{text}");
}

/// Embedders await the app on any runtime, from any thread.
#[test]
fn answering_is_a_future_that_may_change_threads() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let app = TestApp::new();
    let request = app.form(TOKEN, GRANT);
    drop(is_send(app.app.respond(request, doorward_core::context::Caller::default())));
}
