//! The authorization endpoint (RFC 6749 §3.1).

use crate::http::exchange::Exchange;
use crate::http::page_request;
use doorward_core::endpoint::metadata::AUTHORIZE;
use doorward_core::endpoint::page::{Cookies, Then, Turn};
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;

/// OpenID Connect Core §3.1.2.1: by GET or by POST.
pub(crate) async fn authorize(exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    if exchange.is_post() {
        return again(AUTHORIZE, exchange);
    }
    let cookies = exchange.cookies();
    let request = page_request::asked(exchange, &cookies)?;
    exchange.server.authorize(&request).await
}

/// A form from a client's site comes without the cookies that say who is there: the browser asks again, by GET.
pub(super) fn again(path: &str, exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    let query = page_request::as_query(exchange.request)?;
    Ok(Turn { cookies: Cookies::default(), then: Then::Go(format!("{path}?{query}")) })
}
