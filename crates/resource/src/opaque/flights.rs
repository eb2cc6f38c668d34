//! Questions under way: whoever wants to know what is being asked already waits for that answer, if it may still be that old. Owns that a question which
//! nobody waits for any more is given up and forgotten, so that memory is bounded by the requests that are open.

use super::{Answer, Span};
use crate::errands::Wanted;
use crate::refusal::Reason;
use crate::signed::Hash;
use doorward_protocol::time::Seconds;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::watch::{self, Receiver, Sender};

/// What came of a question, once something has.
type Outcome = Option<Result<Answer, Reason>>;

#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<Hash, Weak<Flight>>>);

/// One question, for all who wait for it.
pub(super) struct Flight {
    flights: Arc<Flights>,
    hash: Hash,
    /// Who comes in this time may take what was asked before.
    counts: Span,
    outcome: Receiver<Outcome>,
    _question: Wanted,
}

impl Flights {
    /// A place beside those who ask the same; who is the first sends the question.
    pub(super) fn board(
        self: &Arc<Self>,
        hash: Hash,
        now: Seconds,
        counts: Span,
        ask: impl FnOnce(Sender<Outcome>) -> Wanted,
    ) -> Arc<Flight> {
        // A flight's end takes the lock, so one that has landed is let go of after it.
        let _landed;
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get(&hash).and_then(Weak::upgrade) {
            Some(flight) if flight.takes(now) => return flight,
            before => _landed = before,
        }
        let (sender, outcome) = watch::channel(None);
        let flight =
            Arc::new(Flight { flights: Arc::clone(self), hash, counts, outcome, _question: ask(sender) });
        open.insert(hash, Arc::downgrade(&flight));
        flight
    }
}

impl Flight {
    /// Who comes after the answer asks anew: it is for those who were waiting for it. So does who comes when the question is
    /// older than an answer may be.
    fn takes(&self, now: Seconds) -> bool {
        self.counts.holds(now) && self.outcome.borrow().is_none()
    }

    /// Waits for what comes of the question.
    pub(super) async fn landed(&self) -> Result<Answer, Reason> {
        let mut outcome = self.outcome.clone();
        match outcome.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            // A question that did not come to its end.
            Ok(None) | Err(_) => Err(Reason::Unavailable),
        }
    }
}

impl Drop for Flight {
    /// The last one out forgets the question, unless another has begun in its place.
    fn drop(&mut self) {
        let mut open = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.get(&self.hash).is_some_and(|flight| flight.strong_count() == 0) {
            open.remove(&self.hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    /// A flight whose question never ends by itself, and the end at which it lands.
    fn board_at(now: i64, flights: &Arc<Flights>) -> (Arc<Flight>, Option<Sender<Outcome>>) {
        let mut asked = None;
        let counts = Span { asked_at: Seconds(now), until: Seconds(now + 5) };
        let flight = flights.board([1; 32], Seconds(now), counts, |sender| {
            asked = Some(sender);
            Wanted::from(&tokio::spawn(pending::<()>()))
        });
        (flight, asked)
    }

    fn board(flights: &Arc<Flights>) -> (Arc<Flight>, Option<Sender<Outcome>>) {
        board_at(10, flights)
    }

    #[tokio::test]
    async fn a_question_is_shared_while_its_answer_would_count() {
        let flights = Arc::default();
        let (first, _sender) = board_at(10, &flights);
        assert!(Arc::ptr_eq(&first, &board_at(14, &flights).0));
        for other in [15, 9] {
            assert!(!Arc::ptr_eq(&first, &board_at(other, &flights).0), "{other}");
            // What took its place has gone, so the first is not found again.
            assert!(flights.0.lock().unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn nothing_is_left_of_a_question_once_all_have_gone() {
        let flights = Arc::default();
        let ((first, _sender), (second, none)) = (board(&flights), board(&flights));
        assert!(Arc::ptr_eq(&first, &second) && none.is_none());
        drop(first);
        assert_eq!(flights.0.lock().unwrap().len(), 1);
        drop(second);
        assert!(flights.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn who_comes_after_the_answer_asks_anew() {
        let flights = Arc::default();
        let (first, sender) = board(&flights);
        sender.unwrap().send(Some(Err(Reason::Invalid))).unwrap();
        let (second, _sender) = board(&flights);
        assert!(!Arc::ptr_eq(&first, &second));
        assert_eq!(first.landed().await.err(), Some(Reason::Invalid));
        drop(first);
        assert_eq!(flights.0.lock().unwrap().len(), 1, "the second is still waiting");
    }

    #[tokio::test]
    async fn a_question_without_an_end_is_no_answer() {
        let flights = Arc::default();
        let (flight, sender) = board(&flights);
        drop(sender);
        assert_eq!(flight.landed().await.err(), Some(Reason::Unavailable));
    }
}
