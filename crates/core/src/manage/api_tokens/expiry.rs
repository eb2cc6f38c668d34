//! When an API token ends. Owns how long one may be asked for, and that none outlives what the APIs it opens allow; what
//! happens at its end is decided where it is used.

use crate::access::api::Api;
use crate::manage::Findings;
use crate::token::api_token::ApiToken;
use doorward_protocol::time::{Lifetime, Seconds};

/// As many months as somebody may ask for.
const MONTHS: [u32; 3] = [3, 6, 12];
/// As many as they get who ask for nothing.
const USUAL: u32 = 6;

/// When a token is to end, as it is asked for: in some months, at an instant, or as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expiry {
    /// In 3, 6 or 12 months.
    pub expires_in_months: Option<i64>,
    /// At an instant to come (RFC 3339).
    pub expires_at: Option<String>,
}

/// An end that a token does not outlive, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::manage) enum Latest {
    /// That of the API token that it is made by.
    OfToken(Seconds),
    /// That of the API account that it belongs to.
    OfAccount(Seconds),
}

impl Latest {
    const fn at(self) -> Seconds {
        let (Self::OfToken(end) | Self::OfAccount(end)) = self;
        end
    }

    fn refusal(self) -> String {
        match self {
            Self::OfToken(end) => {
                format!("the API token that you act by ends at {end}: ask for no later end")
            }
            Self::OfAccount(end) => format!("is {end} at the latest, when the API account ends"),
        }
    }
}

impl Expiry {
    /// When a token made now ends that opens these APIs, which outlives none of `latest`. What is asked for
    /// must be within them and within what each API allows; what is usual is cut to it.
    pub(in crate::manage) fn at(
        &self,
        now: Seconds,
        opened: &[&Api],
        latest: &[Latest],
        findings: &mut Findings,
    ) -> Option<Seconds> {
        let (pointer, end) = match (self.expires_in_months, &self.expires_at) {
            (None, None) => {
                let usual = usual(now, opened);
                return Some(latest.iter().fold(usual, |end, latest| end.min(latest.at())));
            }
            (Some(_), Some(_)) => {
                findings.add("/expires_at", "stands in place of 'expires_in_months', not beside it");
                return None;
            }
            (Some(months), None) => ("/expires_in_months", in_months(months, now, findings)?),
            (None, Some(text)) => ("/expires_at", at_instant(text, now, findings)?),
        };
        if let Some((api, longest)) = strictest(opened)
            && end > now + longest
        {
            let (identifier, last, longest) = (&api.identifier, now + longest, days(longest));
            findings
                .add(pointer, format!("{identifier} lets a token live for {longest} at most, until {last}"));
        }
        for latest in latest.iter().filter(|latest| end > latest.at()) {
            findings.add(pointer, latest.refusal());
        }
        Some(end)
    }
}

/// Why this token may not open this API, if it lives for longer than the API allows.
pub(super) fn outlives(token: &ApiToken, api: &Api) -> Option<String> {
    let longest = api.max_token_lifetime?;
    (token.expires_at > token.issued_at + longest).then(|| {
        let (identifier, longest) = (&api.identifier, days(longest));
        format!("{identifier} lets a token live for {longest} at most: regenerate this one with an earlier end first")
    })
}

fn usual(now: Seconds, opened: &[&Api]) -> Seconds {
    let usual = now.months_later(USUAL);
    strictest(opened).map_or(usual, |(_, longest)| usual.min(now + longest))
}

fn in_months(months: i64, now: Seconds, findings: &mut Findings) -> Option<Seconds> {
    let known = MONTHS.into_iter().find(|known| i64::from(*known) == months);
    let known = known.ok_or("is 3, 6 or 12; another end is asked for by 'expires_at'");
    findings.check("/expires_in_months", known).map(|months| now.months_later(months))
}

fn at_instant(text: &str, now: Seconds, findings: &mut Findings) -> Option<Seconds> {
    let end = findings.check("/expires_at", text.parse::<Seconds>())?;
    let to_come = if end > now { Ok(end) } else { Err("is an instant to come") };
    findings.check("/expires_at", to_come)
}

/// The API that lets a token live shortest.
fn strictest<'a>(opened: &[&'a Api]) -> Option<(&'a Api, Lifetime)> {
    let bounded = opened.iter().filter_map(|api| Some((*api, api.max_token_lifetime?)));
    bounded.min_by_key(|(_, longest)| *longest)
}

/// A lifetime as people read it.
fn days(lifetime: Lifetime) -> String {
    let day = Lifetime::days(1).0;
    match (lifetime.0 / day, lifetime.0 % day) {
        (1, 0) => "1 day".to_owned(),
        (days, 0) => format!("{days} days"),
        _ => format!("{} seconds", lifetime.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manage::api_tokens::access::tests::api;
    use crate::manage::{Invalid, Refused};
    use crate::store::fault::Stop;
    use proptest::prelude::*;

    /// 2027-01-15T08:00:00Z.
    const NOW: Seconds = Seconds(1_800_000_000);

    fn within(expiry: &Expiry, longest: &[Option<i64>]) -> Result<Seconds, Vec<Invalid>> {
        let apis: Vec<_> = (0..).zip(longest).map(|(at, days)| api(at, days.map(Lifetime::days))).collect();
        let (opened, mut findings): (Vec<_>, _) = (apis.iter().collect(), Findings::default());
        let end = expiry.at(NOW, &opened, &[], &mut findings);
        match findings.refuse() {
            Ok(()) => Ok(end.unwrap()),
            Err(Stop::Refuse(Refused::Invalid(members))) => Err(members),
            Err(other) => panic!("{other}"),
        }
    }

    fn months(months: i64) -> Expiry {
        Expiry { expires_in_months: Some(months), expires_at: None }
    }

    fn instant(text: &str) -> Expiry {
        Expiry { expires_in_months: None, expires_at: Some(text.to_owned()) }
    }

    fn pointer(expiry: &Expiry, longest: &[Option<i64>]) -> (String, String) {
        let Invalid { pointer, detail } = within(expiry, longest).unwrap_err().remove(0);
        (pointer, detail)
    }

    #[test]
    fn a_token_lives_for_3_6_or_12_months_or_until_an_instant() {
        for (expiry, end) in [
            (months(3), "2027-04-15T08:00:00Z"),
            (months(6), "2027-07-15T08:00:00Z"),
            (months(12), "2028-01-15T08:00:00Z"),
            (Expiry::default(), "2027-07-15T08:00:00Z"),
            (instant("2027-02-01T00:00:00+01:00"), "2027-01-31T23:00:00Z"),
        ] {
            assert_eq!(within(&expiry, &[None]).unwrap().to_string(), end, "{expiry:?}");
        }
    }

    #[test]
    fn what_is_no_end_is_refused_where_it_stands() {
        for bad in [0, 1, -3, 4, 24, i64::MAX] {
            assert_eq!(pointer(&months(bad), &[]).0, "/expires_in_months", "{bad}");
        }
        for bad in ["", "tomorrow", "2027-01-15T08:00:00Z", "2020-01-01T00:00:00Z"] {
            assert_eq!(pointer(&instant(bad), &[]).0, "/expires_at", "{bad}");
        }
        let both = Expiry { expires_in_months: Some(3), ..instant("2027-02-01T00:00:00Z") };
        assert_eq!(pointer(&both, &[]).0, "/expires_at");
    }

    #[test]
    fn the_strictest_api_bounds_what_is_asked_for_and_cuts_what_is_usual() {
        let bounds = [None, Some(90), Some(30), Some(365)];
        let (pointer, detail) = pointer(&months(3), &bounds);
        assert_eq!(pointer, "/expires_in_months");
        assert_eq!(
            detail,
            "https://2.example lets a token live for 30 days at most, until 2027-02-14T08:00:00Z"
        );
        assert!(within(&instant("2027-02-14T08:00:00Z"), &bounds).is_ok(), "to the second");
        assert!(within(&instant("2027-02-14T08:00:01Z"), &bounds).is_err());
        let usual = within(&Expiry::default(), &bounds).unwrap();
        assert_eq!(usual, NOW + Lifetime::days(30));
        assert_eq!(within(&Expiry::default(), &[Some(365)]).unwrap(), NOW.months_later(6));
    }

    proptest! {
        /// Whatever is asked for: it ends later than now, and within what every API allows.
        #[test]
        fn no_token_outlives_what_an_api_allows(
            months in proptest::option::of(-1_i64..14),
            at in proptest::option::of(-1_000_i64..40_000_000),
            longest in proptest::collection::vec(proptest::option::of(1_i64..400), 0..4),
        ) {
            let expires_at = at.map(|later| (NOW + Lifetime::seconds(later)).to_string());
            let expiry = Expiry { expires_in_months: months, expires_at };
            if let Ok(end) = within(&expiry, &longest) {
                prop_assert!(end > NOW);
                prop_assert!(longest.iter().flatten().all(|days| end <= NOW + Lifetime::days(*days)));
            }
        }
    }
}
