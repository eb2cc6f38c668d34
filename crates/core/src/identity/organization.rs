//! The organization: the company that users and clients belong to. Owns its record.

use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{ApiAccess, Status};

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Organization {
    /// The internal identifier.
    pub id: Id,
    /// What people see.
    pub name: String,
    /// While it is inactive, its users and clients get no token, and those they hold are void.
    pub status: Status,
    /// Whether its people have API access.
    pub api_access: ApiAccess,
    /// Whether somebody has switched API access off by hand: then no request moves it.
    pub api_access_shut: bool,
    /// When it was made.
    pub created_at: Seconds,
    /// When it was last changed.
    pub updated_at: Seconds,
}

impl Organization {
    /// Whether everything is the same in both that the standing of its members' tokens depends on, once they are issued.
    #[must_use]
    pub fn is_the_same_to_tokens(&self, other: &Self) -> bool {
        self.status == other.status
    }

    /// Whether its API accounts work.
    #[must_use]
    pub const fn has_api_access(&self) -> bool {
        matches!(self.api_access, ApiAccess::Enabled)
    }

    /// Whether it takes part at all.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, Status::Active)
    }
}
