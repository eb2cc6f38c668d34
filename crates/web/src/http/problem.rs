//! Errors of everything that is not an OAuth endpoint, as `application/problem+json` (RFC 9457). Owns their members.

use crate::http::answer;
use crate::http::request_id::RequestId;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    request_id: &'a str,
}

/// A problem whose kind is its status (RFC 9457 §4.2.1); the detail is our own sentence, never a text of the request's.
pub(crate) fn problem(status: StatusCode, detail: &str, id: &RequestId) -> Response<Bytes> {
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        request_id: id.as_str(),
    };
    // Strings and a number always serialize; an empty object would still be an answer.
    let body = serde_json::to_string(&problem).unwrap_or_else(|_| "{}".to_owned());
    let mut response = answer::json(status, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
