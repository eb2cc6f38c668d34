//! Where passwords are hashed: a few threads of our own. Owns how many hashes run and wait at once; one takes 20 ms of a
//! core and 19 MiB, so a flood of sign-ins must neither take the memory nor the threads that answer everything else.
//!
//! Whoever needs a hash takes a [`Place`] first, and is told at once when there is none: before anything is looked up or
//! counted. Nothing here belongs to a runtime: threads are the standard library's, answers are plain futures.

use crate::identity::password::Password;
use crate::identity::password::hash::{self, Cost, Memory, Salt, Unhashable};
use crate::random::Random;
use futures_channel::oneshot;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tracing::Instrument;

/// Hashes that wait while all threads are busy. At 20 ms each, the last of them waits for well below a second.
pub const QUEUE: usize = 32;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// The threads that hash. They end with it.
pub struct HashingPool {
    /// Taken on the way out, which ends the threads.
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    /// Hashes that run, wait, or are about to.
    taken: Arc<AtomicUsize>,
    cost: Cost,
    nobodys: String,
}

/// Room for one hash.
pub struct Place<'a> {
    pool: &'a HashingPool,
    seat: Seat,
}

/// What is counted of a place: it goes with the job, which may outlive whoever asked for it.
struct Seat(Arc<AtomicUsize>);

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// As many as may run and wait do so already. Trying again later helps.
    #[error("too many passwords are being hashed")]
    Full,
    /// The hash itself failed.
    #[error(transparent)]
    Unhashable(#[from] Unhashable),
    /// A thread could not be started.
    #[error("a thread for hashing passwords could not be started: {0}")]
    Thread(#[from] std::io::Error),
    /// The job panicked, or its thread has ended.
    #[error("hashing a password ended without an answer")]
    Lost,
}

impl HashingPool {
    /// So many threads (one at least), whose hashes cost so much.
    ///
    /// # Errors
    /// [`HashingError`], but [`HashingError::Full`].
    pub fn start(threads: usize, cost: Cost, random: &dyn Random) -> Result<Self, HashingError> {
        let (jobs, inbox) = mpsc::channel();
        let inbox = Arc::new(Mutex::new(inbox));
        let start = |number: usize| {
            let inbox = Arc::clone(&inbox);
            thread::Builder::new().name(format!("hashing-{number}")).spawn(move || work(&inbox))
        };
        let threads = (0..threads.max(1)).map(start).collect::<Result<Vec<_>, _>>()?;
        let nobodys = cost.nobodys_hash(random)?;
        Ok(Self { jobs: Some(jobs), threads, taken: Arc::default(), cost, nobodys })
    }

    /// Room for one hash.
    ///
    /// # Errors
    /// [`HashingError::Full`].
    pub fn place(&self) -> Result<Place<'_>, HashingError> {
        let most = self.threads.len() + QUEUE;
        let one_more = |taken| (taken < most).then_some(taken + 1);
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more)
            .map_err(|_| HashingError::Full)?;
        Ok(Place { pool: self, seat: Seat::take(&self.taken) })
    }

    /// What a hash costs here.
    #[must_use]
    pub const fn cost(&self) -> &Cost {
        &self.cost
    }

    /// The hash to check the password of somebody who does not exist against: see [`Cost::nobodys_hash`].
    #[must_use]
    pub fn nobodys_hash(&self) -> &str {
        &self.nobodys
    }
}

impl Place<'_> {
    /// The hash of a password.
    ///
    /// # Errors
    /// [`HashingError`].
    pub async fn hash(self, password: Password, salt: Salt) -> Result<String, HashingError> {
        let cost = self.pool.cost.clone();
        Ok(self.run(move |memory| cost.hash(&password, salt, memory)).await??)
    }

    /// Whether a hash is this password's.
    ///
    /// # Errors
    /// [`HashingError`].
    pub async fn verify(self, password: Password, hash: String) -> Result<bool, HashingError> {
        Ok(self.run(move |memory| hash::verify(&password, &hash, memory)).await??)
    }

    /// Runs something on one of the threads. What it holds, passwords above all, is dropped (and wiped) with it.
    async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, HashingError> {
        metrics::counter!("doorward_password_hashes_total").increment(1);
        let (asker, answer) = oneshot::channel();
        let seat = self.seat;
        // From the queue to the answer; within it the hash itself.
        let span = tracing::trace_span!(target: "doorward::trace", "password");
        let whole = span.clone();
        let job = move |memory: &mut Memory| {
            // In this order, for a panic drops the last first: whoever has the answer may take a place again, and that the
            // job panicked is an answer too.
            let asker = asker;
            let seat = seat;
            // Whoever asked may have gone in the meantime: nobody pays for their hash.
            let hash = || tracing::trace_span!(target: "doorward::trace", parent: &whole, "password.hash");
            let value = (!asker.is_canceled()).then(|| hash().in_scope(|| work(memory)));
            drop(seat);
            if let Some(value) = value {
                // An asker who has gone just now is none.
                let _ = asker.send(value);
            }
        };
        let jobs = self.pool.jobs.as_ref().ok_or(HashingError::Lost)?;
        jobs.send(Box::new(job)).map_err(|_| HashingError::Lost)?;
        answer.instrument(span).await.map_err(|_| HashingError::Lost)
    }
}

/// One thread's life: job after job until nobody can send any more.
fn work(inbox: &Mutex<Receiver<Job>>) {
    let mut memory = Memory::default();
    loop {
        let job = waiting(inbox).or_else(|| {
            // An idle server holds no memory for hashes.
            memory.give_back();
            next(inbox)
        });
        let Some(job) = job else { return };
        // A panic ends its job and no more; whoever waits for it learns that from the dropped channel.
        if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("hashing a password panicked");
        }
    }
}

/// The job that waits already, if there is one. Where another thread has the inbox, there is none: it waits for one itself.
fn waiting(inbox: &Mutex<Receiver<Job>>) -> Option<Job> {
    inbox.try_lock().ok()?.try_recv().ok()
}

/// The next job; none when there will be no more.
fn next(inbox: &Mutex<Receiver<Job>>) -> Option<Job> {
    // Held while waiting, so that the other threads wait for the lock instead; given up before the job runs.
    inbox.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

impl Drop for HashingPool {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // It has caught every panic, so there is nothing to learn from it.
            let _ = thread.join();
        }
    }
}

impl Seat {
    fn take(taken: &Arc<AtomicUsize>) -> Self {
        metrics::gauge!("doorward_password_hashes_under_way").increment(1.0);
        Self(Arc::clone(taken))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        metrics::gauge!("doorward_password_hashes_under_way").decrement(1.0);
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use std::cell::RefCell;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::Barrier;
    use std::task::{Context, Poll, Waker};

    fn pool(threads: usize) -> HashingPool {
        HashingPool::start(threads, Cost::new(0, 0).unwrap(), &SystemRandom::default()).unwrap()
    }

    fn password() -> Password {
        Password::new("tidy kettle moss").unwrap()
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return value;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn a_password_is_hashed_and_found_again() {
        let pool = pool(2);
        let salt = Salt::draw(&SystemRandom::default()).unwrap();
        let hash = block_on(pool.place().unwrap().hash(password(), salt)).unwrap();
        assert!(!pool.cost().differs(&hash));
        assert!(block_on(pool.place().unwrap().verify(password(), hash)).unwrap());
        assert!(!block_on(pool.place().unwrap().verify(password(), pool.nobodys_hash().to_owned())).unwrap());
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_a_place_given_back_is_free() {
        let pool = pool(1);
        let mut places: Vec<_> = (0..=QUEUE).map(|_| pool.place().unwrap()).collect();
        assert!(matches!(pool.place(), Err(HashingError::Full)));
        places.pop();
        assert!(pool.place().is_ok());
        drop(places);
        assert_eq!(pool.taken.load(Ordering::Acquire), 0);
    }

    /// The threads themselves are busy: what is handed in waits, and what nobody waits for any more is not done.
    #[test]
    fn a_job_whose_asker_has_gone_is_skipped_and_keeps_its_place_until_then() {
        let pool = pool(1);
        let (door, done) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
        let busy = pool.place().unwrap().run({
            let door = Arc::clone(&door);
            move |_| door.wait().is_leader()
        });
        let mut busy = pin!(busy);
        let mut context = Context::from_waker(Waker::noop());
        assert!(busy.as_mut().poll(&mut context).is_pending());
        {
            let done = Arc::clone(&done);
            let mut gone = Box::pin(pool.place().unwrap().run(move |_| done.fetch_add(1, Ordering::AcqRel)));
            assert!(gone.as_mut().poll(&mut context).is_pending());
        }
        let taken = pool.taken.load(Ordering::Acquire);
        door.wait();
        assert_eq!(taken, 2, "it still waited in the queue");
        block_on(busy).unwrap();
        block_on(pool.place().unwrap().run(|_| ())).unwrap();
        assert_eq!((pool.taken.load(Ordering::Acquire), done.load(Ordering::Acquire)), (0, 0));
    }

    #[test]
    fn a_panic_ends_its_job_and_no_more() {
        let pool = pool(1);
        // Often, for an answer that comes before its place is free is one by a few instructions only.
        for _ in 0..300 {
            let lost = block_on(pool.place().unwrap().run(|_| -> () { panic!("on purpose") }));
            assert!(matches!(lost, Err(HashingError::Lost)));
            assert_eq!(pool.taken.load(Ordering::Acquire), 0);
        }
        assert_eq!(block_on(pool.place().unwrap().run(|_| 7)).unwrap(), 7);
    }

    #[test]
    fn the_threads_end_with_the_pool() {
        thread_local!(static HELD: RefCell<Option<Arc<()>>> = const { RefCell::new(None) });
        let (pool, alive) = (pool(1), Arc::new(()));
        let held = Arc::clone(&alive);
        block_on(pool.place().unwrap().run(move |_| HELD.set(Some(held)))).unwrap();
        assert_eq!(Arc::strong_count(&alive), 2);
        drop(pool);
        assert_eq!(Arc::strong_count(&alive), 1, "what a thread holds goes with it");
    }
}
