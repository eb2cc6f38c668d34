//! What looking the chain through has shown. Owns the words for what is wrong, and how much of it is told.

use doorward_protocol::time::Seconds;
use std::collections::BTreeSet;
use std::fmt;

/// Findings that are told one by one; what comes then is counted.
const MOST_TOLD: usize = 1000;

/// What is wrong at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The number in the chain, where there is one.
    pub seq: Option<i64>,
    /// The event, as its row names it, where there is one; of a statement that was kept elsewhere, where it was found.
    pub id: Option<String>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The event is not as it was recorded.
    Edited,
    /// It stands where it was not put, or something before it was taken away or put in.
    Misplaced,
    /// There is no event of this number.
    Deleted,
    /// It has no seal, though every release in use seals its events.
    Unsealed,
    /// There are events without a seal from before they all had one, and nobody has said that an earlier release explains them.
    Unattested,
    /// The trail begins later than what it is about, or at another time than somebody knows.
    Restarted,
    /// It has lost its seal, or its link.
    Stripped,
    /// The chain ends before its head.
    CutOff,
    /// There are events after its head.
    Beyond,
    /// The head is not as a server left it.
    HeadEdited,
    /// There are numbered events, and no head.
    HeadGone,
    /// The statement was signed by none of the keys.
    Forged,
    /// The chain is not what a checkpoint says it was.
    Rewritten,
}

impl Wrong {
    /// A word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Misplaced => "misplaced",
            Self::Deleted => "deleted",
            Self::Unsealed => "unsealed",
            Self::Unattested => "unattested",
            Self::Restarted => "restarted",
            Self::Stripped => "stripped",
            Self::CutOff => "cut_off",
            Self::Beyond => "beyond",
            Self::HeadEdited => "head_edited",
            Self::HeadGone => "head_gone",
            Self::Forged => "forged",
            Self::Rewritten => "rewritten",
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Edited => "the event is not as it was recorded",
            Self::Misplaced => {
                "it is not tied to the one before: moved, or something before it was taken away or put in"
            }
            Self::Deleted => "there is no event of this number",
            Self::Unsealed => {
                "it has no seal, and no release in use leaves one out: it was put in, or its seal taken off"
            }
            Self::Unattested => {
                "it has events that had no seal: if an earlier release explains them, name the time since when events are attested"
            }
            Self::Restarted => {
                "it begins after what it is about, or at another time than was named: there may have been another before"
            }
            Self::Stripped => "its seal or its link was taken off",
            Self::CutOff => "the chain ends before this number, which it had reached",
            Self::Beyond => "it stands behind the head of the chain",
            Self::HeadEdited => "the head of the chain is not as a server left it",
            Self::HeadGone => "the head of the chain is gone",
            Self::Forged => "a statement that no key of this server signed",
            Self::Rewritten => "the chain is not what a checkpoint says it was here",
        })
    }
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong, in the order of the chain; a thousand at most.
    pub findings: Vec<Finding>,
    /// How much is wrong.
    pub wrong: u64,
    /// Since when all events have a seal, as the head of the chain says.
    pub attested_since: Option<Seconds>,
    /// Numbered events looked at.
    pub events: u64,
    /// The number after which the chain begins: zero, or where it was cut by retention.
    pub after: i64,
    /// The last number.
    pub last: i64,
    /// Events of an earlier release, which sealed none: what became of them before they got a number, nobody can tell.
    pub unattested: u64,
    /// Checkpoints that agree.
    pub checkpoints: u64,
    /// Versions of the master key that are missing, so that what hangs on them could not be looked at.
    pub missing_versions: BTreeSet<i32>,
    /// Events that have no number yet.
    pub unchained: i64,
    /// Since when the oldest of them waits.
    pub oldest_unchained: Option<Seconds>,
}

impl Report {
    /// Whether all was looked at, and nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.wrong == 0 && self.missing_versions.is_empty()
    }

    /// Notes what is wrong.
    pub(super) fn find(&mut self, seq: Option<i64>, id: Option<&str>, wrong: Wrong) {
        self.wrong += 1;
        if self.findings.len() < MOST_TOLD {
            self.findings.push(Finding { seq, id: id.map(str::to_owned), wrong });
        }
    }
}
