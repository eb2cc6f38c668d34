//! The API token: a named, long-lived token of a person or a client, with a level per API. Owns its record, and which of its values
//! a digest is; what it lets its holder do is decided over its members elsewhere.
//!
//! There is one row per token, not per value: a token that is regenerated keeps its identifier, its levels and its past, and its
//! former value may go on for a while.

use crate::keys::pepper::PepperVersion;
use doorward_protocol::access::level::AccessList;
use doorward_protocol::id::Id;
use doorward_protocol::network::Network;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;
use std::hash::{Hash, Hasher};

/// As many tokens that work as one person may have: enough for a program each, too few to lose sight of.
pub const MOST_LIVE: i64 = 100;

/// An API token, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The internal identifier, which says nothing of its value.
    pub id: Id,
    /// The keyed hash of its value.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// Whose it is.
    pub owner: ApiTokenOwner,
    /// The owner's generation of API tokens when it was made.
    pub owner_generation: i64,
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The last four characters of its value, by which its owner tells it from another.
    pub last_four: String,
    /// Its level at each API.
    pub access: AccessList,
    /// Where it may be used from; from everywhere where none is named.
    pub allowed_ips: Vec<Network>,
    /// The person who made it.
    pub created_by_user: Option<Id>,
    /// The client that made it, or through which a person did.
    pub created_by_client: Option<Id>,
    /// Grows by one with each value that it gets: what a value is exchanged for carries it, and no clock tells values apart.
    pub generation: i64,
    /// The value it had before, while that may still be used.
    pub previous: Option<PreviousValue>,
    /// When its value came into being.
    pub issued_at: Seconds,
    /// When it was made.
    pub created_at: Seconds,
    /// When its record was last changed.
    pub updated_at: Seconds,
    /// When it ends by itself.
    pub expires_at: Seconds,
    /// When it was taken back.
    pub revoked_at: Option<Seconds>,
    /// Why, in a word of ours.
    pub inactive_reason: Option<String>,
}

/// What a decision needs of an API token: all of it that is not for people to read. Asked for at every use, so it is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The internal identifier.
    pub id: Id,
    /// The keyed hash of its value.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// Whose it is.
    pub owner: ApiTokenOwner,
    /// The owner's generation of API tokens when it was made.
    pub owner_generation: i64,
    /// Its level at each API.
    pub access: AccessList,
    /// Where it may be used from; from everywhere where none is named.
    pub allowed_ips: Vec<Network>,
    /// The generation of its value.
    pub generation: i64,
    /// The value it had before, while that may still be used: by itself, since few have one and many are kept.
    pub previous: Option<Box<PreviousValue>>,
    /// When its value came into being.
    pub issued_at: Seconds,
    /// When it ends by itself.
    pub expires_at: Seconds,
    /// Whether it was taken back.
    pub is_revoked: bool,
}

/// Whose an API token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApiTokenOwner {
    /// A person.
    User(Id),
    /// A client.
    Client(Id),
}

/// The value that an API token had before it was regenerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousValue {
    /// The keyed hash of it.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// When it ends.
    pub expires_at: Seconds,
}

/// Which value of an API token was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// The one it has.
    Current,
    /// The one it had before; until when that is good, it says itself.
    Previous,
}

impl Standing {
    /// Which of its values has this keyed hash.
    #[must_use]
    pub fn value_of(&self, digest: &Digest) -> Option<Value> {
        let previous = || self.previous.as_ref().is_some_and(|previous| previous.digest == *digest);
        if self.digest == *digest {
            return Some(Value::Current);
        }
        previous().then_some(Value::Previous)
    }
}

impl ApiToken {
    /// What a decision needs of it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing {
            id: self.id,
            digest: self.digest,
            pepper: self.pepper,
            owner: self.owner,
            owner_generation: self.owner_generation,
            access: self.access.clone(),
            allowed_ips: self.allowed_ips.clone(),
            generation: self.generation,
            previous: self.previous.map(Box::new),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            is_revoked: self.revoked_at.is_some(),
        }
    }

    /// Whether everything is the same in both that the standing of what it was exchanged for depends on.
    #[must_use]
    pub fn is_the_same_to_tokens(&self, other: &Self) -> bool {
        let standing = |token: &Self| (token.owner, token.owner_generation, token.generation);
        let ends = |token: &Self| (token.issued_at, token.expires_at, token.revoked_at);
        let before = |token: &Self| token.previous.map(|previous| previous.expires_at);
        standing(self) == standing(other)
            && ends(self) == ends(other)
            && before(self) == before(other)
            && self.access == other.access
            && self.allowed_ips == other.allowed_ips
    }

    /// The person it belongs to, if it is a person's.
    #[must_use]
    pub const fn user(&self) -> Option<Id> {
        self.owner.user()
    }
}

impl ApiTokenOwner {
    /// The person, if it is one.
    #[must_use]
    pub const fn user(self) -> Option<Id> {
        match self {
            Self::User(id) => Some(id),
            Self::Client(_) => None,
        }
    }

    /// The client, if it is one.
    #[must_use]
    pub const fn client(self) -> Option<Id> {
        match self {
            Self::Client(id) => Some(id),
            Self::User(_) => None,
        }
    }
}

/// Without the keyed hashes and their peppers: a hash that is renewed under another pepper leaves the token what it was.
impl Hash for ApiToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { id, digest: _, pepper: _, owner, owner_generation, name, description, .. } = self;
        (id, owner, owner_generation, name, description).hash(state);
        (&self.last_four, &self.access, &self.allowed_ips).hash(state);
        (self.created_by_user, self.created_by_client, self.previous).hash(state);
        (self.generation, self.issued_at, self.created_at, self.updated_at, self.expires_at).hash(state);
        (self.revoked_at, &self.inactive_reason).hash(state);
    }
}

/// As for the token.
impl Hash for PreviousValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expires_at.hash(state);
    }
}
