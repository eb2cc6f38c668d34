//! An organization in JSON.

use super::Instant;
use doorward_core::identity::organization::Organization;
use doorward_protocol::id::Id;
use doorward_protocol::words::Status;
use serde::Serialize;

/// An organization.
#[derive(Debug, Serialize)]
pub(crate) struct OrganizationResource {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl From<&Organization> for OrganizationResource {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id,
            name: organization.name.clone(),
            status: organization.status,
            created_at: Instant(organization.created_at),
            updated_at: Instant(organization.updated_at),
        }
    }
}
