//! The management API, called. Owns the token, and what an answer means: a resource, or a refusal that says which member is wrong;
//! what is asked for, and why, is the story's part.

use crate::Failed;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::error::Error;
use std::fmt;
use ureq::http::{Request, Response, header};
use ureq::{Agent, Body};

/// A management API, and somebody who may use it.
pub(crate) struct Rest {
    agent: Agent,
    base: String,
    authorization: String,
}

/// An answer: the resource, and the state in which it was.
pub(crate) struct Answer {
    pub(crate) body: Value,
    pub(crate) etag: Option<String>,
}

/// RFC 9457: why something was not done.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    problem: Value,
}

impl Rest {
    /// The management API of this issuer, with this token.
    pub(crate) fn new(issuer: &str, token: &str) -> Self {
        // A refusal is an answer; and nobody is sent elsewhere with the token in hand.
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let authorization = format!("Bearer {token}");
        Self { agent: config.build().into(), base: format!("{issuer}/api/v1"), authorization }
    }

    pub(crate) fn get(&self, path: &str) -> Result<Value, Failed> {
        Ok(self.send("GET", path, &[], None)?.body)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        Ok(self.send("POST", path, &[], Some(body))?.body)
    }

    /// Makes something once, however often this is called with the same key.
    pub(crate) fn post_once(&self, key: &str, path: &str, body: &Value) -> Result<Answer, Failed> {
        self.send("POST", path, &[("idempotency-key", key)], Some(body))
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Result<Value, Failed> {
        Ok(self.send("PATCH", path, &[], Some(body))?.body)
    }

    /// Changes what is still as it was seen.
    pub(crate) fn patch_seen(&self, seen: &Answer, path: &str, body: &Value) -> Result<Answer, Failed> {
        let etag = seen.etag.as_deref().ok_or("the answer has no ETag")?;
        self.send("PATCH", path, &[("if-match", etag)], Some(body))
    }

    pub(crate) fn delete(&self, path: &str) -> Result<(), Failed> {
        self.send("DELETE", path, &[], None)?;
        Ok(())
    }

    /// All pages of a list, one after the other.
    pub(crate) fn all(&self, path: &str) -> Result<Vec<Value>, Failed> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let cursor_part = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let mut page = self.get(&format!("{path}?limit=200{cursor_part}"))?;
            items.extend(page["items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return Ok(items),
            }
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, Failed> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, &self.authorization);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => {
                let request = request.header(header::CONTENT_TYPE, "application/json");
                self.agent.run(request.body(body.to_string())?)?
            }
            None => self.agent.run(request.body(())?)?,
        };
        read(answer)
    }
}

fn read(answer: Response<Body>) -> Result<Answer, Failed> {
    let (head, mut body) = answer.into_parts();
    let text = body.read_to_string()?;
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? };
    if !head.status.is_success() {
        return Err(Refusal { status: head.status.as_u16(), problem: body }.into());
    }
    let etag = head.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    Ok(Answer { body, etag })
}

/// A name as one segment of a path: an API's identifier has slashes in it.
pub(crate) fn segment(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// A member that has to be there, and a text.
pub(crate) fn text(resource: &Value, member: &str) -> Result<String, Failed> {
    Ok(resource[member].as_str().ok_or_else(|| format!("the answer has no {member}"))?.to_owned())
}

impl Refusal {
    /// The members of the body that are wrong.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.problem["detail"].as_str().unwrap_or("no reason was given");
        write!(f, "{}: {detail}", self.status)
    }
}

impl Error for Refusal {}
