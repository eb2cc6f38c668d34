//! The UserInfo endpoint (OpenID Connect Core §5.3).

use crate::http::exchange::Exchange;
use crate::http::{answer, bearer};
use bytes::Bytes;
use doorward_core::store::fault::{Fault, Stop};
use doorward_protocol::error::OAuthError;
use http::{Response, StatusCode};

/// OpenID Connect Core §5.3.2: the claims that the access token lets its client know, in JSON.
pub(crate) async fn userinfo(exchange: &Exchange<'_>) -> Result<Response<Bytes>, Stop<OAuthError>> {
    let Some(token) = bearer::token(exchange.request)? else {
        return Ok(bearer::needed());
    };
    let claims = exchange.server.userinfo(&token, exchange.caller).await?;
    Ok(answer::json(StatusCode::OK, serde_json::to_string(&claims).map_err(Fault::broken)?))
}
