//! A user in JSON. A password goes in and never comes out.

use super::{Instant, moment};
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample};
use doorward_core::identity::group::Group;
use doorward_core::identity::user::User;
use doorward_core::manage::Refused;
use doorward_core::manage::users::Members;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::token_text::TokenType;
use doorward_protocol::words::UserStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UserResource {
    /// The internal identifier, which is also the `sub` of tokens.
    #[schemars(with = "schema::Id")]
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
    #[schemars(with = "Vec<schema::ClientId>")]
    pub clients: Vec<ClientId>,
    /// Whom to ask about them, or how.
    pub contact: Option<String>,
    /// The organization they belong to.
    #[schemars(with = "Option<schema::Id>")]
    pub organization_id: Option<Id>,
    /// Whether they may do anything at all.
    #[schemars(with = "schema::UserStatus")]
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

/// What is chosen of a user.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct UserInput {
    /// What they type to sign in, in any case of letters; no two have the same. Without spaces, control characters and any of `< > " \`.
    #[schemars(length(min = 1, max = 100))]
    pub(crate) username: String,
    /// The full name, in a single line.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub(crate) name: String,
    /// The e-mail address.
    #[serde(default)]
    #[schemars(with = "Option<schema::Email>")]
    pub(crate) email: Option<String>,
    /// The groups they are in, by name or identifier: what they permit, their members may do at the management API.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub(crate) groups: Vec<String>,
    /// The clients they belong to, by `client_id` or identifier: who belongs to any uses API tokens through those alone.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub(crate) clients: Vec<String>,
    /// Whom to ask about them, or how.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) contact: Option<String>,
    /// The organization they belong to, by name or identifier.
    #[serde(default)]
    pub(crate) organization_id: Option<String>,
    /// Whether they may do anything at all. Disabling voids what they hold for good.
    #[serde(default = "may")]
    #[schemars(with = "schema::UserStatus")]
    pub(crate) status: UserStatus,
}

/// A user to be made.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NewUserInput {
    /// The password, of 15 characters or more and at most 1024 bytes, and not among the first that somebody would guess; without one they
    /// cannot sign in until a set-up link has given them one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 15))]
    pub(crate) password: Option<String>,
    #[serde(flatten)]
    pub(crate) chosen: UserInput,
}

/// A password to be set.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordInput {
    /// The password, of 15 characters or more and at most 1024 bytes, and not among the first that somebody would guess.
    #[schemars(length(min = 15))]
    pub(crate) password: String,
}

/// A link by which a user sets their own password, once. It is shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SetupLinkResource {
    /// The link, which carries a secret.
    pub(crate) url: String,
    /// When it ends, used or not.
    pub(crate) expires_at: Instant,
}

impl Sample for SetupLinkResource {
    fn sample() -> Self {
        let token = schema::made_up(TokenType::SetupLink).0;
        Self { url: format!("https://auth.example.com/setup?token={token}"), expires_at: moment(900) }
    }
}

const fn may() -> UserStatus {
    UserStatus::Active
}

impl Chosen for UserInput {
    type Members = Members;

    fn of(members: &Members) -> Self {
        Self {
            username: members.username.clone(),
            name: members.name.clone(),
            email: members.email.clone(),
            groups: members.groups.clone(),
            clients: members.clients.clone(),
            contact: members.contact.clone(),
            organization_id: members.organization.clone(),
            status: members.status,
        }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        *members = Members {
            username: self.username,
            name: self.name,
            email: self.email,
            organization: self.organization_id,
            groups: self.groups,
            clients: self.clients,
            contact: self.contact,
            status: self.status,
        };
        Ok(())
    }
}

impl Sample for UserInput {
    fn sample() -> Self {
        Self {
            username: "carol".to_owned(),
            name: "Carol Example".to_owned(),
            email: Some("carol@example.com".to_owned()),
            groups: vec!["Members".to_owned()],
            clients: vec![],
            contact: Some("+1 555 0100".to_owned()),
            organization_id: None,
            status: UserStatus::Active,
        }
    }
}

impl Sample for NewUserInput {
    fn sample() -> Self {
        Self { password: None, chosen: UserInput::sample() }
    }
}

impl Sample for PasswordInput {
    fn sample() -> Self {
        Self { password: "seven herons over a slow river".to_owned() }
    }
}

impl Sample for UserResource {
    fn sample() -> Self {
        let UserInput { username, name, email, groups, contact, status, .. } = UserInput::sample();
        Self {
            id: Id::from_parts(1_764_201_600_000, 22),
            username,
            name,
            email,
            email_verified: false,
            groups,
            clients: vec![],
            contact,
            organization_id: None,
            status,
            created_at: moment(0),
            updated_at: moment(0),
        }
    }
}
