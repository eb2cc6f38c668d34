//! A file as a store: a writer, and readers on their callers' threads. Owns the making of the file, and who may read it.

use crate::connection::AnyConnection;
use crate::counters::Counters;
use crate::database::Options;
use crate::migrations::bring_up_to_date_by;
use crate::open_error::OpenError;
use crate::sqlite::ballast::Ballast;
use crate::sqlite::batch::Desk;
use crate::sqlite::file::{Purpose, from_connection_error, trouble};
use crate::sqlite::reader::Readers;
use crate::sqlite::writer::Writer;
use crate::url::DatabaseFile;
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Mode, Running};
use std::fs::OpenOptions;
use std::io;
use std::sync::Arc;

/// A database file that is open.
pub(crate) struct FileStore {
    file: DatabaseFile,
    readers: Arc<Readers>,
    writer: Writer,
}

impl FileStore {
    /// Opens the file, making it if there is none.
    pub(crate) fn open(
        file: &DatabaseFile,
        options: Options,
        counters: &Arc<Counters>,
    ) -> Result<Self, OpenError> {
        create(file)?;
        let mut connection = AnyConnection::open_file_patiently(&file.uri())?;
        bring_up_to_date_by(&mut connection, options.migrate)?;
        let ballast = options.ballast.map(|size| Ballast::new(file.beside(".ballast"), size));
        let desk = Desk::new(file.clone(), connection, ballast, Arc::clone(counters));
        let writer = Writer::start(desk, options.queue, Arc::clone(counters)).map_err(OpenError::Thread)?;
        Ok(Self { file: file.clone(), readers: Readers::new(file.clone()), writer })
    }

    pub(crate) fn run(&self, mode: Mode, mut job: Job) -> Running {
        match mode {
            Mode::Write => self.writer.run(job),
            Mode::Read | Mode::Snapshot => Box::pin(std::future::ready(self.readers.run(mode, &mut job))),
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.writer.is_alive()
    }

    /// Reads through the whole file, on a connection of its own.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let mut connection = AnyConnection::open_file(&self.file.uri(), Purpose::Read)
            .map_err(|error| from_connection_error(error).fault())?;
        match connection.find_damage().map_err(|error| trouble(&error).fault())? {
            None => Ok(()),
            Some(damage) => Err(Fault::broken(damage)),
        }
    }

    pub(crate) fn close(&self) {
        self.readers.close();
        self.writer.close();
    }
}

/// Makes the database's file, and nobody but its owner may read it; SQLite gives the files beside it the same mode.
pub(crate) fn create(database: &DatabaseFile) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    owner_only(&mut options);
    let file = options.open(database.path())?;
    warn_of_readers(database, &file)
}

/// The mode of files that hold digests and sealed keys.
pub(crate) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// A file that was there keeps its mode: somebody may have chosen it for their backups.
fn warn_of_readers(database: &DatabaseFile, file: &std::fs::File) -> io::Result<()> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o077 != 0 {
        tracing::warn!(%database, "others than its owner may read the database's file");
    }
    #[cfg(not(unix))]
    let _ = (database, file);
    Ok(())
}
