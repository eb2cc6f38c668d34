//! The limit on failed authentications from one address: so many within a window, then 429 with Retry-After. Owns the
//! counters, in memory and bounded; leaves to its callers whose authentication it is (a client's within a minute, anybody's
//! sign-in within fifteen), what counts as a failure and what the refusal looks like, and asks nothing of the store: a restart
//! forgives, because this limit is there to bound noise and load, not to carry the security of a guessable password.
//! Secrets of clients have 256 bits; a person's account has a limit of its own that is stored (`identity::attempts`).
//!
//! **A fixed window**, from the first failure on: one number and one instant say everything, and the answer knows to the
//! second when to come back. Its price is known: around the end of a window, up to twice the limit within a minute. A
//! success clears nothing and costs nothing, so the way of honest clients never writes here.
//!
//! **At capacity** the pair that was touched longest ago is forgotten. To push out a counter before its window is over
//! takes a failure from each of 65,536 other pairs, all of them counted: it costs more attempts than it frees.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use doorward_protocol::time::Lifetime;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// How long failures of a client are added up.
const WINDOW: Duration = Duration::from_secs(60);

/// Pairs of client and address that are remembered: some 20 MB when an attacker fills them all.
const CAPACITY: u64 = 65_536;

/// What of a presented client_id tells clients apart; a registered one is not longer, a presented one may be anything.
const LONGEST_CLIENT_ID: usize = 64;

/// The failures of all clients, or of all who sign in. One of each for the process.
pub struct Attempts {
    limit: u32,
    window: Duration,
    keys: RandomState,
    windows: Cache<u64, Arc<Mutex<Window>>>,
    /// When the youngest window ends, in milliseconds since `started`; 0 while nothing is recorded. It spares the
    /// honest way the clock and the cache.
    last_end: AtomicU64,
    started: Instant,
    now: Box<dyn Fn() -> Instant + Send + Sync>,
}

/// The failures of one pair since the first of them.
struct Window {
    began: Instant,
    failures: u32,
}

impl Attempts {
    /// Refuses a pair of client and address once it has failed so often within a minute. A limit of 0 acts as 1: what to
    /// refuse is known only after a failure.
    #[must_use]
    pub fn new(limit_per_minute: u32) -> Self {
        Self::with_clock(limit_per_minute, monotonic)
    }

    /// The same within another window than a minute.
    #[must_use]
    pub fn within(window: Lifetime, limit: u32) -> Self {
        let window = Duration::from_secs(window.0.unsigned_abs());
        Self::bounded(limit, window, CAPACITY, monotonic)
    }

    /// The same with a clock of the caller's, which must never run backwards.
    #[must_use]
    pub fn with_clock(limit_per_minute: u32, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self::bounded(limit_per_minute, WINDOW, CAPACITY, now)
    }

    fn bounded(
        limit: u32,
        window: Duration,
        capacity: u64,
        now: impl Fn() -> Instant + Send + Sync + 'static,
    ) -> Self {
        // Idle time frees memory and decides nothing: a pair untouched for a window's length has none that still runs.
        let windows = Cache::builder()
            .max_capacity(capacity)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(window)
            .build();
        let (keys, started) = (RandomState::new(), now());
        Self { limit, window, keys, windows, last_end: AtomicU64::new(0), started, now: Box::new(now) }
    }

    /// Whether this pair, which has just failed again, has to wait, and how long. Not to be asked of a right secret:
    /// whoever knows a client's name could shut it out by failing.
    ///
    /// Asking reserves nothing: attempts under way at the same moment may each still fail, so the limit is exceeded by
    /// at most as many as are between this question and its answer at once; the connection cap bounds those.
    #[must_use]
    pub fn refused(&self, client_id: &str, address: Option<IpAddr>) -> Option<Lifetime> {
        let last_end = self.last_end.load(Ordering::Acquire);
        if last_end == 0 {
            return None;
        }
        let now = (self.now)();
        if self.milliseconds(now) >= last_end {
            // Lost to a failure recorded meanwhile, this does nothing: that window ends later.
            let _ = self.last_end.compare_exchange(last_end, 0, Ordering::AcqRel, Ordering::Acquire);
            return None;
        }
        let window = self.windows.get(&self.key(client_id, address))?;
        let window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let left = window.left(self.window, now)?;
        (window.failures >= self.limit).then(|| whole_seconds(left))
    }

    /// Records one failed authentication.
    pub fn failed(&self, client_id: &str, address: Option<IpAddr>) {
        let now = (self.now)();
        let window =
            self.windows.get_with(self.key(client_id, address), || Arc::new(Mutex::new(Window::at(now))));
        let began = window.lock().unwrap_or_else(PoisonError::into_inner).add(self.window, now);
        let end = began + self.window;
        self.last_end.fetch_max(self.milliseconds(end).saturating_add(1), Ordering::AcqRel);
    }

    fn milliseconds(&self, instant: Instant) -> u64 {
        u64::try_from(instant.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX)
    }

    /// A keyed hash in place of the pair: nobody can aim at another's counter, and a long client_id is not kept.
    fn key(&self, client_id: &str, address: Option<IpAddr>) -> u64 {
        let client_id = client_id.as_bytes();
        self.keys.hash_one((&client_id[..client_id.len().min(LONGEST_CLIENT_ID)], address.map(network)))
    }
}

impl Window {
    const fn at(began: Instant) -> Self {
        Self { began, failures: 0 }
    }

    /// Adds a failure, to a new window if this one is over; says when the window began.
    fn add(&mut self, length: Duration, now: Instant) -> Instant {
        if self.left(length, now).is_none() {
            *self = Self::at(now);
        }
        self.failures = self.failures.saturating_add(1);
        self.began
    }

    /// What is left of it.
    fn left(&self, length: Duration, now: Instant) -> Option<Duration> {
        length.checked_sub(now.saturating_duration_since(self.began)).filter(|left| !left.is_zero())
    }
}

/// RFC 9110 §10.2.3: Retry-After counts whole seconds; rounded up, so that whoever waits that long is let in.
fn whole_seconds(left: Duration) -> Lifetime {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    Lifetime(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// RFC 4291 §2.5.1, §2.5.5.2: an IPv4 address counts the same in IPv6's clothes, and an IPv6 address counts by its /64,
/// since whoever holds one address of a link holds them all.
const fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        IpAddr::V4(address) => IpAddr::V4(address),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a limit must not move with the wall clock, and nothing here is stored"
)]
fn monotonic() -> Instant {
    Instant::now()
}

#[cfg(test)]
#[path = "attempts_tests.rs"]
mod tests;
