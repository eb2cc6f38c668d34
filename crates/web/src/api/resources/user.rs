//! A user in JSON. A password goes in and never comes out.

use super::Instant;
use doorward_core::identity::group::Group;
use doorward_core::identity::user::User;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::words::UserStatus;
use serde::Serialize;

/// A user.
#[derive(Debug, Serialize)]
pub struct UserResource {
    /// The internal identifier, which is also the `sub` of tokens.
    pub id: Id,
    /// What they type to sign in.
    pub username: String,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether that address is known to be theirs.
    pub email_verified: bool,
    /// The groups they are in, by name.
    pub groups: Vec<String>,
    /// The clients they belong to, by `client_id`.
    pub clients: Vec<ClientId>,
    /// Whom to ask about them, or how.
    pub contact: Option<String>,
    /// The organization they belong to.
    pub organization_id: Option<Id>,
    /// Whether they may do anything at all.
    pub status: UserStatus,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl UserResource {
    /// A user, whose groups are among these, and the clients that they belong to by their names.
    #[must_use]
    pub fn of(user: &User, groups: &[Group], clients: Vec<ClientId>) -> Self {
        let theirs = groups.iter().filter(|group| user.groups.contains(&group.id));
        Self {
            id: user.id,
            username: user.username.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            groups: theirs.map(|group| group.name.clone()).collect(),
            clients,
            contact: user.contact.clone(),
            organization_id: user.organization,
            status: user.status,
            created_at: Instant(user.created_at),
            updated_at: Instant(user.updated_at),
        }
    }
}
