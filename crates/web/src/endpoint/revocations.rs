//! The feed of revocations. Owns how long somebody waits for news, on tokio's clock, and what tells one answer from another; what there
//! is to tell is core's.

use crate::http::answer;
use crate::http::document::{hash, header, is_known};
use crate::http::exchange::Exchange;
use bytes::Bytes;
use doorward_core::endpoint::revocations::{AskedFeed, Told};
use doorward_core::store::fault::{Fault, Stop};
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use doorward_protocol::revocation::MEDIA_TYPE;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::{HeaderValue, Response, StatusCode};
use std::pin::pin;
use std::time::Duration;
use tokio::time::sleep;

/// Says what there is to say, and what is said at once; else the first that there is within the time that the caller waits.
pub(crate) async fn revocations(exchange: &Exchange<'_>) -> Result<Response<Bytes>, Stop<OAuthError>> {
    let query = exchange.request.uri().query().unwrap_or_default();
    let asked = AskedFeed::read(&Params::parse(query.as_bytes())?)?;
    let told = awaited(&asked, exchange).await?;
    let etag = header(&format!("\"{}.{}\"", told.next(), hash(query_of(&asked).as_bytes())));
    // RFC 9110 §15.4.5: only to somebody for whom nothing is new; whatever else they say that they have.
    if told.is_nothing(&asked) && is_known(&etag, exchange.request.headers()) {
        return Ok(with(answer::empty(StatusCode::NOT_MODIFIED), etag));
    }
    let text = exchange.server.sign_revocations(&told, &asked)?;
    let mut response = answer::with_body(StatusCode::OK, text.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Ok(with(response, etag))
}

/// What an answer is about, beside the cursor.
fn query_of(asked: &AskedFeed) -> &str {
    asked.api.as_ref().map_or("", |api| api.as_str())
}

/// RFC 9111 §5.2.2.4: nobody is given an older answer, which would hide what was taken back since.
fn with(mut response: Response<Bytes>, etag: HeaderValue) -> Response<Bytes> {
    response.headers_mut().insert(ETAG, etag);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// A change that means nothing to the caller is not worth an answer of its own, and comes with the next.
async fn awaited(asked: &AskedFeed, exchange: &Exchange<'_>) -> Result<Told, Fault> {
    let server = exchange.server;
    let first = server.revocations(asked).await?;
    if asked.wait.0 == 0 || !first.is_nothing(asked) {
        return Ok(first);
    }
    let mut over = pin!(sleep(Duration::from(asked.wait)));
    loop {
        // Before looking: what changes in between is not slept through.
        let next_change = server.cache().next_change();
        let told = server.revocations(asked).await?;
        let Some(next_change) = next_change.filter(|_| !told.is_news_after(&first)) else { return Ok(told) };
        tokio::select! {
            () = next_change => {}
            () = &mut over => return server.revocations(asked).await,
        }
    }
}
