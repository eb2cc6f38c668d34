//! When the log's pages are brought into the database. Owns the bound on the log's size; what a checkpoint is stands with
//! the connection.
//!
//! Within a commit, a checkpoint is the worst latency there is. So it waits for a moment without work, and is done under
//! load only when the log has been written once through. A log that starts over writes over its own file, which costs less
//! than growing one. Where a checkpoint did not finish, the file grows by a step until the next attempt; at the limit the
//! writer also waits (briefly) for readers, and empties the file.

use crate::connection::AnyConnection;
use crate::counters::Counters;
use crate::sqlite::file::{Checkpoint, WAL_KEPT};
use diesel::QueryResult;
use std::path::PathBuf;
use std::sync::Arc;

/// The size of the log's file at the first attempt, and by how much it grows until the next where one did not finish.
const STEP: u64 = 8 << 20;

/// The size at which the log is emptied, even though readers have to be waited for.
const LIMIT: u64 = 64 << 20;

/// The log, and what is still to be done about it.
pub(crate) struct Checkpoints {
    wal: PathBuf,
    counters: Arc<Counters>,
    next_at: u64,
    unfinished: bool,
    complained: bool,
}

impl Checkpoints {
    pub(crate) fn new(wal: PathBuf, counters: Arc<Counters>) -> Self {
        Self { wal, counters, next_at: STEP, unfinished: true, complained: false }
    }

    /// Whether the log holds what is not in the database yet.
    pub(crate) fn are_unfinished(&self) -> bool {
        self.unfinished
    }

    /// After a batch was answered: lets the log grow, up to the next step.
    pub(crate) fn after_batch(&mut self, connection: &mut AnyConnection) {
        self.unfinished = true;
        let size = self.measure();
        if size >= LIMIT {
            self.judge(connection.checkpoint_and_truncate());
            self.wait_from(self.measure());
        } else if size >= self.next_at {
            self.judge(connection.checkpoint());
            self.wait_from(size);
        }
    }

    /// In a moment without work: brings over what there is.
    pub(crate) fn when_idle(&mut self, connection: &mut AnyConnection) {
        if !self.unfinished {
            return;
        }
        let size = self.measure();
        // An emptied file must be grown again by the next commits, so a file of everyday size is kept.
        if size > WAL_KEPT.unsigned_abs() {
            self.judge(connection.checkpoint_and_truncate());
        } else {
            self.judge(connection.checkpoint());
        }
        self.wait_from(self.measure());
    }

    /// Settles at which size of the file the next attempt is due. A log that has come over whole starts over, so that its
    /// file grows only when all of it has been written again.
    fn wait_from(&mut self, size: u64) {
        let grown = if self.unfinished { size + STEP } else { size + 1 };
        self.next_at = grown.max(STEP);
    }

    fn measure(&self) -> u64 {
        let size = std::fs::metadata(&self.wal).map_or(0, |file| file.len());
        self.counters.wal_bytes.set(size);
        size
    }

    /// A checkpoint that fails loses nothing: the log stays, and the next one is tried.
    fn judge(&mut self, result: QueryResult<Checkpoint>) {
        match result {
            Ok(Checkpoint::Complete) => {
                self.counters.checkpoints.add(1);
                self.unfinished = false;
                self.complained = false;
            }
            Ok(Checkpoint::Blocked) => {
                self.counters.checkpoints_blocked.add(1);
                self.complain(&"a reader or another process needs the log");
            }
            Err(error) => self.complain(&error),
        }
    }

    /// Says once that the log cannot be emptied, until it can.
    fn complain(&mut self, reason: &dyn std::fmt::Display) {
        if !self.complained {
            tracing::warn!(%reason, wal_bytes = self.counters.wal_bytes.value(), "a checkpoint did not finish");
        }
        self.complained = true;
    }
}
