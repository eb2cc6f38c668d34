//! Which server it is, behind a name that may come to mean another one. Owns the knowledge of when it was started, which no
//! two have in common, and of how often it was another one than before.

use diesel::data_types::PgTimestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The server that was met last.
#[derive(Debug, Default)]
pub(crate) struct KnownServer {
    started_at: Mutex<Option<PgTimestamp>>,
    changes: AtomicU64,
}

impl KnownServer {
    /// Meets a server that was started then.
    pub(crate) fn meet(&self, started_at: PgTimestamp) {
        let mut known = self.started_at.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|known| known != started_at) {
            self.changes.fetch_add(1, Ordering::Relaxed);
            tracing::info!(
                "the database is another one, or was started anew: all that is in memory is read again"
            );
        }
        *known = Some(started_at);
    }

    /// How often it was another one than the one before.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }
}
