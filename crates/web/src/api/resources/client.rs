//! A client in JSON (RFC 7591 §2 where that has a name for a member).

use super::access::AccessResource;
use super::client_input::ClientInput;
use super::{Instant, moment};
use crate::api::schema::{self, Sample, ShownOnce};
use doorward_core::access::api::Apis;
use doorward_core::client::Client;
use doorward_core::identity::group::Group;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::TokenType;
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Status};
use schemars::JsonSchema;
use serde::Serialize;

/// A client.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClientResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// What it calls itself to the server (RFC 6749 §2.2).
    #[schemars(with = "schema::ClientId")]
    pub client_id: ClientId,
    /// Its secret, only in the answer to its creation; a public client has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// What people see.
    pub name: String,
    /// What it is, for administrators.
    pub description: String,
    /// Where it may send people back to.
    pub redirect_uris: Vec<String>,
    /// Where it may send people back to after they have signed out.
    pub post_logout_redirect_uris: Vec<String>,
    /// How it may come by tokens.
    #[schemars(with = "Vec<schema::GrantType>")]
    pub grant_types: Vec<GrantType>,
    /// How it authenticates at the token endpoint; `none` for a public client, which has no secret.
    #[schemars(with = "schema::AuthMethod")]
    pub token_endpoint_auth_method: AuthMethod,
    /// Whether its codes must be bound to a challenge (PKCE).
    pub require_pkce: bool,
    /// Whether people are asked before it acts for them (`explicit`) or not (`implicit`).
    #[schemars(with = "schema::ConsentMode")]
    pub consent: ConsentMode,
    /// The most it may ask for.
    pub scopes: Vec<String>,
    /// What it gets when it asks for nothing.
    pub default_scopes: Vec<String>,
    /// What its ID tokens are signed with; RS256 where none is named.
    #[schemars(with = "Option<schema::Algorithm>")]
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// Whether its ID tokens carry the claims of the granted scopes, too.
    pub id_token_claims: bool,
    /// How long its access tokens live, in seconds, where that differs from the server's default.
    #[schemars(with = "Option<schema::Lifetime>")]
    pub access_token_lifetime: Option<Lifetime>,
    /// How long its refresh tokens live without being used, in seconds, where that differs from the server's default.
    #[schemars(with = "Option<schema::Lifetime>")]
    pub refresh_token_lifetime: Option<Lifetime>,
    /// The most that it may do at single APIs; where none is named, its scopes alone limit it.
    pub access: Vec<AccessResource>,
    /// Where it may be used from; from everywhere where none is named.
    pub allowed_ips: Vec<String>,
    /// Where people find it.
    pub public_url: Option<String>,
    /// The groups it is in, by name.
    pub groups: Vec<String>,
    /// The organization it belongs to.
    #[schemars(with = "Option<schema::Id>")]
    pub organization_id: Option<Id>,
    /// Whether it takes part at all.
    #[schemars(with = "schema::Status")]
    pub status: Status,
    /// When it ends by itself; null where it does not.
    pub expires_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl ClientResource {
    /// A client, whose groups are among these, and the APIs that are registered.
    #[must_use]
    pub fn of(client: &Client, groups: &[Group], apis: &Apis) -> Self {
        let theirs = groups.iter().filter(|group| client.groups.contains(&group.id));
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
            access: client.access.iter().map(|access| AccessResource::of(*access, apis)).collect(),
            allowed_ips: client.allowed_ips.iter().map(ToString::to_string).collect(),
            public_url: client.public_url.clone(),
            groups: theirs.map(|group| group.name.clone()).collect(),
            organization_id: client.organization,
            status: client.status,
            expires_at: client.expires_at.map(Instant),
            created_at: Instant(client.created_at),
            updated_at: Instant(client.updated_at),
        }
    }
}

impl Sample for ClientResource {
    fn sample() -> Self {
        let chosen = ClientInput::sample();
        Self {
            id: Id::from_parts(1_764_201_600_000, 41),
            client_id: "report-runner".parse().expect("it has the letters and the length of one"),
            client_secret: None,
            name: chosen.name,
            description: chosen.description,
            redirect_uris: chosen.redirect_uris,
            post_logout_redirect_uris: chosen.post_logout_redirect_uris,
            grant_types: chosen.grant_types.unwrap_or_default(),
            token_endpoint_auth_method: chosen.token_endpoint_auth_method,
            require_pkce: chosen.require_pkce,
            consent: chosen.consent,
            scopes: chosen.scopes.unwrap_or_default(),
            default_scopes: chosen.default_scopes.unwrap_or_default(),
            id_token_signed_response_alg: chosen.id_token_signed_response_alg,
            id_token_claims: chosen.id_token_claims,
            access_token_lifetime: chosen.access_token_lifetime,
            refresh_token_lifetime: chosen.refresh_token_lifetime,
            access: vec![],
            allowed_ips: chosen.allowed_ips,
            public_url: chosen.public_url,
            groups: chosen.groups,
            organization_id: None,
            status: chosen.status,
            expires_at: None,
            created_at: moment(0),
            updated_at: moment(0),
        }
    }
}

impl ShownOnce for ClientResource {
    fn made() -> Self {
        Self { client_secret: Some(schema::made_up(TokenType::ClientSecret).0), ..Self::sample() }
    }
}
