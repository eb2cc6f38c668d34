//! The feed of changes: what was changed of that which is cached, and what that means to tokens. Owns the words of it; how it is kept is
//! the store's business, and what a node does with it the cache's.

use crate::store::Revision;
use crate::store::fault::Fault;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::fmt::Display;

/// What was changed: the nouns whose records are cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A client, one of its secrets, or one of its groups.
    Client(Id),
    /// An API.
    Api(Id),
    /// The set of signing keys.
    SigningKeys,
    /// A signed token was taken back.
    RevokedJwt(Id),
    /// A user, one of their groups, or a client they belong to.
    User(Id),
    /// An organization.
    Organization(Id),
    /// A group.
    Group(Id),
    /// A family of tokens was revoked.
    RevokedFamily(Id),
    /// An API token.
    ApiToken(Id),
    /// Something that this release does not know, written by a later one: to be safe, everything.
    Unknown,
}

/// What a change means to access tokens that were issued before it, for those who verify them by signature alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Voids {
    /// None rests on it: it is new, or what has changed of it is nothing that a token's standing depends on.
    Nothing,
    /// Those in which this stands: a client's `client_id`, an API's identifier, a key's `kid`, or the identifier of anything else.
    TokensOf(String),
    /// Perhaps all.
    Everything,
}

impl Voids {
    /// Those in which this stands.
    #[must_use]
    pub fn tokens_of(name: impl Display) -> Self {
        Self::TokensOf(format!("{name}"))
    }
}

/// A change in the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub revision: Revision,
    /// What has changed.
    pub changed: Changed,
    /// What that means to tokens.
    pub voids: Voids,
    /// When it was made, by the clock of whoever made it.
    pub changed_at: Seconds,
    /// A random text: a database that has lost changes gives their numbers to others, and those have other marks.
    pub mark: String,
}

/// The feed of changes by which every node's cache learns of them.
pub trait Changes {
    /// The number of the last change.
    ///
    /// # Errors
    /// [`Fault`].
    fn last_revision(&mut self) -> Result<Revision, Fault>;

    /// Gives what this transaction has changed its numbers, as the last thing that is done in it, and tells the number of the
    /// last change: what the transaction may have seen is no newer. Left out, it is done at the end, by the database's clock.
    /// `now` is drawn right before, and not before the closure ran: tokens may have been issued meanwhile.
    ///
    /// # Errors
    /// [`Fault`].
    fn number_changes(&mut self, now: Seconds) -> Result<Revision, Fault>;

    /// Keeps others from changing anything that is cached until the transaction ends, and waits for whoever is at it: for what
    /// must be true of all records of a kind together.
    ///
    /// # Errors
    /// [`Fault`].
    fn hold_changes(&mut self) -> Result<(), Fault>;

    /// The changes after a revision, oldest first, at most so many.
    ///
    /// # Errors
    /// [`Fault`].
    fn changes_after(&mut self, revision: Revision, limit: i64) -> Result<Vec<Change>, Fault>;

    /// The number of the oldest change still known; that of the next one when none is. Who has seen less than the one
    /// before it may have missed some and must read everything anew.
    ///
    /// # Errors
    /// [`Fault`].
    fn oldest_revision(&mut self) -> Result<Revision, Fault>;

    /// Forgets changes up to a revision that were made before an instant, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_changes(&mut self, up_to: Revision, before: Seconds, limit: i64) -> Result<usize, Fault>;
}
