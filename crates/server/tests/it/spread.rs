//! How long something took, each time: gathered, and told in one line. Owns elapsed time in tests; what is too long is
//! the test's to say.

use std::fmt;
use std::io::Write;
use std::time::{Duration, Instant};

/// Times, in no order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spread(Vec<Duration>);

impl Spread {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The longest; nothing of nothing.
    pub(crate) fn longest(&self) -> Duration {
        self.0.iter().max().copied().unwrap_or_default()
    }

    /// Tells it whoever runs the tests.
    pub(crate) fn tell(&self, what: &str) {
        tell(&format!("{what}: {self}"));
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut times: Vec<_> = self.0.iter().map(Duration::as_millis).collect();
        times.sort_unstable();
        let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
        let [half, most, longest] = [50, 95, 100].map(|share| at(share).copied().unwrap_or_default());
        write!(
            f,
            "{} times, half within {half} ms, 95 % within {most} ms, all within {longest} ms",
            times.len()
        )
    }
}

/// Says something aloud that is no complaint.
pub(crate) fn tell(words: &str) {
    drop(writeln!(std::io::stderr(), "measured: {words}"));
}

/// How long something takes.
pub(crate) fn time<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let began = now();
    (act(), now() - began)
}

#[expect(clippy::disallowed_methods, reason = "what is promised to whoever waits is elapsed time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
