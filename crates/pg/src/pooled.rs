//! What diesel's pools ask of a connection. Always there, not by a feature of ours: as soon as anybody in the tree turns on
//! diesel's `r2d2`, every enum of connections (`MultiConnection`) asks it of each of them, and would not compile without.

use crate::connection::PgConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::R2D2Connection;
use diesel::result::QueryResult;

impl R2D2Connection for PgConnection {
    /// The server is asked nothing, and answers.
    #[expect(clippy::disallowed_methods, reason = "an empty statement is the same for every backend")]
    fn ping(&mut self) -> QueryResult<()> {
        self.batch_execute("")
    }

    fn is_broken(&mut self) -> bool {
        PgConnection::is_broken(self) || AnsiTransactionManager::is_broken_transaction_manager(self)
    }
}
