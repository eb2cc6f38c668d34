//! What is chosen of an API, in JSON.

use super::active;
use super::api::{LevelsResource, RuleResource, ScopeResource};
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample};
use doorward_core::access::api::ApiScope;
use doorward_core::manage::Refused;
use doorward_core::manage::apis::{LevelMembers, Members, RuleMembers};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{CredentialForm, Preflight, Status, TokenFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is chosen of an API.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ApiInput {
    /// What people see, in a single line.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// What it is, for administrators.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) description: String,
    /// Where its documentation is, an http or https URL.
    #[serde(default)]
    #[schemars(with = "Option<schema::Uri>")]
    pub(crate) documentation_url: Option<String>,
    /// The scopes that it understands.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub(crate) scopes: Vec<ScopeResource>,
    /// The form of its access tokens: `jwt` (RFC 9068), which it can verify by itself, or `opaque`, about which it asks.
    #[serde(default = "signed")]
    #[schemars(with = "schema::TokenFormat")]
    pub(crate) token_format: TokenFormat,
    /// What its JWTs are signed with, where that differs from the server's default.
    #[serde(default)]
    #[schemars(with = "Option<schema::Algorithm>")]
    pub(crate) signing_algorithm: Option<Algorithm>,
    /// How long its access tokens live, in seconds, where that differs from the server's default.
    #[serde(default)]
    #[schemars(with = "Option<schema::Lifetime>")]
    pub(crate) access_token_lifetime: Option<Lifetime>,
    /// How long an API token with access to it lives at most, in seconds, at least a day; without one, as
    /// long as any.
    #[serde(default)]
    #[schemars(with = "Option<schema::Lifetime>", range(min = 86_400))]
    pub(crate) max_token_lifetime: Option<Lifetime>,
    /// What the levels of access mean here. They are applied by whoever asks this server about a request: they bind nobody who
    /// only verifies a JWT.
    #[serde(default)]
    pub(crate) levels: LevelsResource,
    /// What becomes of a CORS preflight at a gate that asks this server for the API: let through without an identity (`allow`), or judged
    /// as any request without a credential (`deny`).
    #[serde(default = "allow")]
    #[schemars(with = "schema::Preflight")]
    pub(crate) preflight: Preflight,
    /// How a request may bring its token to a gate: `bearer`, in the header `X-API-Key` alone, or as the user name of `Basic`.
    #[serde(default = "bearer")]
    #[schemars(with = "Vec<schema::CredentialForm>")]
    pub(crate) credentials: Vec<CredentialForm>,
    /// Where it is reached, for gates that name no API: `https://host[:port][/path]`, each place one API's.
    #[serde(default)]
    pub(crate) locations: Vec<String>,
    /// The clients that may introspect its tokens, by `client_id`.
    #[serde(default)]
    #[schemars(with = "Vec<schema::ClientId>", length(max = 100))]
    pub(crate) introspection_clients: Vec<String>,
    /// Whether it takes part at all.
    #[serde(default = "active")]
    #[schemars(with = "schema::Status")]
    pub(crate) status: Status,
}

/// An API to be registered.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NewApiInput {
    /// What clients name it by (RFC 8707 §2), and the audience of its tokens: an absolute URI in normal form, without a fragment. It stays.
    #[schemars(with = "schema::Uri", length(min = 1, max = 512))]
    pub(crate) identifier: String,
    #[serde(flatten)]
    pub(crate) chosen: ApiInput,
}

const fn signed() -> TokenFormat {
    TokenFormat::Jwt
}

const fn allow() -> Preflight {
    Preflight::Allow
}

fn bearer() -> Vec<CredentialForm> {
    vec![CredentialForm::Bearer]
}

impl Chosen for ApiInput {
    type Members = Members;

    fn of(members: &Members) -> Self {
        let scope = |scope: &ApiScope| ScopeResource {
            name: scope.name.clone(),
            description: scope.description.clone(),
        };
        Self {
            name: members.name.clone(),
            description: members.description.clone(),
            documentation_url: members.documentation_url.clone(),
            scopes: members.scopes.iter().map(scope).collect(),
            token_format: members.token_format,
            signing_algorithm: members.signing_algorithm,
            access_token_lifetime: members.access_token_lifetime,
            max_token_lifetime: members.max_token_lifetime,
            levels: LevelsResource { read: told(&members.levels.read), full: told(&members.levels.full) },
            preflight: members.preflight,
            credentials: members.credentials.clone(),
            locations: members.locations.clone(),
            introspection_clients: members.introspection_clients.clone(),
            status: members.status,
        }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        let scope = |scope: ScopeResource| ApiScope { name: scope.name, description: scope.description };
        *members = Members {
            name: self.name,
            description: self.description,
            documentation_url: self.documentation_url,
            scopes: self.scopes.into_iter().map(scope).collect(),
            token_format: self.token_format,
            signing_algorithm: self.signing_algorithm,
            access_token_lifetime: self.access_token_lifetime,
            introspection_clients: self.introspection_clients,
            max_token_lifetime: self.max_token_lifetime,
            levels: LevelMembers { read: chosen(self.levels.read), full: chosen(self.levels.full) },
            preflight: self.preflight,
            credentials: self.credentials,
            locations: self.locations,
            status: self.status,
        };
        Ok(())
    }
}

fn told(rule: &RuleMembers) -> RuleResource {
    let RuleMembers { methods, paths, scopes } = rule.clone();
    RuleResource { methods, paths, scopes }
}

fn chosen(rule: RuleResource) -> RuleMembers {
    RuleMembers { methods: rule.methods, paths: rule.paths, scopes: rule.scopes }
}

impl Sample for ApiInput {
    fn sample() -> Self {
        let scope = |name: &str, description: &str| ScopeResource {
            name: name.to_owned(),
            description: description.to_owned(),
        };
        let read = RuleResource { scopes: vec!["stock:read".to_owned()], ..LevelsResource::default().read };
        let full = RuleResource { scopes: vec!["stock:write".to_owned()], ..RuleResource::default() };
        Self {
            name: "Stock".to_owned(),
            description: "What lies in which store.".to_owned(),
            documentation_url: Some("https://stock.example/docs".to_owned()),
            scopes: vec![scope("stock:read", "See what is there"), scope("stock:write", "Change it")],
            token_format: TokenFormat::Jwt,
            signing_algorithm: None,
            access_token_lifetime: None,
            max_token_lifetime: Some(Lifetime::days(90)),
            levels: LevelsResource { read, full },
            preflight: Preflight::Allow,
            credentials: bearer(),
            locations: vec![],
            introspection_clients: vec![],
            status: Status::Active,
        }
    }
}

impl Sample for NewApiInput {
    fn sample() -> Self {
        Self { identifier: "https://stock.example".to_owned(), chosen: ApiInput::sample() }
    }
}
