//! The session: a browser in which a person has signed in. Owns its record and when it is over; the cookie is the web
//! floor's business, and only its keyed hash stands here.

use crate::identity::authentication::Authentication;
use crate::keys::pepper::PepperVersion;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};
use std::hash::{Hash, Hasher};

/// How long a session lasts without being used, unless the operator says otherwise.
pub const IDLE: Lifetime = Lifetime::seconds(8 * 3600);
/// How long it lasts at most, unless the operator says otherwise.
pub const ABSOLUTE: Lifetime = Lifetime::days(30);
/// Uses within this time of the last recorded one are not recorded: a write for each page would buy nothing.
pub const SEEN_EVERY: Lifetime = Lifetime::minutes(5);
/// OWASP ASVS 7.5: what may be done only shortly after signing in.
pub const STEP_UP: Lifetime = Lifetime::minutes(5);

/// A session, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name: OpenID Connect Front-Channel Logout §3 `sid`. It says nothing of the cookie.
    pub id: Id,
    /// The keyed hash of the cookie's secret.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// Who has signed in.
    pub user: Id,
    /// The user's generation then: a session of an earlier one is over.
    pub user_generation: i64,
    /// How they did.
    pub authentication: Authentication,
    /// When it was last seen in use, to within [`SEEN_EVERY`].
    pub seen_at: Seconds,
    /// When it is over in any case.
    pub expires_at: Seconds,
    /// When it was ended.
    pub ended_at: Option<Seconds>,
}

impl Session {
    /// Whether it was neither ended nor has run out of time.
    #[must_use]
    pub fn is_live(&self, idle: Lifetime, now: Seconds) -> bool {
        self.ended_at.is_none() && now < self.expires_at && now < self.seen_at + idle
    }

    /// Whether the person signed in within this time.
    #[must_use]
    pub fn is_fresh(&self, within: Lifetime, now: Seconds) -> bool {
        now <= self.authentication.auth_time + within
    }
}

/// Without the keyed hash and its pepper, which say nothing about the session.
impl Hash for Session {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { id, digest: _, pepper: _, user, user_generation, authentication, .. } = self;
        (id, user, user_generation, authentication).hash(state);
        (self.seen_at, self.expires_at, self.ended_at).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session {
            id: Id::from_parts(0, 1),
            digest: Digest([0; 32]),
            pepper: PepperVersion(1),
            user: Id::from_parts(0, 2),
            user_generation: 0,
            authentication: Authentication::by_password(Seconds(1_000)),
            seen_at: Seconds(1_000),
            expires_at: Seconds(1_000) + ABSOLUTE,
            ended_at: None,
        }
    }

    #[test]
    fn a_session_is_over_when_it_idled_expired_or_was_ended() {
        let now = Seconds(1_000) + IDLE;
        assert!(session().is_live(IDLE, Seconds(now.0 - 1)));
        assert!(!session().is_live(IDLE, now), "idle");
        let used = Session { seen_at: Seconds(1_000) + ABSOLUTE, ..session() };
        assert!(!used.is_live(IDLE, Seconds(1_000) + ABSOLUTE), "absolute");
        assert!(!Session { ended_at: Some(Seconds(1)), ..session() }.is_live(IDLE, Seconds(1_001)));
    }
}
