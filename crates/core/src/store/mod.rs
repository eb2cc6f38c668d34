//! The store, as the rules see it: closures that run in a transaction and may run again. Owns the traits, what a closure
//! may answer, and what can go wrong; how rows are kept is for the crate that implements it.
//!
//! A closure may run more than once (an aborted batch, a serialization failure, a broken connection), so it draws neither
//! randomness nor time, sends nothing, and holds nothing slow: identifiers and instants are drawn before it, signatures
//! are made after it.

pub mod fault;
pub mod tx;

use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::{Instrument, Level, Span, trace_span};

/// The target of spans that are part of a trace.
const TRACE: &str = "doorward::trace";

/// How a closure uses the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A single question, answered as of now. Several questions may see different states.
    Read,
    /// Several questions about one state of the database.
    Snapshot,
    /// Questions and changes, all or nothing, durable before the answer.
    Write,
}

/// What a closure's transaction ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Keep the changes.
    Commit,
    /// Undo them; the answer (a refusal) is given all the same.
    Rollback,
}

/// A number that grows with every change to what is cached; see [`tx::changes::Changes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

/// A closure on its way to the database.
pub type Job = Box<dyn FnMut(&mut dyn Tx) -> Result<Verdict, Fault> + Send>;

/// A transaction under way. Runtime-neutral; dropping it does not undo anything.
pub type Running = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

/// A database that runs closures. Sealed until 1.0: the traits still grow with every noun.
pub trait Store: sealed::Sealed + Send + Sync {
    /// Runs a closure; the future resolves once its changes are durable.
    fn run(&self, mode: Mode, job: Job) -> Running;

    /// How often the database has turned out to be another one than before: a standby that was promoted, a backup that was
    /// restored, or the same one after a crash. It may have lost what was read from the former.
    fn changes_of_database(&self) -> u64 {
        0
    }
}

/// Whether what is asked now is part of somebody's trace. What a server asks by itself, four times a second, is nobody's.
fn is_traced() -> bool {
    tracing::span_enabled!(target: TRACE, Level::TRACE) && !Span::current().is_none()
}

/// Keeps foreign stores out until the traits are stable.
#[doc(hidden)]
pub mod sealed {
    pub trait Sealed {}
}

impl dyn Store + '_ {
    /// Asks a single question.
    ///
    /// # Errors
    /// [`Fault`] when the database does not answer.
    pub async fn read<T: Send + 'static>(
        &self,
        ask: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.ask(Mode::Read, ask).await
    }

    /// Asks several questions about one state of the database.
    ///
    /// # Errors
    /// [`Fault`] when the database does not answer.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        ask: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.ask(Mode::Snapshot, ask).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        mode: Mode,
        mut ask: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let answer = Answer::default();
        let slot = answer.clone();
        let span = if is_traced() { trace_span!(target: TRACE, "store.read") } else { Span::none() };
        self.run(mode, Box::new(move |tx| slot.put(ask(tx)?, Verdict::Rollback))).instrument(span).await?;
        answer.take()
    }

    /// Decides and records: the closure's changes are durable when this returns `Ok`, and undone when it refuses with
    /// [`Stop::Refuse`].
    ///
    /// # Errors
    /// The fault of the database or the closure; the closure's refusal is the inner error, an answer like any other.
    pub async fn write<T, R>(
        &self,
        mut decide: impl FnMut(&mut dyn Tx) -> Result<T, Stop<R>> + Send + 'static,
    ) -> Result<Result<T, R>, Fault>
    where
        T: Send + 'static,
        R: Send + 'static,
    {
        let answer = Answer::default();
        let slot = answer.clone();
        // From the queue to the disk; within it each run of the closure.
        let span = if is_traced() { trace_span!(target: TRACE, "store.write") } else { Span::none() };
        let whole = span.clone();
        let job = move |tx: &mut dyn Tx| {
            let _run =
                (!whole.is_none()).then(|| trace_span!(target: TRACE, parent: &whole, "store.run").entered());
            match decide(tx) {
                Ok(value) => slot.put(Ok(value), Verdict::Commit),
                Err(Stop::Refuse(refusal)) => slot.put(Err(refusal), Verdict::Rollback),
                Err(Stop::RefuseAndCommit(refusal)) => slot.put(Err(refusal), Verdict::Commit),
                Err(Stop::Fault(fault)) => Err(fault),
            }
        };
        self.run(Mode::Write, Box::new(job)).instrument(span).await?;
        answer.take()
    }
}

/// Where a closure leaves its answer; a later run of the same closure replaces it.
struct Answer<T>(Arc<Mutex<Option<T>>>);

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }
}

impl<T> Clone for Answer<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Answer<T> {
    fn put(&self, value: T, verdict: Verdict) -> Result<Verdict, Fault> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        Ok(verdict)
    }

    fn take(&self) -> Result<T, Fault> {
        // A store that says "ended" without having run the closure is broken; that is a fault, not a panic.
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .ok_or_else(|| Fault::broken("the store answered without running"))
    }
}
