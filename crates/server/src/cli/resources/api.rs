//! An API in JSON, with its scopes.

use super::Instant;
use doorward_core::access::api::{Api, ApiScope};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Status, TokenFormat};
use serde::Serialize;

/// An API.
#[derive(Debug, Serialize)]
pub(crate) struct ApiResource {
    pub(crate) id: Id,
    pub(crate) identifier: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) documentation_url: Option<String>,
    pub(crate) scopes: Vec<ScopeResource>,
    pub(crate) token_format: TokenFormat,
    pub(crate) signing_algorithm: Option<Algorithm>,
    pub(crate) access_token_lifetime: Option<Lifetime>,
    pub(crate) introspection_clients: Vec<ClientId>,
    pub(crate) status: Status,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

/// One scope of an API.
#[derive(Debug, Serialize)]
pub(crate) struct ScopeResource {
    pub(crate) name: String,
    pub(crate) description: String,
}

impl ApiResource {
    /// An API, and the clients that may introspect its tokens by their names.
    pub(crate) fn of(api: &Api, introspection_clients: Vec<ClientId>) -> Self {
        let scope = |scope: &ApiScope| ScopeResource {
            name: scope.name.clone(),
            description: scope.description.clone(),
        };
        Self {
            id: api.id,
            identifier: api.identifier.as_str().to_owned(),
            name: api.name.clone(),
            description: api.description.clone(),
            documentation_url: api.documentation_url.clone(),
            scopes: api.scopes.iter().map(scope).collect(),
            token_format: api.token_format,
            signing_algorithm: api.signing_algorithm,
            access_token_lifetime: api.access_token_lifetime,
            introspection_clients,
            status: api.status,
            created_at: Instant(api.created_at),
            updated_at: Instant(api.updated_at),
        }
    }
}
