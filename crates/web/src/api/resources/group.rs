//! A group in JSON.

use super::{Instant, moment};
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample};
use doorward_core::identity::group::Group;
use doorward_core::manage::Refused;
use doorward_core::manage::groups::Members;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// What people see.
    pub name: String,
    /// What its members may do at the management API.
    #[schemars(with = "Vec<schema::Permission>")]
    pub permissions: Vec<Permission>,
    /// The organization it belongs to: it then counts for those of its members who belong there.
    #[schemars(with = "Option<schema::Id>")]
    pub organization_id: Option<Id>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl From<&Group> for GroupResource {
    fn from(group: &Group) -> Self {
        Self {
            id: group.id,
            name: group.name.clone(),
            permissions: group.permissions.iter().collect(),
            organization_id: group.organization,
            created_at: Instant(group.created_at),
            updated_at: Instant(group.updated_at),
        }
    }
}

/// What is chosen of a group.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupInput {
    /// What people see, in a single line; no two have the same.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// What its members may do at the management API.
    #[serde(default)]
    #[schemars(with = "Vec<schema::Permission>")]
    pub(crate) permissions: Vec<Permission>,
    /// The organization it belongs to, by name or identifier: it then takes only who belongs there.
    #[serde(default)]
    pub(crate) organization_id: Option<String>,
}

impl Chosen for GroupInput {
    type Members = Members;

    fn of(members: &Members) -> Self {
        Self {
            name: members.name.clone(),
            permissions: members.permissions.iter().collect(),
            organization_id: members.organization.clone(),
        }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        *members = Members {
            name: self.name,
            permissions: self.permissions.into_iter().collect(),
            organization: self.organization_id,
        };
        Ok(())
    }
}

impl Sample for GroupInput {
    fn sample() -> Self {
        Self {
            name: "Support".to_owned(),
            permissions: vec![Permission::UsersRead, Permission::UsersWrite],
            organization_id: None,
        }
    }
}

impl Sample for GroupResource {
    fn sample() -> Self {
        let GroupInput { name, permissions, .. } = GroupInput::sample();
        let id = Id::from_parts(1_764_201_600_000, 7);
        Self { id, name, permissions, organization_id: None, created_at: moment(0), updated_at: moment(0) }
    }
}
