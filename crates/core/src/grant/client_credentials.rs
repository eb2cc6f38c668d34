//! The client credentials grant (RFC 6749 §4.4): a client acts for itself. Owns nothing but the order of its checks, which
//! the kernel guarantees.

use crate::access::granted::Entitlement;
use crate::context::Context;
use crate::grant::{self, Grant, Proof, TokenRequest};
use crate::kernel;
use crate::store::fault::Stop;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::words::GrantType;

/// RFC 6749 §4.4.
pub struct ClientCredentials;

impl Grant for ClientCredentials {
    fn grant_type(&self) -> GrantType {
        GrantType::ClientCredentials
    }

    /// RFC 6749 §4.4: "the client credentials grant type MUST only be used by confidential clients".
    fn prove(&self, request: &TokenRequest<'_>, _: &Context<'_>) -> Result<Proof, Stop<OAuthError>> {
        let TokenRequest { params, client, .. } = *request;
        if !client.is_confidential() {
            return Err(Stop::Refuse(OAuthError::new(
                ErrorCode::UnauthorizedClient,
                "a public client has no credentials of its own",
            )));
        }
        let scope = kernel::client_credentials::negotiate(params, &client.record().client);
        Ok(Proof::Entitled(Box::new(Entitlement {
            client: client.clone(),
            subject: client.record().client.client_id.to_string(),
            scope: scope?,
            resource: grant::resource(params)?,
            behalf: None,
            exchanged: None,
        })))
    }
}
