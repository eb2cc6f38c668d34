//! Questions and changes about people: who they are, how they prove it, and the browsers they have signed in with.

use crate::identity::attempts::AccountAttempts;
use crate::identity::group::Group;
use crate::identity::organization::Organization;
use crate::identity::session::Session;
use crate::identity::user::{Standing, User};
use crate::store::fault::Fault;
use crate::store::tx::filter::UserFilter;
use crate::ticket::setup_link::SetupLink;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

/// Users.
pub trait Users {
    /// The user with this identifier, with the groups they are in and the clients they belong to: one question.
    ///
    /// # Errors
    /// [`Fault`].
    fn user(&mut self, id: Id) -> Result<Option<User>, Fault>;

    /// What a decision needs of a user: one question, one row.
    ///
    /// # Errors
    /// [`Fault`].
    fn user_standing(&mut self, id: Id) -> Result<Option<Standing>, Fault>;

    /// The identifier of the user whom a source knows by this name.
    ///
    /// # Errors
    /// [`Fault`].
    fn user_known_as(&mut self, source: &str, external_id: &str) -> Result<Option<Id>, Fault>;

    /// A page of users, in the order of their identifiers, after the given one.
    ///
    /// # Errors
    /// [`Fault`].
    fn users(&mut self, filter: &UserFilter, after: Option<Id>, limit: i64) -> Result<Vec<User>, Fault>;

    /// Keeps others from changing a user until the transaction ends, and waits for whoever is at it: what is read of them from
    /// then on stays true while they are being changed. Tells whether they are there.
    ///
    /// # Errors
    /// [`Fault`].
    fn hold_user(&mut self, id: Id) -> Result<bool, Fault>;

    /// Registers a user, with their groups and clients.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when the source has given the name before, or a group or a client is not there.
    fn insert_user(&mut self, user: &User) -> Result<(), Fault>;

    /// Replaces everything but the identifier, the source and the day of registration. Tells whether the user is there.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when the external name is taken.
    fn update_user(&mut self, user: &User) -> Result<bool, Fault>;

    /// Deletes a user with their password, groups, set-up links, consents and API tokens; sessions and other tokens find nobody
    /// any more. Tells whether they were there.
    ///
    /// # Errors
    /// [`Fault`].
    fn delete_user(&mut self, id: Id) -> Result<bool, Fault>;
}

/// Passwords, as the text that argon2 makes of them (a PHC string).
pub trait Passwords {
    /// A user's password hash.
    ///
    /// # Errors
    /// [`Fault`].
    fn password(&mut self, user: Id) -> Result<Option<String>, Fault>;

    /// Gives a user a password hash for the first time.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when there is one.
    fn insert_password(&mut self, user: Id, hash: &str, now: Seconds) -> Result<(), Fault>;

    /// Replaces a user's password hash, if it still is the old one. Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn update_password(&mut self, user: Id, old: &str, new: &str, now: Seconds) -> Result<bool, Fault>;
}

/// Organizations.
pub trait Organizations {
    /// All organizations.
    ///
    /// # Errors
    /// [`Fault`].
    fn organizations(&mut self) -> Result<Vec<Organization>, Fault>;

    /// The organization with this identifier.
    ///
    /// # Errors
    /// [`Fault`].
    fn organization(&mut self, id: Id) -> Result<Option<Organization>, Fault>;

    /// Makes an organization.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_organization(&mut self, organization: &Organization) -> Result<(), Fault>;

    /// Replaces everything but the identifier and the day it was made. Tells whether it is there.
    ///
    /// # Errors
    /// [`Fault`].
    fn update_organization(&mut self, organization: &Organization) -> Result<bool, Fault>;

    /// Deletes an organization. Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault::Constraint`] while users, clients or groups belong to it.
    fn delete_organization(&mut self, id: Id) -> Result<bool, Fault>;
}

/// Groups.
pub trait Groups {
    /// All groups.
    ///
    /// # Errors
    /// [`Fault`].
    fn groups(&mut self) -> Result<Vec<Group>, Fault>;

    /// Makes a group.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when the name is taken.
    fn insert_group(&mut self, group: &Group) -> Result<(), Fault>;

    /// Replaces everything but the identifier and the day it was made. Tells whether the group is there.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when the name is taken.
    fn update_group(&mut self, group: &Group) -> Result<bool, Fault>;

    /// Deletes a group; its members, users and clients, leave it (which changes them). Tells whether it was there.
    ///
    /// # Errors
    /// [`Fault`].
    fn delete_group(&mut self, id: Id) -> Result<bool, Fault>;
}

/// Browsers in which somebody has signed in.
pub trait Sessions {
    /// The session whose cookie has this keyed hash, over or not.
    ///
    /// # Errors
    /// [`Fault`].
    fn session_of(&mut self, digest: &Digest) -> Result<Option<Session>, Fault>;

    /// The session of this name, over or not.
    ///
    /// # Errors
    /// [`Fault`].
    fn session(&mut self, id: Id) -> Result<Option<Session>, Fault>;

    /// A page of a user's sessions, over or not, in the order of their identifiers, after the given one.
    ///
    /// # Errors
    /// [`Fault`].
    fn sessions_of(&mut self, user: Id, after: Option<Id>, limit: i64) -> Result<Vec<Session>, Fault>;

    /// Begins a session.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_session(&mut self, session: &Session) -> Result<(), Fault>;

    /// Records that a session is in use. Tells whether it is there and was not ended.
    ///
    /// # Errors
    /// [`Fault`].
    fn touch_session(&mut self, id: Id, now: Seconds) -> Result<bool, Fault>;

    /// Ends a session. Tells whether it was there and had not been ended.
    ///
    /// # Errors
    /// [`Fault`].
    fn end_session(&mut self, id: Id, now: Seconds) -> Result<bool, Fault>;

    /// Removes sessions that were over (by their absolute end) before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_sessions(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;
}

/// Attempts to sign in, per account.
pub trait SignInAttempts {
    /// The attempts at the account of this keyed hash.
    ///
    /// # Errors
    /// [`Fault`].
    fn attempts(&mut self, account: &Digest) -> Result<Option<AccountAttempts>, Fault>;

    /// Records the first attempt.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when there was one.
    fn insert_attempts(&mut self, attempts: &AccountAttempts) -> Result<(), Fault>;

    /// Replaces what is known of an account's attempts, if it still is what it was before. Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn update_attempts(&mut self, before: &AccountAttempts, now: &AccountAttempts) -> Result<bool, Fault>;

    /// Forgets an account's attempts. Tells whether there were any.
    ///
    /// # Errors
    /// [`Fault`].
    fn delete_attempts(&mut self, account: &Digest) -> Result<bool, Fault>;

    /// Forgets windows that began before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_attempts(&mut self, began_before: Seconds, limit: i64) -> Result<usize, Fault>;
}

/// Set-up links.
pub trait SetupLinks {
    /// The link whose secret has this keyed hash, used or expired ones too.
    ///
    /// # Errors
    /// [`Fault`].
    fn setup_link(&mut self, digest: &Digest) -> Result<Option<SetupLink>, Fault>;

    /// The links of a user that nobody has used, and that end after an instant.
    ///
    /// # Errors
    /// [`Fault`].
    fn unused_setup_links(&mut self, user: Id, after: Seconds) -> Result<Vec<SetupLink>, Fault>;

    /// Records a link.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when there is no such user.
    fn insert_setup_link(&mut self, link: &SetupLink) -> Result<(), Fault>;

    /// Uses a link up. Tells whether it was there and unused.
    ///
    /// # Errors
    /// [`Fault`].
    fn use_setup_link(&mut self, digest: &Digest, now: Seconds) -> Result<bool, Fault>;

    /// Removes links that ended before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_setup_links(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault>;
}
