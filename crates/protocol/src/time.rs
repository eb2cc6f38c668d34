//! Time as OAuth counts it: whole seconds. Owns the two units and their arithmetic; the clock itself is injected from
//! above, so nothing here can read one.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// An instant: seconds since 1970-01-01T00:00:00Z, leap seconds ignored (RFC 7519 §2, NumericDate).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

/// A duration in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lifetime(pub i64);

impl Lifetime {
    /// A lifetime of so many seconds.
    #[must_use]
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// A lifetime of so many minutes.
    #[must_use]
    pub const fn minutes(minutes: i64) -> Self {
        Self(minutes * 60)
    }

    /// A lifetime of so many days.
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self(days * 86_400)
    }
}

impl Add<Lifetime> for Seconds {
    type Output = Seconds;

    /// Saturates: a lifetime from an administrator may be absurd, but never wraps into the past.
    fn add(self, lifetime: Lifetime) -> Seconds {
        Seconds(self.0.saturating_add(lifetime.0))
    }
}

impl Sub<Lifetime> for Seconds {
    type Output = Seconds;

    fn sub(self, lifetime: Lifetime) -> Seconds {
        Seconds(self.0.saturating_sub(lifetime.0))
    }
}

impl Sub for Seconds {
    type Output = Lifetime;

    fn sub(self, earlier: Seconds) -> Lifetime {
        Lifetime(self.0.saturating_sub(earlier.0))
    }
}

impl From<Lifetime> for Duration {
    /// A lifetime that has ended already takes no time.
    fn from(lifetime: Lifetime) -> Self {
        Self::from_secs(u64::try_from(lifetime.0).unwrap_or(0))
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

/// RFC 3339 in UTC, the form of every instant that leaves through the management side.
impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0.div_euclid(86_400), self.0.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (rest / 3600, rest % 3600 / 60, rest % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Days since the epoch as a date of the Gregorian calendar: years are counted from March, so that the leap day comes
/// last, and in eras of 400 years, after which the calendar repeats.
fn civil(days: i64) -> (i64, i64, i64) {
    const FROM_YEAR_ZERO: i64 = 719_468;
    const ERA: i64 = 146_097;
    let day = days.saturating_add(FROM_YEAR_ZERO);
    let (era, day_of_era) = (day.div_euclid(ERA), day.rem_euclid(ERA));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_since_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_since_march + 2) / 5 + 1;
    let month = if months_since_march < 10 { months_since_march + 3 } else { months_since_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3339 §5.6: instants print as date-time in UTC.
    #[test]
    fn an_instant_prints_as_rfc_3339() {
        assert_eq!(Seconds(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Seconds(951_782_399).to_string(), "2000-02-28T23:59:59Z");
        assert_eq!(Seconds(951_782_400).to_string(), "2000-02-29T00:00:00Z");
        assert_eq!(Seconds(1_795_392_000).to_string(), "2026-11-23T00:00:00Z");
        assert_eq!(Seconds(4_102_444_799).to_string(), "2099-12-31T23:59:59Z");
        assert_eq!(Seconds(-1).to_string(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Seconds(i64::MAX) + Lifetime::days(1), Seconds(i64::MAX));
        assert_eq!(Seconds(i64::MIN) - Lifetime::days(1), Seconds(i64::MIN));
        assert_eq!(Seconds(10) - Seconds(4), Lifetime(6));
        assert!(!Seconds(i64::MAX).to_string().is_empty());
        assert!(!Seconds(i64::MIN).to_string().is_empty());
    }
}
