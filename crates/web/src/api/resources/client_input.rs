//! What is chosen of a client, in JSON.

use super::access::AccessInput;
use super::{Instant, active};
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample};
use doorward_core::manage::Refused;
use doorward_core::manage::clients::Members;
use doorward_core::manage::clients::defaults::Said;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is chosen of a client.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ClientInput {
    /// What people see, in a single line.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// What it is, for administrators.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) description: String,
    /// Where it may send people back to: `authorization_code` needs at least one. Compared letter by letter, but for the port on
    /// `127.0.0.1` and `[::1]`.
    #[serde(default)]
    #[schemars(with = "Vec<schema::Uri>", length(max = 100))]
    pub(crate) redirect_uris: Vec<String>,
    /// Where it may send people back to after they have signed out.
    #[serde(default)]
    #[schemars(with = "Vec<schema::Uri>", length(max = 100))]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// How it may come by tokens: `authorization_code` where people sign in by it, with `refresh_token` where it goes on while they are
    /// away; `client_credentials` for itself, which only a client with a secret can; the token exchange (RFC 8693) where a user's API
    /// token becomes a short-lived one. Unsaid: `authorization_code` and `refresh_token` with a redirect URI; else
    /// `client_credentials`, and none for a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<schema::GrantType>>")]
    pub(crate) grant_types: Option<Vec<GrantType>>,
    /// How it authenticates at the token endpoint, `none` for a public client, which has no secret; whether it has a secret at all stays as it was made.
    #[serde(default = "basic")]
    #[schemars(with = "schema::AuthMethod")]
    pub(crate) token_endpoint_auth_method: AuthMethod,
    /// Whether its codes must be bound to a challenge (PKCE); at a public client they always must.
    #[serde(default = "yes")]
    pub(crate) require_pkce: bool,
    /// Whether people are asked before it acts for them (`explicit`) or not (`implicit`).
    #[serde(default = "explicit")]
    #[schemars(with = "schema::ConsentMode")]
    pub(crate) consent: ConsentMode,
    /// The most it may ask for. Unsaid: `openid profile email offline_access` with `authorization_code`, else nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<schema::ScopeToken>>")]
    pub(crate) scopes: Option<Vec<String>>,
    /// What it gets when it asks for nothing, out of `scopes`. Unsaid: all of its scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<schema::ScopeToken>>")]
    pub(crate) default_scopes: Option<Vec<String>>,
    /// What its ID tokens are signed with; RS256 where none is named.
    #[serde(default)]
    #[schemars(with = "Option<schema::Algorithm>")]
    pub(crate) id_token_signed_response_alg: Option<Algorithm>,
    /// Whether its ID tokens carry the claims of the granted scopes, too.
    #[serde(default)]
    pub(crate) id_token_claims: bool,
    /// How long its access tokens live, in seconds, where that differs from the server's default.
    #[serde(default)]
    #[schemars(with = "Option<schema::Lifetime>")]
    pub(crate) access_token_lifetime: Option<Lifetime>,
    /// How long its refresh tokens live without being used, in seconds, where that differs from the server's default.
    #[serde(default)]
    #[schemars(with = "Option<schema::Lifetime>")]
    pub(crate) refresh_token_lifetime: Option<Lifetime>,
    /// The most that it may do at single APIs; where none is named, its scopes alone limit it.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub(crate) access: Vec<AccessInput>,
    /// Where it may be used from, addresses and networks; from everywhere where none is named.
    #[serde(default)]
    #[schemars(with = "Vec<schema::Network>", length(max = 100))]
    pub(crate) allowed_ips: Vec<String>,
    /// Where people find it, an https URL.
    #[serde(default)]
    #[schemars(with = "Option<schema::Uri>")]
    pub(crate) public_url: Option<String>,
    /// The groups it is in, by name or identifier: what they permit, it may do at the management API for itself.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub(crate) groups: Vec<String>,
    /// The organization it belongs to, by name or identifier.
    #[serde(default)]
    pub(crate) organization_id: Option<String>,
    /// Whether it takes part at all. Switching it off voids its tokens for good.
    #[serde(default = "active")]
    #[schemars(with = "schema::Status")]
    pub(crate) status: Status,
    /// When it ends by itself; without, never.
    #[serde(default)]
    pub(crate) expires_at: Option<Instant>,
}

/// A client to be registered.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NewClientInput {
    /// What it calls itself to the server (RFC 6749 §2.2). It stays, and is never given away again; one is made up where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::ClientId>")]
    pub(crate) client_id: Option<String>,
    #[serde(flatten)]
    pub(crate) chosen: ClientInput,
}

const fn basic() -> AuthMethod {
    AuthMethod::ClientSecretBasic
}

const fn yes() -> bool {
    true
}

const fn explicit() -> ConsentMode {
    ConsentMode::Explicit
}

impl Chosen for ClientInput {
    type Members = Members;

    fn of(members: &Members) -> Self {
        let words = |scope: &Scope| scope.tokens().map(str::to_owned).collect();
        let access =
            members.access.iter().map(|(api, level)| AccessInput { api: api.clone(), level: *level });
        Self {
            name: members.name.clone(),
            description: members.description.clone(),
            redirect_uris: members.redirect_uris.clone(),
            post_logout_redirect_uris: members.post_logout_redirect_uris.clone(),
            grant_types: Some(members.grant_types.clone()),
            token_endpoint_auth_method: members.auth_method,
            require_pkce: members.require_pkce,
            consent: members.consent,
            scopes: Some(words(&members.scopes)),
            default_scopes: Some(words(&members.default_scopes)),
            id_token_signed_response_alg: members.id_token_signed_response_alg,
            id_token_claims: members.id_token_claims,
            access_token_lifetime: members.access_token_lifetime,
            refresh_token_lifetime: members.refresh_token_lifetime,
            access: access.collect(),
            allowed_ips: members.allowed_ips.clone(),
            public_url: members.public_url.clone(),
            groups: members.groups.clone(),
            organization_id: members.organization.clone(),
            status: members.status,
            expires_at: members.expires_at.map(Instant),
        }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        let scope =
            |pointer, words: Option<Vec<String>>| words.map(|words| scope(pointer, &words)).transpose();
        let said = Said {
            grant_types: self.grant_types,
            scopes: scope("/scopes", self.scopes)?,
            default_scopes: scope("/default_scopes", self.default_scopes)?,
        };
        *members = said.completing(Members {
            name: self.name,
            description: self.description,
            auth_method: self.token_endpoint_auth_method,
            redirect_uris: self.redirect_uris,
            post_logout_redirect_uris: self.post_logout_redirect_uris,
            require_pkce: self.require_pkce,
            consent: self.consent,
            id_token_signed_response_alg: self.id_token_signed_response_alg,
            id_token_claims: self.id_token_claims,
            organization: self.organization_id,
            groups: self.groups,
            allowed_ips: self.allowed_ips,
            access: self.access.into_iter().map(|access| (access.api, access.level)).collect(),
            public_url: self.public_url,
            expires_at: self.expires_at.map(|end| end.0),
            status: self.status,
            access_token_lifetime: self.access_token_lifetime,
            refresh_token_lifetime: self.refresh_token_lifetime,
            ..Members::named("")
        });
        Ok(())
    }
}

/// RFC 6749 §3.3: each word is a token of a scope.
fn scope(pointer: &str, words: &[String]) -> Result<Scope, Refused> {
    let wrong = words.iter().position(|word| Scope::of([word]).is_err());
    if let Some(position) = wrong {
        return Err(Refused::invalid(format!("{pointer}/{position}"), "is no token of a scope"));
    }
    Scope::of(words).map_err(|reason| Refused::invalid(pointer, reason))
}

impl Sample for ClientInput {
    fn sample() -> Self {
        Self {
            name: "Report runner".to_owned(),
            description: "Makes the reports of the night.".to_owned(),
            redirect_uris: vec![],
            post_logout_redirect_uris: vec![],
            grant_types: Some(vec![GrantType::ClientCredentials]),
            token_endpoint_auth_method: basic(),
            require_pkce: true,
            consent: explicit(),
            scopes: Some(vec!["orders:read".to_owned()]),
            default_scopes: Some(vec![]),
            id_token_signed_response_alg: None,
            id_token_claims: false,
            access_token_lifetime: Some(Lifetime::minutes(5)),
            refresh_token_lifetime: None,
            access: vec![],
            allowed_ips: vec!["192.0.2.0/24".to_owned(), "2001:db8::1".to_owned()],
            public_url: Some("https://reports.example".to_owned()),
            groups: vec![],
            organization_id: None,
            status: Status::Active,
            expires_at: None,
        }
    }
}

impl Sample for NewClientInput {
    fn sample() -> Self {
        Self { client_id: Some("report-runner".to_owned()), chosen: ClientInput::sample() }
    }
}
