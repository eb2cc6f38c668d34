//! The group: a set of users that holds permissions. Owns its record; what its permissions allow comes with the management
//! API.

use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The internal identifier.
    pub id: Id,
    /// What people see, and what the claim `groups` says; no two groups share it.
    pub name: String,
    /// When it was made.
    pub created_at: Seconds,
    /// When it was last changed.
    pub updated_at: Seconds,
}
