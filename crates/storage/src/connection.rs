//! The connection, whichever database it goes to: transactions, and what an error means. Owns the knowledge of which one it
//! is; every query elsewhere is diesel's and the same for all.

#![expect(
    clippy::disallowed_methods,
    reason = "the derive macro passes on what migrations say in their own words"
)]

#[cfg(feature = "postgres")]
use crate::postgres::client::{self, PostgresConnection};
#[cfg(feature = "postgres")]
use crate::postgres::session;
#[cfg(feature = "sqlite")]
use crate::sqlite::file;
use crate::trouble::Met;
#[cfg(feature = "postgres")]
use crate::trouble::{Kind, Trouble};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error;
#[cfg(feature = "sqlite")]
use diesel::sqlite::SqliteConnection;
#[cfg(feature = "postgres")]
use std::time::Instant;

/// A connection to any database we know.
#[derive(diesel::MultiConnection)]
pub(crate) enum AnyConnection {
    /// SQLite, in the process.
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteConnection),
    /// A server of PostgreSQL's.
    #[cfg(feature = "postgres")]
    Postgres(PostgresConnection),
}

impl AnyConnection {
    /// Begins a transaction that may change things. In a file the lock is taken now, so that nothing inside has to wait
    /// for it; a server locks row by row, and each statement sees what was committed before it.
    pub(crate) fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => session::begin_write(postgres),
        }
    }

    /// Begins a transaction that sees one state of the database.
    pub(crate) fn begin_snapshot(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction(sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => session::begin_snapshot(postgres),
        }
    }

    /// Ends the transaction and keeps its changes, on the disk.
    pub(crate) fn commit(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => AnsiTransactionManager::commit_transaction(sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => AnsiTransactionManager::commit_transaction(postgres),
        }
    }

    /// Ends the transaction and undoes its changes.
    pub(crate) fn roll_back(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => AnsiTransactionManager::rollback_transaction(sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => AnsiTransactionManager::rollback_transaction(postgres),
        }
    }

    /// Whether a transaction was begun and not ended.
    pub(crate) fn is_in_transaction(&mut self) -> bool {
        let status = <Self as TransactionManager<Self>>::transaction_manager_status_mut(self);
        status.transaction_depth().is_ok_and(|depth| depth.is_some())
    }

    /// Whether the connection is of no more use.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => client::is_broken(postgres),
        }
    }

    /// Whether the database had a doubt about the last statement, though it did it.
    #[cfg(feature = "postgres")]
    pub(crate) fn was_warned(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => client::was_warned(postgres),
        }
    }

    /// How many rows the connection has changed since it was opened, where the database tells.
    #[cfg(debug_assertions)]
    pub(crate) fn changed_rows(&mut self) -> Option<i64> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => file::changed_rows(sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// What an error of this connection means for the transaction it happened in.
    pub(crate) fn judge(&self, error: &Error) -> Met {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => file::judge(error),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => session::judge(postgres, error),
        }
    }

    /// What an error means that no constraint can have to do with.
    #[cfg(feature = "postgres")]
    pub(crate) fn trouble(&self, error: &Error) -> Trouble {
        match self.judge(error) {
            Met::Trouble(trouble) => trouble,
            Met::Constraint(constraint) => {
                Trouble::new(Kind::Broken, format_args!("{constraint} was violated"))
            }
        }
    }

    /// Whether another process holds the lock that beginning a transaction takes.
    #[cfg_attr(not(feature = "sqlite"), expect(unused_variables, reason = "servers make others wait"))]
    pub(crate) fn is_locked(&self, error: &Error) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => file::is_locked(error),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => false,
        }
    }

    /// Waits, within a transaction, for any other process that is at its migrations; where beginning one has not done that.
    pub(crate) fn hold_migrations(&mut self) -> QueryResult<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Ok(()),
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => session::hold_migrations(postgres),
        }
    }

    /// Whether a migration that failed would only have had to wait longer.
    pub(crate) fn was_kept_waiting(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => session::was_kept_waiting(postgres),
        }
    }

    /// When each statement has to be done, where the database is one that may not answer.
    #[cfg(feature = "postgres")]
    pub(crate) fn set_deadline(&mut self, by: Option<Instant>) {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => {}
            #[cfg(feature = "postgres")]
            Self::Postgres(postgres) => client::set_deadline(postgres, by),
        }
    }

    /// The connection to a file, for what only files need.
    #[cfg(feature = "sqlite")]
    pub(crate) fn file(&mut self) -> QueryResult<&mut SqliteConnection> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(sqlite) => Ok(sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Err(Error::QueryBuilderError("this is asked of files only".into())),
        }
    }
}
