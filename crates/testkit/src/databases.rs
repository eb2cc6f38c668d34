//! Databases for tests, each empty and gone with its test. Owns where they come from: files in temporary folders, or a server
//! of PostgreSQL's that the environment names.
//!
//! `DOORWARD_TEST_DATABASE_URL` names a database on that server whose user may make others. Tests that are about PostgreSQL
//! use it where it is set. `DOORWARD_TEST_STORE=postgres` moves all others there, too.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use doorward_pg::PgConnection;
use std::io::{self, Write};
use std::process::Command;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use tempfile::TempDir;

/// The variable that names the server.
pub const SERVER: &str = "DOORWARD_TEST_DATABASE_URL";

/// The variable that says where tests keep their databases that would be at home on any.
pub const STORE: &str = "DOORWARD_TEST_STORE";

/// A database that nobody else uses.
pub struct FreshDatabase {
    url: String,
    /// On a server: what to drop, and where to say so.
    made: Option<Made>,
    _folder: Option<TempDir>,
}

struct Made {
    server: String,
    name: String,
}

impl FreshDatabase {
    /// An empty database where this run keeps them.
    ///
    /// # Panics
    /// Where none can be made.
    #[must_use]
    pub fn new() -> Self {
        if on_postgres() { Self::on(&server().expect("the server for tests is named")) } else { Self::file() }
    }

    /// An empty database on PostgreSQL; none, said aloud, where the environment names no server.
    ///
    /// # Panics
    /// Where none can be made.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        server_or_say().map(|server| Self::on(&server))
    }

    /// A database's URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let url = format!("sqlite:{}", folder.path().join("doorward.db").display());
        Self { url, made: None, _folder: Some(folder) }
    }

    fn on(server: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("dw_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        say(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        say(server, &format!("CREATE DATABASE {name}"));
        let url = named(server, &name);
        Self { url, made: Some(Made { server: server.to_owned(), name }), _folder: None }
    }
}

impl Default for FreshDatabase {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        if let Some(Made { server, name }) = &self.made {
            say(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Whether this run keeps its databases on PostgreSQL.
#[must_use]
pub fn on_postgres() -> bool {
    std::env::var(STORE).is_ok_and(|store| store == "postgres")
}

/// The URL of the server, where the environment names one.
#[must_use]
pub fn server() -> Option<String> {
    std::env::var(SERVER).ok().filter(|url| !url.is_empty())
}

/// The same, and where it names none, that is said aloud, once.
fn server_or_say() -> Option<String> {
    static SAID: Once = Once::new();
    let server = server();
    if server.is_none() {
        SAID.call_once(|| drop(writeln!(io::stderr(), "skipped: needs PostgreSQL ({SERVER})")));
    }
    server
}

/// Runs all tests of this binary but the one that calls it once more, with their databases on PostgreSQL; says so where the
/// environment names no server.
///
/// # Panics
/// Where one of them fails; their whole output is in the message.
pub fn run_again_on_postgres(caller: &str) {
    if on_postgres() || server_or_say().is_none() {
        return;
    }
    let tests = std::env::current_exe().expect("this binary has a path");
    let run = Command::new(tests).args(["--skip", caller]).env(STORE, "postgres").output();
    let run = run.expect("this binary runs");
    let text = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{text}");
    let said = |line: &&str| line.starts_with("test result:") || line.contains("skipped: ");
    for line in text.lines().filter(said) {
        drop(writeln!(io::stderr(), "on PostgreSQL: {line}"));
    }
}

/// The same URL with another database's name.
fn named(server: &str, name: &str) -> String {
    let (url, parameters) = server.split_once('?').map_or((server, ""), |(url, rest)| (url, rest));
    let (server, _) = url.rsplit_once('/').expect("the URL names a database");
    let separator = if parameters.is_empty() { "" } else { "?" };
    format!("{server}/{name}{separator}{parameters}")
}

/// Says something to a server, or to a file, in its own words, on a thread of its own: a test may have a runtime on this one.
///
/// # Panics
/// Where the server does not do it.
#[expect(clippy::disallowed_methods, reason = "a test makes and looks at what our code never does")]
pub fn say(url: &str, words: &str) {
    #[cfg(feature = "sqlite")]
    if let Some(file) = url.strip_prefix("sqlite:") {
        let mut connection = SqliteConnection::establish(file).expect("it opens");
        return connection.batch_execute(words).expect("the database does it");
    }
    thread::scope(|scope| {
        let said = scope.spawn(|| PgConnection::establish(url).expect("it connects").batch_execute(words));
        said.join().expect("no panic").expect("the server does it");
    });
}

/// Asks a server in its own words, for one column of text.
///
/// # Panics
/// Where the server does not answer.
#[must_use]
pub fn ask(url: &str, question: &str) -> Vec<String> {
    thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let mut connection = PgConnection::establish(url).expect("it connects");
            diesel::dsl::sql::<Text>(question).load(&mut connection)
        });
        asked.join().expect("no panic").expect("the server answers")
    })
}
