//! The sign-in page and what it posts: a password, or the account that was chosen.

use crate::http::exchange::Exchange;
use crate::http::page_request;
use doorward_core::endpoint::page::Turn;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;

/// The page, or what follows from its form.
pub(crate) async fn sign_in(exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    let cookies = exchange.cookies();
    if exchange.is_post() {
        let request = page_request::posted(exchange, &cookies)?;
        return exchange.server.sign_in(&request).await;
    }
    let request = page_request::asked(exchange, &cookies)?;
    exchange.server.sign_in_page(&request).await
}
