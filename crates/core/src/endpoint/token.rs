//! The token endpoint (RFC 6749 §3.2). Owns the list of grants and the order of steps; a grant proves, `access` narrows,
//! `grant::issue` records and mints.

use crate::client::authenticate::AuthenticatedClient;
use crate::context::{Context, FormRequest};
use crate::endpoint::client;
use crate::grant::authorization_code::AuthorizationCode;
use crate::grant::client_credentials::ClientCredentials;
use crate::grant::refresh_token::RefreshTokens;
use crate::grant::token_exchange::TokenExchange;
use crate::grant::{Grant, Proof, TokenRequest, issue};
use crate::sign_in::SignIn;
use crate::store::fault::Stop;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::token::TokenResponse;
use doorward_protocol::words::GrantType;

/// The grants that the server has; discovery, registration and this endpoint read this list.
pub const GRANTS: &[&dyn Grant] = &[&AuthorizationCode, &ClientCredentials, &RefreshTokens, &TokenExchange];

/// Answers a token request.
///
/// # Errors
/// The refusal in the form of RFC 6749 §5.2, among them one of 503 while this node does not hear what others change; or a
/// fault.
pub async fn token(
    request: &FormRequest<'_>,
    context: &Context<'_>,
    sign_in: &dyn SignIn,
) -> Result<TokenResponse, Stop<OAuthError>> {
    // A node that is cut off would go on giving tokens to whoever was switched off meanwhile.
    if context.cache.is_behind() {
        return Err(Stop::Refuse(OAuthError::unavailable()));
    }
    let client = client(request, context).await?;
    let grant = grant(request.params.required("grant_type")?)?;
    if !client.record().client.may_use(grant.grant_type()) {
        let refusal = OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "the client is not registered for this grant_type",
        );
        return Err(Stop::Refuse(refusal));
    }
    let caller = request.caller;
    let request = TokenRequest { params: &request.params, client: &client, caller };
    match grant.prove(&request, context)? {
        Proof::Entitled(entitlement) => issue::entitled(*entitlement, caller, context).await,
        Proof::Presented(token) => issue::entitled(token.entitled(context).await?, caller, context).await,
        Proof::Stored(redemption) => issue::redeemed(redemption, context, sign_in).await,
    }
}

/// RFC 8693 §2.1: "client authentication to the authorization server is done using the normal mechanisms", or not at all: then an API
/// token speaks for itself.
async fn client(
    request: &FormRequest<'_>,
    context: &Context<'_>,
) -> Result<AuthenticatedClient, Stop<OAuthError>> {
    let names_none = request.authorization.is_none()
        && ["client_id", "client_secret"].iter().all(|name| request.params.value(name).is_none());
    let exchanges = request.params.value("grant_type") == Some(GrantType::TokenExchange.as_str());
    match AuthenticatedClient::built_in().filter(|_| names_none && exchanges) {
        Some(client) => Ok(client),
        None => client::authenticated(request, context).await,
    }
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
