//! The way of a database from one release to the next. Owns the embedded migrations, who may run them at once (one), and
//! the refusal to work with a database that a later release has changed.

use crate::connection::{AnyConnection, MultiBackend};
use crate::open_error::OpenError;
#[cfg(feature = "postgres")]
use crate::postgres::session;
#[cfg(feature = "sqlite")]
use crate::sqlite::store;
use crate::url::{DatabaseUrl, Place};
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
#[cfg(feature = "postgres")]
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;

#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Between two attempts at tables that others use.
const PAUSE: Duration = Duration::from_millis(300);

/// Where a database stands. Each migration is named as its folder is, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Those it has been through.
    pub applied: Vec<String>,
    /// Those that are due.
    pub pending: Vec<String>,
}

/// Tells where a database stands, without changing it. A file that does not exist yet has everything before it.
///
/// # Errors
/// [`OpenError::Newer`] when a later release has been here; [`OpenError`] when the database does not open.
pub fn status(url: &DatabaseUrl) -> Result<Status, OpenError> {
    #[cfg(feature = "sqlite")]
    if url.file().is_some_and(|file| !file.exists()) {
        return status_of(&SQLITE, &[]);
    }
    with(url, status_by)
}

/// Runs what is due, all or nothing, and tells what that was. A second process that tries at the same time waits for the
/// first, and finds nothing left to do.
///
/// # Errors
/// [`OpenError`]; the database is then as it was.
pub fn up(url: &DatabaseUrl) -> Result<Vec<String>, OpenError> {
    match url.place() {
        #[cfg(feature = "sqlite")]
        Place::File(file) => store::create(file)?,
        #[cfg(feature = "postgres")]
        Place::Server(_) => {}
    }
    with(url, up_by)
}

/// Undoes the last migration and tells its name: for tests, and for whoever must go back a release.
///
/// # Errors
/// [`OpenError`]; the database is then as it was.
pub fn down(url: &DatabaseUrl) -> Result<Option<String>, OpenError> {
    with(url, |connection| {
        in_one(connection, |connection| {
            let Some(last) = status_by(connection)?.applied.pop() else { return Ok(None) };
            connection.revert_last_migration(embedded(connection)).map_err(OpenError::Migration)?;
            Ok(Some(last))
        })
    })
}

/// Runs what is due, or says so, before a server's connections are opened.
#[cfg(feature = "postgres")]
pub(crate) fn bring_up_to_date(url: &DatabaseUrl, migrate: bool) -> Result<(), OpenError> {
    with(url, |connection| bring_up_to_date_by(connection, migrate))
}

/// Runs what is due, or says so.
pub(crate) fn bring_up_to_date_by(connection: &mut AnyConnection, migrate: bool) -> Result<(), OpenError> {
    let pending = status_by(connection)?.pending;
    if pending.is_empty() {
        return Ok(());
    }
    if !migrate {
        return Err(OpenError::Pending(pending));
    }
    for name in up_by(connection)? {
        tracing::info!(migration = name, "the database was migrated");
    }
    Ok(())
}

/// Opens a connection for this purpose. A connection to a server drives a runtime of its own, and may not do so on the
/// thread of another one, which is where a server is opened.
fn with<T: Send>(
    url: &DatabaseUrl,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, OpenError> + Send,
) -> Result<T, OpenError> {
    match url.place() {
        #[cfg(feature = "sqlite")]
        Place::File(file) => {
            work(&mut AnyConnection::open_file_patiently(&file.uri()).map_err(OpenError::Connection)?)
        }
        #[cfg(feature = "postgres")]
        Place::Server(server) => thread::scope(|scope| {
            let apart = scope.spawn(|| work(&mut session::open_patiently(server)?));
            apart.join().unwrap_or_else(|panic| resume_unwind(panic))
        }),
    }
}

fn up_by(connection: &mut AnyConnection) -> Result<Vec<String>, OpenError> {
    const ATTEMPTS: usize = 20;
    for _ in 1..ATTEMPTS {
        match up_at_once(connection) {
            // Those who use a table have their turn before the next attempt.
            Err(OpenError::Migration(_)) if connection.was_kept_waiting() => thread::park_timeout(PAUSE),
            done => return done,
        }
    }
    up_at_once(connection)
}

fn up_at_once(connection: &mut AnyConnection) -> Result<Vec<String>, OpenError> {
    in_one(connection, |connection| {
        let pending = status_by(connection)?.pending;
        connection.run_pending_migrations(embedded(connection)).map_err(OpenError::Migration)?;
        Ok(pending)
    })
}

fn status_by(connection: &mut AnyConnection) -> Result<Status, OpenError> {
    let applied = match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(postgres) => session::applied_migrations(postgres).map_err(failed)?,
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => applied_to_file(connection)?,
    };
    status_of(&embedded(connection), &applied)
}

/// Asked in a transaction that is undone: the question would leave diesel's own table behind.
#[cfg(feature = "sqlite")]
fn applied_to_file(connection: &mut AnyConnection) -> Result<Vec<String>, OpenError> {
    let nested = connection.is_in_transaction();
    if !nested {
        connection.begin_write().map_err(failed)?;
    }
    let applied = connection.applied_migrations();
    if !nested {
        connection.roll_back().map_err(failed)?;
    }
    Ok(applied.map_err(OpenError::Migration)?.iter().map(ToString::to_string).collect())
}

/// The migrations of the database that this is.
const fn embedded(connection: &AnyConnection) -> EmbeddedMigrations {
    match connection {
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => SQLITE,
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => POSTGRES,
    }
}

/// One transaction around everything, and one process at a time.
fn in_one<T>(
    connection: &mut AnyConnection,
    change: impl FnOnce(&mut AnyConnection) -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    begin_patiently(connection)?;
    match change(connection) {
        Ok(done) => connection.commit().map(|()| done).map_err(failed),
        Err(error) => {
            // The error tells more than a failure to undo; closing the connection undoes as well.
            drop(connection.roll_back());
            Err(error)
        }
    }
}

/// Another process may be at its migrations just now.
fn begin_patiently(connection: &mut AnyConnection) -> Result<(), OpenError> {
    const ATTEMPTS: usize = 25;
    for _ in 1..ATTEMPTS {
        match connection.begin_write() {
            Err(error) if connection.is_locked(&error) => {}
            begun => return begun.and_then(|()| connection.hold_migrations()).map_err(failed),
        }
    }
    connection.begin_write().map_err(failed)
}

/// Sorts the embedded migrations by whether the database knows them.
fn status_of(embedded: &EmbeddedMigrations, known: &[String]) -> Result<Status, OpenError> {
    let embedded: Vec<Box<dyn Migration<MultiBackend>>> =
        embedded.migrations().map_err(OpenError::Migration)?;
    let mut all: Vec<_> =
        embedded.iter().map(|one| (one.name().version().to_string(), one.name().to_string())).collect();
    all.sort();
    let mut unknown: Vec<_> =
        known.iter().filter(|known| all.iter().all(|(version, _)| version != *known)).cloned().collect();
    if !unknown.is_empty() {
        unknown.sort();
        return Err(OpenError::Newer(unknown));
    }
    let (applied, pending): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(version, _)| known.contains(version));
    let names = |list: Vec<(String, String)>| list.into_iter().map(|(_, name)| name).collect();
    Ok(Status { applied: names(applied), pending: names(pending) })
}

fn failed(error: diesel::result::Error) -> OpenError {
    OpenError::Migration(Box::new(error))
}
