//! A group in JSON.

use super::Instant;
use doorward_core::identity::group::Group;
use doorward_protocol::id::Id;
use serde::Serialize;

/// A group.
#[derive(Debug, Serialize)]
pub struct GroupResource {
    /// The internal identifier.
    pub id: Id,
    /// What people see.
    pub name: String,
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
            created_at: Instant(group.created_at),
            updated_at: Instant(group.updated_at),
        }
    }
}
