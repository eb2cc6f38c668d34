//! The clock, injected: what is kept, and whether a token is over, is judged by it. Owns the only place of this crate that
//! reads the wall clock.

use doorward_protocol::time::Seconds;

/// Tells the time. Tests hold one that stands still.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Seconds;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    /// A clock set before 1970 reads as 1970; nothing panics.
    #[expect(clippy::disallowed_methods, reason = "this is the clock's home")]
    fn now(&self) -> Seconds {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}
