//! An API account in JSON.

use super::access::{AccessInput, AccessResource};
use super::api_token::OneResource;
use super::{Instant, active, moment};
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample};
use doorward_core::access::api::Apis;
use doorward_core::client::{AccountOwner, Client};
use doorward_core::identity::group::Group;
use doorward_core::manage::Refused;
use doorward_core::manage::api_accounts::{Members, Owner};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::words::{Level, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An API account: a program of somebody's, with a secret and API tokens of its own.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ApiAccountResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// What it calls itself to the server: its key.
    #[schemars(with = "schema::ClientId")]
    pub client_id: ClientId,
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whose it is.
    pub owner: Option<OneResource>,
    /// The organization that it belongs to: its own, or its owner's.
    #[schemars(with = "Option<schema::Id>")]
    pub organization_id: Option<Id>,
    /// Whether it may do anything at all.
    #[schemars(with = "schema::Status")]
    pub status: Status,
    /// The most that it may do at each API, its tokens included; at all others it may do nothing.
    pub access: Vec<AccessResource>,
    /// What it may ask for at the token endpoint: the scopes of its levels.
    pub scopes: Vec<String>,
    /// Where it may be used from, as networks; from everywhere where none is named.
    pub allowed_ips: Vec<String>,
    /// The groups it is in: what it may do at the management API.
    pub groups: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl ApiAccountResource {
    /// An account, with the groups that it is in.
    #[must_use]
    pub fn of(account: &Client, groups: &[Group], apis: &Apis) -> Self {
        Self {
            id: account.id,
            client_id: account.client_id.clone(),
            name: account.name.clone(),
            description: account.description.clone(),
            owner: account.account_of.map(|owner| match owner {
                AccountOwner::User(id) => OneResource { kind: "user", id },
                AccountOwner::Organization(id) => OneResource { kind: "organization", id },
            }),
            organization_id: account.organization,
            status: account.status,
            access: account.access.iter().map(|access| AccessResource::of(*access, apis)).collect(),
            scopes: account.scopes.tokens().map(str::to_owned).collect(),
            allowed_ips: account.allowed_ips.iter().map(ToString::to_string).collect(),
            groups: groups.iter().map(|group| group.name.clone()).collect(),
            expires_at: account.expires_at.map(Instant),
            created_at: Instant(account.created_at),
            updated_at: Instant(account.updated_at),
        }
    }
}

/// What is chosen of an API account.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ApiAccountInput {
    /// What its owner calls it, in a single line.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) description: String,
    /// The most that it may do at each API, its tokens included; at all others it may do nothing. Whoever gives it to themselves gives
    /// at most what was approved for them.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub(crate) access: Vec<AccessInput>,
    /// Where it may be used from, addresses and networks; from everywhere where none is named.
    #[serde(default)]
    #[schemars(with = "Vec<schema::Network>", length(max = 100))]
    pub(crate) allowed_ips: Vec<String>,
    /// The groups it is in, by name or identifier: what it may do at the management API.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub(crate) groups: Vec<String>,
    /// When it ends by itself.
    #[serde(default)]
    pub(crate) expires_at: Option<Instant>,
    /// Whether it may do anything at all.
    #[serde(default = "active")]
    #[schemars(with = "schema::Status")]
    pub(crate) status: Status,
}

/// An API account to be made.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NewApiAccountInput {
    /// Whose it is to be; the caller's own where nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<OwnerInput>,
    #[serde(flatten)]
    pub(crate) chosen: ApiAccountInput,
}

/// Whose an account is to be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnerInput {
    /// What it is.
    #[serde(rename = "type")]
    pub(crate) kind: OwnerKind,
    /// By name or identifier.
    #[schemars(length(min = 1, max = 512))]
    pub(crate) id: String,
}

/// What an owner is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OwnerKind {
    User,
    Organization,
}

impl From<OwnerInput> for Owner {
    fn from(owner: OwnerInput) -> Self {
        match owner.kind {
            OwnerKind::User => Self::User(owner.id),
            OwnerKind::Organization => Self::Organization(owner.id),
        }
    }
}

impl Chosen for ApiAccountInput {
    type Members = Members;

    fn of(members: &Members) -> Self {
        let access = |(api, level): &(String, Level)| AccessInput { api: api.clone(), level: *level };
        Self {
            name: members.name.clone(),
            description: members.description.clone(),
            access: members.access.iter().map(access).collect(),
            allowed_ips: members.allowed_ips.clone(),
            groups: members.groups.clone(),
            expires_at: members.expires_at.map(Instant),
            status: members.status,
        }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        *members = Members {
            name: self.name,
            description: self.description,
            groups: self.groups,
            allowed_ips: self.allowed_ips,
            access: self.access.into_iter().map(|access| (access.api, access.level)).collect(),
            expires_at: self.expires_at.map(|at| at.0),
            status: self.status,
        };
        Ok(())
    }
}

impl Sample for ApiAccountInput {
    fn sample() -> Self {
        Self {
            name: "Warehouse".to_owned(),
            description: "Prints the labels.".to_owned(),
            access: vec![AccessInput { api: "https://orders.example".to_owned(), level: Level::Read }],
            allowed_ips: vec!["192.0.2.0/24".to_owned()],
            groups: vec![],
            expires_at: None,
            status: Status::Active,
        }
    }
}

impl Sample for NewApiAccountInput {
    fn sample() -> Self {
        let owner = OwnerInput { kind: OwnerKind::User, id: "alice".to_owned() };
        Self { owner: Some(owner), chosen: ApiAccountInput::sample() }
    }
}

impl Sample for ApiAccountResource {
    fn sample() -> Self {
        let ApiAccountInput { name, description, allowed_ips, .. } = ApiAccountInput::sample();
        let access = AccessResource { api: "https://orders.example".to_owned(), level: Level::Read };
        Self {
            id: Id::from_parts(1_764_201_600_000, 83),
            client_id: "k-5b0c7e1f94d2a8366e10".parse().expect("letters, digits and hyphens"),
            name,
            description,
            owner: Some(OneResource { kind: "user", id: Id::from_parts(1_764_201_600_000, 22) }),
            organization_id: None,
            status: Status::Active,
            access: vec![access],
            scopes: vec!["orders:read".to_owned()],
            allowed_ips,
            groups: vec![],
            expires_at: None,
            created_at: moment(0),
            updated_at: moment(0),
        }
    }
}
