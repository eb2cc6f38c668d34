//! The clock, injected: rules take `now` as an argument, and the server draws it once per request from here. Owns the
//! only place of the house that reads the wall clock.

use doorward_protocol::time::Seconds;
use std::time::Duration;

/// Tells the time. Tests hold one that stands still.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Seconds;

    /// The same to the microsecond, where it tells that.
    fn microseconds(&self) -> u64 {
        u64::try_from(self.now().0).unwrap_or(0).saturating_mul(1_000_000)
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// A clock set before 1970 reads as 1970: everything is then simply not yet expired, and nothing panics.
    fn now(&self) -> Seconds {
        Seconds(i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX))
    }

    fn microseconds(&self) -> u64 {
        u64::try_from(since_1970().as_micros()).unwrap_or(u64::MAX)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock's home")]
fn since_1970() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}
