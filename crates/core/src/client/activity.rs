//! What an API account has done: how often it was used at which API on which day, and from where last. Owns the records; they are kept
//! beside the account, because they change with every request and nothing is decided by them.

use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use std::fmt;
use std::net::IpAddr;

/// Addresses that are kept of one account, the latest ones.
pub const MOST_ADDRESSES: usize = 20;
/// How long uses and addresses are kept: a year, and the month in which somebody compares it with the one before.
pub const KEPT: Lifetime = Lifetime::days(400);

/// A day in UTC, counted from the first of January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

/// Uses of an account that are to be written down: those since the last time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountUses {
    /// The account.
    pub account: Id,
    /// How often at which API, on which day.
    pub days: Vec<DayUses>,
    /// Where from.
    pub addresses: Vec<LastAddress>,
}

/// Uses of an account at one API on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayUses {
    /// The day.
    pub day: Day,
    /// The API.
    pub api: Id,
    /// How many.
    pub uses: i64,
}

/// An address that an account was used from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LastAddress {
    /// The address.
    pub address: IpAddr,
    /// When it was last used from there.
    pub last_used_at: Seconds,
}

/// What is known of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Activity {
    /// Its uses, the latest day first.
    pub days: Vec<DayUses>,
    /// Where it was used from, the latest address first.
    pub addresses: Vec<LastAddress>,
}

impl Day {
    /// The day of an instant.
    #[must_use]
    pub const fn of(instant: Seconds) -> Self {
        Self(instant.0.div_euclid(86_400))
    }
}

/// RFC 3339 §5.6: a full date.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let midnight = Seconds(self.0.saturating_mul(86_400)).to_string();
        f.write_str(midnight.split('T').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day begins at midnight in UTC, also before 1970.
    #[test]
    fn a_day_is_written_as_a_full_date() {
        let day = |instant| Day::of(Seconds(instant)).to_string();
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(-1), "1969-12-31");
        assert_eq!(day(1_764_201_599), "2025-11-26");
        assert_eq!(day(1_764_201_600), "2025-11-27");
    }
}
