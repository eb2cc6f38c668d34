//! How the authorization server is asked: single requests with an end, whose answers are bounded and never lead elsewhere.
//! Owns the client with its pool of connections; what is asked, and what an answer is worth, is the caller's part.

mod connect;

use crate::fetch::connect::Connector;
use bytes::Bytes;
use doorward_protocol::jose::jws::MAX_FEED_LENGTH;
use doorward_protocol::revocation;
use doorward_protocol::time::Lifetime;
use http::header::{
    ACCEPT, AGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// More than any document of a server.
const LONGEST_ANSWER: usize = 256 * 1024;
/// What most answers are.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Idle connections kept; and for how long: less than a server keeps them, so that none is used while it is being closed.
const IDLE_CONNECTIONS: usize = 16;
const IDLE: Duration = Duration::from_secs(30);

/// A way to the authorization server.
pub(crate) struct Fetch {
    client: Client<Connector, Full<Bytes>>,
    patience: Duration,
}

/// A complete answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) max_age: Option<Lifetime>,
    /// RFC 9110 §8.8.3: the name of this very answer.
    pub(crate) etag: Option<HeaderValue>,
    pub(crate) body: Bytes,
}

/// A question that waits until there is something to say.
pub(crate) struct Poll<'a> {
    pub(crate) url: &'a Url,
    /// RFC 9110 §13.1.2: the answer that is known.
    pub(crate) etag: Option<&'a HeaderValue>,
    /// How long the server may think about it, besides the time that any question may take.
    pub(crate) wait: Duration,
}

/// What is awaited of an answer.
struct Awaited {
    media_type: HeaderValue,
    patience: Duration,
    longest: usize,
}

/// Why there is no answer. For the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("no answer in time")]
    Late,
    #[error("not reachable: {0}")]
    Unreachable(String),
    #[error("the answer broke off, or is too long")]
    Broken,
    #[error("the request cannot be made")]
    Request,
}

impl Fetch {
    /// A way that is given up after this time, from the first packet of a request to the last of its answer.
    pub(crate) fn new(tls: Arc<ClientConfig>, patience: Duration) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS);
        Self { client: builder.build(Connector::new(tls)), patience }
    }

    pub(crate) async fn get(&self, url: &Url) -> Result<Reply, Unanswered> {
        self.send(Request::get(url.as_str()).body(Full::default())).await
    }

    /// Posts a form, with client credentials.
    pub(crate) async fn post(
        &self,
        url: &Url,
        authorization: &HeaderValue,
        form: String,
    ) -> Result<Reply, Unanswered> {
        let request = Request::post(url.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(AUTHORIZATION, authorization);
        self.send(request.body(Full::from(form))).await
    }

    /// How long a question may take that the server may think about for so long.
    pub(crate) fn longest(&self, wait: Duration) -> Duration {
        self.patience + wait
    }

    /// Asks what there is to say, and waits for it.
    pub(crate) async fn poll(&self, poll: Poll<'_>) -> Result<Reply, Unanswered> {
        let mut request = Request::get(poll.url.as_str());
        if let Some(etag) = poll.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let awaited = Awaited {
            media_type: HeaderValue::from_static(revocation::MEDIA_TYPE),
            patience: self.longest(poll.wait),
            longest: MAX_FEED_LENGTH,
        };
        self.send_for(request.body(Full::default()), awaited).await
    }

    async fn send(&self, request: http::Result<Request<Full<Bytes>>>) -> Result<Reply, Unanswered> {
        let awaited = Awaited { media_type: JSON, patience: self.patience, longest: LONGEST_ANSWER };
        self.send_for(request, awaited).await
    }

    async fn send_for(
        &self,
        request: http::Result<Request<Full<Bytes>>>,
        awaited: Awaited,
    ) -> Result<Reply, Unanswered> {
        let mut request = request.map_err(|_| Unanswered::Request)?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, awaited.media_type);
        let agent = concat!("doorward-resource/", env!("CARGO_PKG_VERSION"));
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        let answer = self.answer(request, awaited.longest);
        timeout(awaited.patience, answer).await.unwrap_or(Err(Unanswered::Late))
    }

    async fn answer(&self, request: Request<Full<Bytes>>, longest: usize) -> Result<Reply, Unanswered> {
        let answered = self.client.request(request).await;
        let (head, body) = answered.map_err(|error| Unanswered::Unreachable(chain(&error)))?.into_parts();
        let body = Limited::new(body, longest).collect().await.map_err(|_| Unanswered::Broken)?;
        let etag = head.headers.get(ETAG).cloned();
        Ok(Reply { status: head.status, max_age: max_age(&head.headers), etag, body: body.to_bytes() })
    }
}

/// RFC 9111 §4.2, §5.2.2: how long an answer may still be kept; not at all, where it says so.
fn max_age(headers: &HeaderMap) -> Option<Lifetime> {
    let values = headers.get_all(CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<_> =
        values.flat_map(|value| value.split(',')).map(|part| part.trim().to_lowercase()).collect();
    if directives.iter().any(|directive| directive == "no-store" || directive == "no-cache") {
        return Some(Lifetime::default());
    }
    let seconds = directives.iter().find_map(|directive| directive.strip_prefix("max-age="))?;
    let seconds: i64 = seconds.trim_matches('"').parse().ok()?;
    Some(Lifetime::seconds(seconds.saturating_sub(age(headers)).max(0)))
}

/// RFC 9111 §5.1: how many seconds ago its origin has sent an answer that a cache has kept; one that cannot be told is the oldest.
fn age(headers: &HeaderMap) -> i64 {
    let age = |value: &HeaderValue| value.to_str().ok()?.trim().parse().ok().filter(|age| *age >= 0);
    headers.get(AGE).map_or(0, |value| age(value).unwrap_or(i64::MAX))
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9111 §5.2.2.1, §5.2.2.4, §5.2.2.5: what an answer says about being kept.
    #[test]
    fn an_answer_says_how_long_it_may_be_kept() {
        let of = |value: &'static str| {
            max_age(&HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static(value))]))
        };
        assert_eq!(of("public, max-age=300"), Some(Lifetime::seconds(300)));
        assert_eq!(of("Max-Age=\"7\""), Some(Lifetime::seconds(7)));
        assert_eq!(of("max-age=300, no-store"), Some(Lifetime::seconds(0)));
        assert_eq!(of("no-cache"), Some(Lifetime::seconds(0)));
        for nothing in ["", "public", "max-age", "max-age=x", "s-maxage=9"] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
        assert_eq!(max_age(&HeaderMap::new()), None);
    }

    /// RFC 9111 §4.2.3, §5.1: what an answer has spent in a cache is no longer left.
    #[test]
    fn an_answer_ages_on_its_way() {
        let of = |age: &'static str| {
            let kept = (CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
            max_age(&HeaderMap::from_iter([kept, (AGE, HeaderValue::from_static(age))]))
        };
        for (age, left) in [("0", 300), ("290", 10), ("300", 0), ("301", 0), ("x", 0), ("-1", 0), ("", 0)] {
            assert_eq!(of(age), Some(Lifetime::seconds(left)), "{age}");
        }
    }
}
