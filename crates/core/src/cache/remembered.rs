//! What has changed lately that access tokens rest on: what an API has to know that verifies them by signature alone. Owns for how long
//! a change is remembered, and the cursors by which somebody says up to which one they know; how a change is learned of stands in
//! `follow`.
//!
//! Every node on a database remembers the same, and gives out the same cursors, also after it was started anew.

use super::Held;
use crate::store::Revision;
use crate::store::tx::changes::{Change, Changed, Voids};
use doorward_protocol::revocation::{Before, MOST_ENTRIES, Revoked, What};
use doorward_protocol::time::{Lifetime, Seconds};
use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

/// Tokens that were issued so long after a change may rest on what was before it: another node learns of it within a second, and its
/// clock may be a little ahead.
pub const SLACK: Lifetime = Lifetime::seconds(2);

/// As many changes are recognised at least, however old they are; the store keeps as many.
const LEAST: usize = 10_000;
/// More than these are not remembered one by one.
pub(super) const MOST: i64 = 50_000;

/// What stands in a cursor where no change was known.
const NO_MARK: &str = "-";

/// Up to which change somebody knows everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    revision: Revision,
    mark: String,
}

/// A text that is no cursor of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no cursor")]
pub struct NoCursor;

/// What is told to somebody who knows everything up to a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// What they do not know yet.
    pub revoked: Vec<Revoked>,
    /// Up to where they know everything then.
    pub next: Cursor,
    /// Whether their cursor is too old, or from another past: this is everything that counts.
    pub reset: bool,
    /// Whether there is more to be told at once.
    pub more: bool,
}

/// Where a cursor stands among what is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// What comes from there on is not known yet.
    Before(usize),
    /// Before all that is remembered.
    TooOld,
    /// In a past that was not this one.
    Elsewhere,
}

/// The changes, in their order.
pub(super) struct Remembered {
    longest: Lifetime,
    changes: VecDeque<Known>,
    /// What stands for everything that was before these and is not remembered.
    earlier: Option<Revoked>,
}

/// One change.
struct Known {
    cursor: Cursor,
    changed_at: Seconds,
    entry: Option<Revoked>,
}

impl Remembered {
    pub(super) const fn nothing(longest: Lifetime) -> Self {
        Self { longest, changes: VecDeque::new(), earlier: None }
    }

    /// Remembers everything anew. What the feed does not reach back to may have been anything.
    pub(super) fn anew(&mut self, changes: &[Change], last: Revision, now: Seconds) {
        self.changes.clear();
        let reaches_back = match changes.first() {
            Some(oldest) => oldest.revision <= Revision(1) || oldest.changed_at < self.forgotten_at(now),
            None => last <= Revision(0),
        };
        if !reaches_back {
            self.may_have_changed(changes.first().map_or(now, |oldest| oldest.changed_at));
        }
    }

    /// Whatever was issued up to then may rest on what is not known here.
    pub(super) fn may_have_changed(&mut self, up_to: Seconds) {
        let everything = everything(up_to, self.longest);
        if self.earlier.as_ref().is_none_or(|known| known.exp < everything.exp) {
            self.earlier = Some(everything);
        }
    }

    /// Remembers one more change.
    fn add(&mut self, change: Change, entry: Option<Revoked>) {
        let cursor = Cursor { revision: change.revision, mark: change.mark };
        self.changes.push_back(Known { cursor, changed_at: change.changed_at, entry });
    }

    /// Forgets what no token can rest on that is still good.
    pub(super) fn forget(&mut self, now: Seconds) {
        let forgotten_at = self.forgotten_at(now);
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        while let Some(oldest) = self.changes.front() {
            let is_old = oldest.changed_at < forgotten_at;
            if self.changes.len() <= LEAST || !(is_old || self.changes.len() > most) {
                return;
            }
            let changed_at = oldest.changed_at;
            self.changes.pop_front();
            if !is_old {
                self.may_have_changed(changed_at);
            }
        }
    }

    /// A change that was made before then is in no entry that counts.
    fn forgotten_at(&self, now: Seconds) -> Seconds {
        now - self.longest - SLACK
    }

    fn newest(&self, applied: Revision) -> Cursor {
        let none = || Cursor { revision: applied, mark: NO_MARK.to_owned() };
        self.changes.back().map_or_else(none, |known| known.cursor.clone())
    }

    fn place(&self, cursor: &Cursor, applied: Revision) -> Place {
        let at = self.changes.partition_point(|known| known.cursor.revision < cursor.revision);
        let first = self.changes.front().map_or(Revision(applied.0 + 1), |known| known.cursor.revision);
        match self.changes.get(at) {
            Some(known) if known.cursor == *cursor => Place::Before(at + 1),
            _ if cursor.mark == NO_MARK && cursor.revision.0.checked_add(1) == Some(first.0) => {
                Place::Before(0)
            }
            _ if cursor.revision < first && !matches!(cursor.mark.as_str(), NO_MARK | "") => Place::TooOld,
            _ => Place::Elsewhere,
        }
    }

    /// From a change on, at most as much as one answer holds.
    fn from(
        &self,
        at: usize,
        mut revoked: Vec<Revoked>,
        reset: bool,
        applied: Revision,
        now: Seconds,
    ) -> Recalled {
        let counts = |known: &&Known| known.entry.as_ref().is_some_and(|entry| now < entry.exp);
        let mut all = self.changes.iter().skip(at).filter(counts);
        let room = MOST_ENTRIES - revoked.len();
        let told: Vec<_> = all.by_ref().take(room).collect();
        let more = all.next().is_some();
        let last = told.last().filter(|_| more);
        let next = last.map_or_else(|| self.newest(applied), |known| known.cursor.clone());
        revoked.extend(told.into_iter().filter_map(|known| known.entry.clone()));
        Recalled { revoked, next, reset, more }
    }
}

impl Held {
    /// Remembers changes that were not known yet; what they say of single tokens and families is held already.
    pub(super) fn remember(&mut self, changes: Vec<Change>) {
        let known = self.remembered.changes.back().map_or(Revision(i64::MIN), |known| known.cursor.revision);
        for change in changes.into_iter().filter(|change| known < change.revision) {
            let entry = self.entry(&change);
            self.remembered.add(change, entry);
        }
    }

    fn entry(&self, change: &Change) -> Option<Revoked> {
        let longest = self.remembered.longest;
        let before = Before(change.changed_at + SLACK);
        let what = match (change.changed, &change.voids) {
            (_, Voids::Nothing) => return None,
            (Changed::RevokedJwt(jti), _) => {
                return self.revoked.get(&jti).map(|exp| Revoked { what: What::Token(jti), exp: *exp });
            }
            (Changed::RevokedFamily(id), _) => {
                let revoked_at = self.revoked_families.get(&id)?;
                return Some(Revoked { what: What::Family(id), exp: *revoked_at + SLACK + longest });
            }
            (Changed::SigningKeys, Voids::TokensOf(kid)) => What::Key(kid.clone()),
            (Changed::Client(_), Voids::TokensOf(name)) => {
                name.parse().map_or(What::All(before), |client_id| What::Client(client_id, before))
            }
            (Changed::User(_), Voids::TokensOf(name)) => What::Subject(name.clone(), before),
            (Changed::ApiToken(id), Voids::TokensOf(_)) => What::ApiToken(id, before),
            (Changed::Api(_), Voids::TokensOf(name)) => What::Audience(name.clone(), before),
            _ => What::All(before),
        };
        Some(Revoked { what, exp: before.0 + longest })
    }

    /// What somebody does not know who knows everything up to a cursor; everything, where they have none.
    pub(super) fn recall(&self, since: Option<&Cursor>, now: Seconds) -> Recalled {
        let (remembered, applied) = (&self.remembered, self.moment.applied);
        let earlier = || remembered.earlier.iter().filter(|entry| now < entry.exp).cloned().collect();
        match since.map(|cursor| remembered.place(cursor, applied)) {
            None => remembered.from(0, earlier(), false, applied, now),
            Some(Place::Before(at)) => remembered.from(at, vec![], false, applied, now),
            Some(Place::TooOld) => remembered.from(0, earlier(), true, applied, now),
            // What was issued in that past may rest on what is not in this one.
            Some(Place::Elsewhere) => {
                remembered.from(0, vec![everything(now, remembered.longest)], true, applied, now)
            }
        }
    }

    /// Whether a cursor is of a change that was made elsewhere and is not known here yet, or of none.
    pub(super) fn is_ahead(&self, cursor: &Cursor) -> bool {
        self.moment.applied < cursor.revision
    }
}

/// An entry about whatever was issued up to then.
fn everything(up_to: Seconds, longest: Lifetime) -> Revoked {
    let before = Before(up_to + SLACK);
    Revoked { what: What::All(before), exp: before.0 + longest }
}

impl Cursor {
    /// The cursor of no change that there ever was.
    #[must_use]
    pub const fn elsewhere() -> Self {
        Self { revision: Revision(0), mark: String::new() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.revision.0, self.mark)
    }
}

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let (revision, mark) = text.split_once('.').ok_or(NoCursor)?;
        let is_plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let revision = revision.parse().ok().filter(|revision| *revision >= 0).ok_or(NoCursor)?;
        is_plain(mark).then(|| Self { revision: Revision(revision), mark: mark.to_owned() }).ok_or(NoCursor)
    }
}
