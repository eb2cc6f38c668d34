//! What is counted about requests.

use crate::support::{GRANT, TOKEN, TestApp};
use metrics_exporter_prometheus::PrometheusBuilder;

#[test]
fn requests_are_counted_by_endpoint_status_and_refusal() {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        let app = TestApp::new();
        app.post(TOKEN, GRANT);
        app.post(TOKEN, GRANT);
        app.post(TOKEN, "x=1&x=1");
        app.get("/nothing?secret=1");
    });
    let text = recorder.handle().render();
    for line in [
        "doorward_http_requests_total{endpoint=\"token\",status=\"200\"} 2",
        "doorward_http_requests_total{endpoint=\"token\",status=\"400\"} 1",
        "doorward_http_requests_total{endpoint=\"unknown\",status=\"404\"} 1",
        "doorward_refusals_total{endpoint=\"token\",error=\"invalid_request\"} 1",
        "doorward_http_request_seconds_count{endpoint=\"token\"} 3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
    }
    assert!(!text.contains("nothing"), "labels never come from a request");
}
