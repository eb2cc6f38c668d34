//! The token endpoint (RFC 6749 §3.2). Owns the list of grants and the order of steps; a grant proves, `access` narrows,
//! `grant::issue` records and mints.

use crate::access::granted;
use crate::context::{Context, FormRequest};
use crate::endpoint::client;
use crate::grant::client_credentials::ClientCredentials;
use crate::grant::{Grant, issue};
use crate::store::fault::Stop;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::token::TokenResponse;

/// The grants that the server has; discovery, registration and this endpoint read this list.
pub const GRANTS: &[&dyn Grant] = &[&ClientCredentials];

/// Answers a token request.
///
/// # Errors
/// The refusal in the form of RFC 6749 §5.2, or a fault.
pub async fn token(
    request: &FormRequest<'_>,
    context: &Context<'_>,
) -> Result<TokenResponse, Stop<OAuthError>> {
    let client = client::authenticated(request, context).await?;
    let grant = grant(request.params.required("grant_type").map_err(Stop::Refuse)?)?;
    if !client.record().client.may_use(grant.grant_type()) {
        let refusal = OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "the client is not registered for this grant_type",
        );
        return Err(Stop::Refuse(refusal));
    }
    let entitlement = grant.redeem(&request.params, &client).map_err(Stop::Refuse)?;
    let granted =
        granted::granted(entitlement, &context.cache.apis(), context.settings).map_err(Stop::Refuse)?;
    issue::issue(&granted, context).await
}

fn grant(grant_type: &str) -> Result<&'static dyn Grant, Stop<OAuthError>> {
    let grant = GRANTS.iter().copied().find(|grant| grant.grant_type().as_str() == grant_type);
    grant.ok_or_else(|| {
        Stop::Refuse(OAuthError::new(
            ErrorCode::UnsupportedGrantType,
            "the server does not have this grant_type",
        ))
    })
}
