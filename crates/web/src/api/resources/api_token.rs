//! An API token in JSON. Its value goes out once, to whoever made it.

use super::access::AccessResource;
use super::api_token_input::ApiTokenInput;
use super::{Instant, moment};
use crate::api::schema::{self, Sample, ShownOnce};
use doorward_core::manage::api_tokens::Issued;
use doorward_core::manage::api_tokens::access::ApplyToAll;
use doorward_core::manage::api_tokens::shown::Shown;
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner};
use doorward_protocol::id::Id;
use doorward_protocol::token_text::TokenType;
use doorward_protocol::words::{ApiTokenStatus, Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An API token.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ApiTokenResource {
    /// The internal identifier, which says nothing of its value.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// Its value, only in the answer to its making and to its regeneration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What its value begins with.
    pub prefix: &'static str,
    /// What its value ends with.
    pub last_four: String,
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whose it is.
    pub owner: OneResource,
    /// Its level at each API.
    pub access: Vec<AccessResource>,
    /// Its level at every API, those that are registered later too, but for the management API; null where levels are named.
    pub apply_to_all: Option<ApplyToAllResource>,
    /// Where it may be used from, as networks; from everywhere where none is named.
    pub allowed_ips: Vec<String>,
    /// What has become of it.
    #[schemars(with = "schema::ApiTokenStatus")]
    pub status: ApiTokenStatus,
    /// Why it does not work; null while it does.
    pub inactive_reason: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// Who made it; null for whoever holds the machine's command line.
    pub created_by: Option<OneResource>,
    /// When it was last changed.
    pub updated_at: Instant,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// When the value before ends that may still be used beside this one.
    pub previous_expires_at: Option<Instant>,
    /// When it was last used.
    pub last_used_at: Option<Instant>,
    /// Where it was last used from, as far as that was told: an API that asks without `client_ip` leaves it as it was.
    pub last_used_ip: Option<String>,
}

/// Somebody or something, by what it is and its identifier.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OneResource {
    /// What it is.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["user", "client", "api_account", "organization"]))]
    pub kind: &'static str,
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
}

/// One level at all APIs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyToAllResource {
    /// The level: what it means is each API's to say.
    #[schemars(with = "schema::Level")]
    pub level: Level,
    /// Whether it holds at those that are registered later, too.
    #[serde(default)]
    pub include_future: bool,
}

impl From<&Shown> for ApiTokenResource {
    fn from(shown: &Shown) -> Self {
        let token = &shown.token;
        Self {
            id: token.id,
            token: None,
            prefix: token_type(token.owner).prefix(),
            last_four: token.last_four.clone(),
            name: token.name.clone(),
            description: token.description.clone(),
            owner: owner(token.owner),
            access: shown.access.iter().map(AccessResource::from).collect(),
            apply_to_all: shown.apply_to_all.map(ApplyToAllResource::from),
            allowed_ips: token.allowed_ips.iter().map(ToString::to_string).collect(),
            status: shown.status,
            inactive_reason: shown.inactive_reason.clone(),
            created_at: Instant(token.created_at),
            created_by: maker(token),
            updated_at: Instant(token.updated_at),
            expires_at: Instant(token.expires_at),
            previous_expires_at: shown.previous_expires_at.map(Instant),
            last_used_at: shown.last_use.map(|used| Instant(used.used_at)),
            last_used_ip: shown.last_use.and_then(|used| used.address).map(|address| address.to_string()),
        }
    }
}

/// With its value, this once.
impl From<&Issued> for ApiTokenResource {
    fn from(issued: &Issued) -> Self {
        Self { token: Some(issued.value.expose().to_owned()), ..Self::from(&issued.shown) }
    }
}

impl From<ApplyToAll> for ApplyToAllResource {
    fn from(all: ApplyToAll) -> Self {
        Self { level: all.level, include_future: all.include_future }
    }
}

const fn owner(owner: ApiTokenOwner) -> OneResource {
    match owner {
        ApiTokenOwner::User(id) => OneResource { kind: "user", id },
        ApiTokenOwner::Client(id) => OneResource { kind: "api_account", id },
    }
}

/// What a value of a token of theirs begins with.
const fn token_type(owner: ApiTokenOwner) -> TokenType {
    match owner {
        ApiTokenOwner::User(_) => TokenType::PersonalAccessToken,
        ApiTokenOwner::Client(_) => TokenType::ApiAccountToken,
    }
}

fn maker(token: &ApiToken) -> Option<OneResource> {
    let user = token.created_by_user.map(|id| OneResource { kind: "user", id });
    user.or(token.created_by_client.map(|id| OneResource { kind: "client", id }))
}

impl Sample for ApiTokenResource {
    fn sample() -> Self {
        let chosen = ApiTokenInput::sample();
        Self {
            id: Id::from_parts(1_764_201_600_000, 61),
            token: None,
            prefix: TokenType::PersonalAccessToken.prefix(),
            last_four: "3fXq".to_owned(),
            name: chosen.name,
            description: chosen.description,
            owner: OneResource { kind: "user", id: Id::from_parts(1_764_201_600_000, 22) },
            access: vec![AccessResource { api: "https://orders.example".to_owned(), level: Level::Read }],
            apply_to_all: None,
            allowed_ips: chosen.allowed_ips,
            status: ApiTokenStatus::Active,
            inactive_reason: None,
            created_at: moment(0),
            created_by: Some(OneResource { kind: "user", id: Id::from_parts(1_764_201_600_000, 22) }),
            updated_at: moment(0),
            expires_at: moment(15_638_400),
            previous_expires_at: None,
            last_used_at: None,
            last_used_ip: None,
        }
    }
}

impl ShownOnce for ApiTokenResource {
    fn made() -> Self {
        let (text, last_four) = schema::made_up(TokenType::PersonalAccessToken);
        Self { token: Some(text), last_four, ..Self::sample() }
    }
}
