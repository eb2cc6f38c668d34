//! The Gregorian calendar in UTC, and the text of RFC 3339 that stands on it. Owns the arithmetic of dates, so that months are
//! counted as people count them; what an instant is belongs to `time`, and no time zone is known here.

use std::fmt;

/// Seconds of a day: leap seconds are ignored, as by all clocks that count from the epoch.
const DAY: i64 = 86_400;
/// Days from the first of March of the year zero to the epoch.
const FROM_YEAR_ZERO: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;
/// RFC 3339 §5.6: `date-time` is at least this long.
const SHORTEST: usize = "2026-11-27T00:00:00Z".len();

/// A date: year, month from 1, day from 1.
type Date = (i64, i64, i64);

/// A text that is not an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an instant is written as in 2027-05-27T12:00:00Z (RFC 3339)")]
pub struct NotAnInstant;

/// The same time of day so many months later, or on the last day of that month where it has no such day.
#[must_use]
pub(crate) fn months_later(seconds: i64, months: u32) -> i64 {
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let total = year * 12 + month - 1 + i64::from(months);
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    let day = day.min(last_day(year, month));
    days((year, month, day)).saturating_mul(DAY).saturating_add(seconds.rem_euclid(DAY))
}

/// RFC 3339 §5.6: `date-time`, in UTC.
pub(crate) fn write(seconds: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3600, rest % 3600 / 60, rest % 60);
    write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// RFC 3339 §5.6: `date-time`, at any offset. A fraction of a second is cut off; a leap second is none that a clock of ours
/// comes to, and is refused.
pub(crate) fn read(text: &str) -> Result<i64, NotAnInstant> {
    let bytes = text.as_bytes();
    if bytes.len() < SHORTEST || !text.is_ascii() {
        return Err(NotAnInstant);
    }
    let separated =
        [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')].iter().all(|(at, byte)| bytes[*at] == *byte)
            && matches!(bytes[10], b'T' | b't');
    let (year, month, day) = (number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..10])?);
    let (hour, minute, second) = (number(&bytes[11..13])?, number(&bytes[14..16])?, number(&bytes[17..19])?);
    let possible = (1..=12).contains(&month)
        && (1..=last_day(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !separated || !possible {
        return Err(NotAnInstant);
    }
    let offset = offset(after_fraction(&bytes[19..])?)?;
    Ok(days((year, month, day)) * DAY + hour * 3600 + minute * 60 + second - offset)
}

/// What stands behind `time-secfrac`, if there is one.
fn after_fraction(bytes: &[u8]) -> Result<&[u8], NotAnInstant> {
    let Some(fraction) = bytes.strip_prefix(b".") else { return Ok(bytes) };
    match fraction.iter().take_while(|byte| byte.is_ascii_digit()).count() {
        0 => Err(NotAnInstant),
        digits => Ok(&fraction[digits..]),
    }
}

/// `time-offset` in seconds.
fn offset(bytes: &[u8]) -> Result<i64, NotAnInstant> {
    match bytes {
        [b'Z' | b'z'] => Ok(0),
        [sign @ (b'+' | b'-'), rest @ ..] if rest.len() == 5 && rest[2] == b':' => {
            let (hours, minutes) = (number(&rest[..2])?, number(&rest[3..])?);
            if hours > 23 || minutes > 59 {
                return Err(NotAnInstant);
            }
            let seconds = hours * 3600 + minutes * 60;
            Ok(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => Err(NotAnInstant),
    }
}

/// A few digits, and nothing else.
fn number(digits: &[u8]) -> Result<i64, NotAnInstant> {
    digits.iter().try_fold(0, |number, byte| {
        if byte.is_ascii_digit() { Ok(number * 10 + i64::from(byte - b'0')) } else { Err(NotAnInstant) }
    })
}

/// Days since the epoch as a date: years are counted from March, so that the leap day comes last, and in eras of 400 years,
/// after which the calendar repeats.
fn date(days: i64) -> Date {
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

/// A date as days since the epoch, by the same count.
fn days((year, month, day): Date) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let months_since_march = (month + 9) % 12;
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA + day_of_era - FROM_YEAR_ZERO
}

/// How many days a month has.
const fn last_day(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Seconds;
    use proptest::prelude::*;

    /// About as far as four digits of a year reach.
    const SPAN: std::ops::Range<i64> = -62_167_219_200..253_402_300_800;

    fn later(text: &str, months: u32) -> String {
        Seconds(months_later(read(text).unwrap(), months)).to_string()
    }

    #[test]
    fn months_are_counted_as_people_count_them_and_end_with_the_month() {
        for (from, months, to) in [
            ("2026-11-27T08:09:10Z", 6, "2027-05-27T08:09:10Z"),
            ("2026-11-30T23:59:59Z", 3, "2027-02-28T23:59:59Z"),
            ("2027-11-30T00:00:00Z", 3, "2028-02-29T00:00:00Z"),
            ("2028-02-29T00:00:00Z", 12, "2029-02-28T00:00:00Z"),
            ("2026-08-31T12:00:00Z", 6, "2027-02-28T12:00:00Z"),
            ("2026-12-31T12:00:00Z", 12, "2027-12-31T12:00:00Z"),
            ("2026-10-31T12:00:00Z", 1, "2026-11-30T12:00:00Z"),
            ("2099-12-01T00:00:00Z", 3, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(later(from, months), to, "{from} and {months} months");
        }
    }

    /// RFC 3339 §5.6, §5.8: the grammar of `date-time`, and its examples but for the leap seconds.
    #[test]
    fn an_instant_is_read_at_any_offset() {
        for (text, instant) in [
            ("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50Z"),
            ("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"),
            ("1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27Z"),
            ("2027-05-27t12:00:00z", "2027-05-27T12:00:00Z"),
            ("2028-02-29T00:00:00-00:00", "2028-02-29T00:00:00Z"),
        ] {
            assert_eq!(text.parse::<Seconds>().map(|instant| instant.to_string()).as_deref(), Ok(instant));
        }
    }

    /// RFC 3339 §5.6, §5.7: what is no date or no time of day is refused.
    #[test]
    fn what_is_no_instant_is_refused() {
        for bad in [
            "",
            "2027-05-27",
            "2027-05-27T12:00:00",
            "2027-05-27 12:00:00Z",
            "2027-02-29T00:00:00Z",
            "2027-04-31T00:00:00Z",
            "2027-00-10T00:00:00Z",
            "2027-13-10T00:00:00Z",
            "2027-05-00T00:00:00Z",
            "2027-05-27T24:00:00Z",
            "2027-05-27T12:60:00Z",
            "1990-12-31T23:59:60Z",
            "2027-05-27T12:00:00.Z",
            "2027-05-27T12:00:00+24:00",
            "2027-05-27T12:00:00+0200",
            "2027-05-27T12:00:00+02:00Z",
            "+027-05-27T12:00:00Z",
            "2027-05-27T12:00:0éZ",
            "1795392000",
        ] {
            assert_eq!(read(bad), Err(NotAnInstant), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in SPAN) {
            prop_assert_eq!(read(&Seconds(seconds).to_string()), Ok(seconds));
        }

        #[test]
        fn every_day_has_one_date(day in -4_000_000_i64..4_000_000) {
            let written = date(day);
            prop_assert_eq!(days(written), day);
            prop_assert!(date(day + 1) > written);
            prop_assert!((1..=last_day(written.0, written.1)).contains(&written.2));
        }

        /// The day is kept or, where the month is too short for it, the month's last; the time of day always.
        #[test]
        fn later_by_months_is_in_that_month(seconds in SPAN, months in 0_u32..1200) {
            let later = months_later(seconds, months);
            let (before, after) = (date(seconds.div_euclid(DAY)), date(later.div_euclid(DAY)));
            prop_assert_eq!((after.0 - before.0) * 12 + after.1 - before.1, i64::from(months));
            prop_assert_eq!(after.2, before.2.min(last_day(after.0, after.1)));
            prop_assert_eq!(later.rem_euclid(DAY), seconds.rem_euclid(DAY));
        }

        #[test]
        fn nothing_panics(seconds: i64, months: u32, text: String) {
            let _ = months_later(seconds, months);
            let _ = read(&text);
        }
    }
}
