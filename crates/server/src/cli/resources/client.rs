//! A client in JSON (RFC 7591 §2 where that has a name for a member).

use super::Instant;
use doorward_core::client::Client;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Status};
use serde::Serialize;

/// A client.
#[derive(Debug, Serialize)]
pub(crate) struct ClientResource {
    pub(crate) id: Id,
    pub(crate) client_id: ClientId,
    /// Only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_secret: Option<String>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) token_endpoint_auth_method: AuthMethod,
    pub(crate) require_pkce: bool,
    pub(crate) consent: ConsentMode,
    pub(crate) scopes: Vec<String>,
    pub(crate) default_scopes: Vec<String>,
    pub(crate) id_token_signed_response_alg: Option<Algorithm>,
    pub(crate) id_token_claims: bool,
    pub(crate) access_token_lifetime: Option<Lifetime>,
    pub(crate) refresh_token_lifetime: Option<Lifetime>,
    pub(crate) organization_id: Option<Id>,
    pub(crate) status: Status,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl From<&Client> for ClientResource {
    fn from(client: &Client) -> Self {
        let scopes = |scope: &Scope| scope.tokens().map(str::to_owned).collect();
        Self {
            id: client.id,
            client_id: client.client_id.clone(),
            client_secret: None,
            name: client.name.clone(),
            description: client.description.clone(),
            redirect_uris: client.redirect_uris.iter().map(ToString::to_string).collect(),
            post_logout_redirect_uris: client
                .post_logout_redirect_uris
                .iter()
                .map(ToString::to_string)
                .collect(),
            grant_types: client.grant_types.clone(),
            token_endpoint_auth_method: client.auth_method,
            require_pkce: client.require_pkce,
            consent: client.consent,
            scopes: scopes(&client.scopes),
            default_scopes: scopes(&client.default_scopes),
            id_token_signed_response_alg: client.id_token_signed_response_alg,
            id_token_claims: client.id_token_claims,
            access_token_lifetime: client.access_token_lifetime,
            refresh_token_lifetime: client.refresh_token_lifetime,
            organization_id: client.organization,
            status: client.status,
            created_at: Instant(client.created_at),
            updated_at: Instant(client.updated_at),
        }
    }
}
