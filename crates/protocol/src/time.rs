//! Time as OAuth counts it: whole seconds. Owns the two units and their arithmetic; dates are `calendar`'s, and the clock
//! itself is injected from above, so nothing here can read one.

use crate::calendar::{self, NotAnInstant};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
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

impl Seconds {
    /// The same time of day so many months later, or on the last day of that month where it has no such day; in UTC.
    #[must_use]
    pub fn months_later(self, months: u32) -> Self {
        Self(calendar::months_later(self.0, months))
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
        calendar::write(self.0, f)
    }
}

/// RFC 3339, at any offset.
impl FromStr for Seconds {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Self, NotAnInstant> {
        calendar::read(text).map(Self)
    }
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
