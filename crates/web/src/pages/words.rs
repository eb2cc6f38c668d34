//! What pages say in words: times, dates, and the few sentences that are not a page's own. Owns the spelling; which of them
//! is said is decided by whoever renders.

use doorward_core::endpoint::page::Stays;
use doorward_core::sign_in::Notice;
use doorward_protocol::time::{Lifetime, Seconds};
use http::StatusCode;

const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A lifetime in the largest unit that says it exactly: "10 minutes", "36 hours".
pub(crate) fn lifetime(lifetime: Lifetime) -> String {
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| lifetime.0 % unit == 0).unwrap_or((1, "second"));
    counted(lifetime.0 / unit, name)
}

/// How long a client stays connected without asking again.
pub(crate) fn stays(stays: Stays) -> String {
    match stays {
        Stays::Never => "no: it asks each time".to_owned(),
        Stays::UntilSignOut(time) => format!("until you sign out, for up to {}", lifetime(time)),
        Stays::Beyond(time) => format!("for up to {}, signed out or not", lifetime(time)),
    }
}

/// A time to wait, rounded up: nobody is told to come back too early.
pub(crate) fn wait(time: Lifetime) -> String {
    let (unit, name) = if time.0 > 60 { (60, "minute") } else { (1, "second") };
    counted((time.0.max(1) + unit - 1) / unit, name)
}

fn counted(number: i64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// The day of an instant, in UTC: "24 November 2026".
pub(crate) fn date(instant: Seconds) -> String {
    let text = instant.to_string();
    let day = text.split('T').next().unwrap_or_default();
    let mut parts = day.rsplitn(3, '-');
    let mut next = || parts.next().unwrap_or_default();
    let (day, month, year) = (next().trim_start_matches('0'), next(), next());
    let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1)));
    month.map_or_else(|| text.clone(), |month| format!("{day} {month} {year}"))
}

/// One of our descriptions as a sentence of a page.
pub(crate) fn sentence(description: &str) -> String {
    let mut letters = description.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// What is said beside the sign-in form.
pub(crate) fn notice(notice: Notice) -> String {
    match notice {
        Notice::WrongCredentials => "The user name or the password is wrong.".to_owned(),
        Notice::TooManyAttempts(time) => {
            format!("There were too many attempts. Try again in {}.", wait(time))
        }
        Notice::ProveAgain => {
            "Please enter your password: what comes next asks that it is really you.".to_owned()
        }
    }
}

/// What a status means to a person.
pub(crate) fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        403 => "This is not allowed",
        405 => "This page is not reached this way",
        408 => "This took too long",
        413 | 431 => "This is too much at once",
        429 => "Too many attempts",
        500 => "Something broke on our side",
        503 => "Not at the moment",
        _ => "This request cannot be answered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_said_exactly() {
        for (seconds, words) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (60, "1 minute"),
            (600, "10 minutes"),
            (3_600, "1 hour"),
            (36 * 3_600, "36 hours"),
            (180 * 86_400, "180 days"),
        ] {
            assert_eq!(lifetime(Lifetime(seconds)), words);
        }
    }

    #[test]
    fn a_time_to_wait_is_never_too_short() {
        for (seconds, words) in
            [(0, "1 second"), (42, "42 seconds"), (61, "2 minutes"), (120, "2 minutes"), (899, "15 minutes")]
        {
            assert_eq!(wait(Lifetime(seconds)), words);
        }
    }

    #[test]
    fn a_date_is_written_out() {
        assert_eq!(date(Seconds(0)), "1 January 1970");
        assert_eq!(date(Seconds(1_795_478_400)), "24 November 2026");
        assert!(!date(Seconds(i64::MIN)).is_empty());
    }

    #[test]
    fn a_description_becomes_a_sentence() {
        assert_eq!(sentence("the parameter 'x' is missing"), "The parameter 'x' is missing.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), ".");
    }
}
