//! The way to the collector: one plain request for each batch, on the thread that makes the batches. Owns the client; TLS is
//! rustls with ring, as for every request of this binary, and trusts the authorities that everybody trusts.

use crate::config::surroundings::Surroundings;
use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError};
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// What the standard gives a request when nobody says otherwise: `OTEL_EXPORTER_OTLP_TIMEOUT`, in milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// More than any answer about a batch.
const LONGEST_ANSWER: u64 = 1 << 16;

/// A client.
pub(super) struct Collector(ureq::Agent);

impl Collector {
    pub(super) fn new(surroundings: &Surroundings) -> Self {
        let variables = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
        let patience = variables.into_iter().find_map(|variable| surroundings.text(variable)?.parse().ok());
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(patience.map_or(PATIENCE, Duration::from_millis)))
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")));
        Self(config.build().into())
    }

    fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let answer = self.0.run(http::Request::from_parts(head, &body[..]))?;
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(LONGEST_ANSWER).read_to_vec()?;
        Ok(http::Response::from_parts(head, body.into()))
    }
}

impl HttpClient for Collector {
    /// Blocks the exporter's thread, which has nothing else to do.
    fn send_bytes<'this, 'sending>(
        &'this self,
        request: http::Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, HttpError>> + Send + 'sending>>
    where
        'this: 'sending,
        Self: 'sending,
    {
        Box::pin(async move { self.send(request) })
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}
