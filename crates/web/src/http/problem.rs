//! Errors of everything that is not an OAuth endpoint, as `application/problem+json` (RFC 9457). Owns their members.

use crate::http::answer;
use crate::http::request_id::RequestId;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request failed (RFC 9457 §3).
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem<'a> {
    /// The kind of problem: `about:blank`, which is to say that the status tells it.
    pub(crate) r#type: &'static str,
    /// The status in words.
    pub(crate) title: &'a str,
    /// The status.
    pub(crate) status: u16,
    /// What is wrong with this request, in words.
    pub(crate) detail: &'a str,
    /// The single members or parameters that are wrong.
    #[serde(skip_serializing_if = "<[Wrong]>::is_empty")]
    pub(crate) errors: &'a [Wrong],
    /// The request's name, which stands in the header `x-request-id` and in the log, too.
    pub(crate) request_id: &'a str,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Wrong {
    /// RFC 6901: the member of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    /// The parameter of the query, or the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<String>,
    /// What is wrong with it, and what would be right.
    pub(crate) detail: String,
}

impl Wrong {
    /// A member of the body.
    pub(crate) fn member(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, detail: detail.into() }
    }

    /// A parameter of the query, or a header.
    pub(crate) fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.into()), detail: detail.into() }
    }
}

/// A problem whose kind is its status (RFC 9457 §4.2.1); the detail is our own sentence, never a text of the request's.
pub(crate) fn problem(status: StatusCode, detail: &str, id: &RequestId) -> Response<Bytes> {
    of(status, detail, &[], id)
}

/// The same, with what is wrong one by one.
pub(crate) fn of(status: StatusCode, detail: &str, errors: &[Wrong], id: &RequestId) -> Response<Bytes> {
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        errors,
        request_id: id.as_str(),
    };
    // Strings and a number always serialize; an empty object would still be an answer.
    let body = serde_json::to_string(&problem).unwrap_or_else(|_| "{}".to_owned());
    let mut response = answer::json(status, body);
    response.headers_mut().insert(CONTENT_TYPE, PROBLEM);
    response
}
