//! The name of a request: in the answer's `x-request-id`, and on every log line that is written while it is answered.
//! Owns its form and which one is current on this thread.
//!
//! A tracing span would carry it too, but costs every request what only the few that log something need: so the name
//! stands in a thread-local for as long as the request is polled, and whoever formats log lines asks [`current`].

use doorward_core::random::{NoRandomness, Random};
use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Crockford's base 32, as in the server's other identifiers.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const HALF: usize = 13;

/// The name of one request: 26 characters, half of them the process's, half the request's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId([u8; 2 * HALF]);

/// Gives each request of this process its name.
#[derive(Debug)]
pub(crate) struct RequestIds {
    process: [u8; HALF],
    next: AtomicU64,
}

thread_local! {
    static CURRENT: Cell<Option<RequestId>> = const { Cell::new(None) };
}

/// The request that this thread is answering.
#[must_use]
pub fn current() -> Option<RequestId> {
    CURRENT.get()
}

impl RequestId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Letters and digits of the alphabet above, so always UTF-8.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl RequestIds {
    /// 64 random bits tell processes apart; within one, counting does.
    pub(crate) fn new(random: &dyn Random) -> Result<Self, NoRandomness> {
        let mut bytes = [0; 8];
        random.fill(&mut bytes)?;
        Ok(Self { process: base_32(u64::from_be_bytes(bytes)), next: AtomicU64::new(0) })
    }

    pub(crate) fn next(&self) -> RequestId {
        let mut text = [0; 2 * HALF];
        let (process, request) = text.split_at_mut(HALF);
        process.copy_from_slice(&self.process);
        request.copy_from_slice(&base_32(self.next.fetch_add(1, Ordering::Relaxed)));
        RequestId(text)
    }
}

/// Thirteen digits hold 65 bits.
fn base_32(number: u64) -> [u8; HALF] {
    let mut digits = [0; HALF];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 32) as usize];
        rest /= 32;
    }
    digits
}

/// Makes a request the current one of this thread until the guard is gone.
pub(crate) fn enter(id: RequestId) -> Entered {
    Entered(CURRENT.replace(Some(id)))
}

/// Restores what was current before.
pub(crate) struct Entered(Option<RequestId>);

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_core::random::SystemRandom;

    #[test]
    fn names_are_unique_within_a_process_and_across_processes() {
        let (ours, theirs) = (
            RequestIds::new(&SystemRandom::default()).unwrap(),
            RequestIds::new(&SystemRandom::default()).unwrap(),
        );
        let (first, second, other) = (ours.next(), ours.next(), theirs.next());
        assert!(first != second && first != other && second != other);
        assert_eq!(first.as_str().len(), 26);
        assert_eq!(first.as_str()[..HALF], second.as_str()[..HALF]);
    }

    #[test]
    fn a_number_has_thirteen_digits() {
        assert_eq!(&base_32(0), b"0000000000000");
        assert_eq!(&base_32(33), b"0000000000011");
        assert_eq!(&base_32(u64::MAX), b"FZZZZZZZZZZZZ");
    }

    #[test]
    fn the_current_request_is_known_only_while_it_runs() {
        let ids = RequestIds::new(&SystemRandom::default()).unwrap();
        let (outer, inner) = (ids.next(), ids.next());
        let entered = enter(outer);
        {
            let _entered = enter(inner);
            assert_eq!(current(), Some(inner));
        }
        assert_eq!(current(), Some(outer));
        drop(entered);
        assert_eq!(current(), None);
    }
}
