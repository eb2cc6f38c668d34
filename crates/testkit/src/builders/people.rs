//! Records of people with plain defaults: who they are and the browsers they have signed in with. What a test cares about
//! it sets by `User { status: UserStatus::Disabled, ..user(1) }`.

use crate::builders::{digest, id};
use crate::frozen_clock::START;
use doorward_core::identity::attempts::AccountAttempts;
use doorward_core::identity::authentication::Authentication;
use doorward_core::identity::group::Group;
use doorward_core::identity::organization::Organization;
use doorward_core::identity::session::{self, Session};
use doorward_core::identity::user::{DIRECTORY, User};
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::ticket::setup_link::{self, SetupLink};
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permissions;
use doorward_protocol::words::{ApiAccess, Status, UserStatus};

/// Somebody whom the built-in directory knows, in no group and no organization, named after their number.
///
/// # Panics
/// Never: the name is made of letters, a hyphen and digits.
#[must_use]
pub fn user(number: u32) -> User {
    User {
        id: id(number),
        source: DIRECTORY.to_owned(),
        external_id: format!("user-{number}"),
        username: format!("user-{number}").parse().expect("letters, a hyphen and digits"),
        name: format!("User {number}"),
        email: Some(format!("user-{number}@example.com")),
        email_verified: false,
        contact: None,
        status: UserStatus::Active,
        organization: None,
        groups: vec![],
        clients: vec![],
        generation: 0,
        token_generation: 0,
        created_at: START,
        updated_at: START,
    }
}

/// An organization in use, named after its number.
#[must_use]
pub fn organization(number: u32) -> Organization {
    Organization {
        id: id(number),
        name: format!("Organization {number}"),
        status: Status::Active,
        api_access: ApiAccess::Disabled,
        api_access_shut: false,
        created_at: START,
        updated_at: START,
    }
}

/// A group without permissions, named after its number.
#[must_use]
pub fn group(number: u32) -> Group {
    Group {
        id: id(number),
        name: format!("Group {number}"),
        organization: None,
        permissions: Permissions::default(),
        created_at: START,
        updated_at: START,
    }
}

/// A session that a user of the generation 0 has just begun with a password.
#[must_use]
pub fn session(number: u32, user: Id) -> Session {
    Session {
        id: id(number),
        digest: digest(number),
        pepper: PepperVersion(1),
        user,
        user_generation: 0,
        authentication: Authentication::by_password(START),
        seen_at: START,
        expires_at: START + session::ABSOLUTE,
        ended_at: None,
    }
}

/// One attempt at the account whose name has the digest with this number.
#[must_use]
pub fn attempts(number: u32) -> AccountAttempts {
    AccountAttempts { account: digest(number), began_at: START, count: 1 }
}

/// A link for a user of the generation 0 that nobody has used.
#[must_use]
pub fn setup_link(number: u32, user: Id) -> SetupLink {
    SetupLink {
        digest: digest(number),
        pepper: PepperVersion(1),
        user,
        user_generation: 0,
        created_at: START,
        expires_at: START + setup_link::LIFETIME,
        used_at: None,
    }
}
