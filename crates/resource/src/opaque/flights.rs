//! Questions under way: whoever wants to know what is being asked already waits for that answer. Owns that a question which
//! nobody waits for any more is forgotten, so that memory is bounded by the requests that are open.

use super::Answer;
use crate::refusal::Reason;
use crate::signed::Hash;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::MutexGuard;

/// What came of a question, once something has.
type Outcome = Option<Result<Answer, Reason>>;
type Landed = Arc<tokio::sync::Mutex<Outcome>>;

#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<Hash, Landed>>);

/// One request's place beside all others that ask the same.
pub(super) struct Flight<'a> {
    flights: &'a Flights,
    hash: Hash,
    landed: Landed,
}

impl Flights {
    pub(super) fn board(&self, hash: Hash) -> Flight<'_> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let landed = Arc::clone(open.entry(hash).or_default());
        Flight { flights: self, hash, landed }
    }
}

impl Flight<'_> {
    /// Waits until nobody else asks, and gives what came of it. Who finds nothing there asks, and leaves the outcome; when it
    /// gives up before, the next one asks.
    pub(super) async fn land(&self) -> MutexGuard<'_, Outcome> {
        self.landed.lock().await
    }
}

impl Flight<'_> {
    /// Those who come from now on ask anew: an answer is for those who were waiting for it.
    pub(super) fn close(&self) {
        self.leave(|_| true);
    }

    fn leave(&self, condition: impl Fn(&Landed) -> bool) {
        let mut open = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ours = open.get(&self.hash).is_some_and(|landed| Arc::ptr_eq(landed, &self.landed));
        if is_ours && condition(&self.landed) {
            open.remove(&self.hash);
        }
    }
}

impl Drop for Flight<'_> {
    /// The last one out forgets the question. Places are taken under the same lock, so nobody comes in meanwhile.
    fn drop(&mut self) {
        // The map's own and ours.
        self.leave(|landed| Arc::strong_count(landed) <= 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_a_question_once_all_have_gone() {
        let flights = Flights::default();
        let (first, second) = (flights.board([1; 32]), flights.board([1; 32]));
        assert!(Arc::ptr_eq(&first.landed, &second.landed));
        drop(first);
        assert_eq!(flights.0.lock().unwrap().len(), 1);
        drop(second);
        assert!(flights.0.lock().unwrap().is_empty());
    }

    #[test]
    fn who_comes_after_the_answer_asks_anew() {
        let flights = Flights::default();
        let first = flights.board([1; 32]);
        first.close();
        let second = flights.board([1; 32]);
        assert!(!Arc::ptr_eq(&first.landed, &second.landed));
        drop(first);
        assert_eq!(flights.0.lock().unwrap().len(), 1, "the second is still waiting");
    }
}
