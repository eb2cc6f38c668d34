//! A group in JSON.

use super::Instant;
use doorward_core::identity::group::Group;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use serde::Serialize;

/// A group.
#[derive(Debug, Serialize)]
pub struct GroupResource {
    /// The internal identifier.
    pub id: Id,
    /// What people see.
    pub name: String,
    /// What its members may do at the management API.
    pub permissions: Vec<Permission>,
    /// The organization it belongs to.
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
