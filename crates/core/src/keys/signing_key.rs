//! The key that signs tokens: its record, and the states it passes through. Owns when a key may sign and when it still
//! verifies; the states follow from three instants, so that time alone moves a key on and no job has to run for it.

use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::{Lifetime, Seconds};
use serde::Serialize;

/// A signing key, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SigningKeyRecord {
    /// RFC 7517 §4.5: the thumbprint of the public key (RFC 7638).
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The public half, a JWK in JSON.
    pub public_jwk: String,
    /// The private half (PKCS#8), sealed and bound to this row.
    pub sealed_private_key: Vec<u8>,
    /// When it was made.
    pub created_at: Seconds,
    /// When it begins to sign, unless a later key of its algorithm has begun.
    pub activates_at: Seconds,
    /// When it leaves the published set; set once a successor exists.
    pub expires_at: Option<Seconds>,
    /// When it was declared unsafe: from then on nothing signed with it counts.
    pub revoked_at: Option<Seconds>,
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Known to verifiers, not yet used: they need time to fetch it.
    Published,
    /// Signs.
    Active,
    /// Signs no more; what it signed still verifies.
    Retired,
    /// Gone from the published set.
    Expired,
    /// Declared unsafe.
    Revoked,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Published, Self::Active, Self::Retired, Self::Expired, Self::Revoked];
}

impl SigningKeyRecord {
    /// The state at an instant, given all keys (of any algorithm).
    #[must_use]
    pub fn state(&self, now: Seconds, all: &[SigningKeyRecord]) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            State::Expired
        } else if now < self.activates_at {
            State::Published
        } else if active(self.algorithm, now, all).is_some_and(|key| key.kid == self.kid) {
            State::Active
        } else {
            State::Retired
        }
    }

    /// Whether what it signed counts, and whether it stands in the published set.
    #[must_use]
    pub fn verifies(&self, now: Seconds) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// The key that signs with this algorithm: of those that have begun and still count, the one that began last.
#[must_use]
pub fn active<'a>(
    algorithm: Algorithm,
    now: Seconds,
    all: impl IntoIterator<Item = &'a SigningKeyRecord>,
) -> Option<&'a SigningKeyRecord> {
    all.into_iter()
        .filter(|key| key.algorithm == algorithm && key.activates_at <= now && key.verifies(now))
        .max_by_key(|key| (key.activates_at, key.created_at, &key.kid))
}

/// How long keys wait and linger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From publication to first use: longer than verifiers keep the set (its `max-age`).
    pub publish_before_use: Lifetime,
    /// From last use to removal: longer than the longest token lives.
    pub retire_after: Lifetime,
    /// From one key to the next.
    pub rotate_after: Lifetime,
}

impl Schedule {
    /// Whether it is time to make the next key of this algorithm: there is none that signs, or the active one has served
    /// and no successor waits. A key that begins later than any successor would (the clock was set back since) is not
    /// waited for.
    #[must_use]
    pub fn is_due(&self, algorithm: Algorithm, now: Seconds, all: &[SigningKeyRecord]) -> bool {
        let Some(active) = active(algorithm, now, all) else { return true };
        let soon = now + self.publish_before_use;
        let waits = |key: &SigningKeyRecord| now < key.activates_at && key.activates_at <= soon;
        let successor = all.iter().any(|key| key.algorithm == algorithm && key.verifies(now) && waits(key));
        active.activates_at + self.rotate_after <= now && !successor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, activates_at: i64, expires_at: Option<i64>) -> SigningKeyRecord {
        SigningKeyRecord {
            kid: kid.into(),
            algorithm: Algorithm::ES256,
            public_jwk: String::new(),
            sealed_private_key: vec![],
            created_at: Seconds(0),
            activates_at: Seconds(activates_at),
            expires_at: expires_at.map(Seconds),
            revoked_at: None,
        }
    }

    #[test]
    fn time_alone_moves_a_key_through_its_states() {
        let all = [key("old", 0, Some(160)), key("new", 100, None)];
        let states = |now| [all[0].state(Seconds(now), &all), all[1].state(Seconds(now), &all)];
        assert_eq!(states(99), [State::Active, State::Published]);
        assert_eq!(states(100), [State::Retired, State::Active]);
        assert_eq!(states(159), [State::Retired, State::Active]);
        assert_eq!(states(160), [State::Expired, State::Active]);
    }

    #[test]
    fn a_revoked_key_neither_signs_nor_verifies() {
        let mut all = [key("old", 0, None), key("new", 50, None)];
        all[1].revoked_at = Some(Seconds(60));
        assert_eq!(all[1].state(Seconds(60), &all), State::Revoked);
        assert!(!all[1].verifies(Seconds(60)));
        assert_eq!(active(Algorithm::ES256, Seconds(60), &all).unwrap().kid, "old");
    }

    #[test]
    fn there_is_one_active_key_even_when_two_began_in_the_same_second() {
        let all = [key("a", 10, None), key("b", 10, None)];
        let active: Vec<_> = all.iter().filter(|key| key.state(Seconds(10), &all) == State::Active).collect();
        assert_eq!(active.len(), 1);
    }

    #[test]
    fn the_next_key_is_made_once() {
        let schedule = Schedule {
            publish_before_use: Lifetime::minutes(10),
            retire_after: Lifetime::days(1),
            rotate_after: Lifetime::seconds(100),
        };
        let mut all = vec![key("a", 0, None)];
        assert!(!schedule.is_due(Algorithm::ES256, Seconds(99), &all));
        assert!(schedule.is_due(Algorithm::ES256, Seconds(100), &all));
        assert!(schedule.is_due(Algorithm::EdDSA, Seconds(0), &all), "an algorithm without a key");
        all.push(key("b", 150, None));
        assert!(!schedule.is_due(Algorithm::ES256, Seconds(120), &all), "its successor waits");
        assert!(!schedule.is_due(Algorithm::ES256, Seconds(200), &all), "its successor serves");
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_leave_the_server_without_a_key() {
        let schedule = Schedule {
            publish_before_use: Lifetime::minutes(10),
            retire_after: Lifetime::days(1),
            rotate_after: Lifetime::seconds(100),
        };
        let made_tomorrow = key("tomorrow", 86_400, None);
        assert!(schedule.is_due(Algorithm::ES256, Seconds(0), std::slice::from_ref(&made_tomorrow)));
        let all = [key("a", 0, None), made_tomorrow];
        assert!(schedule.is_due(Algorithm::ES256, Seconds(100), &all), "it is not waited for until tomorrow");
    }
}
