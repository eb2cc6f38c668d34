//! What the store counts about itself. Owns the numbers; publishing them is the server's business.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Numbers that the store keeps up to date while it works.
#[derive(Debug, Default)]
pub struct Counters {
    /// Changes that were answered.
    pub jobs: Counter,
    /// Transactions that were committed for them.
    pub batches: Counter,
    /// The most changes that one commit carried.
    pub largest_batch: Counter,
    /// Changes that were run again, because the batch they were in failed or one of it had to be undone alone.
    pub reruns: Counter,
    /// Connections to the server that broke.
    pub lost: Counter,
    /// Closures that panicked.
    pub panics: Counter,
    /// Changes refused at once because the queue was full.
    pub turned_away: Counter,
    /// Changes refused because their turn did not come in time.
    pub expired: Counter,
    /// Checkpoints that reached the end of the log.
    pub checkpoints: Counter,
    /// Checkpoints that a reader or another process kept from it.
    pub checkpoints_blocked: Counter,
    /// Changes (on a server: and questions) that have not been answered yet.
    pub waiting: Counter,
    /// The size of the log's file, in bytes.
    pub wal_bytes: Counter,
    short_of_space: AtomicBool,
}

impl Counters {
    /// Whether the last attempt to write found the disk full, or the database lives on its ballast: readiness is red then.
    #[must_use]
    pub fn is_short_of_space(&self) -> bool {
        self.short_of_space.load(Relaxed)
    }

    pub(crate) fn set_short_of_space(&self, short: bool) {
        self.short_of_space.store(short, Relaxed);
    }
}

/// One number.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// The number now.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(crate) fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Relaxed);
    }

    /// Adds one if that stays within the limit; tells whether it did.
    #[cfg(feature = "sqlite")]
    pub(crate) fn add_within(&self, limit: usize) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |count| (count < limit as u64).then_some(count + 1)).is_ok()
    }

    pub(crate) fn take_one(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    pub(crate) fn raise_to(&self, value: usize) {
        self.0.fetch_max(value as u64, Relaxed);
    }
}
