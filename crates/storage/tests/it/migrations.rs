//! The way up, the way down, and who may go it.

use crate::fixture::{say, stranger, url};
use diesel::prelude::*;
use diesel::sql_types::Text;
use doorward_storage::database::{Database, Options};
use doorward_storage::migrations::{down, status, up};
use doorward_storage::open_error::OpenError;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

/// Everything the database says about its own shape.
fn shape(folder: &Path) -> Vec<String> {
    let question = "SELECT coalesce(sql, name) FROM sqlite_schema WHERE name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' \
                    AND name NOT LIKE 'sqlite_%diesel%' ORDER BY name";
    diesel::dsl::sql::<Text>(question).load(&mut stranger(folder)).unwrap()
}

#[test]
fn up_down_and_up_again_leaves_the_same_shape() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(folder.path());
    let all = up(&url).unwrap();
    assert!(all.len() >= 6 && all[0].ends_with("_clients"), "{all:?}");
    let first = shape(folder.path());
    assert!(first.iter().any(|sql| sql.contains("opaque_tokens")), "{first:?}");

    let mut undone: Vec<_> = std::iter::from_fn(|| down(&url).unwrap()).collect();
    undone.reverse();
    assert_eq!(undone, all);
    assert_eq!(shape(folder.path()), [""; 0], "nothing is left behind");

    assert_eq!(up(&url).unwrap(), all);
    assert_eq!(shape(folder.path()), first);
}

#[test]
fn the_status_tells_what_is_due_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(folder.path());
    let before = status(&url).unwrap();
    assert!(before.applied.is_empty() && !folder.path().join("test.db").exists());
    std::fs::write(folder.path().join("test.db"), "").unwrap();
    assert_eq!(status(&url).unwrap(), before);
    let tables = diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT count(*) FROM sqlite_schema");
    assert_eq!(tables.get_result::<i64>(&mut stranger(folder.path())), Ok(0), "not even diesel's own");
    let all = up(&url).unwrap();
    assert_eq!(before.pending, all);
    let last = down(&url).unwrap().unwrap();
    let between = status(&url).unwrap();
    assert_eq!((between.applied.len(), between.pending), (all.len() - 1, vec![last]));
    assert_eq!(status(&url).unwrap().applied, between.applied);
}

#[test]
fn a_server_that_may_not_migrate_says_what_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(folder.path());
    up(&url).unwrap();
    let last = down(&url).unwrap().unwrap();
    let refused = Database::open(&url, Options { migrate: false, ..Options::default() });
    assert!(matches!(refused, Err(OpenError::Pending(due)) if due == [last]));
    let _database = Database::open(&url, Options::default()).unwrap();
    assert_eq!(status(&url).unwrap().pending, [""; 0]);
}

#[test]
fn a_database_newer_than_the_program_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(folder.path());
    up(&url).unwrap();
    say(
        &mut stranger(folder.path()),
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('209901010000')",
    );
    let refused = Database::open(&url, Options::default()).err().unwrap().to_string();
    assert!(refused.contains("209901010000"), "{refused}");
    assert!(matches!(up(&url), Err(OpenError::Newer(_))));
    assert!(matches!(status(&url), Err(OpenError::Newer(_))));
}

#[test]
fn of_several_that_migrate_at_once_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(folder.path());
    let start = Barrier::new(6);
    let did = thread::scope(|scope| {
        let migrate = || {
            start.wait();
            up(&url).unwrap()
        };
        let all: Vec<_> = (0..6).map(|_| scope.spawn(migrate)).collect();
        all.into_iter().map(|one| one.join().unwrap()).filter(|done| !done.is_empty()).count()
    });
    assert_eq!(did, 1);
}

#[test]
fn a_migration_that_fails_leaves_the_database_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let url = url(folder.path());
    std::fs::write(folder.path().join("test.db"), "").unwrap();
    // In the way of one that is not the first.
    say(&mut stranger(folder.path()), "CREATE TABLE settings (other TEXT)");
    assert!(matches!(up(&url), Err(OpenError::Migration(_))));
    assert_eq!(shape(folder.path()), ["CREATE TABLE settings (other TEXT)"]);
}
