//! Answers of the protocol endpoints. Owns their headers, on success and on refusal alike; words and statuses of refusals
//! stand in `protocol/error`.

use bytes::Bytes;
use doorward_protocol::error::OAuthError;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

/// Room for the headers of any answer, so that the map never grows.
const HEADERS: usize = 12;

/// RFC 8259 §11: JSON has no charset parameter.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Bytes> {
    with_body(status, Bytes::new())
}

/// An answer whose body is never to be taken for anything but what its type says.
pub(crate) fn with_body(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut headers = HeaderMap::with_capacity(HEADERS);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// RFC 6749 §5.1: JSON that no cache keeps. OAuth 2.1 §3.2.3 dropped `Pragma`, which only HTTP/1.0 caches read.
pub(crate) fn json(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = with_body(status, body.into());
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    response
}

/// RFC 7009 §2.2: success with nothing to say.
pub(crate) fn done() -> Response<Bytes> {
    let mut response = empty(StatusCode::OK);
    response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
    response
}

/// RFC 6749 §5.2: a refusal. The challenge goes with every 401, as RFC 9110 §15.5.2 demands.
pub(crate) fn refusal(error: &OAuthError, challenge: &HeaderValue) -> Response<Bytes> {
    let mut response = json(status(error), error.body());
    let headers = response.headers_mut();
    if error.status() == StatusCode::UNAUTHORIZED.as_u16() {
        headers.insert(WWW_AUTHENTICATE, challenge.clone());
    }
    if let Some(wait) = error.retry_after() {
        headers.insert(RETRY_AFTER, wait.0.into());
    }
    response
}

/// The refusal's status; were it ever not one, the trouble is ours.
pub(crate) fn status(error: &OAuthError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
