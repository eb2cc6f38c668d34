//! A session with PostgreSQL, and all that is said to it in its own words: settings, transactions, and what its errors mean.
#![expect(clippy::disallowed_methods, reason = "the place where PostgreSQL is spoken to in its own words")]

use crate::connection::AnyConnection;
use crate::open_error::OpenError;
use crate::postgres::client::{self, PostgresConnection};
use crate::postgres::job::now;
use crate::postgres::known::KnownServer;
use crate::trouble::{Kind, Met, Trouble};
use crate::url::ServerUrl;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::result::{ConnectionError, DatabaseErrorKind, Error};
use diesel::sql_types::Text;
use std::thread;
use std::time::{Duration, Instant};

/// Changes rest on guarded updates and on rows that are held, so each statement may see what was committed before it: who
/// waited for a row finds it as it is, not as it was.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The server's own ends to waiting, a little after ours: what we no longer wait for lets go of its locks. Within a
/// transaction nobody is ever silent for long, so whoever is has gone, and others wait for what it holds.
const BOUNDS: [&str; 3] =
    ["statement_timeout = 5000", "lock_timeout = 4000", "idle_in_transaction_session_timeout = 2000"];

/// How long a start waits for a server that starts, too.
const START_PATIENCE: Duration = Duration::from_secs(10);
const START_PAUSE: Duration = Duration::from_millis(100);

/// Any number will do that no other program on the same database uses.
const MIGRATIONS_LOCK: i64 = 0x646f_6f72_7761_7264;

diesel::define_sql_function!(fn current_setting(name: Text) -> Text);
diesel::define_sql_function!(fn pg_postmaster_start_time() -> Timestamptz);
diesel::define_sql_function!(fn to_regclass(name: Text) -> Nullable<Oid>);

diesel::table! {
    /// Where diesel notes which migrations it has run.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Opens a session.
pub(crate) fn open(server: &ServerUrl, by: Instant, known: &KnownServer) -> Result<AnyConnection, Trouble> {
    let mut postgres = client::connect(server, by).map_err(from_connection_error)?;
    let settled = settle(&mut postgres, server);
    let connection = AnyConnection::Postgres(postgres);
    match settled {
        Ok((true, started_at)) => {
            known.meet(started_at);
            Ok(connection)
        }
        Ok((false, _)) => Err(Trouble::new(
            Kind::Unavailable,
            "synchronous_commit is off: what is answered would not be durable; set it to on for this database or role",
        )),
        Err(error) => Err(connection.trouble(&error)),
    }
}

/// Opens a session at a start, for migrations: the server may be starting, too, and nothing waits for an answer.
pub(crate) fn open_patiently(server: &ServerUrl) -> Result<AnyConnection, OpenError> {
    let until = now() + START_PATIENCE;
    loop {
        match open(server, until, &KnownServer::default()) {
            Ok(mut connection) => {
                connection.set_deadline(None);
                return Ok(connection);
            }
            Err(trouble) if trouble.kind != Kind::Gone || now() + START_PAUSE >= until => {
                return Err(OpenError::Server(trouble.fault().to_string()));
            }
            Err(_) => thread::park_timeout(START_PAUSE),
        }
    }
}

/// Settles how the session behaves. Tells whether what it commits is durable, and when the server was started. Through a pooler that
/// hands the session to others between transactions, nothing can be settled here: see [`begin_write`].
fn settle(postgres: &mut PostgresConnection, server: &ServerUrl) -> QueryResult<(bool, PgTimestamp)> {
    if server.config().prepared_statements() {
        let bounds: Vec<_> = BOUNDS.iter().map(|bound| format!("SET {bound}")).collect();
        postgres.batch_execute(&bounds.join("; "))?;
    }
    let durable = current_setting("synchronous_commit").ne("off");
    diesel::select((durable, pg_postmaster_start_time())).get_result(postgres)
}

/// Begins a transaction that may change things.
pub(crate) fn begin_write(postgres: &mut PostgresConnection) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(postgres, BEGIN_WRITE)
}

/// Begins a transaction that sees one state of the database.
pub(crate) fn begin_snapshot(postgres: &mut PostgresConnection) -> QueryResult<()> {
    AnsiTransactionManager::begin_transaction_sql(postgres, BEGIN_SNAPSHOT)
}

/// Waits, within a transaction, for any other process that is at its migrations. Migrations take what time they need, but
/// wait for no table for long: while they wait, whoever comes after them waits, too.
pub(crate) fn hold_migrations(postgres: &mut PostgresConnection) -> QueryResult<()> {
    postgres.batch_execute(&format!(
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
         SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATIONS_LOCK}); SET LOCAL lock_timeout = 500"
    ))
}

/// Whether the last statement that failed had waited for a table in vain.
pub(crate) fn was_kept_waiting(postgres: &PostgresConnection) -> bool {
    client::sqlstate(postgres).map_or(client::SQLSTATE_IS_UNKNOWN, |state| state == "55P03")
}

/// What an error of this session means.
pub(crate) fn judge(postgres: &PostgresConnection, error: &Error) -> Met {
    match violated_constraint(error) {
        Some(constraint) => Met::Constraint(constraint),
        None => {
            // What is not the server's word has no state, and the last one is still remembered.
            let said =
                matches!(error, Error::DatabaseError(..)).then(|| client::sqlstate(postgres)).flatten();
            let kind = match kind(said, error) {
                // A session that is over needs another one before anything else can help.
                Kind::Raced | Kind::Broken if client::is_broken(postgres) => Kind::Gone,
                kind => kind,
            };
            Met::Trouble(Trouble::new(kind, format_args!("{error}{}", advice(said))))
        }
    }
}

/// What an administrator is told beside the server's own words.
fn advice(sqlstate: Option<&str>) -> &'static str {
    match sqlstate {
        // duplicate_prepared_statement, invalid_sql_statement_name.
        Some("42P05" | "26000") => {
            "; a pooler that hands sessions on (pool_mode = transaction) needs prepared_statements=false in the URL"
        }
        _ => "",
    }
}

/// The versions of the migrations that have been run. Not asked by way of diesel's own harness, which would make its table
/// first: a role that may only use the tables may know, too.
pub(crate) fn applied_migrations(postgres: &mut PostgresConnection) -> QueryResult<Vec<String>> {
    let there = to_regclass("__diesel_schema_migrations").is_not_null();
    if !diesel::select(there).get_result(postgres)? {
        return Ok(Vec::new());
    }
    __diesel_schema_migrations::table.select(__diesel_schema_migrations::version).load(postgres)
}

/// A session that does not open is trouble of the moment: the server may be starting, or another one be taking its place.
pub(crate) fn from_connection_error(error: ConnectionError) -> Trouble {
    Trouble::new(Kind::Gone, error)
}

/// The constraint that refused a row.
fn violated_constraint(error: &Error) -> Option<String> {
    let Error::DatabaseError(kind, information) = error else { return None };
    match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation => {
            let name = information.constraint_name().or_else(|| information.column_name());
            Some(name.unwrap_or("unnamed").to_owned())
        }
        _ => None,
    }
}

/// What may help, by the five characters that PostgreSQL gives with every error (its manual, appendix A).
fn kind(sqlstate: Option<&str>, error: &Error) -> Kind {
    let Some(state) = sqlstate else { return kind_without_state(error) };
    match state {
        // Two transactions met: serialization_failure, deadlock_detected.
        "40001" | "40P01" => Kind::Raced,
        "53100" => Kind::Full,
        // A standby, or a primary that has become one: read_only_sql_transaction. A statement that the session has
        // forgotten, or whose tables have changed: invalid_sql_statement_name, feature_not_supported.
        "25006" | "26000" | "0A000" => Kind::Gone,
        // Silent for too long, because the process was halted: idle_in_transaction_session_timeout.
        "25P03" => Kind::Gone,
        // Taken too long: query_canceled, lock_not_available.
        "57014" | "55P03" => Kind::Unavailable,
        // connection_exception, operator_intervention.
        _ if state.starts_with("08") || state.starts_with("57") => Kind::Gone,
        // insufficient_resources, system_error.
        _ if state.starts_with("53") || state.starts_with("58") => Kind::Unavailable,
        _ => Kind::Broken,
    }
}

fn kind_without_state(error: &Error) -> Kind {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Kind::Raced,
        Error::DatabaseError(DatabaseErrorKind::Unknown, information)
            if information.message() == "deadlock detected" =>
        {
            Kind::Raced
        }
        Error::DatabaseError(..) | Error::BrokenTransactionManager => Kind::Gone,
        _ => Kind::Broken,
    }
}
