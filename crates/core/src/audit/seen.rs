//! What this process has seen of the chain. Owns that a chain which goes back does so under somebody's eyes: the database alone cannot
//! tell it from one that never went further.

use crate::audit::chain::Head;
use crate::keys::audit::Mac;
use doorward_protocol::time::Seconds;
use std::sync::{Mutex, PoisonError};

/// The furthest that was seen, for as long as the process lives.
#[derive(Debug, Default)]
pub struct Seen {
    head: Mutex<Option<(i64, Mac)>>,
    checkpoint: Mutex<Option<(i64, Seconds)>>,
}

impl Seen {
    /// Notes where the head stands now. Tells where it stood before, if it has gone back, or is another one at the same number.
    pub(crate) fn note(&self, head: &Head) -> Option<i64> {
        let mut seen = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.replace((head.seq, head.link));
        let has_gone_back =
            |(seq, link): &(i64, Mac)| *seq > head.seq || *seq == head.seq && *link != head.link;
        before.filter(has_gone_back).map(|(seq, _)| seq)
    }

    /// Notes a checkpoint that was made.
    pub(crate) fn note_checkpoint(&self, seq: i64, issued_at: Seconds) {
        *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner) = Some((seq, issued_at));
    }

    /// The last checkpoint that this process made: its number, and when.
    pub(crate) fn checkpoint(&self) -> Option<(i64, Seconds)> {
        *self.checkpoint.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::chain::GENESIS;
    use crate::keys::audit::AuditKeys;
    use crate::keys::master::MasterKey;
    use doorward_protocol::secret::Digest;

    #[test]
    fn a_head_that_goes_back_is_noticed_once() {
        let keys =
            AuditKeys::new(&MasterKey::parse("v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").unwrap());
        let first = Head::first(false, Seconds(1), &keys);
        let link = |byte| Mac { version: 1, digest: Digest([byte; 32]) };
        let (third, other_third) = (first.moved_to(3, link(3), &keys), first.moved_to(3, link(4), &keys));
        let seen = Seen::default();
        for head in [&first, &first, &third, &third] {
            assert_eq!(seen.note(head), None);
        }
        assert_eq!(seen.note(&other_third), Some(3), "of the same number, and another one");
        assert_eq!(seen.note(&other_third), None);
        assert_eq!(seen.note(&first), Some(3));
        assert_eq!((seen.note(&third), first.link), (None, GENESIS), "from there it goes on");
    }
}
