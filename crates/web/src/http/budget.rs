//! The memory that request bodies may take up together. Owns the count, and which bodies need not be counted: a limit for
//! each body alone lets as many of them in as there are connections, from senders who have proven nothing yet.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The size in bytes up to which a body is not counted. Forms are smaller, so whoever announces large bodies and holds them
/// back keeps nobody out but others who send large ones; all connections together cannot take much by it.
const UNCOUNTED: usize = 4 * 1024;

/// Bytes that are left for bodies, for the whole process.
#[derive(Debug)]
pub(crate) struct Budget {
    taken: AtomicUsize,
    total: usize,
}

/// A body's share, until it is dropped.
#[derive(Debug)]
pub(crate) struct Share<'a> {
    budget: &'a Budget,
    size: usize,
}

impl Budget {
    pub(crate) const fn new(total: usize) -> Self {
        Self { taken: AtomicUsize::new(0), total }
    }

    /// Room for a body of this size; none where there is not enough left.
    pub(crate) fn take(&self, size: usize) -> Option<Share<'_>> {
        let size = if size > UNCOUNTED { size } else { 0 };
        if size > 0 && self.taken.fetch_add(size, Relaxed) > self.total.saturating_sub(size) {
            self.taken.fetch_sub(size, Relaxed);
            return None;
        }
        Some(Share { budget: self, size })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if self.size > 0 {
            self.budget.taken.fetch_sub(self.size, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back() {
        let budget = Budget::new(20_000);
        let (first, second) = (budget.take(10_000), budget.take(10_000));
        assert!(first.is_some() && second.is_some());
        assert!(budget.take(5_000).is_none());
        drop(first);
        assert!(budget.take(15_000).is_none(), "a refusal takes nothing");
        assert!(budget.take(10_000).is_some());
    }

    #[test]
    fn a_small_body_always_has_room() {
        let budget = Budget::new(10_000);
        let _all = budget.take(10_000).unwrap();
        assert!(budget.take(UNCOUNTED).is_some());
        assert!(budget.take(UNCOUNTED + 1).is_none());
    }
}
