//! Attempts to sign in to one account. Owns the limit: so many within a window, counted before a password is looked at,
//! under the account's one spelling, whether such an account exists or not.

use crate::identity::user::Username;
use crate::keys::pepper::Peppers;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};

/// How long attempts are added up.
pub const WINDOW: Lifetime = Lifetime::minutes(15);
/// Failed attempts of one account within a window, unless the operator says otherwise.
pub const LIMIT: u32 = 10;

/// The attempts at one account since the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountAttempts {
    /// The keyed hash of the account's name: names that nobody has are as private as others.
    pub account: Digest,
    /// When the window began.
    pub began_at: Seconds,
    /// Attempts that have not ended in a success.
    pub count: i64,
}

/// Under what the attempts at an account are counted. The label keeps it apart from every token, which begins with `dw_`;
/// a new pepper begins the count anew, which a rotation of the master key may cost.
#[must_use]
pub fn account(username: &Username, peppers: &Peppers) -> Digest {
    peppers.digest(&format!("account {username}")).1
}

impl AccountAttempts {
    /// None yet, at an account that is counted from now on.
    #[must_use]
    pub const fn none(account: Digest, now: Seconds) -> Self {
        Self { account, began_at: now, count: 0 }
    }

    /// How long to wait before the next attempt; `None` when there is no need.
    #[must_use]
    pub fn wait(&self, limit: i64, now: Seconds) -> Option<Lifetime> {
        let left = self.began_at + WINDOW - now;
        (self.count >= limit && left > Lifetime(0)).then_some(left)
    }

    /// With one attempt more, in a new window if this one is over.
    #[must_use]
    pub fn and_one(self, now: Seconds) -> Self {
        let over = now >= self.began_at + WINDOW;
        if over { Self { began_at: now, count: 1, ..self } } else { Self { count: self.count + 1, ..self } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_attempt_waits_for_the_end_of_the_window() {
        let mut attempts = AccountAttempts::none(Digest([0; 32]), Seconds(100));
        for _ in 0..LIMIT {
            assert_eq!(attempts.wait(i64::from(LIMIT), Seconds(101)), None);
            attempts = attempts.and_one(Seconds(101));
        }
        assert_eq!(attempts.wait(i64::from(LIMIT), Seconds(160)), Some(Lifetime(WINDOW.0 - 60)));
        assert_eq!(attempts.wait(i64::from(LIMIT), Seconds(100) + WINDOW), None);
        assert_eq!(attempts.and_one(Seconds(100) + WINDOW).count, 1);
    }
}
