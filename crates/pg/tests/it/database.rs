//! The database that the environment names, and a schema of its own for each test, so that tests run side by side.

use std::env;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use diesel::sql_types::{BigInt, Text};
use doorward_pg::PgConnection;

/// The variable that names the database.
const VARIABLE: &str = "DOORWARD_TEST_DATABASE_URL";

/// Where a test is not about it, connecting may take its time.
pub(crate) const PATIENCE: &str = "connect_timeout=20";

/// A schema that goes when the test ends.
pub(crate) struct Database {
    pub(crate) url: String,
    schema: String,
}

/// The database, or a word aloud that the test does not run.
pub(crate) fn database() -> Option<Database> {
    let Ok(url) = env::var(VARIABLE) else {
        skipped(&format!("PostgreSQL ({VARIABLE})"));
        return None;
    };
    let url = if url.contains("connect_timeout") { url } else { with(&url, PATIENCE) };
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let schema = format!("it_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    say(&mut open(&url), &format!("CREATE SCHEMA {schema}"));
    Some(Database { url, schema })
}

impl Database {
    /// A connection of any kind that sees the schema first.
    pub(crate) fn connect<C: Connection<Backend = Pg>>(&self) -> C {
        let mut connection = C::establish(&self.url).expect("the database that the environment names");
        self.enter(&mut connection);
        connection
    }

    /// One of ours, with a parameter more.
    pub(crate) fn connect_with(&self, parameter: &str) -> PgConnection {
        let mut connection = open(&with(&self.url, parameter));
        self.enter(&mut connection);
        connection
    }

    fn enter<C: Connection<Backend = Pg>>(&self, connection: &mut C) {
        say(connection, &format!("SET search_path TO {}", self.schema));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Ok(mut connection) = PgConnection::establish(&self.url) {
            say(&mut connection, &format!("DROP SCHEMA {} CASCADE", self.schema));
        }
    }
}

/// A connection of ours.
pub(crate) fn open(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap_or_else(|error| panic!("{error}"))
}

/// The URL with a parameter more.
pub(crate) fn with(url: &str, parameter: &str) -> String {
    format!("{url}{}{parameter}", if url.contains('?') { '&' } else { '?' })
}

/// Runs statements in PostgreSQL's own words.
pub(crate) fn say<C: Connection<Backend = Pg>>(connection: &mut C, sql: &str) {
    connection.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Asks for a number.
pub(crate) fn number(connection: &mut PgConnection, sql: &str) -> QueryResult<i64> {
    let asked = format!("(SELECT n::bigint FROM (SELECT {sql}) AS asked (n))");
    diesel::select(diesel::dsl::sql::<BigInt>(&asked)).get_result(connection)
}

/// Asks for a text.
pub(crate) fn text(connection: &mut PgConnection, sql: &str) -> String {
    let found = diesel::select(diesel::dsl::sql::<Text>(sql)).get_result(connection);
    found.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// What the database says to a statement that must fail.
pub(crate) fn failure<T>(
    outcome: QueryResult<T>,
) -> (DatabaseErrorKind, Box<dyn DatabaseErrorInformation + Send + Sync>) {
    match outcome {
        Err(Error::DatabaseError(kind, information)) => (kind, information),
        Err(error) => panic!("not the database's error: {error:?}"),
        Ok(_) => panic!("it succeeded"),
    }
}

/// The kind of it alone.
pub(crate) fn kind<T>(outcome: QueryResult<T>) -> DatabaseErrorKind {
    failure(outcome).0
}

/// Says that a test lacks something. Past the test runner, which swallows what a passing test prints.
pub(crate) fn skipped(what: &str) {
    // In one piece: other tests write, too.
    std::io::stderr().write_all(format!("skipped: needs {what}\n").as_bytes()).expect("stderr takes a line");
}
