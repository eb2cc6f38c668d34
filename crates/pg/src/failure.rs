//! What can go wrong with a statement, and what diesel is told: the kinds that its own PostgreSQL connection would give,
//! with the server's own words.

use std::fmt;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use tokio_postgres::error::{DbError, ErrorPosition, Severity, SqlState};

use crate::driver::Ended;

/// Why a statement has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server refused the statement; the session goes on.
    Refused(Box<DbError>),
    /// The session is over.
    Broken {
        /// In words.
        why: String,
        /// The server's last words, if it had any.
        last: Option<Box<DbError>>,
    },
    /// The session was over before; why, in words.
    Gone(String),
    /// Asked after the deadline; the session goes on.
    Late,
    /// Asked from inside an asynchronous task.
    Misplaced,
}

impl Failure {
    /// The session is over, and not because the server said so.
    pub(crate) fn broken(why: &str) -> Self {
        Self::Broken { why: format!("the connection is broken: {why}"), last: None }
    }

    /// What an error of tokio-postgres means. All but a refusal leave us not knowing where the session stands.
    pub(crate) fn told(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error().cloned() {
            Some(error) if !is_fatal(&error) => Self::Refused(Box::new(error)),
            Some(error) => Self::Broken { why: error.message().to_owned(), last: Some(Box::new(error)) },
            None => Self::broken(&in_words(error)),
        }
    }

    /// The server went away.
    pub(crate) fn ended(Ended(last): Ended) -> Self {
        let Some(error) = last else { return Self::broken("the server closed it") };
        match error.as_db_error() {
            Some(last) => Self::Broken { why: last.message().to_owned(), last: Some(Box::new(last.clone())) },
            None => Self::broken(&in_words(&error)),
        }
    }

    /// Whether the session is over.
    pub(crate) fn breaks(&self) -> bool {
        matches!(self, Self::Broken { .. })
    }

    /// The server's code for it, if the server had a say.
    pub(crate) fn sqlstate(&self) -> Option<&SqlState> {
        match self {
            Self::Refused(error) | Self::Broken { last: Some(error), .. } => Some(error.code()),
            Self::Broken { last: None, .. } | Self::Gone(_) | Self::Late | Self::Misplaced => None,
        }
    }

    /// Whether the server no longer takes a prepared statement: it does not know it (26000), or its answer would have
    /// other columns than were announced ("cached plan must not change result type", which has no code of its own but is
    /// said in one place).
    pub(crate) fn is_of_a_stale_statement(&self) -> bool {
        let Self::Refused(error) = self else { return false };
        match error.code().code() {
            "26000" => true,
            "0A000" => error.routine() == Some("RevalidateCachedQuery"),
            _ => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => f.write_str(error.message()),
            Self::Broken { why, .. } | Self::Gone(why) => f.write_str(why),
            Self::Late => f.write_str("the deadline had passed before the server was asked"),
            Self::Misplaced => f.write_str(
                "a PostgreSQL connection was used inside an asynchronous task, which it would block: \
                 use it on a thread of its own or in spawn_blocking",
            ),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => Self::DatabaseError(kind(error.code()), Box::new(Words(error))),
            Failure::Broken { last: Some(error), .. } => {
                Self::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(Words(error)))
            }
            Failure::Broken { why, last: None } | Failure::Gone(why) => {
                Self::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(why))
            }
            Failure::Late => {
                Self::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(failure.to_string()))
            }
            Failure::Misplaced => {
                Self::DatabaseError(DatabaseErrorKind::Unknown, Box::new(failure.to_string()))
            }
        }
    }
}

/// PostgreSQL documentation, "Message Severity": after FATAL and PANIC the server closes the session.
pub(crate) fn is_fatal(error: &DbError) -> bool {
    match error.parsed_severity() {
        Some(severity) => matches!(severity, Severity::Fatal | Severity::Panic),
        None => matches!(error.severity(), "FATAL" | "PANIC"),
    }
}

/// An error and what lies behind it, in one line.
pub(crate) fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words = format!("{words}: {error}");
        source = error.source();
    }
    words
}

/// The kinds that diesel knows.
fn kind(code: &SqlState) -> DatabaseErrorKind {
    match code.code() {
        "23505" => DatabaseErrorKind::UniqueViolation,
        "23503" => DatabaseErrorKind::ForeignKeyViolation,
        "40001" => DatabaseErrorKind::SerializationFailure,
        "25006" => DatabaseErrorKind::ReadOnlyTransaction,
        "23502" => DatabaseErrorKind::NotNullViolation,
        "23514" => DatabaseErrorKind::CheckViolation,
        "23001" => DatabaseErrorKind::RestrictViolation,
        "23P01" => DatabaseErrorKind::ExclusionViolation,
        "57P01" | "08000" | "08006" | "08001" | "08004" => DatabaseErrorKind::ClosedConnection,
        _ => DatabaseErrorKind::Unknown,
    }
}

/// The server's words, as diesel asks for them.
struct Words(Box<DbError>);

impl DatabaseErrorInformation for Words {
    fn message(&self) -> &str {
        self.0.message()
    }

    fn details(&self) -> Option<&str> {
        self.0.detail()
    }

    fn hint(&self) -> Option<&str> {
        self.0.hint()
    }

    fn table_name(&self) -> Option<&str> {
        self.0.table()
    }

    fn column_name(&self) -> Option<&str> {
        self.0.column()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.0.constraint()
    }

    fn statement_position(&self) -> Option<i32> {
        match self.0.position()? {
            ErrorPosition::Original(position) => i32::try_from(*position).ok(),
            ErrorPosition::Internal { .. } => None,
        }
    }
}
