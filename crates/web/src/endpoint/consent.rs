//! What the consent page posts.

use crate::http::exchange::Exchange;
use crate::http::page_request;
use doorward_core::endpoint::page::Turn;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;

/// Yes or no.
pub(crate) async fn decide(exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    let cookies = exchange.cookies();
    let request = page_request::posted(exchange, &cookies)?;
    exchange.server.decide_consent(&request).await
}
