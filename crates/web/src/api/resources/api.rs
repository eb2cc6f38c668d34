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
pub struct ApiResource {
    /// The internal identifier.
    pub id: Id,
    /// RFC 8707 §2: what clients name it by.
    pub identifier: String,
    /// What people see.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// Where its documentation is.
    pub documentation_url: Option<String>,
    /// What it understands.
    pub scopes: Vec<ScopeResource>,
    /// The form of its access tokens.
    pub token_format: TokenFormat,
    /// What its JWTs are signed with, where that differs from the server's default.
    pub signing_algorithm: Option<Algorithm>,
    /// How long its access tokens live, in seconds, where that differs from the server's default.
    pub access_token_lifetime: Option<Lifetime>,
    /// The clients that may introspect its tokens.
    pub introspection_clients: Vec<ClientId>,
    /// Whether it takes part at all.
    pub status: Status,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// One scope of an API.
#[derive(Debug, Serialize)]
pub struct ScopeResource {
    /// What clients ask for.
    pub name: String,
    /// What people are told of it.
    pub description: String,
}

impl ApiResource {
    /// An API, and the clients that may introspect its tokens by their names.
    #[must_use]
    pub fn of(api: &Api, introspection_clients: Vec<ClientId>) -> Self {
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
