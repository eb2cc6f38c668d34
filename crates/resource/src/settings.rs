//! What an API may decide about checking tokens. Owns the values, their defaults and their bounds.

use doorward_protocol::client_address::AddressHeader;
use doorward_protocol::network::Network;
use doorward_protocol::revocation::LONGEST_WAIT;
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

/// The shortest time for which something is served that was heard before: the server has to be asked some times in it.
const SHORTEST_SERVED: Lifetime = Lifetime::seconds(10);

/// More leeway than this hides a broken clock.
const MOST_LEEWAY: Lifetime = Lifetime::seconds(60);

/// What a guard that decides by the feed of revocations does while the authorization server does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// Nobody is let in: 503 from the first answer that does not come.
    Refuse,
    /// What was heard goes on to count for so long; then 503. At least 10 s.
    ServeFor(Lifetime),
}

/// The settings of a [`ProtectedApi`](crate::protected_api::ProtectedApi).
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a signed token is still taken after its `exp`, and already before its `nbf`, for clocks that differ. 10 s, at most 60 s. An opaque
    /// token's end is the server's to judge and has none.
    pub leeway: Lifetime,
    /// How long what introspection says about a token is kept, and so how long a revocation may go unnoticed. 2 s; 0 asks
    /// each time, and for each request.
    pub introspection_kept: Lifetime,
    /// How long known keys go on to be used after they should have been renewed, while the server does not answer. 1 h.
    pub outage: Lifetime,
    /// How long a request waits for the server, whatever it has to wait for; then it is answered with 503. 3 s. One question to the
    /// server may take seven eighths of it.
    pub patience: Duration,
    /// How many bytes of verified and of introspected tokens are kept in memory. 8 MiB each.
    pub memory: u64,
    /// How old what was heard of the feed of revocations may be, for a [`Guard`](crate::guard::Guard). [`Stale::ServeFor`] 60 s.
    pub stale: Stale,
    /// Where proxies stand whose word on a client's address counts, for a [`Guard`](crate::guard::Guard). None: the peer is the
    /// client, whatever a header says.
    pub trusted_proxies: Vec<Network>,
    /// The one header in which they say it. Another one is never read. `X-Forwarded-For`.
    pub client_address_header: AddressHeader,
}

impl Stale {
    /// How long an answer of the feed is waited for, at most: so that there are several in the time that one may count.
    pub(crate) fn wait(self) -> Lifetime {
        let longest = self.longest().0 / 3;
        Lifetime(longest.min(LONGEST_WAIT.0))
    }

    /// How long what was heard counts, at most. Where nobody is let in after a failure, that failure has to be noticed, too.
    pub(crate) const fn longest(self) -> Lifetime {
        match self {
            Self::Refuse => SHORTEST_SERVED,
            Self::ServeFor(time) => time,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            leeway: Lifetime::seconds(10),
            introspection_kept: Lifetime::seconds(2),
            outage: Lifetime::minutes(60),
            patience: Duration::from_secs(3),
            memory: 8 << 20,
            stale: Stale::ServeFor(Lifetime::seconds(60)),
            trusted_proxies: vec![],
            client_address_header: AddressHeader::default(),
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
        if matches!(self.stale, Stale::ServeFor(time) if time < SHORTEST_SERVED) {
            return Some("what was heard of the feed counts for 10 s at least, or not at all");
        }
        self.patience.is_zero().then_some("patience is more than nothing")
    }
}
