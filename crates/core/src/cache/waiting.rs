//! Waiting for the next change, without a runtime. Owns how many may, and that whoever does is woken; for how long is for whoever
//! waits to say.

use super::{Cache, Moment};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// As many wait at once at most: each holds a connection.
const MOST: usize = 1_000;

/// Those who wait.
#[derive(Default)]
pub(super) struct Waiting(Mutex<Places>);

#[derive(Default)]
struct Places {
    next: u64,
    taken: HashMap<u64, Option<Waker>>,
    /// Nobody is let wait any more.
    over: bool,
}

/// The next change that is applied; comes at once where there was one since this was made.
pub struct NextChange<'a> {
    cache: &'a Cache,
    seen: Moment,
    place: u64,
}

impl Waiting {
    pub(super) fn wake(&self) {
        let wakers: Vec<_> = self.places().taken.values_mut().filter_map(Option::take).collect();
        wakers.into_iter().for_each(Waker::wake);
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        // What is changed under the lock is whole after each step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    /// A place among those who wait for the next change; none where there are too many already, or the server is stopping.
    #[must_use]
    pub fn next_change(&self) -> Option<NextChange<'_>> {
        let seen = self.held().moment;
        let mut places = self.waiting.places();
        if places.over || places.taken.len() >= MOST {
            return None;
        }
        places.next += 1;
        let place = places.next;
        places.taken.insert(place, None);
        Some(NextChange { cache: self, seen, place })
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.places().taken.len()
    }

    /// Lets everybody go who waits, and nobody wait any more: the server is stopping.
    pub fn end_waiting(&self) {
        self.waiting.places().over = true;
        self.waiting.wake();
    }
}

impl Future for NextChange<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut places = self.cache.waiting.places();
        let over = places.over;
        places.taken.insert(self.place, Some(cx.waker().clone()));
        drop(places);
        // Looked at after the waker stands: a change that is applied in between has found it, or is found here.
        if over || self.cache.held().moment != self.seen { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for NextChange<'_> {
    fn drop(&mut self) {
        self.cache.waiting.places().taken.remove(&self.place);
    }
}
