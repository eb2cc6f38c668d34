//! Questions, on the caller's own thread: each thread that asks has a connection of its own, opened at its first question
//! and closed with the thread or the database, whichever ends first. Owns those connections.
//!
//! Handing a question to another thread would cost more than the answer, which takes a few microseconds.

use crate::connection::AnyConnection;
use crate::sqlite::file::{Purpose, from_connection_error, trouble};
use crate::transaction::{Allowed, Transaction};
use crate::url::DatabaseFile;
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Mode};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Where a thread's connection lies while no question uses it.
type Slot = Mutex<Option<AnyConnection>>;

/// All reading connections of one database.
pub(crate) struct Readers {
    database: DatabaseFile,
    slots: Mutex<Vec<Arc<Slot>>>,
}

/// One thread's share in one database.
struct Seat {
    readers: Weak<Readers>,
    slot: Weak<Slot>,
}

thread_local! {
    static SEATS: RefCell<Vec<Seat>> = const { RefCell::new(Vec::new()) };
}

impl Readers {
    pub(crate) fn new(database: DatabaseFile) -> Arc<Self> {
        Arc::new(Self { database, slots: Mutex::default() })
    }

    /// Asks on this thread.
    pub(crate) fn run(self: &Arc<Self>, mode: Mode, job: &mut Job) -> Result<(), Fault> {
        let slot = self.slot();
        // Taken out, not locked: a question within a question finds the slot empty and opens a connection for itself, and
        // a connection that a panic went through is not put back.
        let kept = slot.as_ref().and_then(|slot| lock(slot).take());
        let mut connection = match kept {
            Some(connection) => connection,
            None => AnyConnection::open_file(&self.database.uri(), Purpose::Read)
                .map_err(|error| from_connection_error(error).fault())?,
        };
        let answer = ask(&mut connection, mode, job)?;
        if let Some(slot) = slot {
            lock(&slot).get_or_insert(connection);
        }
        answer
    }

    /// Closes the connections that are not in use.
    pub(crate) fn close(&self) {
        lock(&self.slots).clear();
    }

    /// This thread's slot; none while the thread ends.
    fn slot(self: &Arc<Self>) -> Option<Arc<Slot>> {
        SEATS.try_with(|seats| self.seat(&mut seats.borrow_mut())).ok()
    }

    fn seat(self: &Arc<Self>, seats: &mut Vec<Seat>) -> Arc<Slot> {
        let mine = seats.iter().find(|seat| std::ptr::eq(seat.readers.as_ptr(), Arc::as_ptr(self)));
        if let Some(slot) = mine.and_then(|seat| seat.slot.upgrade()) {
            return slot;
        }
        seats.retain(|seat| seat.slot.strong_count() > 0);
        let slot = Arc::new(Slot::default());
        lock(&self.slots).push(Arc::clone(&slot));
        seats.push(Seat { readers: Arc::downgrade(self), slot: Arc::downgrade(&slot) });
        slot
    }
}

impl Drop for Seat {
    /// The thread ends, or the database is gone.
    fn drop(&mut self) {
        if let Some(readers) = self.readers.upgrade() {
            lock(&readers.slots).retain(|slot| !std::ptr::eq(Arc::as_ptr(slot), self.slot.as_ptr()));
        }
    }
}

/// Runs the closure. The outer error means that the connection is not to be used again.
fn ask(connection: &mut AnyConnection, mode: Mode, job: &mut Job) -> Result<Result<(), Fault>, Fault> {
    let whole = mode == Mode::Snapshot;
    if whole {
        connection.begin_snapshot().map_err(|error| fault(&error))?;
    }
    let mut transaction = Transaction::new(connection, Allowed::Questions);
    let verdict = catch_unwind(AssertUnwindSafe(|| job(&mut transaction)));
    transaction.end(false).map_err(|trouble| trouble.fault())?;
    // What a panic says may quote the secret that caused it, and faults are logged.
    let verdict = verdict.map_err(|_| Fault::broken("a question panicked"))?;
    if whole {
        connection.roll_back().map_err(|error| fault(&error))?;
    }
    Ok(verdict.map(drop))
}

fn fault(error: &diesel::result::Error) -> Fault {
    trouble(error).fault()
}

/// Nothing that these locks guard can be left half done.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
