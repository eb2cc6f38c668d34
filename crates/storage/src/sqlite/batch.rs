//! One batch of changes: run, committed once, answered. Owns what happens when something goes wrong in between: the whole
//! batch is undone, and its jobs run again one by one, so that the one at fault fails alone. A refusal is nothing that goes
//! wrong; where it has changes to undo, the batch begins once more with a savepoint for each job.
//!
//! Why any trouble undoes the batch: SQLite may end the transaction by itself (a full disk inside a savepoint does), and
//! the next statement would then commit alone, half of a job included.

use crate::connection::AnyConnection;
use crate::counters::Counters;
use crate::sqlite::ballast::Ballast;
use crate::sqlite::checkpoint::Checkpoints;
use crate::sqlite::file::{Purpose, from_connection_error, trouble};
use crate::transaction::{Allowed, Transaction};
use crate::trouble::{Kind, Trouble};
use crate::url::DatabaseFile;
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Verdict};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice::from_mut;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

/// A job in the queue.
pub(crate) struct Queued {
    pub(crate) job: Job,
    pub(crate) answer: oneshot::Sender<Ending>,
    pub(crate) since: Instant,
}

/// What the caller of a job is told.
pub(crate) type Ending = Result<(), Fault>;

/// The writer's connection and what belongs to it.
pub(crate) struct Desk {
    database: DatabaseFile,
    /// None after trouble that it may not have survived; opened again by the next batch.
    connection: Option<AnyConnection>,
    ballast: Option<Ballast>,
    checkpoints: Checkpoints,
    counters: Arc<Counters>,
    /// How many batches to come begin with savepoints.
    cautious_for: u32,
}

/// After a job that had to be undone alone, so many batches begin with savepoints: whoever sends such jobs one after the
/// other makes nobody's run twice.
const CAUTION: u32 = 64;

impl Desk {
    pub(crate) fn new(
        database: DatabaseFile,
        connection: AnyConnection,
        ballast: Option<Ballast>,
        counters: Arc<Counters>,
    ) -> Self {
        let checkpoints = Checkpoints::new(database.beside("-wal"), Arc::clone(&counters));
        Self { database, connection: Some(connection), ballast, checkpoints, counters, cautious_for: 0 }
    }

    /// Serves a batch, and hands back those whose turn has not come because another process holds the lock.
    pub(crate) fn serve(&mut self, mut batch: Vec<Queued>) -> Vec<Queued> {
        let unserved = match self.together(&mut batch) {
            Ok(endings) => {
                batch.into_iter().zip(endings).for_each(|(queued, ending)| self.answer(queued, ending));
                Vec::new()
            }
            Err(trouble) if trouble.kind == Kind::Locked => batch,
            Err(trouble) => self.one_by_one(batch, &trouble),
        };
        // Nobody waits for this any more.
        if let Some(connection) = &mut self.connection {
            self.checkpoints.after_batch(connection);
        }
        unserved
    }

    /// Whether there is anything to do in a moment without work.
    pub(crate) fn has_chores(&self) -> bool {
        self.checkpoints.are_unfinished() || self.ballast.as_ref().is_some_and(Ballast::is_overboard)
    }

    /// In a moment without work.
    pub(crate) fn rest(&mut self) {
        if let Some(connection) = &mut self.connection {
            self.checkpoints.when_idle(connection);
        }
    }

    /// Takes the ballast aboard again once there is room.
    pub(crate) fn tidy(&mut self) {
        let Some(ballast) = &mut self.ballast else { return };
        let was_overboard = ballast.is_overboard();
        ballast.take_aboard();
        if was_overboard && !ballast.is_overboard() {
            self.counters.set_short_of_space(false);
        }
    }

    /// The last thing: all of the log goes into the database, so that the file alone can be copied.
    pub(crate) fn finish(mut self) {
        if let Some(mut connection) = self.connection.take()
            && let Err(error) = connection.checkpoint_and_truncate()
        {
            tracing::warn!(%error, "the log was left to the next start");
        }
    }

    /// Gives up on a job whose turn did not come.
    pub(crate) fn expire(&self, queued: Queued) {
        self.counters.expired.add(1);
        self.answer(queued, Err(Fault::unavailable("the database was locked or too slow for too long")));
    }

    fn answer(&self, queued: Queued, ending: Ending) {
        self.counters.waiting.take_one();
        self.counters.jobs.add(1);
        // Whoever asked may have gone; what was decided stands.
        drop(queued.answer.send(ending));
    }

    fn one_by_one(&mut self, batch: Vec<Queued>, trouble: &Trouble) -> Vec<Queued> {
        tracing::warn!(fault = %trouble.fault(), jobs = batch.len(), "a batch was undone; its jobs run again one by one");
        self.counters.reruns.add(batch.len());
        self.make_room(trouble);
        let mut unserved = Vec::new();
        for mut queued in batch {
            match self.alone(&mut queued) {
                Ok(ending) => self.answer(queued, ending),
                Err(trouble) if trouble.kind == Kind::Locked => unserved.push(queued),
                Err(trouble) => self.answer(queued, Err(trouble.fault())),
            }
        }
        unserved
    }

    fn alone(&mut self, queued: &mut Queued) -> Result<Ending, Trouble> {
        let mut endings = self.together(from_mut(queued))?;
        // One job gives one ending.
        Ok(endings.pop().unwrap_or_else(|| Err(Fault::broken("a job came to no end"))))
    }

    /// Drops the ballast if the disk is full.
    fn make_room(&mut self, trouble: &Trouble) {
        if let Some(ballast) = self.ballast.as_mut().filter(|_| trouble.kind == Kind::Full) {
            ballast.drop_overboard();
        }
    }

    /// One transaction for all. After an error nothing of it is left.
    fn together(&mut self, jobs: &mut [Queued]) -> Result<Vec<Ending>, Trouble> {
        let allowed = self.allowed();
        let (mut connection, begun) = self.begin()?;
        let cautious = self.cautious_for > 0;
        let ended = begun.and_then(|()| run_all(&mut connection, jobs, cautious, allowed, &self.counters));
        self.note_space(&ended);
        match &ended {
            Ok((_, undone)) => {
                self.cautious_for = if *undone { CAUTION } else { self.cautious_for.saturating_sub(1) };
                self.counters.batches.add(1);
                self.counters.largest_batch.raise_to(jobs.len());
                self.connection = Some(connection);
            }
            // Nothing was begun.
            Err(trouble) if trouble.kind == Kind::Locked && !connection.is_in_transaction() => {
                self.connection = Some(connection);
            }
            // A connection that cannot even undo is closed, which undoes as well.
            Err(_) => self.connection = connection.roll_back().is_ok().then_some(connection),
        }
        ended.map(|(endings, _)| endings)
    }

    /// The connection, with a transaction begun if the lock was free.
    fn begin(&mut self) -> Result<(AnyConnection, Result<(), Trouble>), Trouble> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => AnyConnection::open_file(&self.database.uri(), Purpose::Write)
                .map_err(from_connection_error)?,
        };
        let begun = connection.begin_write().map_err(|error| trouble(&error));
        Ok((connection, begun))
    }

    fn allowed(&self) -> Allowed {
        if self.ballast.as_ref().is_some_and(Ballast::is_overboard) {
            Allowed::Savings
        } else {
            Allowed::Changes
        }
    }

    fn note_space<T>(&self, ended: &Result<T, Trouble>) {
        match ended {
            Ok(_) => self.counters.set_short_of_space(self.allowed() == Allowed::Savings),
            Err(trouble) if trouble.kind == Kind::Full => self.counters.set_short_of_space(true),
            Err(_) => {}
        }
    }
}

/// Runs the jobs and commits what is to be kept. Tells whether one of them had to be undone alone.
fn run_all(
    connection: &mut AnyConnection,
    jobs: &mut [Queued],
    cautious: bool,
    allowed: Allowed,
    counters: &Counters,
) -> Result<(Vec<Ending>, bool), Trouble> {
    if !cautious {
        if let Some(endings) = run_lightly(connection, jobs, allowed, counters)? {
            connection.commit().map_err(|error| trouble(&error))?;
            return Ok((endings, false));
        }
        connection.roll_back().map_err(|error| trouble(&error))?;
        connection.begin_write().map_err(|error| trouble(&error))?;
        counters.reruns.add(jobs.len());
    }
    let ran = run_guarded(connection, jobs, allowed, counters)?;
    connection.commit().map_err(|error| trouble(&error))?;
    Ok(ran)
}

/// Without savepoints, each of which would copy every page that its job touches. Nearly always nothing has to be undone: a
/// job that refuses has seldom changed anything by then. None when one has.
fn run_lightly(
    connection: &mut AnyConnection,
    jobs: &mut [Queued],
    allowed: Allowed,
    counters: &Counters,
) -> Result<Option<Vec<Ending>>, Trouble> {
    let run = |queued: &mut Queued| {
        let ran = run(connection, &mut queued.job, allowed)?;
        Ok((!ran.must_be_undone).then(|| ran.end(counters)))
    };
    jobs.iter_mut().map(run).collect()
}

/// Each in its savepoint. Tells whether one was undone.
fn run_guarded(
    connection: &mut AnyConnection,
    jobs: &mut [Queued],
    allowed: Allowed,
    counters: &Counters,
) -> Result<(Vec<Ending>, bool), Trouble> {
    let mut undone = false;
    let run = |queued: &mut Queued| {
        connection.begin_job().map_err(|error| trouble(&error))?;
        let ran = run(connection, &mut queued.job, allowed)?;
        if ran.must_be_undone { connection.undo_job() } else { connection.keep_job() }
            .map_err(|error| trouble(&error))?;
        undone |= ran.must_be_undone;
        Ok(ran.end(counters))
    };
    let endings = jobs.iter_mut().map(run).collect::<Result<_, Trouble>>()?;
    Ok((endings, undone))
}

/// What came of one job.
struct Ran {
    /// None when it panicked.
    ending: Option<Ending>,
    /// It has changed something that is not to be kept.
    must_be_undone: bool,
}

impl Ran {
    fn end(self, counters: &Counters) -> Ending {
        self.ending.unwrap_or_else(|| {
            counters.panics.add(1);
            // What a panic says may quote the secret that caused it, and faults are logged.
            Err(Fault::broken("a job panicked"))
        })
    }
}

fn run(connection: &mut AnyConnection, job: &mut Job, allowed: Allowed) -> Result<Ran, Trouble> {
    let mut transaction = Transaction::new(connection, allowed);
    // What the closure leaves behind when it panics is undone; the closure itself is not run again but from its beginning.
    let verdict = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
    let keeps = matches!(verdict, Ok(Ok(Verdict::Commit)));
    let outcome = transaction.end(keeps)?;
    let verdict = verdict.map(|verdict| outcome.judge(verdict));
    let is_kept = matches!(verdict, Ok(Ok(Verdict::Commit)));
    Ok(Ran { ending: verdict.ok().map(|ended| ended.map(drop)), must_be_undone: outcome.changed && !is_kept })
}
