//! The client credentials grant (RFC 6749 §4.4): a client acts for itself. Owns nothing but the order of its checks, which
//! the kernel guarantees.

use crate::access::granted::Entitlement;
use crate::client::authenticate::AuthenticatedClient;
use crate::grant::Grant;
use crate::kernel;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::params::Params;
use doorward_protocol::words::GrantType;

/// RFC 6749 §4.4.
pub struct ClientCredentials;

impl Grant for ClientCredentials {
    fn grant_type(&self) -> GrantType {
        GrantType::ClientCredentials
    }

    /// RFC 6749 §4.4: "the client credentials grant type MUST only be used by confidential clients".
    fn redeem(&self, params: &Params<'_>, client: &AuthenticatedClient) -> Result<Entitlement, OAuthError> {
        if !client.is_confidential() {
            return Err(OAuthError::new(
                ErrorCode::UnauthorizedClient,
                "a public client has no credentials of its own",
            ));
        }
        let scope = kernel::client_credentials::negotiate(params, &client.record().client)?;
        Ok(Entitlement {
            client: client.clone(),
            subject: client.record().client.client_id.to_string(),
            scope,
            resource: resource(params)?,
        })
    }
}

/// RFC 8707 §2: a token has one audience here, so a request names at most one resource.
fn resource(params: &Params<'_>) -> Result<Option<String>, OAuthError> {
    let mut resources = params.values("resource");
    match (resources.next(), resources.next()) {
        (first, None) => Ok(first.map(str::to_owned)),
        (_, Some(_)) => Err(OAuthError::invalid_target("a token is for one resource: ask for one at a time")),
    }
}
