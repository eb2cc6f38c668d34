//! A clock that stands still until a test moves it.

use doorward_core::clock::Clock;
use doorward_protocol::time::{Lifetime, Seconds};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// The instant at which tests begin: 2026-11-22T09:00:00Z.
pub const START: Seconds = Seconds(1_795_338_000);

/// A clock for tests.
#[derive(Debug)]
pub struct FrozenClock(AtomicI64);

impl FrozenClock {
    /// A clock that stands at this instant.
    #[must_use]
    pub const fn at(instant: Seconds) -> Self {
        Self(AtomicI64::new(instant.0))
    }

    /// Lets time pass, or turn back.
    pub fn advance(&self, lifetime: Lifetime) {
        self.0.fetch_add(lifetime.0, SeqCst);
    }
}

impl Default for FrozenClock {
    fn default() -> Self {
        Self::at(START)
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Seconds {
        Seconds(self.0.load(SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_only_when_it_is_moved() {
        let clock = FrozenClock::default();
        assert_eq!(clock.now().to_string(), "2026-11-22T09:00:00Z");
        clock.advance(Lifetime::minutes(1));
        assert_eq!(clock.now(), START + Lifetime(60));
    }
}
