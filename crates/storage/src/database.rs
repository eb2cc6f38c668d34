//! The database, as a server holds it: opened, asked, closed. Owns the parts (a writer, the readers, the counters) and
//! the file; what is in it is the nouns' business.
//!
//! # Durability
//! A change that was answered is on the disk: WAL mode, `synchronous=FULL`, one flush for all changes that came in while
//! the last one was under way. A refusal is answered after that flush too, because it may rest on what was not yet durable.

use crate::connection::{AnyConnection, Purpose};
use crate::counters::Counters;
use crate::migrations::{status_by, up_by};
use crate::open_error::OpenError;
use crate::sqlite::ballast::Ballast;
use crate::sqlite::batch::{Desk, from_connection_error};
use crate::sqlite::reader::Readers;
use crate::sqlite::writer::Writer;
use crate::trouble::Trouble;
use crate::url::DatabaseUrl;
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Mode, Running, Store, sealed};
use std::fs::OpenOptions;
use std::io;
use std::sync::Arc;

/// A database that is open.
pub struct Database {
    url: DatabaseUrl,
    readers: Arc<Readers>,
    writer: Writer,
    counters: Arc<Counters>,
}

/// How a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether migrations that are due are run; where not, they are an error.
    pub migrate: bool,
    /// The size in bytes of the file given up when the disk is full, so that revocations can still be written; none without
    /// it. See [`Options::BALLAST`].
    pub ballast: Option<u64>,
    /// The most changes that may wait; one more is refused at once.
    pub queue: usize,
}

impl Options {
    /// A ballast worth about ten thousand revocations: 8 MiB.
    pub const BALLAST: u64 = 8 << 20;
}

impl Default for Options {
    /// Migrates, has no ballast, and lets 4,096 changes wait: at a thousandth of a second per batch, more would wait longer
    /// than their callers do.
    fn default() -> Self {
        Self { migrate: true, ballast: None, queue: 4096 }
    }
}

impl Database {
    /// Opens a database, making the file (readable by its owner only) if there is none.
    ///
    /// # Errors
    /// [`OpenError`], in words for whoever starts the server.
    pub fn open(url: &DatabaseUrl, options: Options) -> Result<Arc<Self>, OpenError> {
        create(url)?;
        let mut connection = AnyConnection::open_patiently(url)?;
        bring_up_to_date(&mut connection, options.migrate)?;
        let counters = Arc::new(Counters::default());
        let ballast = options.ballast.map(|size| Ballast::new(url.beside(".ballast"), size));
        let desk = Desk::new(url.clone(), connection, ballast, Arc::clone(&counters));
        let writer = Writer::start(desk, options.queue, Arc::clone(&counters)).map_err(OpenError::Thread)?;
        let readers = Readers::new(url.clone());
        Ok(Arc::new(Self { url: url.clone(), readers, writer, counters }))
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

    /// Whether changes are still served. Once they are not, only opening the database again helps: the thread that serves
    /// them has ended, because the database was closed or because of a bug.
    #[must_use]
    pub fn writer_is_alive(&self) -> bool {
        self.writer.is_alive()
    }

    /// Reads through the whole file, on a connection of its own. Slow, for an administrator.
    ///
    /// # Errors
    /// [`Fault::Broken`] with the first thing that is wrong, [`Fault::Unavailable`] when it cannot be read.
    pub fn check(&self) -> Result<(), Fault> {
        let mut connection = AnyConnection::open(&self.url, Purpose::Read)
            .map_err(|error| from_connection_error(error).fault())?;
        match connection.find_damage().map_err(|error| Trouble::from(error).fault())? {
            None => Ok(()),
            Some(damage) => Err(Fault::broken(damage)),
        }
    }

    /// Finishes the changes that wait, brings the log into the file and ends the writer's thread; later changes are
    /// refused. Blocks until that is done. Dropping the last handle does the same.
    pub fn close(&self) {
        self.readers.close();
        self.writer.close();
    }
}

impl sealed::Sealed for Database {}

impl Store for Database {
    fn run(&self, mode: Mode, mut job: Job) -> Running {
        match mode {
            Mode::Write => self.writer.run(job),
            Mode::Read | Mode::Snapshot => Box::pin(std::future::ready(self.readers.run(mode, &mut job))),
        }
    }
}

/// Makes the database's file, and nobody but its owner may read it; SQLite gives the files beside it the same mode.
pub(crate) fn create(url: &DatabaseUrl) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    owner_only(&mut options);
    let file = options.open(url.path())?;
    warn_of_readers(url, &file)
}

/// The mode of files that hold digests and sealed keys.
pub(crate) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// A file that was there keeps its mode: somebody may have chosen it for their backups.
fn warn_of_readers(url: &DatabaseUrl, file: &std::fs::File) -> io::Result<()> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o077 != 0 {
        tracing::warn!(database = %url, "others than its owner may read the database's file");
    }
    #[cfg(not(unix))]
    let _ = (url, file);
    Ok(())
}

fn bring_up_to_date(connection: &mut AnyConnection, migrate: bool) -> Result<(), OpenError> {
    let pending = status_by(connection)?.pending;
    if pending.is_empty() {
        return Ok(());
    }
    if !migrate {
        return Err(OpenError::Pending(pending));
    }
    for name in up_by(connection)? {
        tracing::info!(migration = name, "the database was migrated");
    }
    Ok(())
}
