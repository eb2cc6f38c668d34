//! The files: who may read them, what is in them after the end, and what becomes of damage.

use crate::fixture::{Fixture, url};
use doorward_core::store::Store;
use doorward_core::store::fault::Fault;
use doorward_storage::database::{Database, Options};
use doorward_storage::url::DatabaseUrl;
use doorward_testkit::builders::{client, id};
use doorward_testkit::store_suite::ask::{read, write};
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

fn modes(folder: &Path) -> Vec<(String, u32)> {
    let mut modes: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.metadata().unwrap().mode() & 0o777))
        .collect();
    modes.sort();
    modes
}

#[test]
fn nobody_but_its_owner_may_read_a_database() {
    let fixture = Fixture::with(Options { ballast: Some(1 << 16), ..Options::default() });
    write(&fixture.store(), |tx| tx.insert_client(&client(1).build()));
    let expected =
        ["test.db", "test.db-shm", "test.db-wal", "test.db.ballast"].map(|name| (name.to_owned(), 0o600));
    assert_eq!(modes(fixture.folder.path()), expected);
}

/// Opens a database with a ballast of this size, and closes it again.
fn open_with_ballast(folder: &Path, ballast: u64) {
    let options = Options { ballast: Some(ballast), ..Options::default() };
    drop(Database::open(&url(folder), options).unwrap());
}

#[test]
fn what_only_has_the_name_of_the_ballast_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (ballast, victim) = (folder.path().join("test.db.ballast"), folder.path().join("victim"));
    let precious = "somebody's only copy";
    fs::write(&ballast, precious).unwrap();
    open_with_ballast(folder.path(), 1 << 16);
    assert_eq!(fs::read_to_string(&ballast).unwrap(), precious);
    for (precious, whose) in [(precious, "another's"), ("", "an empty one")] {
        fs::remove_file(&ballast).unwrap();
        fs::write(&victim, precious).unwrap();
        std::os::unix::fs::symlink(&victim, &ballast).unwrap();
        open_with_ballast(folder.path(), 1 << 16);
        assert_eq!(fs::read_to_string(&victim).unwrap(), precious, "{whose}");
    }
    fs::remove_file(&victim).unwrap();
    open_with_ballast(folder.path(), 1 << 16);
    assert!(!victim.exists(), "a link to nothing");
}

#[test]
fn a_ballast_of_an_earlier_start_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    for (leave, size) in [(1 << 16, 1 << 17), (8, 1 << 16), (0, 1 << 16)] {
        open_with_ballast(folder.path(), 1 << 16);
        let file = fs::OpenOptions::new().write(true).open(folder.path().join("test.db.ballast")).unwrap();
        file.set_len(leave).unwrap();
        open_with_ballast(folder.path(), size);
        assert_eq!(file.metadata().unwrap().len(), size, "after {leave} bytes were left");
    }
}

#[test]
fn a_file_that_was_there_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let _database = Database::open(&url(folder.path()), Options::default()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
}

#[test]
fn a_closed_database_is_one_file_with_everything_in_it() {
    let Fixture { database, folder } = Fixture::new();
    let store: Arc<dyn Store> = database.clone();
    write(&store, |tx| tx.insert_client(&client(1).build()));
    assert!(read(&store, |tx| tx.client(id(1))).is_some());
    database.close();
    drop((store, database));
    assert_eq!(modes(folder.path()).len(), 1, "{:?}", modes(folder.path()));
    let store: Arc<dyn Store> = Database::open(&url(folder.path()), Options::default()).unwrap();
    assert!(read(&store, |tx| tx.client(id(1))).is_some());
}

#[test]
fn a_database_that_vanished_is_an_error_and_not_a_new_one() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("test.db");
    fs::remove_file(&path).unwrap();
    let check = fixture.database.check();
    assert!(matches!(check, Err(Fault::Unavailable(_))), "{check:?}");
    assert!(!path.exists());
}

#[test]
fn a_name_with_signs_of_its_own_is_only_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b?mode=memory#%41.db");
    let _database = Database::open(&DatabaseUrl::sqlite(&path), Options::default()).unwrap();
    assert!(path.metadata().unwrap().len() > 0);
}

#[test]
fn damage_is_found() {
    let Fixture { database, folder } = Fixture::new();
    let store: Arc<dyn Store> = database.clone();
    write(&store, |tx| (0..200).try_for_each(|number| tx.insert_client(&client(number).build())));
    database.check().unwrap();
    database.close();
    drop((store, database));
    let mut file = fs::OpenOptions::new().write(true).open(folder.path().join("test.db")).unwrap();
    // The last page belongs to some table or index; nothing there is right any more.
    file.seek(SeekFrom::End(-4096)).unwrap();
    file.write_all(&[0xee; 4096]).unwrap();
    drop(file);
    let database = Database::open(&url(folder.path()), Options::default()).unwrap();
    assert!(database.check().is_err());
}

#[test]
fn what_is_no_database_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("test.db"), [b'x'; 5000]).unwrap();
    assert!(Database::open(&url(folder.path()), Options::default()).is_err());
    assert!(Database::open(&url(&folder.path().join("missing")), Options::default()).is_err());
}
