//! What an API may decide about checking tokens. Owns the values, their defaults and their bounds.

use doorward_protocol::time::Lifetime;
use std::time::Duration;

/// A key set is kept for as long as it says, within these bounds; and so long where it says nothing.
pub(crate) const SHORTEST_KEPT: Lifetime = Lifetime::seconds(10);
pub(crate) const LONGEST_KEPT: Lifetime = Lifetime::minutes(60);
pub(crate) const USUALLY_KEPT: Lifetime = Lifetime::minutes(5);

/// The time between two attempts to reach a server that did not answer, and between two looks for a key that is not
/// known: whoever makes up key names makes one request in that time, and not one for each.
pub(crate) const PAUSE: Lifetime = Lifetime::seconds(5);

/// Introspections under way at a time; more wait for their turn, as long as their patience lasts.
pub(crate) const INTROSPECTIONS: usize = 64;

/// More leeway than this hides a broken clock.
const MOST_LEEWAY: Lifetime = Lifetime::seconds(60);

/// The settings of a [`ProtectedApi`](crate::protected_api::ProtectedApi).
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a signed token is still taken after its `exp`, and already before its `nbf`, for clocks that differ. 10 s, at most 60 s. An opaque
    /// token's end is the server's to judge and has none.
    pub leeway: Lifetime,
    /// How long what introspection says about a token is kept, and so how long a revocation may go unnoticed. 5 s; 0 asks
    /// each time, and for each request.
    pub introspection_kept: Lifetime,
    /// How long known keys go on to be used after they should have been renewed, while the server does not answer. 1 h.
    pub outage: Lifetime,
    /// How long a request waits for the server, whatever it has to wait for; then it is answered with 503. 3 s. One question to the
    /// server may take seven eighths of it.
    pub patience: Duration,
    /// How many bytes of verified and of introspected tokens are kept in memory. 8 MiB each.
    pub memory: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            leeway: Lifetime::seconds(10),
            introspection_kept: Lifetime::seconds(5),
            outage: Lifetime::minutes(60),
            patience: Duration::from_secs(3),
            memory: 8 << 20,
        }
    }
}

impl Settings {
    /// How long one question to the server may take: a little less than a request waits, so that whoever waits in vain still
    /// learns that the server does not answer.
    pub(crate) fn question(&self) -> Duration {
        self.patience * 7 / 8
    }

    /// The first value that makes no sense.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let no_time = Lifetime::default();
        if !(no_time..=MOST_LEEWAY).contains(&self.leeway) {
            return Some("leeway is 0 to 60 s");
        }
        if self.introspection_kept < no_time || self.outage < no_time {
            return Some("a time is negative");
        }
        self.patience.is_zero().then_some("patience is more than nothing")
    }
}
