//! What a database error means. Owns the difference between a refused row, after which a transaction goes on, and trouble,
//! after which nothing in it can be trusted.

use crate::connection::{is_full, is_locked, is_read_only, violated_constraint};
use diesel::result::Error;
use doorward_core::store::fault::Fault;

/// An error after which the transaction, and whatever shares it, must be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) kind: Kind,
    cause: String,
}

/// What may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Room on the disk.
    Full,
    /// Another process letting go.
    Locked,
    /// Trying again, perhaps on a new connection.
    Unavailable,
    /// Nothing: the question was wrong.
    Broken,
}

/// An error, as it is met.
#[derive(Debug)]
pub(crate) enum Met {
    /// A constraint refused a row.
    Constraint(String),
    /// Anything else.
    Trouble(Trouble),
}

impl From<Error> for Met {
    fn from(error: Error) -> Self {
        match violated_constraint(&error) {
            Some(constraint) => Self::Constraint(constraint),
            None => Self::Trouble(error.into()),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let kind = match &error {
            error if is_full(error) => Kind::Full,
            error if is_locked(error) => Kind::Locked,
            error if is_read_only(error) => Kind::Broken,
            Error::DatabaseError(..) | Error::BrokenTransactionManager => Kind::Unavailable,
            _ => Kind::Broken,
        };
        Self { kind, cause: error.to_string() }
    }
}

impl Trouble {
    /// Trouble of the moment.
    pub(crate) fn unavailable(cause: impl std::fmt::Display) -> Self {
        Self { kind: Kind::Unavailable, cause: cause.to_string() }
    }

    /// What the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self.kind {
            Kind::Full | Kind::Locked | Kind::Unavailable => Fault::unavailable(&self.cause),
            Kind::Broken => Fault::broken(&self.cause),
        }
    }
}
