//! Between actix's HTTP types and the neutral ones, which differ by a major version of the `http` crate. Owns which
//! headers of a request are carried over: those that some handler reads, the one that proxies are believed by, and no others.

use crate::http::body::{BodyLength, Broken, Pieces};
use actix_http::body::BoxBody;
use actix_http::header as theirs;
use actix_http::{Payload, RequestHead, Response};
use bytes::Bytes;
use futures_core::Stream;
use http::header as ours;
use http::{HeaderName, HeaderValue, Method, Request, Uri, Version};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The headers that handlers read, by their names on both sides.
const CARRIED: [(theirs::HeaderName, HeaderName); 10] = [
    (theirs::HOST, ours::HOST),
    (theirs::AUTHORIZATION, ours::AUTHORIZATION),
    (theirs::CONTENT_TYPE, ours::CONTENT_TYPE),
    (theirs::IF_MATCH, ours::IF_MATCH),
    (theirs::IF_NONE_MATCH, ours::IF_NONE_MATCH),
    (theirs::COOKIE, ours::COOKIE),
    (theirs::ORIGIN, ours::ORIGIN),
    (theirs::HeaderName::from_static("idempotency-key"), HeaderName::from_static("idempotency-key")),
    (theirs::HeaderName::from_static("sec-fetch-site"), HeaderName::from_static("sec-fetch-site")),
    (theirs::HeaderName::from_static("traceparent"), HeaderName::from_static("traceparent")),
];

/// What is read only where proxies ask about the requests of others.
const TOLD: [&str; 7] = [
    "x-forwarded-method",
    "x-forwarded-host",
    "x-forwarded-uri",
    "x-original-method",
    "x-original-url",
    "x-api-key",
    "access-control-request-method",
];

/// Separators and line end of one header, and of the request line.
const MARKS: usize = 4;

/// A request's head, carried over.
pub(super) struct Read {
    pub(super) request: Request<()>,
    /// How many bytes request line and headers took.
    pub(super) size: usize,
    pub(super) body_length: BodyLength,
}

/// Carries a request's head over, in one pass over its headers, with the one by which proxies say for whom they ask, and, where they
/// ask about a request, with those that tell of it. There is none where the target is not one for the other version of the `http`
/// crate.
pub(super) fn read(head: &RequestHead, proxies_say: Option<&HeaderName>, tells: bool) -> Option<Read> {
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(head.method.as_str().as_bytes()).ok()?;
    *request.uri_mut() = uri(&head.uri)?;
    *request.version_mut() = version(head.version);
    let target = head.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let mut size = head.method.as_str().len() + target + "HTTP/1.1".len() + MARKS;
    let mut body_length = BodyLength::None;
    for (name, value) in &head.headers {
        size += name.as_str().len() + value.len() + MARKS;
        if let Some((_, name)) = CARRIED.iter().find(|(known, _)| known == name) {
            request.headers_mut().append(name.clone(), HeaderValue::from_bytes(value.as_bytes()).ok()?);
        } else if let Some(said) = proxies_say.filter(|said| said.as_str() == name.as_str()) {
            request.headers_mut().append(said.clone(), HeaderValue::from_bytes(value.as_bytes()).ok()?);
        } else if tells && let Some(told) = TOLD.iter().find(|told| **told == name.as_str()) {
            let told = HeaderName::from_static(told);
            request.headers_mut().append(told, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        } else if name == theirs::CONTENT_LENGTH {
            body_length = value.to_str().ok()?.trim().parse().map_or(BodyLength::Chunked, BodyLength::Known);
        } else if name == theirs::TRANSFER_ENCODING {
            body_length = BodyLength::Chunked;
        }
    }
    Some(Read { request, size, body_length })
}

/// In the usual form of a target there is a path and no more, which spares parsing a whole URL.
fn uri(target: &actix_http::Uri) -> Option<Uri> {
    if target.authority().is_none() && target.scheme().is_none() {
        let path = target.path_and_query()?.as_str();
        return http::uri::PathAndQuery::try_from(path).ok().map(Uri::from);
    }
    target.to_string().parse().ok()
}

fn version(version: actix_http::Version) -> Version {
    if version == actix_http::Version::HTTP_10 { Version::HTTP_10 } else { Version::HTTP_11 }
}

impl Pieces for Payload {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        Pin::new(self).poll_next(cx).map(|piece| piece.map(|bytes| bytes.map_err(|_| Broken)))
    }
}

/// Carries an answer back.
pub(super) fn write(head: &http::response::Parts, body: BoxBody) -> Response<BoxBody> {
    // Both crates know the same statuses, and what is a header on one side is one on the other.
    let status = actix_http::StatusCode::from_u16(head.status.as_u16()).unwrap_or_default();
    let mut response = Response::with_body(status, body);
    let headers = response.headers_mut();
    for (name, value) in &head.headers {
        let name = theirs::HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, theirs::HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110 §13.1.1: a condition that got lost on the way would let somebody overwrite what they have not seen, and a key that did
    /// would let a call that is sent again be carried out again.
    #[test]
    fn what_a_call_of_the_management_api_depends_on_is_carried() {
        let mut head = RequestHead::default();
        head.uri = "/api/v1/groups".parse().unwrap();
        let names = ["authorization", "content-type", "if-match", "if-none-match", "idempotency-key"];
        for name in names {
            head.headers.append(theirs::HeaderName::from_static(name), theirs::HeaderValue::from_static("x"));
        }
        let request = read(&head, None, false).unwrap().request;
        assert_eq!(names.map(|name| request.headers().get_all(name).iter().count()), [1; 5]);
    }

    #[test]
    fn what_a_browser_says_of_itself_is_carried_and_nothing_else() {
        let mut head = RequestHead::default();
        head.uri = "/login".parse().unwrap();
        let names =
            ["cookie", "origin", "sec-fetch-site", "host", "referer", "x-forwarded-for", "x_forwarded_for"];
        for name in names {
            head.headers.append(theirs::HeaderName::from_static(name), theirs::HeaderValue::from_static("x"));
        }
        head.headers.append(theirs::COOKIE, theirs::HeaderValue::from_static("y"));
        let carried = |proxies_say: Option<&HeaderName>| {
            let request = read(&head, proxies_say, false).unwrap().request;
            names.map(|name| request.headers().get_all(name).iter().count())
        };
        assert_eq!(carried(None), [2, 1, 1, 1, 0, 0, 0]);
        let proxies_say = HeaderName::from_static("x-forwarded-for");
        assert_eq!(carried(Some(&proxies_say)), [2, 1, 1, 1, 0, 1, 0], "and not what only looks like it");
    }

    #[test]
    fn what_proxies_tell_of_a_request_is_carried_only_where_they_ask() {
        let mut head = RequestHead::default();
        head.uri = "/verify".parse().unwrap();
        for name in TOLD {
            head.headers.append(theirs::HeaderName::from_static(name), theirs::HeaderValue::from_static("x"));
            let alike = name.replace('-', "_").parse().unwrap();
            head.headers.append(alike, theirs::HeaderValue::from_static("y"));
        }
        head.headers.append(theirs::HeaderName::from_static(TOLD[0]), theirs::HeaderValue::from_static("z"));
        let carried = |tells| read(&head, None, tells).unwrap().request.headers().len();
        assert_eq!(carried(false), 0);
        assert_eq!(carried(true), TOLD.len() + 1, "and not what only looks like it");
    }
}
