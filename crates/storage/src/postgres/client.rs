//! What is asked of the connection that diesel's own interface has no words for: the crate of ours, which answers all of it.

use crate::url::ServerUrl;
use diesel::result::ConnectionResult;
use std::time::Instant;

pub(crate) type PostgresConnection = doorward_pg::PgConnection;

/// Whether a failure may have a SQLSTATE that is not told.
pub(crate) const SQLSTATE_IS_UNKNOWN: bool = false;

pub(crate) fn connect(server: &ServerUrl, by: Instant) -> ConnectionResult<PostgresConnection> {
    let mut postgres = PostgresConnection::connect_by(server.config(), by)?;
    set_deadline(&mut postgres, Some(by));
    Ok(postgres)
}

/// Ends each statement that is not done by then, and the session with it.
pub(crate) fn set_deadline(postgres: &mut PostgresConnection, by: Option<Instant>) {
    postgres.set_deadline(by);
}

/// The code of the last statement that failed.
pub(crate) fn sqlstate(postgres: &PostgresConnection) -> Option<&str> {
    postgres.sqlstate()
}

/// Whether the session is of no more use.
pub(crate) fn is_broken(postgres: &PostgresConnection) -> bool {
    postgres.is_broken()
}

/// Whether the server warned of something while it answered the last statement, such as a commit that a synchronous standby
/// has not confirmed.
pub(crate) const fn was_warned(postgres: &PostgresConnection) -> bool {
    postgres.was_warned()
}
