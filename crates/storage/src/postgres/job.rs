//! One job on one connection: begun, run, committed. Owns the connections, and what is done when another transaction or a
//! broken connection comes in between: the job runs again, until its time is over.
//!
//! A commit is the one statement that is not repeated: a connection that breaks under it leaves open whether it took place,
//! and so does the answer.

use crate::connection::AnyConnection;
use crate::counters::Counters;
use crate::postgres::known::KnownServer;
use crate::postgres::session;
use crate::postgres::turns::Turns;
use crate::transaction::{Allowed, Transaction};
use crate::trouble::{Kind, Trouble};
use crate::url::ServerUrl;
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Mode, Verdict};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a commit may take beyond the job's own time: better a late answer than one that does not know.
const LAST_MOMENT: Duration = Duration::from_millis(700);

/// How long to wait for a server that does not take us, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(200));

/// How long to wait after others have come in between for the second time, at first and at most.
const RACED: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// A place at which jobs are done, several at a time. There are as many connections as there were jobs at once.
pub(crate) struct Bench {
    server: ServerUrl,
    /// Those that nobody uses. The one used last is used next, so that no more are opened than are needed, and whoever gets no
    /// other one from the server waits for one of these.
    idle: Mutex<Vec<AnyConnection>>,
    counters: Arc<Counters>,
    known: KnownServer,
    turns: Turns,
}

/// How one run of a job ended.
enum Ran {
    /// With its answer.
    Ended(Ending),
    /// With an answer that rests on a refused row: perhaps what it had looked for came a moment later.
    Refused(Ending),
    /// With something else in its way.
    Again(Trouble),
}

type Ending = Result<(), Fault>;

impl Bench {
    pub(crate) fn new(server: ServerUrl, counters: Arc<Counters>) -> Self {
        Self {
            server,
            idle: Mutex::default(),
            counters,
            known: KnownServer::default(),
            turns: Turns::default(),
        }
    }

    /// Which server it is.
    pub(crate) const fn known(&self) -> &KnownServer {
        &self.known
    }

    /// Opens a connection, to see whether that can be done.
    pub(crate) fn reach(&self, by: Instant) -> Result<(), Fault> {
        session::open(&self.server, by, &self.known).map(drop).map_err(|trouble| trouble.fault())
    }

    /// Gives up all connections that nobody uses.
    pub(crate) fn clear(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<AnyConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does a job, and answers by the given time, give or take a commit.
    pub(crate) fn serve(&self, mode: Mode, job: &mut Job, by: Instant) -> Ending {
        let mut refused_before = false;
        let (mut pause, mut raced) = (PAUSES.0, Duration::ZERO);
        loop {
            match self.run(mode, job, by) {
                Ran::Ended(ending) => return ending,
                Ran::Refused(ending) if refused_before => return ending,
                Ran::Refused(_) => refused_before = true,
                Ran::Again(trouble) if now() + pause >= by => return Err(trouble.fault()),
                // Whoever came in between has ended; others may still be coming.
                Ran::Again(trouble) if trouble.kind == Kind::Raced => {
                    if !raced.is_zero() {
                        thread::park_timeout(raced);
                    }
                    raced = (raced * 2).clamp(RACED.0, RACED.1);
                }
                Ran::Again(_) => {
                    thread::park_timeout(pause);
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
            self.counters.reruns.add(1);
        }
    }

    /// Runs a job once. A connection is kept only if nothing is the matter with it.
    fn run(&self, mode: Mode, job: &mut Job, by: Instant) -> Ran {
        let mut connection = match self.connection(by) {
            Ok(connection) => connection,
            Err(trouble) => return ran_into(trouble),
        };
        connection.set_deadline(Some(by));
        let ran = match mode {
            Mode::Read => ask(&mut connection, job, &self.counters),
            Mode::Snapshot => look(&mut connection, job, &self.counters),
            Mode::Write => decide(&mut connection, job, by, &self.counters),
        };
        self.note_space(mode, &ran);
        self.keep_if_sound(connection, &ran, by);
        ran.unwrap_or_else(ran_into)
    }

    fn connection(&self, by: Instant) -> Result<AnyConnection, Trouble> {
        let idle = self.idle().pop();
        match idle {
            Some(connection) => Ok(connection),
            None => self.turns.connect(|| session::open(&self.server, by, &self.known)),
        }
    }

    fn keep_if_sound(&self, mut connection: AnyConnection, ran: &Result<Ran, Trouble>, by: Instant) {
        let gone = connection.is_broken() || matches!(ran, Err(trouble) if trouble.kind == Kind::Gone);
        self.counters.lost.add(usize::from(gone));
        let sound = match ran {
            Ok(_) => true,
            Err(trouble) => trouble.kind == Kind::Raced,
        };
        if sound && !gone && !connection.is_in_transaction() {
            self.idle().push(connection);
        } else if gone && now() < by {
            // It was not our impatience: the others have hardly survived what this one has not.
            self.clear();
        }
    }

    /// That there is room again shows when something was written.
    fn note_space(&self, mode: Mode, ran: &Result<Ran, Trouble>) {
        match ran {
            Ok(Ran::Ended(Ok(()))) if mode == Mode::Write => self.counters.set_short_of_space(false),
            Ok(_) => {}
            Err(trouble) if trouble.kind == Kind::Full => self.counters.set_short_of_space(true),
            Err(_) => {}
        }
    }
}

fn ran_into(trouble: Trouble) -> Ran {
    match trouble.kind {
        Kind::Raced | Kind::Gone => Ran::Again(trouble),
        Kind::Full | Kind::Locked | Kind::Unavailable | Kind::Broken => Ran::Ended(Err(trouble.fault())),
    }
}

/// A single question, without a transaction around it.
fn ask(connection: &mut AnyConnection, job: &mut Job, counters: &Counters) -> Result<Ran, Trouble> {
    run_closure(connection, Allowed::Questions, job, counters).map(Closed::end)
}

/// Questions about one state of the database.
fn look(connection: &mut AnyConnection, job: &mut Job, counters: &Counters) -> Result<Ran, Trouble> {
    connection.begin_snapshot().map_err(|error| connection.trouble(&error))?;
    let closed = run_closure(connection, Allowed::Questions, job, counters);
    roll_back(connection, &closed)?;
    closed.map(Closed::end)
}

/// Questions and changes, all or nothing.
fn decide(
    connection: &mut AnyConnection,
    job: &mut Job,
    by: Instant,
    counters: &Counters,
) -> Result<Ran, Trouble> {
    connection.begin_write().map_err(|error| connection.trouble(&error))?;
    let closed = run_closure(connection, Allowed::Changes, job, counters);
    if !closed.as_ref().is_ok_and(Closed::is_kept) {
        roll_back(connection, &closed)?;
        return closed.map(Closed::end);
    }
    connection.set_deadline(Some(by + LAST_MOMENT));
    match connection.commit() {
        Ok(()) if connection.was_warned() => Err(Trouble::new(
            Kind::Unavailable,
            "a change was committed, and the server warned that it may not be safe: did its standby confirm it?",
        )),
        Ok(()) => {
            counters.batches.add(1);
            counters.largest_batch.raise_to(1);
            Ok(Ran::Ended(Ok(())))
        }
        Err(error) => unfinished(connection.trouble(&error)),
    }
}

/// A commit that failed: undone, or, where the connection broke, nobody knows.
fn unfinished(trouble: Trouble) -> Result<Ran, Trouble> {
    match trouble.kind {
        Kind::Gone => Err(Trouble::new(
            Kind::Unavailable,
            format_args!(
                "the connection broke while a change was being committed, and the change may have been made: {}. If every \
                 change ends so, a synchronous standby may be missing (synchronous_standby_names)",
                trouble.cause()
            ),
        )),
        _ => Err(trouble),
    }
}

/// How a closure ended.
struct Closed {
    verdict: Result<Verdict, Fault>,
    /// A row was refused in it.
    refused: bool,
}

impl Closed {
    const fn is_kept(&self) -> bool {
        matches!(self.verdict, Ok(Verdict::Commit))
    }

    fn end(self) -> Ran {
        let ending = self.verdict.map(drop);
        if self.refused { Ran::Refused(ending) } else { Ran::Ended(ending) }
    }
}

/// Runs the closure. What it swallowed comes to light here.
fn run_closure(
    connection: &mut AnyConnection,
    allowed: Allowed,
    job: &mut Job,
    counters: &Counters,
) -> Result<Closed, Trouble> {
    let mut transaction = Transaction::new(connection, allowed);
    let verdict = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
    let keeps = matches!(verdict, Ok(Ok(Verdict::Commit)));
    let outcome = transaction.end(keeps)?;
    let verdict = match verdict.map(|verdict| outcome.judge(verdict)) {
        Ok(Err(Fault::Raced)) => return Err(Trouble::new(Kind::Raced, Fault::Raced)),
        Ok(verdict) => verdict,
        Err(_) => {
            counters.panics.add(1);
            // What a panic says may quote the secret that caused it, and faults are logged.
            Err(Fault::broken("a job panicked"))
        }
    };
    Ok(Closed { verdict, refused: outcome.refused.is_some() })
}

/// Ends a transaction of which nothing is kept. Where the connection is lost, the server has ended it.
fn roll_back(connection: &mut AnyConnection, after: &Result<Closed, Trouble>) -> Result<(), Trouble> {
    let undone = connection.roll_back().map_err(|error| connection.trouble(&error));
    if after.is_ok() { undone } else { Ok(()) }
}

#[expect(clippy::disallowed_methods, reason = "how long a job waits has nothing to do with the rules' clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
