//! An organization in JSON.

use super::{Instant, active, moment};
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample};
use doorward_core::identity::organization::Organization;
use doorward_core::manage::Refused;
use doorward_core::manage::organizations::Members;
use doorward_protocol::id::Id;
use doorward_protocol::words::{ApiAccess, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An organization.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OrganizationResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// What people see.
    pub name: String,
    /// Whether it takes part at all.
    #[schemars(with = "schema::Status")]
    pub status: Status,
    /// Whether its people have API access. It moves with their requests, and is set by hand, too: their API accounts work only while it
    /// is `enabled`.
    #[schemars(with = "schema::ApiAccess")]
    pub api_access: ApiAccess,
    /// Whether somebody has switched API access off by hand: then no request moves it, and none is approved, until somebody sets this to `false`, or
    /// `api_access` to another word.
    pub api_access_shut: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl From<&Organization> for OrganizationResource {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id,
            name: organization.name.clone(),
            status: organization.status,
            api_access: organization.api_access,
            api_access_shut: organization.api_access_shut,
            created_at: Instant(organization.created_at),
            updated_at: Instant(organization.updated_at),
        }
    }
}

/// What is chosen of an organization.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationInput {
    /// What people see, in a single line; no two have the same.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// While it is inactive, its users and clients get nothing, and nothing they hold is good.
    #[serde(default = "active")]
    #[schemars(with = "schema::Status")]
    pub(crate) status: Status,
    /// Whether its people have API access. It moves with their requests, and is set by hand, too: their API accounts work only while it
    /// is `enabled`.
    #[serde(default = "disabled")]
    #[schemars(with = "schema::ApiAccess")]
    pub(crate) api_access: ApiAccess,
    /// Whether `disabled` is to stay so: requests move it no more, and none is approved. Setting it to `disabled` from another word by hand says so, too.
    #[serde(default)]
    pub(crate) api_access_shut: bool,
}

const fn disabled() -> ApiAccess {
    ApiAccess::Disabled
}

impl Chosen for OrganizationInput {
    type Members = Members;

    fn of(members: &Members) -> Self {
        let Members { name, status, api_access, api_access_shut } = members.clone();
        Self { name, status, api_access, api_access_shut }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        let Self { name, status, api_access, api_access_shut } = self;
        *members = Members { name, status, api_access, api_access_shut };
        Ok(())
    }
}

impl Sample for OrganizationInput {
    fn sample() -> Self {
        let (status, api_access) = (Status::Active, ApiAccess::Enabled);
        Self { name: "Example Ltd".to_owned(), status, api_access, api_access_shut: false }
    }
}

impl Sample for OrganizationResource {
    fn sample() -> Self {
        let OrganizationInput { name, status, api_access, api_access_shut } = OrganizationInput::sample();
        let id = Id::from_parts(1_764_201_600_000, 1);
        Self { id, name, status, api_access, api_access_shut, created_at: moment(0), updated_at: moment(0) }
    }
}
