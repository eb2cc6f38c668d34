//! The writer: one thread, one connection, one queue. Owns the order of changes and the bound on how long they wait; how a
//! batch is run stands in `batch`.
//!
//! While one batch is being brought to the disk, the next one gathers in the queue: the more there is to do, the more
//! changes share a flush, and nobody waits for company.

use crate::counters::Counters;
use crate::sqlite::batch::{Desk, Queued};
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Running};
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The most jobs that share a commit: beyond it the flush is no longer what they wait for, and the first would wait for
/// the last.
const BATCH: usize = 256;

/// How long a job may wait for its turn. With the time one attempt at the lock takes, the answer comes within 5 s.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long without work is a moment for chores.
const REST_AFTER: Duration = Duration::from_millis(200);

/// How long the thread sleeps when there are none: an idle server wakes nobody.
const SLEEP: Duration = Duration::from_secs(60);

/// The way to the writer's thread.
pub(crate) struct Writer {
    queue: RwLock<Option<Sender<Queued>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    capacity: usize,
    counters: Arc<Counters>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(desk: Desk, capacity: usize, counters: Arc<Counters>) -> io::Result<Self> {
        let (queue, jobs) = channel();
        let clerk = Clerk { jobs, waiting: VecDeque::new(), desk };
        let thread = thread::Builder::new().name("doorward-writer".into()).spawn(move || clerk.work())?;
        Ok(Self { queue: RwLock::new(Some(queue)), thread: Mutex::new(Some(thread)), capacity, counters })
    }

    /// Puts a job into the queue, or refuses it at once.
    pub(crate) fn run(&self, job: Job) -> Running {
        let (answer, ending) = oneshot::channel();
        if let Err(fault) = self.enqueue(Queued { job, answer, since: now() }) {
            return Box::pin(std::future::ready(Err(fault)));
        }
        Box::pin(async { ending.await.unwrap_or_else(|_| Err(closed())) })
    }

    /// Whether the thread is there to serve what is queued.
    pub(crate) fn is_alive(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Finishes what is queued and ends the thread.
    pub(crate) fn close(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The last handle may be one that a job held: the thread cannot wait for itself, and ends on its own.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id())
            && thread.join().is_err()
        {
            tracing::error!("the writer's thread panicked");
        }
    }

    fn enqueue(&self, queued: Queued) -> Result<(), Fault> {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or_else(closed)?;
        if !self.counters.waiting.add_within(self.capacity) {
            self.counters.turned_away.add(1);
            return Err(Fault::unavailable("too many changes are waiting"));
        }
        queue.send(queued).map_err(|_| {
            self.counters.waiting.take_one();
            closed()
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// Who works in the thread.
struct Clerk {
    jobs: Receiver<Queued>,
    /// Taken from the queue, but not served yet: another process holds the lock.
    waiting: VecDeque<Queued>,
    desk: Desk,
}

impl Clerk {
    fn work(mut self) {
        while self.wait() {
            self.expire();
            let batch = self.batch();
            if !batch.is_empty() {
                let unserved = self.desk.serve(batch);
                self.keep_waiting(unserved);
            }
            self.desk.tidy();
        }
        self.desk.finish();
    }

    /// Waits for work, and uses the time. Tells whether there will be more.
    fn wait(&mut self) -> bool {
        while self.waiting.is_empty() {
            let pause = if self.desk.has_chores() { REST_AFTER } else { SLEEP };
            match self.jobs.recv_timeout(pause) {
                Ok(queued) => self.waiting.push_back(queued),
                Err(RecvTimeoutError::Timeout) => {
                    self.desk.rest();
                    self.desk.tidy();
                }
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        true
    }

    fn batch(&mut self) -> Vec<Queued> {
        while self.waiting.len() < BATCH
            && let Ok(queued) = self.jobs.try_recv()
        {
            self.waiting.push_back(queued);
        }
        self.waiting.drain(..BATCH.min(self.waiting.len())).collect()
    }

    /// Back to the head of the line. The queue is emptied too, so that whoever has waited too long is told so, however
    /// many are before them.
    fn keep_waiting(&mut self, unserved: Vec<Queued>) {
        if unserved.is_empty() {
            return;
        }
        for queued in unserved.into_iter().rev() {
            self.waiting.push_front(queued);
        }
        self.waiting.extend(self.jobs.try_iter());
    }

    /// Tells those who have waited too long that they need not wait longer. They stand in the order of their coming.
    fn expire(&mut self) {
        let now = now();
        while let Some(queued) =
            self.waiting.pop_front_if(|queued| now.duration_since(queued.since) >= PATIENCE)
        {
            self.desk.expire(queued);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a job waits has nothing to do with the rules' clock")]
fn now() -> Instant {
    Instant::now()
}

fn closed() -> Fault {
    Fault::unavailable("the store is closed")
}
