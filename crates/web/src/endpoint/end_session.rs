//! The logout endpoint (OpenID Connect RP-Initiated Logout §2).

use crate::endpoint::authorize;
use crate::http::exchange::Exchange;
use crate::http::{form, page_request};
use doorward_core::endpoint::metadata::LOGOUT;
use doorward_core::endpoint::page::{Cookies, Page, Then, Turn};
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;

/// OpenID Connect RP-Initiated Logout §2: by GET or by POST, from a client's site; and from our own page, which shows by a
/// token that it is ours.
pub(crate) async fn end_session(exchange: &Exchange<'_>) -> Result<Turn, Stop<OAuthError>> {
    let cookies = exchange.cookies();
    if !exchange.is_post() {
        let request = page_request::asked(exchange, &cookies)?;
        return exchange.server.end_session(&request).await;
    }
    if form::params(exchange.request)?.value("csrf").is_none() {
        return authorize::again(LOGOUT, exchange);
    }
    let request = page_request::posted(exchange, &cookies)?;
    exchange.server.end_session(&request).await
}

/// After it, where nothing else was asked for.
pub(crate) fn signed_out() -> Turn {
    Turn { cookies: Cookies::default(), then: Then::Show(Page::SignedOut) }
}
