//! A database in a folder of its own, gone with the test.

use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Mode, Running, Store, sealed};
use doorward_storage::database::{Database, Options};
use doorward_storage::url::DatabaseUrl;
use doorward_testkit::store_suite::ask::write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use tempfile::TempDir;

pub(crate) struct Fixture {
    // Before the folder, so that its files are closed when they go.
    pub(crate) database: Arc<Database>,
    pub(crate) folder: TempDir,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::open(tempfile::tempdir().unwrap(), options)
    }

    /// A server's start on what there is in a folder.
    pub(crate) fn on(folder: TempDir) -> Self {
        Self::open(folder, Options::default())
    }

    fn open(folder: TempDir, options: Options) -> Self {
        let database = Database::open(&url(folder.path()), options).unwrap();
        Self { database, folder }
    }

    /// Closes the database and leaves its folder.
    pub(crate) fn close(self) -> TempDir {
        self.folder
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.database) as Arc<dyn Store>
    }

    /// A connection of somebody else's to the same file.
    pub(crate) fn stranger(&self) -> diesel::SqliteConnection {
        stranger(self.folder.path())
    }
}

impl sealed::Sealed for Fixture {}

impl Store for Fixture {
    fn run(&self, mode: Mode, job: Job) -> Running {
        self.database.run(mode, job)
    }
}

/// Keeps the writer busy until it is let go, so that what comes meanwhile shares a batch.
pub(crate) struct Blocker {
    let_go: Sender<()>,
    job: JoinHandle<()>,
}

impl Blocker {
    pub(crate) fn of(store: &Arc<dyn Store>) -> Self {
        let (entered, inside) = channel();
        let (let_go, released) = channel::<()>();
        let store = Arc::clone(store);
        let job = thread::spawn(move || {
            write(&store, move |_| {
                entered.send(()).map_err(Fault::broken)?;
                released.recv().map_err(Fault::broken)
            });
        });
        inside.recv().unwrap();
        Self { let_go, job }
    }

    pub(crate) fn let_go(self) {
        self.let_go.send(()).unwrap();
        self.job.join().unwrap();
    }
}

pub(crate) fn url(folder: &Path) -> DatabaseUrl {
    DatabaseUrl::sqlite(folder.join("test.db"))
}

pub(crate) fn stranger(folder: &Path) -> diesel::SqliteConnection {
    diesel::Connection::establish(folder.join("test.db").to_str().unwrap()).unwrap()
}

/// Says something to the database in its own words.
#[expect(clippy::disallowed_methods, reason = "a test plays the stranger who does what our code never does")]
pub(crate) fn say(connection: &mut diesel::SqliteConnection, words: &str) {
    diesel::connection::SimpleConnection::batch_execute(connection, words).unwrap();
}
