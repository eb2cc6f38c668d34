//! What diesel's pools ask of a connection. Always there, not by a feature of ours: as soon as anybody in the tree turns on
//! diesel's `r2d2`, every enum of connections (`MultiConnection`) asks it of each of them, and would not compile without.

use crate::connection::PgConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::r2d2::R2D2Connection;
use diesel::result::QueryResult;
use diesel::sql_types::Integer;
use diesel::{IntoSql, RunQueryDsl};

impl R2D2Connection for PgConnection {
    /// The server is asked for a number, and answers.
    fn ping(&mut self) -> QueryResult<()> {
        diesel::select(1.into_sql::<Integer>()).execute(self).map(drop)
    }

    fn is_broken(&mut self) -> bool {
        PgConnection::is_broken(self) || AnsiTransactionManager::is_broken_transaction_manager(self)
    }
}
