//! The same of diesel's own connection, for comparison only: by way of diesel, libpq knows no deadlines and tells neither
//! codes nor warnings.

use crate::url::ServerUrl;
use diesel::connection::Connection;
use diesel::result::ConnectionResult;
use std::time::Instant;

pub(crate) type PostgresConnection = diesel::PgConnection;

pub(crate) const SQLSTATE_IS_UNKNOWN: bool = true;

pub(crate) fn connect(server: &ServerUrl, _by: Instant) -> ConnectionResult<PostgresConnection> {
    let url = server.text();
    let next = if url.contains('?') { '&' } else { '?' };
    PostgresConnection::establish(&format!("{url}{next}fallback_application_name=doorward"))
}

pub(crate) const fn set_deadline(_: &mut PostgresConnection, _by: Option<Instant>) {}

pub(crate) const fn sqlstate(_: &PostgresConnection) -> Option<&str> {
    None
}

pub(crate) const fn is_broken(_: &PostgresConnection) -> bool {
    false
}

pub(crate) const fn was_warned(_: &PostgresConnection) -> bool {
    false
}
