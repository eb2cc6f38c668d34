//! Sharing answers with pages of other origins (the Fetch standard's CORS protocol). Owns its headers; which endpoint is
//! shared stands in the table of URLs.
//!
//! `*` is safe here because nothing shared depends on a cookie or another ambient credential: a page learns what its own
//! request proved. The headers are sent whether or not an `Origin` came, so that one cached answer serves everybody.

use crate::http::answer;
use crate::http::method::Methods;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

/// Who may read an endpoint's answers from a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Pages of every origin, without credentials of the browser's.
    Everybody,
    /// No page: the callers are programs.
    Nobody,
}

/// Browsers keep the answer to a preflight for at most two hours.
const PREFLIGHT_MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Lets pages read an answer, with the headers that tell a client what to do next.
pub(crate) fn share(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("WWW-Authenticate, Retry-After, ETag, X-Request-Id"),
    );
}

/// Answers a preflight: what a page may send. The origin is added by [`share`], as to every answer.
pub(crate) fn preflight(methods: Methods) -> Response<Bytes> {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods.listed());
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization, Content-Type, If-None-Match"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE);
    response
}
