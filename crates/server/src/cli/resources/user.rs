//! A user in JSON. A password goes in and never comes out.

use super::Instant;
use doorward_core::identity::group::Group;
use doorward_core::identity::user::User;
use doorward_protocol::id::Id;
use doorward_protocol::words::UserStatus;
use serde::Serialize;

/// A user.
#[derive(Debug, Serialize)]
pub(crate) struct UserResource {
    pub(crate) id: Id,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) groups: Vec<String>,
    pub(crate) organization_id: Option<Id>,
    pub(crate) status: UserStatus,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl UserResource {
    /// A user, whose groups are among these.
    pub(crate) fn of(user: &User, groups: &[Group]) -> Self {
        let theirs = groups.iter().filter(|group| user.groups.contains(&group.id));
        Self {
            id: user.id,
            username: user.username.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            groups: theirs.map(|group| group.name.clone()).collect(),
            organization_id: user.organization,
            status: user.status,
            created_at: Instant(user.created_at),
            updated_at: Instant(user.updated_at),
        }
    }
}
