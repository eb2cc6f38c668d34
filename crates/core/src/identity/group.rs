//! The group: a set of users and clients that holds permissions. Owns its record; what its permissions allow is decided where
//! something is managed.

use doorward_protocol::id::Id;
use doorward_protocol::permission::Permissions;
use doorward_protocol::time::Seconds;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The internal identifier.
    pub id: Id,
    /// What people see, and what the claim `groups` says; no two groups share it.
    pub name: String,
    /// The organization it belongs to: it then counts for those of its members who belong there.
    pub organization: Option<Id>,
    /// What its members may do at the management API.
    pub permissions: Permissions,
    /// When it was made.
    pub created_at: Seconds,
    /// When it was last changed.
    pub updated_at: Seconds,
}
