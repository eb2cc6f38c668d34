//! What was heard of the feed, and is remembered until it cannot matter any more. Owns what follows from it for one token, and that
//! memory is bounded: what would not fit is forgotten in such a way that more is asked about, never less.

use crate::access::{Form, Token};
use doorward_protocol::id::Id;
use doorward_protocol::revocation::api::EnforcedApi;
use doorward_protocol::revocation::{Before, Revoked, What};
use doorward_protocol::time::{Lifetime, Seconds};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// More than are revoked in the life of an access token anywhere. Beyond it, everything issued so far is asked about.
const MOST: usize = 100_000;

/// A signed token counts for a little longer than it says, and clocks differ: what is said of it is remembered so much longer.
const SLACK: Lifetime = Lifetime::seconds(120);

/// The time in which a change that one node of the server has told is known to all of them.
const SETTLED: Lifetime = Lifetime::seconds(2);

#[derive(Default)]
pub(super) struct Heard {
    /// The API itself, as far as it is registered.
    pub(super) api: Option<Arc<EnforcedApi>>,
    /// What is refused for good, until when that is remembered: tokens and families.
    tokens: HashMap<Id, Seconds>,
    families: HashMap<Id, Seconds>,
    /// What else tokens rest on.
    clients: HashMap<String, Changed>,
    subjects: HashMap<String, Changed>,
    api_tokens: HashMap<Id, Changed>,
    /// The API, or whatever there is.
    all: Option<Changed>,
    /// When any change was heard of last.
    last_change: Option<Moment>,
    /// The number of the last answer that has said something.
    turn: u64,
}

/// Tokens issued up to then rest on something that has changed.
#[derive(Clone, Copy)]
struct Changed {
    before: Before,
    until: Seconds,
    heard: Moment,
}

/// When something was heard or asked: the time, and the number of the last answer of the feed by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    turn: u64,
    at: Seconds,
}

/// What the feed says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing.
    Good,
    /// What it rests on has changed: its signature alone says no longer that it is good, nor does what was said of it before.
    Changed(Moment),
    /// It was taken back.
    Revoked,
}

impl Moment {
    /// Whether what was asked now may be believed about what was heard then. Another node of the server may have answered, which
    /// did not know yet: such an answer counts for a moment only.
    pub(crate) fn is_after(self, heard: Self, now: Seconds) -> bool {
        let settled = heard.at + SETTLED;
        self.turn >= heard.turn && (self.at > settled || now <= settled)
    }
}

impl Heard {
    /// The moment, for a question that is asked then.
    pub(super) fn moment(&self, now: Seconds) -> Moment {
        Moment { turn: self.turn, at: now }
    }

    /// Takes in what the feed says about the tokens of this API, signed at that instant of the server's clock.
    pub(super) fn take(&mut self, entries: &[Revoked], audience: &str, (signed_at, now): (Seconds, Seconds)) {
        if entries.is_empty() {
            return;
        }
        self.turn += 1;
        let heard = self.moment(now);
        if entries.iter().any(|entry| !entry.what.is_final()) {
            self.last_change = Some(heard);
        }
        for entry in entries {
            let until = entry.exp + SLACK;
            let changed = |before: &Before| Changed { before: *before, until, heard };
            match &entry.what {
                What::Token(jti) => drop(self.tokens.insert(*jti, until)),
                What::Family(grant) => drop(self.families.insert(*grant, until)),
                // Nothing is verified by it from now on.
                What::Key(_) => {}
                What::Client(client_id, before) => {
                    changed(before).join(self.clients.entry(client_id.to_string()));
                }
                What::Subject(sub, before) => changed(before).join(self.subjects.entry(sub.clone())),
                What::ApiToken(id, before) => changed(before).join(self.api_tokens.entry(*id)),
                What::Audience(aud, _) if aud != audience => {}
                What::Audience(_, before) | What::All(before) => {
                    self.all = Some(self.all.map_or(changed(before), |known| known.and(changed(before))));
                }
            }
        }
        self.forget((signed_at, now));
    }

    /// What cannot matter any more is forgotten; and what is still too much becomes one entry about all tokens.
    fn forget(&mut self, (signed_at, now): (Seconds, Seconds)) {
        let matters = |changed: &Changed| now < changed.until;
        self.tokens.retain(|_, until| now < *until);
        self.families.retain(|_, until| now < *until);
        self.clients.retain(|_, changed| matters(changed));
        self.subjects.retain(|_, changed| matters(changed));
        self.api_tokens.retain(|_, changed| matters(changed));
        self.all = self.all.filter(matters);
        let changes = self.clients.len() + self.subjects.len() + self.api_tokens.len();
        if self.tokens.len() + self.families.len() + changes <= MOST {
            return;
        }
        tracing::warn!(
            "more was revoked than is remembered: tokens issued so far are asked about from now on"
        );
        let revoked = self.tokens.values().chain(self.families.values()).max().copied();
        let nothing =
            Changed { before: Before(signed_at), until: revoked.unwrap_or(now), heard: self.moment(now) };
        let changes = self.clients.values().chain(self.subjects.values()).chain(self.api_tokens.values());
        let all = changes.chain(&self.all).fold(nothing, |all, changed| changed.and(all));
        let (api, turn, last_change) = (self.api.take(), self.turn, Some(self.moment(now)));
        *self = Self { api, turn, all: Some(all), last_change, ..Self::default() };
    }

    /// What was heard of a token.
    pub(super) fn standing(&self, token: &Token) -> Standing {
        let is_of_another_api =
            |api: &Arc<EnforcedApi>| token.form == Form::Signed && token.issued_at < api.created_at;
        let family = token.family.as_ref();
        if self.tokens.contains_key(&token.jti)
            || family.is_some_and(|family| self.families.contains_key(family))
            || self.api.as_ref().is_some_and(is_of_another_api)
        {
            return Standing::Revoked;
        }
        let client_id = token.client_id.as_ref();
        let changes = [
            client_id.and_then(|client_id| self.clients.get(client_id.as_str())),
            self.subjects.get(&token.subject),
            token.api_token.and_then(|id| self.api_tokens.get(&id)),
            self.all.as_ref(),
        ];
        let concern = changes.into_iter().flatten().filter(|changed| changed.before.covers(token.issued_at));
        concern.map(|changed| changed.heard).max().map_or(Standing::Good, Standing::Changed)
    }

    /// When something was heard last by which what the server said of a token before may be true no longer. Of a bad one nobody knows
    /// what it rests on: it may have become good by whatever has changed.
    pub(super) fn last_doubt(&self, token: Option<&Token>) -> Option<Moment> {
        match token.map(|token| self.standing(token)) {
            Some(Standing::Changed(heard)) => Some(heard),
            Some(Standing::Good | Standing::Revoked) => None,
            None => self.last_change,
        }
    }
}

impl Changed {
    /// Of two changes to one subject, both are remembered as long as the one that matters longer.
    fn and(self, later: Self) -> Self {
        Self {
            before: self.before.max(later.before),
            until: self.until.max(later.until),
            heard: self.heard.max(later.heard),
        }
    }

    fn join<K>(self, place: Entry<'_, K, Self>) {
        place.and_modify(|known| *known = known.and(self)).or_insert(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::jose::claims::AccessTokenClaims;

    const API: &str = "https://orders.example";

    fn token(number: u128, issued_at: i64) -> Token {
        let claims = AccessTokenClaims {
            iss: "https://id.example".to_owned(),
            sub: "shop".to_owned(),
            aud: API.to_owned(),
            client_id: "shop".parse().unwrap(),
            exp: Seconds(issued_at + 600),
            iat: Seconds(issued_at),
            jti: Id::from_parts(0, number),
            scope: String::new(),
            generation: 0,
            access: vec![],
            allowed_ips: vec![],
            person: None,
            exchanged: None,
        };
        Token::try_from(claims).unwrap()
    }

    fn revoked(number: u128, exp: i64) -> Revoked {
        Revoked { what: What::Token(Id::from_parts(0, number)), exp: Seconds(exp) }
    }

    fn changed(before: i64, exp: i64) -> Revoked {
        Revoked { what: What::Subject("shop".to_owned(), Before(Seconds(before))), exp: Seconds(exp) }
    }

    fn hear(heard: &mut Heard, entries: &[Revoked], now: i64) {
        heard.take(entries, API, (Seconds(now), Seconds(now)));
    }

    #[test]
    fn what_cannot_matter_any_more_is_forgotten() {
        let mut heard = Heard::default();
        hear(&mut heard, &[revoked(1, 700), changed(100, 700)], 100);
        hear(&mut heard, &[revoked(2, 1000)], 819);
        assert_eq!(heard.standing(&token(1, 100)), Standing::Revoked, "a leeway may still count");
        hear(&mut heard, &[revoked(3, 1000)], 820);
        assert_eq!((heard.tokens.len(), heard.subjects.len()), (2, 0));
    }

    #[test]
    fn a_change_never_takes_an_earlier_one_back() {
        let mut heard = Heard::default();
        hear(&mut heard, &[changed(100, 700)], 100);
        hear(&mut heard, &[changed(50, 600)], 101);
        assert!(matches!(heard.standing(&token(1, 100)), Standing::Changed(_)));
        assert_eq!(heard.standing(&token(1, 101)), Standing::Good);
        let all = What::All(Before(Seconds(10)));
        hear(&mut heard, &[Revoked { what: all, exp: Seconds(900) }], 102);
        hear(
            &mut heard,
            &[Revoked { what: What::Audience(API.to_owned(), Before(Seconds(200))), exp: Seconds(9) }],
            102,
        );
        hear(&mut heard, &[revoked(9, 900)], 850);
        assert!(matches!(heard.standing(&token(1, 200)), Standing::Changed(_)), "as long as the later one");
    }

    /// More than is remembered is not forgotten: what was issued so far is asked about.
    #[test]
    fn what_does_not_fit_is_asked_about() {
        let mut heard = Heard::default();
        let most = u128::try_from(MOST).unwrap();
        let flood: Vec<_> = (0..most).map(|number| revoked(number, 700)).collect();
        hear(&mut heard, &flood, 100);
        assert_eq!(
            (heard.standing(&token(0, 90)), heard.standing(&token(most, 90))),
            (Standing::Revoked, Standing::Good)
        );
        hear(&mut heard, &[revoked(most + 1, 800)], 110);
        assert!(heard.tokens.is_empty() && heard.families.is_empty());
        for number in [0, most, most + 1, most + 2] {
            assert!(matches!(heard.standing(&token(number, 110)), Standing::Changed(_)), "{number}");
        }
        assert_eq!(heard.standing(&token(most + 3, 111)), Standing::Good);
        hear(&mut heard, &[revoked(1, 1000)], 920);
        assert_eq!(heard.standing(&token(0, 110)), Standing::Good, "all of them have ended");
    }

    /// What another node may have said before it knew counts until all do, and no longer.
    #[test]
    fn an_answer_that_comes_too_soon_counts_for_a_moment() {
        let mut heard = Heard::default();
        let before = heard.moment(Seconds(100));
        hear(&mut heard, &[changed(100, 700)], 100);
        let Standing::Changed(change) = heard.standing(&token(1, 100)) else { panic!("nothing has changed") };
        assert!(!before.is_after(change, Seconds(100)));
        let soon = heard.moment(Seconds(101));
        assert!(soon.is_after(change, Seconds(102)) && !soon.is_after(change, Seconds(103)));
        assert!(heard.moment(Seconds(103)).is_after(change, Seconds(107)));
    }
}
