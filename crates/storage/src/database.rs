//! The database, as a server holds it: opened, asked, closed. Owns the choice of what runs closures; what is in the database
//! is the nouns' business.
//!
//! # Durability
//! A change that was answered is on the disk. In a file: WAL mode, `synchronous=FULL`, one flush for all changes that came
//! in while the last one was under way; a refusal is answered after that flush too, because it may rest on what was not yet
//! durable. On a server: a session whose `synchronous_commit` is off is not used; where `synchronous_standby_names` is set,
//! the change is on a standby, too.

use crate::counters::Counters;
#[cfg(feature = "postgres")]
use crate::migrations;
use crate::open_error::OpenError;
#[cfg(feature = "postgres")]
use crate::postgres::pool::Pool;
#[cfg(feature = "sqlite")]
use crate::sqlite::store::FileStore;
use crate::url::{DatabaseUrl, Place};
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Mode, Running, Store, sealed};
use std::sync::Arc;

/// A database that is open.
pub struct Database {
    url: DatabaseUrl,
    running: Runner,
    counters: Arc<Counters>,
}

/// What runs the closures.
enum Runner {
    #[cfg(feature = "sqlite")]
    File(FileStore),
    #[cfg(feature = "postgres")]
    Server(Pool),
}

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether migrations that are due are run; where not, they are an error.
    pub migrate: bool,
    /// The size in bytes of the file given up when the disk is full, so that revocations can still be written; none without
    /// it. See [`Options::BALLAST`]. A server has none.
    pub ballast: Option<u64>,
    /// The most changes (on a server: and questions) that may wait; one more is refused at once.
    pub queue: usize,
    /// The most connections to a server.
    pub connections: usize,
}

impl Options {
    /// A ballast worth about ten thousand revocations: 8 MiB.
    pub const BALLAST: u64 = 8 << 20;
}

impl Default for Options {
    /// Migrates, has no ballast, and lets 4,096 changes wait: at a thousandth of a second per batch, more would wait longer
    /// than their callers do. Sixteen connections leave a server of a hundred room for six nodes.
    fn default() -> Self {
        Self { migrate: true, ballast: None, queue: 4096, connections: 16 }
    }
}

impl Database {
    /// Opens a database, making the file (readable by its owner only) if it is one and there is none.
    ///
    /// # Errors
    /// [`OpenError`], in words for whoever starts the server.
    pub fn open(url: &DatabaseUrl, options: Options) -> Result<Arc<Self>, OpenError> {
        let counters = Arc::new(Counters::default());
        let running = match url.place() {
            #[cfg(feature = "sqlite")]
            Place::File(file) => Runner::File(FileStore::open(file, options, &counters)?),
            #[cfg(feature = "postgres")]
            Place::Server(server) => {
                migrations::bring_up_to_date(url, options.migrate)?;
                let counters = Arc::clone(&counters);
                let pool = Pool::start(server, options.connections, options.queue, counters);
                Runner::Server(pool.map_err(OpenError::Thread)?)
            }
        };
        Ok(Arc::new(Self { url: url.clone(), running, counters }))
    }

    /// Which database this is.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// What the store counts about itself.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether changes are still served. Once they are not, only opening the database again helps: the threads that serve
    /// them have ended, because the database was closed or because of a bug.
    #[must_use]
    pub fn writer_is_alive(&self) -> bool {
        match &self.running {
            #[cfg(feature = "sqlite")]
            Runner::File(file) => file.is_alive(),
            #[cfg(feature = "postgres")]
            Runner::Server(pool) => pool.is_alive(),
        }
    }

    /// Reads through the whole of a file, on a connection of its own: slow, for an administrator. What a server keeps is
    /// checked by the server's own tools; it is asked whether it answers.
    ///
    /// # Errors
    /// [`Fault::Broken`] with the first thing that is wrong, [`Fault::Unavailable`] when it cannot be read.
    pub fn check(&self) -> Result<(), Fault> {
        match &self.running {
            #[cfg(feature = "sqlite")]
            Runner::File(file) => file.check(),
            #[cfg(feature = "postgres")]
            Runner::Server(pool) => pool.check(),
        }
    }

    /// Finishes what waits, brings the log of a file into it, and ends the threads; what comes later is refused. Blocks until
    /// that is done. Dropping the last handle does the same.
    pub fn close(&self) {
        match &self.running {
            #[cfg(feature = "sqlite")]
            Runner::File(file) => file.close(),
            #[cfg(feature = "postgres")]
            Runner::Server(pool) => pool.close(),
        }
    }
}

impl sealed::Sealed for Database {}

impl Store for Database {
    fn run(&self, mode: Mode, job: Job) -> Running {
        match &self.running {
            #[cfg(feature = "sqlite")]
            Runner::File(file) => file.run(mode, job),
            #[cfg(feature = "postgres")]
            Runner::Server(pool) => pool.run(mode, job),
        }
    }

    fn changes_of_database(&self) -> u64 {
        match &self.running {
            #[cfg(feature = "sqlite")]
            Runner::File(_) => 0,
            #[cfg(feature = "postgres")]
            Runner::Server(pool) => pool.changes_of_server(),
        }
    }
}
