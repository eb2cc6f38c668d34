//! An API in JSON, with its scopes.

use super::api_input::ApiInput;
use super::{Instant, moment};
use crate::api::schema::{self, Sample};
use doorward_core::access::api::{Api, ApiScope};
use doorward_protocol::access::level::{Levels, Rule};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{CredentialForm, Preflight, Status, TokenFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An API.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ApiResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// What clients name it by (RFC 8707 §2), and the audience of its tokens.
    pub identifier: String,
    /// What people see.
    pub name: String,
    /// What it is, for administrators.
    pub description: String,
    /// Where its documentation is.
    pub documentation_url: Option<String>,
    /// The scopes that it understands.
    pub scopes: Vec<ScopeResource>,
    /// The form of its access tokens: `jwt` (RFC 9068), which it can verify by itself, or `opaque`, about which it asks.
    #[schemars(with = "schema::TokenFormat")]
    pub token_format: TokenFormat,
    /// What its JWTs are signed with, where that differs from the server's default.
    #[schemars(with = "Option<schema::Algorithm>")]
    pub signing_algorithm: Option<Algorithm>,
    /// How long its access tokens live, in seconds, where that differs from the server's default.
    #[schemars(with = "Option<schema::Lifetime>")]
    pub access_token_lifetime: Option<Lifetime>,
    /// How long an API token with access to it lives at most, in seconds; without one, as long as any.
    #[schemars(with = "Option<schema::Lifetime>")]
    pub max_token_lifetime: Option<Lifetime>,
    /// What the levels of access mean here. They are applied by whoever asks this server about a request: they bind nobody who
    /// only verifies a JWT.
    pub levels: LevelsResource,
    /// What becomes of a CORS preflight at a gate that asks this server for the API: let through without an identity (`allow`), or judged
    /// as any request without a credential (`deny`).
    #[schemars(with = "schema::Preflight")]
    pub preflight: Preflight,
    /// How a request may bring its token to a gate.
    #[schemars(with = "Vec<schema::CredentialForm>")]
    pub credentials: Vec<CredentialForm>,
    /// Where it is reached, for gates that name no API.
    pub locations: Vec<String>,
    /// The clients that may introspect its tokens.
    #[schemars(with = "Vec<schema::ClientId>")]
    pub introspection_clients: Vec<ClientId>,
    /// Whether it takes part at all.
    #[schemars(with = "schema::Status")]
    pub status: Status,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// One scope of an API.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeResource {
    /// What clients ask for; `openid` and the server's other own scopes are no API's.
    #[schemars(with = "schema::ScopeToken")]
    pub name: String,
    /// What people are told of it.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub description: String,
}

/// What the levels of access mean at an API.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LevelsResource {
    /// What a credential may do that only looks.
    pub read: RuleResource,
    /// What one may do that does everything; all that `read` may, too.
    pub full: RuleResource,
}

/// What one level lets through.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleResource {
    /// Request methods, in upper case; none means all.
    #[schemars(with = "Vec<schema::Method>", length(max = 100))]
    pub methods: Vec<String>,
    /// Patterns of paths, which match from the root of the host, not below the path of the API's identifier: segments as they
    /// stand, `*` for any one segment, `**` at the end for any number of them, none included: `/public/**` matches `/public` too.
    /// None means all. They bind only where the server decides about a request: nobody who introspects without `uri`, or only verifies
    /// the JWT.
    #[schemars(with = "Vec<schema::PathPattern>", length(max = 100))]
    pub paths: Vec<String>,
    /// The scopes, out of the API's, all of which an access token needs to reach this level; with none, no scope does.
    #[schemars(with = "Vec<schema::ScopeToken>", length(max = 100))]
    pub scopes: Vec<String>,
}

/// As an API that says nothing of its levels has them.
impl Default for LevelsResource {
    fn default() -> Self {
        Self::of(&Levels::default())
    }
}

impl LevelsResource {
    fn of(levels: &Levels) -> Self {
        Self { read: RuleResource::of(&levels.read), full: RuleResource::of(&levels.full) }
    }
}

impl RuleResource {
    fn of(rule: &Rule) -> Self {
        Self {
            methods: rule.methods.clone(),
            paths: rule.paths.iter().map(ToString::to_string).collect(),
            scopes: rule.scopes.tokens().map(str::to_owned).collect(),
        }
    }
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
            max_token_lifetime: api.max_token_lifetime,
            levels: LevelsResource::of(&api.levels),
            preflight: api.preflight,
            credentials: api.credentials.clone(),
            locations: api.locations.iter().map(ToString::to_string).collect(),
            introspection_clients,
            status: api.status,
            created_at: Instant(api.created_at),
            updated_at: Instant(api.updated_at),
        }
    }
}

impl Sample for ApiResource {
    fn sample() -> Self {
        let chosen = ApiInput::sample();
        Self {
            id: Id::from_parts(1_764_201_600_000, 51),
            identifier: "https://stock.example".to_owned(),
            name: chosen.name,
            description: chosen.description,
            documentation_url: chosen.documentation_url,
            scopes: chosen.scopes,
            token_format: chosen.token_format,
            signing_algorithm: chosen.signing_algorithm,
            access_token_lifetime: chosen.access_token_lifetime,
            max_token_lifetime: chosen.max_token_lifetime,
            levels: chosen.levels,
            preflight: chosen.preflight,
            credentials: chosen.credentials,
            locations: chosen.locations,
            introspection_clients: vec![],
            status: chosen.status,
            created_at: moment(0),
            updated_at: moment(0),
        }
    }
}
