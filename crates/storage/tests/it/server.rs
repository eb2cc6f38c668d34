//! A database of its own on a server of PostgreSQL's, gone with the test.

use doorward_core::store::{Job, Mode, Running, Store, sealed};
use doorward_storage::database::{Database, Options};
use doorward_testkit::databases::FreshDatabase;
use std::sync::Arc;

pub(crate) struct Served {
    // Before the place, so that its connections are closed when it goes.
    pub(crate) database: Arc<Database>,
    pub(crate) place: FreshDatabase,
}

impl Served {
    /// None, said aloud, where there is no server.
    pub(crate) fn new() -> Option<Self> {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Option<Self> {
        let place = FreshDatabase::postgres()?;
        let database = Database::open(&place.url().parse().unwrap(), options).unwrap();
        Some(Self { database, place })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.database.close();
    }
}

impl sealed::Sealed for Served {}

impl Store for Served {
    fn run(&self, mode: Mode, job: Job) -> Running {
        self.database.run(mode, job)
    }
}
