//! The connection to a file, and all that is said to SQLite in its own words: settings, savepoints, checkpoints, and what
//! its errors mean.
#![expect(clippy::disallowed_methods, reason = "the place where SQLite is spoken to in its own words")]

use crate::connection::AnyConnection;
use crate::kept::Words;
use crate::trouble::{Kind, Met, Trouble};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{ConnectionError, ConnectionResult, DatabaseErrorKind, Error};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;
use std::time::Duration;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Changes: there is one, in the writer's thread.
    Write,
    /// Questions: one in each thread that asks.
    Read,
}

/// How far a checkpoint came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checkpoint {
    /// All of the log is in the database.
    Complete,
    /// A reader or another process still needs some of it.
    Blocked,
}

/// How long one attempt to begin a change waits for another process. The writer tries again until its patience ends, and
/// looks at its queue in between.
pub(crate) const WRITE_LOCK_WAIT: Duration = Duration::from_millis(400);

/// Readers wait for nobody in WAL mode but a recovery after a crash; they hold up their caller's thread meanwhile.
const READ_LOCK_WAIT: Duration = Duration::from_secs(1);

/// A start waits about as long as another one may take for its migrations.
const START_ATTEMPTS: usize = 200;
const START_PAUSE: Duration = Duration::from_millis(25);

/// The log is cut to this size when it starts over, so that one burst does not keep the disk for ever.
pub(crate) const WAL_KEPT: i64 = 16 << 20;

impl AnyConnection {
    /// Opens the database and settles how it behaves.
    pub(crate) fn open_file(uri: &str, purpose: Purpose) -> ConnectionResult<Self> {
        let mut sqlite = SqliteConnection::establish(uri)?;
        settle(&mut sqlite, purpose).map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(Self::Sqlite(sqlite))
    }

    /// The same for a start, at which another process may be making the same database: of two that change its journal
    /// mode at once, SQLite tells one without waiting that the database is locked.
    pub(crate) fn open_file_patiently(uri: &str) -> ConnectionResult<Self> {
        for _ in 0..START_ATTEMPTS {
            match Self::open_file(uri, Purpose::Write) {
                Err(ConnectionError::CouldntSetupConfiguration(error)) if is_locked(&error) => {
                    std::thread::park_timeout(START_PAUSE);
                }
                opened => return opened,
            }
        }
        Self::open_file(uri, Purpose::Write)
    }

    /// Opens a savepoint for one job of the batch.
    pub(crate) fn begin_job(&mut self) -> QueryResult<()> {
        self.say("SAVEPOINT job")
    }

    /// Keeps the job's changes in the batch.
    pub(crate) fn keep_job(&mut self) -> QueryResult<()> {
        self.say("RELEASE job")
    }

    /// Undoes the job's changes. The savepoint itself goes too: diesel's own way leaves it open, and a batch of refusals
    /// would pile them up.
    pub(crate) fn undo_job(&mut self) -> QueryResult<()> {
        self.say("ROLLBACK TO job")?;
        self.say("RELEASE job")
    }

    /// Brings the log's pages into the database, as far as nobody needs them, without waiting.
    pub(crate) fn checkpoint(&mut self) -> QueryResult<Checkpoint> {
        self.checkpoint_with("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Brings all of the log into the database and empties its file, waiting for readers as long as for a lock.
    pub(crate) fn checkpoint_and_truncate(&mut self) -> QueryResult<Checkpoint> {
        self.checkpoint_with("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    fn checkpoint_with(&mut self, pragma: &str) -> QueryResult<Checkpoint> {
        let sqlite = self.file()?;
        let (busy, log, moved) =
            diesel::dsl::sql::<(BigInt, BigInt, BigInt)>(pragma).get_result::<(i64, i64, i64)>(sqlite)?;
        Ok(if busy == 0 && log == moved { Checkpoint::Complete } else { Checkpoint::Blocked })
    }

    /// Reads through the whole file and names the first thing that is wrong with it.
    pub(crate) fn find_damage(&mut self) -> QueryResult<Option<String>> {
        let sqlite = self.file()?;
        let found = ask(sqlite, "PRAGMA quick_check(1)")?;
        Ok((found != "ok").then_some(found))
    }

    fn say(&mut self, words: &'static str) -> QueryResult<()> {
        self.file()?.execute_returning_count(&Words(words)).map(drop)
    }
}

/// What an error means.
pub(crate) fn judge(error: &Error) -> Met {
    match violated_constraint(error) {
        Some(constraint) => Met::Constraint(constraint),
        None => Met::Trouble(trouble(error)),
    }
}

/// What an error means that no constraint has to do with.
pub(crate) fn trouble(error: &Error) -> Trouble {
    let kind = match error {
        error if says(error, "database or disk is full") => Kind::Full,
        error if is_locked(error) => Kind::Locked,
        error if says(error, "attempt to write a readonly database") => Kind::Broken,
        Error::DatabaseError(..) | Error::BrokenTransactionManager => Kind::Unavailable,
        _ => Kind::Broken,
    };
    Trouble::new(kind, error)
}

/// A connection that does not open is like any other trouble of the moment.
pub(crate) fn from_connection_error(error: ConnectionError) -> Trouble {
    match error {
        ConnectionError::CouldntSetupConfiguration(error @ Error::DatabaseError(..)) => trouble(&error),
        error => Trouble::new(Kind::Unavailable, error),
    }
}

/// Whether another process holds the lock.
pub(crate) fn is_locked(error: &Error) -> bool {
    says(error, "database is locked")
}

/// SQLite's result code does not reach us through diesel, its text does; it is the same in every version.
fn says(error: &Error, text: &str) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::Unknown, information) if information.message() == text)
}

/// The constraint that refused a row: SQLite names it after the colon (`UNIQUE constraint failed: clients.client_id`), but
/// for foreign keys, which it does not name.
fn violated_constraint(error: &Error) -> Option<String> {
    let Error::DatabaseError(kind, information) = error else { return None };
    let named = || information.message().split_once(": ").map(|(_, name)| name.to_owned());
    match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation => Some(named().unwrap_or_else(|| String::from("unnamed"))),
        DatabaseErrorKind::ForeignKeyViolation => Some(String::from("foreign key")),
        _ => None,
    }
}

/// Sets what must hold for the connection, and reads each setting back: SQLite ignores what it does not understand, and
/// answers a journal mode it cannot have with the one it keeps.
fn settle(sqlite: &mut SqliteConnection, purpose: Purpose) -> QueryResult<()> {
    let wait = if purpose == Purpose::Write { WRITE_LOCK_WAIT } else { READ_LOCK_WAIT };
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    // First, so that the settings below wait for a lock too.
    set(sqlite, "busy_timeout", wait)?;
    set(sqlite, "foreign_keys", 1)?;
    // The schema is ours; a function hidden in somebody's view or trigger is not.
    set(sqlite, "trusted_schema", 0)?;
    // Sorting and savepoints spill into memory: a temporary file is one more disk that can be full.
    set(sqlite, "temp_store", 2)?;
    // Reading a mapped file turns a disk error into a signal that kills the process.
    set(sqlite, "mmap_size", 0)?;
    match purpose {
        Purpose::Write => settle_writer(sqlite),
        Purpose::Read => {
            set(sqlite, "cache_size", -1024)?;
            set(sqlite, "query_only", 1)
        }
    }
}

fn settle_writer(sqlite: &mut SqliteConnection) -> QueryResult<()> {
    let mode = ask(sqlite, "PRAGMA journal_mode=WAL")?;
    expect("journal_mode", "wal", mode.as_str())?;
    // An answer promises that the change survives a power cut: each commit reaches the disk, not only the system.
    set(sqlite, "synchronous", 2)?;
    set(sqlite, "cache_size", -4096)?;
    // Checkpoints wait for an idle moment: within a commit they are its worst latency.
    set(sqlite, "wal_autocheckpoint", 0)?;
    set(sqlite, "journal_size_limit", WAL_KEPT)
}

/// How many rows the connection has changed since it was opened.
#[cfg(debug_assertions)]
pub(crate) fn changed_rows(sqlite: &mut SqliteConnection) -> Option<i64> {
    diesel::dsl::sql::<BigInt>("SELECT total_changes()").get_result(sqlite).ok()
}

fn set(sqlite: &mut SqliteConnection, name: &str, value: i64) -> QueryResult<()> {
    sqlite.batch_execute(&format!("PRAGMA {name}={value}"))?;
    // A build without memory maps answers that question with no row at all.
    let kept: Option<i64> =
        diesel::dsl::sql::<BigInt>(&format!("PRAGMA {name}")).get_result(sqlite).optional()?;
    expect(name, value, kept.unwrap_or_default())
}

/// A question that is answered with a word.
fn ask(sqlite: &mut SqliteConnection, question: &str) -> QueryResult<String> {
    diesel::dsl::sql::<Text>(question).get_result(sqlite)
}

fn expect<T: Copy + PartialEq + std::fmt::Display>(name: &str, wanted: T, kept: T) -> QueryResult<()> {
    if wanted == kept {
        return Ok(());
    }
    Err(Error::QueryBuilderError(format!("SQLite keeps {name} at {kept}, not {wanted}").into()))
}
