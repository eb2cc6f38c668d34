//! The identifiers of events. Owns that what happens later at a node has the greater one, also within one second: they are what
//! the trail is put in order by, and told in.

use crate::clock::Clock;
use crate::random::{NoRandomness, Random};
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const SECOND: u64 = 1_000_000;
/// Of the 80 bits behind the milliseconds, the first ten tell the microseconds.
const RANDOM_BITS: u32 = 70;

/// Draws identifiers, each greater than the one before.
pub struct EventIds {
    clock: Arc<dyn Clock>,
    /// The microsecond of the last one.
    last: AtomicU64,
}

impl EventIds {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: AtomicU64::new(0) }
    }

    /// An identifier for something that happens in this second.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draw(&self, at: Seconds, random: &dyn Random) -> Result<Id, NoRandomness> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes[7..])?;
        let microsecond = self.microsecond(at);
        let random = u128::from_be_bytes(bytes) & ((1 << RANDOM_BITS) - 1);
        let within = u128::from(microsecond % 1_000) << RANDOM_BITS;
        Ok(Id::from_parts(microsecond / 1_000, within | random))
    }

    /// One after the last, for as long as the second has any.
    fn microsecond(&self, at: Seconds) -> u64 {
        let first = u64::try_from(at.0).unwrap_or(0).saturating_mul(SECOND);
        let end = first.saturating_add(SECOND - 1);
        let now = self.clock.microseconds().clamp(first, end);
        let after = |last: u64| if (now..end).contains(&last) { last + 1 } else { now };
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let next = after(last);
            match self.last.compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return next,
                Err(other) => last = other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    /// Stands still.
    struct At(Seconds);

    impl Clock for At {
        fn now(&self) -> Seconds {
            self.0
        }
    }

    #[test]
    fn what_happens_later_has_the_greater_identifier_and_each_is_of_its_second() {
        let (ids, random) = (EventIds::new(Arc::new(At(Seconds(10)))), SystemRandom::default());
        let drawn: Vec<_> = (0..3_000).map(|_| ids.draw(Seconds(10), &random).unwrap()).collect();
        assert!(drawn.is_sorted_by(|one, next| one < next));
        assert!(drawn[0] >= Id::from_parts(10_000, 0) && drawn[2_999] < Id::from_parts(11_000, 0));
        let later = ids.draw(Seconds(11), &random).unwrap();
        assert!(
            later >= Id::from_parts(11_000, 0) && later < Id::from_parts(12_000, 0),
            "by its request's clock"
        );
    }

    #[test]
    fn a_clock_that_goes_on_while_a_request_lasts_leaves_its_event_in_its_second() {
        let (ids, random) = (EventIds::new(Arc::new(At(Seconds(12)))), SystemRandom::default());
        for _ in 0..2 {
            let drawn = ids.draw(Seconds(10), &random).unwrap();
            assert!(drawn >= Id::from_parts(10_999, 0) && drawn < Id::from_parts(11_000, 0));
        }
    }
}
