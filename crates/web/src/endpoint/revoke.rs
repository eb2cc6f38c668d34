//! The revocation endpoint (RFC 7009 §2).

use crate::http::exchange::Exchange;
use crate::http::{answer, form};
use bytes::Bytes;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use http::Response;

/// RFC 7009 §2.2: 200, whatever the token was.
pub(crate) async fn revoke(exchange: &Exchange<'_>) -> Result<Response<Bytes>, Stop<OAuthError>> {
    let request = form::read(exchange.request, exchange.caller)?;
    exchange.server.revoke(&request).await?;
    Ok(answer::done())
}
