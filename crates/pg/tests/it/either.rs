//! Runs one body on two kinds of connections: ours, and diesel's own as the reference.

use diesel::connection::{AnsiTransactionManager, Connection, LoadConnection, TransactionManager};
use diesel::migration::MigrationConnection;
use diesel::pg::Pg;

/// Both kinds of connections.
pub(crate) trait Either:
    Connection<Backend = Pg, TransactionManager = AnsiTransactionManager>
    + LoadConnection
    + MigrationConnection
    + Send
    + 'static
{
}

impl<C> Either for C where
    C: Connection<Backend = Pg, TransactionManager = AnsiTransactionManager>
        + LoadConnection
        + MigrationConnection
        + Send
        + 'static
{
}

/// How deep diesel believes to be in transactions; none if it has lost track.
pub(crate) fn depth<C: Either>(connection: &mut C) -> Option<u32> {
    let status = AnsiTransactionManager::transaction_manager_status_mut(connection);
    status.transaction_depth().ok().map(|depth| depth.map_or(0, u32::from))
}

/// Makes a test of each body, for each kind of connection.
macro_rules! on_either {
    ($($body:ident)*) => {
        mod ours {
            $(#[test]
            fn $body() {
                super::$body::<doorward_pg::PgConnection>();
            })*
        }
        #[cfg(feature = "libpq")]
        mod libpq {
            $(#[test]
            fn $body() {
                super::$body::<diesel::pg::PgConnection>();
            })*
        }
    };
}
pub(crate) use on_either;
