//! Clients, APIs and signing keys in the JSON of the management REST API: the names of members stand here and nowhere else.
//! Owns the form only; what may be seen by whom is decided before.

use doorward_core::access::api::{Api, ApiScope};
use doorward_core::client::Client;
use doorward_core::keys::signing_key::{SigningKeyRecord, State};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AuthMethod, GrantType, Status, TokenFormat};
use serde::{Serialize, Serializer};

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
    pub(crate) grant_types: Vec<GrantType>,
    pub(crate) token_endpoint_auth_method: AuthMethod,
    pub(crate) scopes: Vec<String>,
    pub(crate) default_scopes: Vec<String>,
    pub(crate) access_token_lifetime: Option<Lifetime>,
    pub(crate) status: Status,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

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

/// A signing key, without its private half.
#[derive(Debug, Serialize)]
pub(crate) struct SigningKeyResource {
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) status: State,
    pub(crate) created_at: Instant,
    pub(crate) activates_at: Instant,
    pub(crate) expires_at: Option<Instant>,
    pub(crate) revoked_at: Option<Instant>,
}

/// An instant as RFC 3339 writes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(pub(crate) Seconds);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl From<&Client> for ClientResource {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id,
            client_id: client.client_id.clone(),
            client_secret: None,
            name: client.name.clone(),
            description: client.description.clone(),
            redirect_uris: client.redirect_uris.iter().map(ToString::to_string).collect(),
            grant_types: client.grant_types.clone(),
            token_endpoint_auth_method: client.auth_method,
            scopes: client.scopes.tokens().map(str::to_owned).collect(),
            default_scopes: client.default_scopes.tokens().map(str::to_owned).collect(),
            access_token_lifetime: client.access_token_lifetime,
            status: client.status,
            created_at: Instant(client.created_at),
            updated_at: Instant(client.updated_at),
        }
    }
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

impl SigningKeyResource {
    /// A signing key as it stands at an instant, among all keys.
    pub(crate) fn of(key: &SigningKeyRecord, now: Seconds, all: &[SigningKeyRecord]) -> Self {
        Self {
            kid: key.kid.clone(),
            algorithm: key.algorithm,
            status: key.state(now, all),
            created_at: Instant(key.created_at),
            activates_at: Instant(key.activates_at),
            expires_at: key.expires_at.map(Instant),
            revoked_at: key.revoked_at.map(Instant),
        }
    }
}
