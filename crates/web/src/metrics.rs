//! What is counted about requests: how many by endpoint and status, how long they take, which refusals they end in. Owns
//! the names and labels; who collects them is the process's recorder, which must be installed before the first request.
//!
//! Handles are looked up once per endpoint and status and then kept: a request costs an addition, not a search by labels.

use doorward_protocol::error::ErrorCode;
use http::StatusCode;
use metrics::{Counter, Histogram, counter, histogram};
use std::sync::OnceLock;
use std::time::Duration;

/// The statuses that handles are kept for: all that the server answers with.
const STATUSES: [u16; 18] =
    [200, 204, 303, 304, 308, 400, 401, 403, 404, 405, 408, 413, 421, 422, 429, 431, 500, 503];

/// The numbers of one endpoint.
pub(crate) struct EndpointMetrics {
    name: &'static str,
    requests: [OnceLock<Counter>; STATUSES.len()],
    seconds: OnceLock<Histogram>,
}

impl EndpointMetrics {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, requests: Default::default(), seconds: OnceLock::new() }
    }

    /// The endpoint, as its label says.
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// A request was answered.
    pub(crate) fn answered(&self, status: StatusCode, took: Duration) {
        match STATUSES.iter().position(|known| *known == status.as_u16()) {
            Some(at) => self.requests[at].get_or_init(|| self.counter(status)).increment(1),
            None => self.counter(status).increment(1),
        }
        let seconds = || histogram!("doorward_http_request_seconds", "endpoint" => self.name);
        self.seconds.get_or_init(seconds).record(took.as_secs_f64());
    }

    /// A request was refused.
    pub(crate) fn refused(&self, error: ErrorCode) {
        counter!("doorward_refusals_total", "endpoint" => self.name, "error" => error.as_str()).increment(1);
    }

    fn counter(&self, status: StatusCode) -> Counter {
        counter!("doorward_http_requests_total", "endpoint" => self.name, "status" => status.as_str().to_owned())
    }
}
