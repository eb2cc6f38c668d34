//! A person's own pages: who they are, their password, and what they have allowed.

use crate::http::exchange::Exchange;
use crate::http::page_request;
use doorward_core::endpoint::page::Turn;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;

/// Who they are.
pub(crate) async fn account(exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    let cookies = exchange.cookies();
    let request = page_request::asked(exchange, &cookies)?;
    exchange.server.account(&request).await
}

/// The page for another password, or the one that it posts.
pub(crate) async fn password(exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    let cookies = exchange.cookies();
    if exchange.is_post() {
        let request = page_request::posted(exchange, &cookies)?;
        return exchange.server.change_password(&request).await;
    }
    let request = page_request::asked(exchange, &cookies)?;
    exchange.server.password_page(&request).await
}

/// A consent that is taken back.
pub(crate) async fn revoke_consent(exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    let cookies = exchange.cookies();
    let request = page_request::posted(exchange, &cookies)?;
    exchange.server.revoke_consent(&request).await
}
