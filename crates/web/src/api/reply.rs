//! What an operation answers when it succeeds. Owns how that is written down: the resource with its tag, and where it is.

use crate::http::{answer, precondition};
use bytes::Bytes;
use doorward_core::manage::call::Tag;
use doorward_core::store::fault::Fault;
use http::header::{CACHE_CONTROL, ETAG, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use std::hash::Hash;

/// What an operation answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reply {
    status: u16,
    body: Option<String>,
    tag: Option<u64>,
    location: Option<String>,
}

/// A page of a list.
#[derive(Serialize)]
struct Page<'a, T> {
    items: &'a [T],
    next_cursor: Option<String>,
}

impl Reply {
    /// Done, with nothing to say.
    pub(crate) const fn nothing() -> Self {
        Self { status: 204, body: None, tag: None, location: None }
    }

    /// A resource, and the record that it tells of.
    pub(crate) fn of(resource: &impl Serialize, record: &impl Hash) -> Result<Self, Fault> {
        Ok(Self { tag: Some(Tag::of(record).0), ..Self::told(resource)? })
    }

    /// Something that is no record.
    pub(crate) fn told(resource: &impl Serialize) -> Result<Self, Fault> {
        let body = serde_json::to_string(resource).map_err(Fault::broken)?;
        Ok(Self { status: 200, body: Some(body), tag: None, location: None })
    }

    /// A page of a list, and where the next begins.
    pub(crate) fn page<T: Serialize>(items: &[T], next_cursor: Option<String>) -> Result<Self, Fault> {
        Self::told(&Page { items, next_cursor })
    }

    /// RFC 9110 §15.3.2: it was made, and is at this path below `/api/v1`.
    pub(crate) fn made_at(self, path: &str) -> Self {
        Self { status: 201, location: Some(path.to_owned()), ..self }
    }

    /// What it says, as it is written down.
    pub(crate) fn body(&self) -> &str {
        self.body.as_deref().unwrap_or_default()
    }

    /// The answer, where `/api/v1` stands below `base`.
    pub(crate) fn written(self, base: &str) -> Response<Bytes> {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = match self.body {
            Some(body) => answer::json(status, body),
            None => answer::empty(status),
        };
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, answer::NO_STORE);
        if let Some(tag) = self.tag {
            headers.insert(ETAG, precondition::etag(Tag(tag)));
        }
        // Identifiers below a path of ours.
        if let Some(Ok(location)) = self.location.map(|path| HeaderValue::from_str(&format!("{base}{path}")))
        {
            headers.insert(LOCATION, location);
        }
        response
    }
}
