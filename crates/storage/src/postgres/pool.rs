//! The workers: a few threads, and a queue each for questions and for changes. Owns how many of them are under way at once,
//! and the bound on how long they wait; the connections are the bench's.

use crate::counters::Counters;
use crate::postgres::job::{Bench, now};
use crate::url::ServerUrl;
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Mode, Running};
use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long a job may take from its coming to its commit. With the commit, the answer comes within 5 s.
const PATIENCE: Duration = Duration::from_secs(4);

/// The way to the workers.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    bench: Bench,
    queue: Mutex<Queue>,
    came: Condvar,
    /// How many questions, and how many changes, may wait.
    capacity: usize,
    /// How many changes may be under way: they wait for one another in the database, and must not keep questions waiting,
    /// among them those by which a node learns what others have changed.
    most_changes: usize,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Queue {
    questions: VecDeque<Queued>,
    changes: VecDeque<Queued>,
    /// Changes under way.
    changing: usize,
    closed: bool,
}

struct Queued {
    mode: Mode,
    job: Job,
    answer: oneshot::Sender<Result<(), Fault>>,
    by: Instant,
}

thread_local! {
    /// Whether this thread is a worker.
    static WORKS: Cell<bool> = const { Cell::new(false) };
}

impl Pool {
    /// Starts so many workers (one at least). Connections are opened when there are jobs for them.
    pub(crate) fn start(
        server: &ServerUrl,
        workers: usize,
        capacity: usize,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let workers = workers.max(1);
        let most_changes = (workers - workers.div_ceil(4)).max(1);
        let bench = Bench::new(server.clone(), Arc::clone(&counters));
        let (queue, came) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { bench, queue, came, capacity, most_changes, counters });
        let pool = Self { shared, threads: Mutex::default() };
        for number in 0..workers {
            let shared = Arc::clone(&pool.shared);
            let worker = thread::Builder::new().name(format!("doorward-pg-{number}"));
            lock(&pool.threads).push(worker.spawn(move || work(&shared))?);
        }
        Ok(pool)
    }

    /// Puts a job into the queue, or refuses it at once. A job that has a job to do waits for that one, and so does its
    /// worker: it does it itself.
    pub(crate) fn run(&self, mode: Mode, mut job: Job) -> Running {
        if WORKS.get() {
            return Box::pin(std::future::ready(self.shared.bench.serve(mode, &mut job, now() + PATIENCE)));
        }
        let (answer, ending) = oneshot::channel();
        if let Err(fault) = self.shared.enqueue(Queued { mode, job, answer, by: now() + PATIENCE }) {
            return Box::pin(std::future::ready(Err(fault)));
        }
        Box::pin(async { ending.await.unwrap_or_else(|_| Err(closed())) })
    }

    /// How often the server was another one than before.
    pub(crate) fn changes_of_server(&self) -> u64 {
        self.shared.bench.known().changes()
    }

    /// Whether the workers are there to serve what is queued.
    pub(crate) fn is_alive(&self) -> bool {
        let threads = lock(&self.threads);
        !threads.is_empty() && threads.iter().all(|thread| !thread.is_finished())
    }

    /// Whether the server answers, asked on a thread and a connection of their own.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        thread::scope(|scope| {
            let apart = scope.spawn(|| self.shared.bench.reach(now() + PATIENCE));
            apart.join().map_err(|_| Fault::broken("asking the database panicked"))?
        })
    }

    /// Finishes what is queued and ends the workers.
    pub(crate) fn close(&self) {
        lock(&self.shared.queue).closed = true;
        self.shared.came.notify_all();
        let threads = std::mem::take(&mut *lock(&self.threads));
        // The last handle may be one that a job held: a thread cannot wait for itself, and ends on its own.
        for thread in threads.into_iter().filter(|thread| thread.thread().id() != thread::current().id()) {
            if thread.join().is_err() {
                tracing::error!("a worker of the store panicked");
            }
        }
        self.shared.bench.clear();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

impl Queue {
    fn of(&mut self, mode: Mode) -> &mut VecDeque<Queued> {
        match mode {
            Mode::Read | Mode::Snapshot => &mut self.questions,
            Mode::Write => &mut self.changes,
        }
    }

    fn is_empty(&self) -> bool {
        self.questions.is_empty() && self.changes.is_empty()
    }

    /// The one that has waited longest of those that may be done now.
    fn take(&mut self, most_changes: usize) -> Option<Queued> {
        let change = self.changes.front().filter(|_| self.changing < most_changes).map(|change| change.by);
        let question = self.questions.front().map(|question| question.by);
        if change.is_some_and(|change| question.is_none_or(|question| change < question)) {
            self.changing += 1;
            return self.changes.pop_front();
        }
        self.questions.pop_front()
    }
}

impl Shared {
    fn enqueue(&self, queued: Queued) -> Result<(), Fault> {
        let mut queue = lock(&self.queue);
        if queue.closed {
            return Err(closed());
        }
        let waiting = queue.of(queued.mode);
        if waiting.len() >= self.capacity {
            self.counters.turned_away.add(1);
            return Err(Fault::unavailable("too many are waiting for the database"));
        }
        waiting.push_back(queued);
        self.counters.waiting.add(1);
        drop(queue);
        self.came.notify_one();
        Ok(())
    }

    /// The next job; none when there will be no more.
    fn next(&self) -> Option<Queued> {
        let mut queue = lock(&self.queue);
        loop {
            if let Some(queued) = queue.take(self.most_changes) {
                return Some(queued);
            }
            if queue.closed && queue.is_empty() {
                return None;
            }
            queue = self.came.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// One change less is under way, so another one may be done; or the last one of all is, and nobody need wait any more.
    fn leave(&self, mode: Mode) {
        if mode == Mode::Write {
            let mut queue = lock(&self.queue);
            queue.changing -= 1;
            let closed = queue.closed;
            drop(queue);
            if closed { self.came.notify_all() } else { self.came.notify_one() }
        }
    }

    fn answer(&self, queued: Queued, ending: Result<(), Fault>) {
        self.counters.waiting.take_one();
        self.counters.jobs.add(usize::from(queued.mode == Mode::Write));
        // Whoever asked may have gone; what was decided stands.
        drop(queued.answer.send(ending));
    }

    fn expire(&self, queued: Queued) {
        self.counters.expired.add(1);
        self.answer(queued, Err(Fault::unavailable("the database was too slow for too long")));
    }
}

/// One worker's life.
fn work(shared: &Shared) {
    WORKS.set(true);
    while let Some(mut queued) = shared.next() {
        let mode = queued.mode;
        // Nobody would learn the answer; a change is made all the same.
        let forgotten = mode != Mode::Write && queued.answer.is_closed();
        if now() >= queued.by {
            shared.expire(queued);
        } else {
            let ending =
                if forgotten { Ok(()) } else { shared.bench.serve(mode, &mut queued.job, queued.by) };
            shared.answer(queued, ending);
        }
        shared.leave(mode);
    }
}

fn closed() -> Fault {
    Fault::unavailable("the store is closed")
}

/// Nothing that these locks guard can be left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
