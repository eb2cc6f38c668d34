//! The userinfo endpoint (OpenID Connect Core §5.3): what a client may know about the person it acts for. Owns who may ask:
//! the holder of an access token for the server itself, with the scope `openid`, from where its client may be used.

use crate::access::audience::Audience;
use crate::bearer::signed;
use crate::context::{Caller, Context};
use crate::sign_in::{self, SignIn};
use crate::store::fault::{Fault, Stop};
use crate::token::recognise::{Kind, kind};
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::jose::claims::UserInfo;
use doorward_protocol::openid::OPENID;

/// Answers with the claims that the token's scope opens.
///
/// # Errors
/// `invalid_token`, `insufficient_scope` (RFC 6750 §3.1), or a fault.
pub async fn userinfo(
    access_token: &str,
    caller: Caller,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<UserInfo, Stop<OAuthError>> {
    let bearer = match kind(access_token) {
        Kind::Signed => signed::presented(access_token, context).await?,
        // Tokens for the server itself are signed.
        Kind::Opaque | Kind::Refresh | Kind::ApiToken | Kind::Foreign => None,
    };
    let bearer = bearer.ok_or_else(ended)?;
    if !matches!(bearer.audience, Some(Audience::Issuer)) {
        return Err(refused("the access token is for an API, and not for this server"));
    }
    if !bearer.admits(caller.address) {
        bearer.came_from_elsewhere(caller.address, context);
        return Err(ended());
    }
    let person = bearer.user.filter(|_| bearer.scope.contains(OPENID));
    let person = person.ok_or_else(|| {
        Stop::Refuse(OAuthError::new(
            ErrorCode::InsufficientScope,
            "the access token has not the scope 'openid'",
        ))
    })?;
    let profile = sign_in::profile(person.id, &bearer.scope, sign_in, context).await?;
    let profile = profile.ok_or_else(|| Fault::unavailable("a person went while they were described"))?;
    Ok(UserInfo { sub: bearer.subject, profile })
}

fn ended() -> Stop<OAuthError> {
    refused("the access token is not one of this server's, or has ended")
}

fn refused(description: &'static str) -> Stop<OAuthError> {
    Stop::Refuse(OAuthError::invalid_token(description))
}
