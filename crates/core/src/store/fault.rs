//! What can go wrong on the way to an answer. Owns the difference between a refusal (an answer) and a fault (our
//! trouble), and the one mapping of faults to what a client may know.

use crate::identity::hashing::HashingError;
use crate::identity::user::InvalidUsername;
use doorward_protocol::error::OAuthError;
use std::fmt;

/// Why a closure did not end with a value.
#[derive(Debug, thiserror::Error)]
pub enum Stop<R> {
    /// The answer is no; whatever was changed is undone.
    #[error("{0}")]
    Refuse(R),
    /// The answer is no, and what was recorded must survive: a replay, a failed attempt. Say why where it is used.
    #[error("{0}")]
    RefuseAndCommit(R),
    /// There is no answer.
    #[error(transparent)]
    Fault(Fault),
}

impl From<OAuthError> for Stop<OAuthError> {
    fn from(refusal: OAuthError) -> Self {
        Self::Refuse(refusal)
    }
}

impl<R> From<Fault> for Stop<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The database failed us, or we failed it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A constraint refused a row. The transaction ends with it: nothing more is answered in it, and nothing of it is kept.
    #[error("the constraint {constraint} was violated")]
    Constraint {
        /// The constraint, or the column, as the database names it.
        constraint: String,
    },
    /// What the closure had read was changed by another transaction before it could. The store runs the closure again, and
    /// only where that leads nowhere does the caller see this; trying again later helps.
    #[error("another transaction came in between")]
    Raced,
    /// The database does not answer, is full, locked, or broke the connection. Trying again later may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(Cause),
    /// A stored value cannot be what it is, or a job panicked. Trying again will not help.
    #[error("the store is broken: {0}")]
    Broken(Cause),
}

/// The reason, for the log; never for a client.
pub struct Cause(String);

impl Fault {
    /// The database does not answer.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::Unavailable(Cause(cause.to_string()))
    }

    /// Something is not as it must be.
    pub fn broken(cause: impl fmt::Display) -> Self {
        Self::Broken(Cause(cause.to_string()))
    }

    /// The same of a row that was looked for in vain a moment before: that it is refused means that somebody else has
    /// written it since.
    #[must_use]
    pub fn into_race(self) -> Self {
        match self {
            Self::Constraint { .. } => Self::Raced,
            fault => fault,
        }
    }

    /// What a client is told: that it may try again, or that we failed.
    #[must_use]
    pub fn to_oauth_error(&self) -> OAuthError {
        match self {
            Self::Raced | Self::Unavailable(_) => OAuthError::unavailable(),
            Self::Constraint { .. } | Self::Broken(_) => OAuthError::server_error(),
        }
    }
}

/// A password that cannot be hashed now is as good as a database that does not answer.
impl From<HashingError> for Fault {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Full => Self::unavailable(error),
            HashingError::Unhashable(_) | HashingError::Thread(_) | HashingError::Lost => Self::broken(error),
        }
    }
}

/// A host's name for somebody that is none here.
impl From<InvalidUsername> for Fault {
    fn from(error: InvalidUsername) -> Self {
        Self::broken(error)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
