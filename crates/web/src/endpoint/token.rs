//! The token endpoint (RFC 6749 §3.2).

use crate::http::exchange::Exchange;
use crate::http::{answer, form};
use bytes::Bytes;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use http::{Response, StatusCode};

/// RFC 6749 §5.1: the token, in JSON.
pub(crate) async fn token(exchange: &Exchange<'_>) -> Result<Response<Bytes>, Stop<OAuthError>> {
    let request = form::read(exchange.request, exchange.caller)?;
    let token = exchange.server.token(&request).await?;
    Ok(answer::json(StatusCode::OK, token.body()))
}
