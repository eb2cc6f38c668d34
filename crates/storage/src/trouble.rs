//! What a database error means. Owns the difference between a refused row, which is an answer, and trouble, after which
//! nothing in the transaction can be trusted; which error is which is for those who speak to that database.

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
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "servers lock rows, and wait for them"))]
    Locked,
    /// Running the transaction again: another one came in between.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "a file has one writer"))]
    Raced,
    /// A new connection.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "a file's connection does not break"))]
    Gone,
    /// Trying again later.
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

impl Trouble {
    /// Trouble of a kind.
    pub(crate) fn new(kind: Kind, cause: impl std::fmt::Display) -> Self {
        Self { kind, cause: cause.to_string() }
    }

    /// The reason, in words.
    #[cfg(feature = "postgres")]
    pub(crate) fn cause(&self) -> &str {
        &self.cause
    }

    /// What the caller is told.
    pub(crate) fn fault(&self) -> Fault {
        match self.kind {
            Kind::Full | Kind::Locked | Kind::Raced | Kind::Gone | Kind::Unavailable => {
                Fault::unavailable(&self.cause)
            }
            Kind::Broken => Fault::broken(&self.cause),
        }
    }
}

impl Met {
    /// What the closure is told.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Constraint(constraint) => Fault::Constraint { constraint: constraint.clone() },
            Self::Trouble(trouble) => trouble.fault(),
        }
    }
}
