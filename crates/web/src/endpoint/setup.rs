//! The page behind a set-up link.

use crate::http::exchange::Exchange;
use crate::http::page_request;
use doorward_core::endpoint::page::Turn;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;

/// The page, or the password that it posts.
pub(crate) async fn setup(exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    let cookies = exchange.cookies();
    if exchange.is_post() {
        let request = page_request::posted(exchange, &cookies)?;
        return exchange.server.setup(&request).await;
    }
    let request = page_request::asked(exchange, &cookies)?;
    exchange.server.setup_page(&request).await
}
