//! The connections that threads ask through: as many as needed, and none afterwards.

use crate::fixture::Fixture;
use doorward_core::store::Store;
use doorward_core::store::fault::Fault;
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::store_suite::ask::{read, write};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread;

/// How many descriptors of this process lead to the database's own file.
fn descriptors(folder: &Path) -> usize {
    let file = folder.join("test.db");
    let links = fs::read_dir("/proc/self/fd").unwrap().flatten();
    links.filter(|link| fs::read_link(link.path()).is_ok_and(|target| target == file)).count()
}

/// POSIX drops all locks of a process on a file as soon as one of its descriptors is closed. So SQLite keeps the
/// descriptors of closed connections while others hold locks, and gives them to the next ones: their number is bounded by
/// how many were open at once.
#[test]
fn threads_that_come_and_go_leave_no_connections_behind() {
    let fixture = Fixture::new();
    let (store, folder) = (fixture.store(), fixture.folder.path());
    let writer = descriptors(folder);
    for _ in 0..5 {
        let (asked, counted) = (Barrier::new(4), Barrier::new(4));
        thread::scope(|scope| {
            let ask = || {
                (0..5).for_each(|_| drop(read(&store, |tx| tx.setting("a"))));
                asked.wait();
                counted.wait();
            };
            // Joined by name: the end of the scope would not wait for the threads' locals.
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(ask)).collect();
            asked.wait();
            let open = descriptors(folder);
            counted.wait();
            assert_eq!(open, writer + 3);
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
    }
}

#[test]
fn a_database_closes_the_connections_of_threads_that_live_on() {
    let Fixture { database, folder } = Fixture::new();
    for _ in 0..3 {
        let store: Arc<dyn Store> = Database::open(database.url(), Options::default()).unwrap();
        write(&store, |tx| tx.setting("a"));
        drop(read(&store, |tx| tx.setting("a")));
    }
    let store: Arc<dyn Store> = database.clone();
    drop(read(&store, |tx| tx.setting("a")));
    database.close();
    assert_eq!(descriptors(folder.path()), 0);
}

#[test]
fn panics_leave_no_connections_behind() {
    let fixture = Fixture::new();
    let store = fixture.store();
    let before = descriptors(fixture.folder.path());
    for _ in 0..5 {
        let asked = block_on(store.read(|tx| -> Result<(), Fault> {
            tx.setting("a")?;
            panic!("for a test")
        }));
        assert!(asked.is_err());
    }
    drop(read(&store, |tx| tx.setting("a")));
    assert_eq!(descriptors(fixture.folder.path()), before + 1);
}
