//! The introspection endpoint (RFC 7662 §2).

use crate::http::exchange::Exchange;
use crate::http::{answer, form};
use bytes::Bytes;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use http::{Response, StatusCode};

/// RFC 7662 §2.2: what the token means, in JSON.
pub(crate) async fn introspect(exchange: &Exchange<'_>) -> Result<Response<Bytes>, Stop<OAuthError>> {
    let request = form::read(exchange.request, exchange.caller)?;
    let introspection = exchange.server.introspect(&request).await?;
    Ok(answer::json(StatusCode::OK, introspection.body()))
}
