//! An organization in JSON.

use super::Instant;
use doorward_core::identity::organization::Organization;
use doorward_protocol::id::Id;
use doorward_protocol::words::{ApiAccess, Status};
use serde::Serialize;

/// An organization.
#[derive(Debug, Serialize)]
pub struct OrganizationResource {
    /// The internal identifier.
    pub id: Id,
    /// What people see.
    pub name: String,
    /// Whether it takes part at all.
    pub status: Status,
    /// Whether its people have API access.
    pub api_access: ApiAccess,
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
            created_at: Instant(organization.created_at),
            updated_at: Instant(organization.updated_at),
        }
    }
}
