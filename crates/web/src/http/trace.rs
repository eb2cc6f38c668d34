//! The span of a request: what a trace tells of it. Owns its fields, which are closed words, our own paths and our own name for
//! the request; whether there is a trace, and where it goes, is for the process's subscriber. Where there is none a span costs
//! a look at one flag.

use crate::http::request_id::RequestId;
use crate::settings::TraceParent;
use bytes::Bytes;
use http::{HeaderName, Method, Request, StatusCode};
use tracing::Span;
use tracing::field::Empty;

/// W3C Trace Context §3.2.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The span of a request to one of our paths, or to none of them.
pub(crate) fn span(
    request: &Request<Bytes>,
    ours: bool,
    id: &RequestId,
    trace_parent: Option<TraceParent>,
) -> Span {
    // Looked up by the whole path, so a path of ours holds nothing of the caller's.
    let path = ours.then(|| request.uri().path());
    let method = known(request.method());
    let span = tracing::trace_span!(
        target: "doorward::trace",
        "request",
        otel.name = path.map(|path| format!("{method} {path}")).as_deref().unwrap_or(method),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = path,
        http.response.status_code = Empty,
        request_id = id.as_str(),
    );
    if let (false, Some(continue_trace)) = (span.is_disabled(), trace_parent) {
        let mut named = request.headers().get_all(TRACEPARENT).iter();
        // Two of them are none.
        if let (Some(Ok(parent)), None) = (named.next().map(http::HeaderValue::to_str), named.next()) {
            continue_trace(&span, parent);
        }
    }
    span
}

/// What became of the request. A refusal is an answer; a fault is ours.
pub(crate) fn answered(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// A method may be any word that a caller likes; OpenTelemetry calls those that nobody knows `_OTHER`.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}
