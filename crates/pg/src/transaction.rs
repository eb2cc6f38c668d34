//! Keeps diesel's transaction manager true to what the server says about the transaction. The rules are those that diesel
//! follows with libpq, so that nested transactions, failed commits and lost connections end alike.

use diesel::connection::TransactionManagerStatus;

use crate::wire::Status;

/// Takes over the server's status after a statement; `None` if the session is broken and there is none.
pub(crate) fn follow(manager: &mut TransactionManagerStatus, status: Option<Status>, failed: bool) {
    match status {
        None => manager.set_in_error(),
        // Also after a COMMIT that failed: it ends the transaction, whatever diesel counted.
        Some(Status::Idle) => *manager = TransactionManagerStatus::default(),
        Some(Status::Failed) => manager.set_requires_rollback_maybe_up_to_top_level(true),
        Some(Status::InTransaction) if !failed => manager.set_requires_rollback_maybe_up_to_top_level(false),
        // A transaction that diesel did not begin, or lost count of.
        Some(Status::InTransaction) if !matches!(manager.transaction_depth(), Ok(Some(_))) => {
            manager.set_in_error();
        }
        Some(Status::InTransaction) => {}
    }
}
