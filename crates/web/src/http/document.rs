//! A document that is the same for everybody until it changes: prebuilt bytes with their validator. Owns conditional
//! requests (RFC 9110 §13) and how long caches keep it.

use crate::http::answer::{self, JSON};
use bytes::Bytes;
use doorward_protocol::time::Lifetime;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use std::hash::{DefaultHasher, Hasher};

/// A document with its validator.
#[derive(Debug)]
pub(crate) struct Document {
    body: Bytes,
    content_type: HeaderValue,
    etag: HeaderValue,
    cache_control: HeaderValue,
}

impl Document {
    pub(crate) fn json(text: &str, max_age: Lifetime) -> Self {
        Self::new(Bytes::copy_from_slice(text.as_bytes()), JSON, max_age)
    }

    pub(crate) fn new(body: Bytes, content_type: HeaderValue, max_age: Lifetime) -> Self {
        let etag = header(&format!("\"{}\"", hash(&body)));
        Self { body, content_type, etag, cache_control: header(&format!("public, max-age={}", max_age.0)) }
    }

    /// RFC 9110 §15.4.5: who has this document already is told just that, with the headers that the document would have.
    pub(crate) fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let known = is_known(&self.etag, request.headers());
        let mut response = if known {
            answer::empty(StatusCode::NOT_MODIFIED)
        } else {
            answer::with_body(StatusCode::OK, self.body.clone())
        };
        let headers = response.headers_mut();
        if !known {
            headers.insert(CONTENT_TYPE, self.content_type.clone());
        }
        headers.insert(ETAG, self.etag.clone());
        headers.insert(CACHE_CONTROL, self.cache_control.clone());
        response
    }
}

/// RFC 9110 §13.1.2: whether the caller has what this validator is of: a list of validators, compared weakly, or `*`.
pub(crate) fn is_known(etag: &HeaderValue, headers: &HeaderMap) -> bool {
    let listed = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = listed.flat_map(|list| list.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || *etag == tag.strip_prefix("W/").unwrap_or(tag))
}

/// What tells one state of a document from another. Nobody outside chooses the bytes, so the hash need not resist anybody;
/// that another build may hash otherwise costs its readers one transfer.
pub(crate) fn hash(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("{:016x}", hasher.finish())
}

/// Made of digits, letters and marks of ours alone, so always a header's value.
pub(crate) fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(if_none_match: &str) -> StatusCode {
        let document = Document::json("{}", Lifetime::minutes(5));
        let listed = if_none_match.replace("ETAG", document.etag.to_str().unwrap());
        let request = Request::builder().header(IF_NONE_MATCH, listed).body(Bytes::new()).unwrap();
        document.answer(&request).status()
    }

    /// RFC 9110 §13.1.2: any validator of the list counts, a weak one too, and `*` is any document.
    #[test]
    fn a_known_document_is_not_sent_again() {
        for known in ["ETAG", "W/ETAG", "\"other\", ETAG", "*"] {
            assert_eq!(status(known), StatusCode::NOT_MODIFIED, "{known}");
        }
        for other in ["\"other\"", "", "ETAGx"] {
            assert_eq!(status(other), StatusCode::OK, "{other}");
        }
    }

    #[test]
    fn another_text_has_another_validator() {
        assert_ne!(hash(b"{}"), hash(b"{ }"));
    }
}
