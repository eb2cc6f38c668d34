//! Looking the chain through: whether every event is as it was recorded, in its place, and none is missing. Owns what is looked at and
//! how it is told; it streams, so that a million events take no more memory than a page, and goes on beside a running server.
//!
//! Not found is what the chain cannot show: an event that is deleted before it has a number, within a second; and a trail that is put back
//! to an earlier head, unless checkpoints were kept elsewhere.

use crate::audit::chain::{Found, GENESIS, Head, Origin, tied};
use crate::audit::statement::{self, Kind, Said, Statement};
use crate::keys::audit::{AuditKeys, Checked, Mac, Subject};
use crate::store::Store;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use crate::trail::beginning;
use crate::trail::report::{Report, Wrong};
use doorward_protocol::time::Seconds;

/// Events read in one go.
const PAGE: i64 = 500;

/// What is known from elsewhere than the database.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Checkpoints that were kept.
    pub checkpoints: Vec<Kept>,
    /// Since when events are attested, from an earlier report that somebody has looked at: then what was there before is no finding,
    /// and another instant is one.
    pub attested_since: Option<Seconds>,
}

/// A checkpoint that was kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it was found, for whoever reads the report.
    pub at: String,
    /// The statement.
    pub text: String,
}

/// Looks the chain through at an instant, from the last cut to its end, and compares it with checkpoints: those in the database, and
/// those that were kept elsewhere.
///
/// # Errors
/// A fault of the store.
pub async fn verify(
    store: &dyn Store,
    keys: &AuditKeys,
    known: &Known,
    now: Seconds,
) -> Result<Report, Fault> {
    loop {
        let cut = |tx: &mut dyn Tx| Ok(tx.last_statement(Kind::Cut, Seconds(i64::MAX))?.map(|cut| cut.seq));
        let before = store.read(cut).await?;
        let report = walked(store, keys, known, now).await?;
        // Cut meanwhile: what was missing may only have been removed.
        if store.read(cut).await? == before {
            return Ok(report);
        }
    }
}

async fn walked(store: &dyn Store, keys: &AuditKeys, known: &Known, now: Seconds) -> Result<Report, Fault> {
    let (head, first_object) = store.snapshot(|tx| Ok((tx.chain_head()?, tx.first_object()?))).await?;
    let attested_since = head.as_ref().map(|head| head.attested_since);
    let report = Report { attested_since, ..Report::default() };
    let mut walk = Walk { keys, report, expected: Vec::new(), oldest_sealed: None };
    let begin = walk.beginning(store).await?;
    walk.statements(store, &known.checkpoints).await?;
    walk.left_over(begin.0, store).await?;
    walk.events(begin, store).await?;
    let is_new = head.is_none() && first_object.is_none();
    walk.ending(head.as_ref(), is_new, store).await?;
    walk.tail(attested_since.is_some_and(|since| now < since), store).await?;
    match known.attested_since {
        Some(instant) => walk.begins_at(instant),
        None => walk.begins_first(head.as_ref(), first_object.as_deref()),
    }
    Ok(walk.report)
}

struct Walk<'a> {
    keys: &'a AuditKeys,
    report: Report,
    /// What checkpoints say, in the order of their numbers, the first last.
    expected: Vec<Said>,
    /// When the oldest event happened that a server recorded with its seal.
    oldest_sealed: Option<Seconds>,
}

/// The number after one, if there is any.
const fn next(seq: i64) -> Option<i64> {
    seq.checked_add(1)
}

impl Walk<'_> {
    /// Where the chain begins: after the last cut.
    async fn beginning(&mut self, store: &dyn Store) -> Result<(i64, Mac), Fault> {
        let cut = store.read(|tx| tx.last_statement(Kind::Cut, Seconds(i64::MAX))).await?;
        let Some(cut) = cut else { return Ok((0, GENESIS)) };
        let said = self.said(&cut);
        let Some((seq, link)) = said.and_then(|said| Some((said.seq, said.link()?))) else {
            self.report.find(Some(cut.seq), None, Wrong::Forged);
            return Ok((0, GENESIS));
        };
        self.report.after = seq;
        Ok((seq, link))
    }

    /// What a statement says, if it is ours and its row says the same.
    fn said(&self, kept: &Statement) -> Option<Said> {
        let said = statement::read(kept.kind, &kept.text, self.keys);
        said.filter(|said| (said.seq, said.iat) == (kept.seq, kept.issued_at))
    }

    async fn statements(&mut self, store: &dyn Store, kept_elsewhere: &[Kept]) -> Result<(), Fault> {
        for kept in kept_elsewhere {
            match statement::read(Kind::Checkpoint, &kept.text, self.keys) {
                Some(said) => self.expected.push(said),
                None => self.report.find(None, Some(&kept.at), Wrong::Forged),
            }
        }
        let mut from = Some(i64::MIN);
        while let Some(first) = from {
            let page = store.read(move |tx| tx.statements(Kind::Checkpoint, first, PAGE)).await?;
            from = page.last().and_then(|last| next(last.seq));
            for kept in &page {
                match self.said(kept) {
                    Some(said) => self.expected.push(said),
                    None => self.report.find(Some(kept.seq), None, Wrong::Forged),
                }
            }
        }
        // What was cut off since cannot be compared any more.
        let begins_after = self.report.after;
        self.expected.retain(|said| said.seq > begins_after);
        self.expected.sort_by_key(|said| std::cmp::Reverse(said.seq));
        Ok(())
    }

    /// What stands before the beginning is being removed: it is in no chain, yet read by whoever lists events.
    async fn left_over(&mut self, begin: i64, store: &dyn Store) -> Result<(), Fault> {
        let mut from = Some(i64::MIN);
        while let Some(first) = from {
            let page = store.read(move |tx| tx.chained(first, PAGE)).await?;
            let below: Vec<_> =
                page.iter().take_while(|event| event.seq.is_some_and(|seq| seq <= begin)).collect();
            for event in &below {
                self.seal(event);
                // No server gives such a number.
                if event.seq.is_some_and(|seq| seq < 1) {
                    self.report.find(event.seq, Some(&event.written.id), Wrong::Misplaced);
                }
            }
            let last = below.last().and_then(|event| event.seq);
            from = last.and_then(next).filter(|_| below.len() == page.len());
        }
        Ok(())
    }

    async fn events(&mut self, (begin, link): (i64, Mac), store: &dyn Store) -> Result<(), Fault> {
        let (mut last, mut before) = (begin, Some(link));
        while let Some(first) = next(last) {
            let page = store.read(move |tx| tx.chained(first, PAGE)).await?;
            if page.is_empty() {
                break;
            }
            for event in &page {
                let Some(seq) = event.seq else { continue };
                if let Some(missing) = next(last).filter(|missing| *missing < seq) {
                    self.report.find(Some(missing), None, Wrong::Deleted);
                    // The one before is not there: what this one was tied to, nobody can tell.
                    before = None;
                }
                self.seal(event);
                self.tie(event, seq, before.as_ref());
                self.compare(seq, event.link.as_ref());
                self.report.events += 1;
                (last, before) = (seq, event.link);
            }
        }
        self.report.last = last;
        Ok(())
    }

    /// Whether an event is as it was recorded.
    fn seal(&mut self, event: &Found) {
        let id = Some(&*event.written.id);
        let origin = event.origin.unwrap_or(Origin::Recorded);
        let Some(mac) = event.mac else { return self.report.find(event.seq, id, Wrong::Stripped) };
        match self.keys.check(origin.subject(), &event.written.encoded(), &mac) {
            Checked::Good if origin == Origin::Recorded => {
                let at = Seconds(event.written.at);
                self.oldest_sealed = Some(self.oldest_sealed.map_or(at, |oldest| oldest.min(at)));
            }
            Checked::Good => {}
            Checked::Wrong => self.report.find(event.seq, id, Wrong::Edited),
            Checked::Unknown => drop(self.report.missing_versions.insert(mac.version)),
        }
        match origin {
            Origin::Recorded => {}
            Origin::Adopted => self.report.unattested += 1,
            Origin::Unsealed => self.report.find(event.seq, id, Wrong::Unsealed),
        }
    }

    /// Whether it is tied to the one before.
    fn tie(&mut self, event: &Found, seq: i64, before: Option<&Mac>) {
        let id = Some(&*event.written.id);
        let (Some(mac), Some(link), Some(origin)) = (event.mac, event.link, event.origin) else {
            return self.report.find(Some(seq), id, Wrong::Stripped);
        };
        let Some(before) = before else { return };
        match self.keys.check(Subject::Link, &tied(seq, before, &mac, origin), &link) {
            Checked::Good => {}
            Checked::Wrong => self.report.find(Some(seq), id, Wrong::Misplaced),
            Checked::Unknown => drop(self.report.missing_versions.insert(link.version)),
        }
    }

    /// Whether it is what checkpoints say of this number.
    fn compare(&mut self, seq: i64, link: Option<&Mac>) {
        while self.expected.last().is_some_and(|said| said.seq <= seq) {
            let Some(said) = self.expected.pop() else { return };
            match said.link() {
                Some(known) if said.seq == seq && link == Some(&known) => self.report.checkpoints += 1,
                _ if said.seq == seq => self.report.find(Some(seq), None, Wrong::Rewritten),
                // There is no event of that number, which has been told.
                _ => {}
            }
        }
    }

    /// Whether the chain ends where it should. The head was read before the events were: they may have gone on since.
    async fn ending(&mut self, head: Option<&Head>, is_new: bool, store: &dyn Store) -> Result<(), Fault> {
        let reached = self.report.last;
        let mut furthest = 0;
        match head {
            // A server leaves both in a database, this first.
            None if is_new && !store.read(|tx| tx.left_of_a_chain()).await? => {}
            None => self.report.find(None, None, Wrong::HeadGone),
            Some(head) => {
                match head.check(self.keys) {
                    Checked::Good => furthest = head.seq,
                    Checked::Wrong => self.report.find(Some(head.seq), None, Wrong::HeadEdited),
                    Checked::Unknown => drop(self.report.missing_versions.insert(head.mac.version)),
                }
                self.agrees(head, store).await?;
            }
        }
        let stated = self.expected.first().map_or(0, |said| said.seq);
        if furthest.max(stated) > reached {
            self.report.find(Some(furthest.max(stated)), None, Wrong::CutOff);
        }
        // And no further than the head is by now.
        let now = store.read(|tx| tx.chain_head()).await?;
        if let Some(now) = now.filter(|now| now.seq < reached) {
            self.report.find(next(now.seq), None, Wrong::Beyond);
        }
        Ok(())
    }

    /// Whether the head's link is that of its event.
    async fn agrees(&mut self, head: &Head, store: &dyn Store) -> Result<(), Fault> {
        let seq = head.seq;
        let event = store.read(move |tx| tx.chained(seq, 1)).await?.pop();
        if let Some(event) =
            event.filter(|event| event.seq == Some(head.seq) && event.link != Some(head.link))
        {
            self.report.find(event.seq, Some(&event.written.id), Wrong::Misplaced);
        }
        Ok(())
    }

    /// What has no number yet: sealed all the same, unless an earlier release may still be in use.
    async fn tail(&mut self, may_be_unsealed: bool, store: &dyn Store) -> Result<(), Fault> {
        (self.report.unchained, self.report.oldest_unchained) =
            store.snapshot(|tx| tx.waiting_for_the_chain()).await?;
        let mut after = None;
        loop {
            let from = after.take();
            let page = store.read(move |tx| tx.unchained(from.as_deref(), PAGE)).await?;
            for event in &page {
                match event.mac {
                    Some(_) => self.seal(event),
                    None if may_be_unsealed => self.report.unattested += 1,
                    None => self.report.find(None, Some(&event.written.id), Wrong::Unsealed),
                }
            }
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.written.id.clone());
        }
    }

    /// Whether the trail begins when somebody who has looked at it says it does.
    fn begins_at(&mut self, instant: Seconds) {
        if self.report.attested_since != Some(instant) {
            self.report.find(None, None, Wrong::Restarted);
        }
    }

    /// Whether the trail begins with what it is about: else another one may have been there before.
    fn begins_first(&mut self, head: Option<&Head>, first_object: Option<&str>) {
        if self.report.unattested > 0 {
            self.report.find(None, None, Wrong::Unattested);
        }
        let began = |head: &Head| head.attested_since;
        let sealed_before = self
            .oldest_sealed
            .zip(head.map(began))
            .is_some_and(|(at, since)| beginning::is_before(at, since));
        if sealed_before || head.is_some_and(|head| beginning::is_later(head, first_object)) {
            self.report.find(None, None, Wrong::Restarted);
        }
    }
}
