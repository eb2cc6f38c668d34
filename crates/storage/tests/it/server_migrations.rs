//! The way up and down on a server: beside others who go it, and beside a release that serves.

use crate::server::Served;
use doorward_core::store::Store;
use doorward_storage::database::{Database, Options};
use doorward_storage::migrations::{down, status, up};
use doorward_storage::open_error::OpenError;
use doorward_storage::url::DatabaseUrl;
use doorward_testkit::databases::{FreshDatabase, ask, say};
use doorward_testkit::store_suite::ask::{read, write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

/// Everything the database says about its own shape.
fn shape(url: &str) -> Vec<String> {
    ask(
        url,
        "SELECT table_name || '.' || column_name || ' ' || data_type || coalesce(column_default, '') FROM \
         information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' \
         UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%' ORDER BY 1",
    )
}

fn empty() -> Option<(FreshDatabase, DatabaseUrl)> {
    let place = FreshDatabase::postgres()?;
    let url = place.url().parse().unwrap();
    Some((place, url))
}

#[test]
fn up_down_and_up_again_leaves_the_same_shape() {
    let Some((place, url)) = empty() else { return };
    let before = status(&url).unwrap();
    assert!(before.applied.is_empty());
    assert_eq!(
        ask(place.url(), "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"),
        [""; 0]
    );
    let all = up(&url).unwrap();
    assert_eq!(before.pending, all);
    let first = shape(place.url());
    assert!(first.iter().any(|line| line.starts_with("opaque_tokens.digest")), "{first:?}");

    let mut undone: Vec<_> = std::iter::from_fn(|| down(&url).unwrap()).collect();
    undone.reverse();
    assert_eq!(undone, all);
    assert_eq!(shape(place.url()), [""; 0], "nothing is left behind");

    assert_eq!(up(&url).unwrap(), all);
    assert_eq!(shape(place.url()), first);
}

#[test]
fn of_several_that_migrate_at_once_one_does() {
    let Some((_place, url)) = empty() else { return };
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

/// Nodes that are started together find the database empty together.
#[test]
fn several_that_start_at_once_on_an_empty_database_all_start() {
    for _ in 0..5 {
        let Some((_place, url)) = empty() else { return };
        let start = Arc::new(Barrier::new(6));
        thread::scope(|scope| {
            let open = || {
                start.wait();
                Database::open(&url, Options::default()).map(drop)
            };
            let all: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
            for one in all {
                one.join().unwrap().unwrap();
            }
        });
    }
}

#[test]
fn a_migration_that_fails_leaves_the_database_as_it_was() {
    let Some((place, url)) = empty() else { return };
    // In the way of one that is not the first.
    say(place.url(), "CREATE TABLE settings (other TEXT)");
    assert!(matches!(up(&url), Err(OpenError::Migration(_))));
    assert_eq!(shape(place.url()), ["settings.other text"]);
}

#[test]
fn what_is_due_or_newer_keeps_a_server_from_starting() {
    let Some((place, url)) = empty() else { return };
    let all = up(&url).unwrap();
    let last = down(&url).unwrap().unwrap();
    let refused = Database::open(&url, Options { migrate: false, ..Options::default() });
    assert!(matches!(refused, Err(OpenError::Pending(due)) if due == [last]));
    drop(Database::open(&url, Options::default()).unwrap());
    assert_eq!(status(&url).unwrap().applied, all);
    say(place.url(), "INSERT INTO __diesel_schema_migrations (version) VALUES ('209901010000')");
    let refused = Database::open(&url, Options::default()).err().unwrap().to_string();
    assert!(refused.contains("209901010000"), "{refused}");
}

/// A table that somebody uses for long delays a migration, and nobody else.
#[test]
fn a_migration_waits_for_a_table_without_making_others_wait() {
    let Some(served) = Served::new() else { return };
    let url: DatabaseUrl = served.place.url().parse().unwrap();
    // The last migration that changes a table in use: those before it are undone and due again.
    while down(&url).unwrap().is_some_and(|name| !name.ends_with("tokens_that_speak_for_people")) {}
    let (up_again, holds) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(true)));
    let store: Arc<dyn Store> = Arc::clone(&served.database) as _;
    thread::scope(|scope| {
        let using = scope.spawn({
            let (up_again, holds) = (Arc::clone(&up_again), Arc::clone(&holds));
            let url = served.place.url().to_owned();
            move || {
                // Longer than the migration waits at once.
                say(&url, "BEGIN; LOCK opaque_tokens IN ACCESS SHARE MODE; SELECT pg_sleep(1.5); COMMIT");
                holds.store(false, Ordering::SeqCst);
                assert!(!up_again.load(Ordering::SeqCst), "it was done while the table was used");
            }
        });
        while ask(served.place.url(), "SELECT mode FROM pg_locks WHERE relation = 'opaque_tokens'::regclass")
            .is_empty()
        {}
        let migrating = scope.spawn({
            let (up_again, url) = (Arc::clone(&up_again), url.clone());
            move || {
                let done = up(&url).unwrap();
                up_again.store(true, Ordering::SeqCst);
                done
            }
        });
        while holds.load(Ordering::SeqCst) {
            write(&store, |tx| tx.setting("a"));
            assert_eq!(read(&store, |tx| tx.signing_keys()), []);
        }
        using.join().unwrap();
        assert!(!migrating.join().unwrap().is_empty());
    });
}

/// Who may use the tables and make none serves from them, where another role has made them.
#[test]
fn a_role_that_may_make_nothing_serves_from_what_is_there() {
    let Some((place, url)) = empty() else { return };
    up(&url).unwrap();
    let name = place.url().rsplit_once('/').unwrap().1;
    let role = format!("lesser_{name}");
    say(place.url(), &format!("CREATE ROLE {role} LOGIN"));
    say(place.url(), "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    for all in ["TABLES", "SEQUENCES"] {
        let rights = if all == "TABLES" { "SELECT, INSERT, UPDATE, DELETE" } else { "USAGE" };
        say(place.url(), &format!("GRANT {rights} ON ALL {all} IN SCHEMA public TO {role}"));
    }
    let lesser: DatabaseUrl = place.url().replace("postgres@", &format!("{role}@")).parse().unwrap();
    assert_eq!(status(&lesser).unwrap().pending, Vec::<String>::new());
    let database = Database::open(&lesser, Options { migrate: false, ..Options::default() }).unwrap();
    let store: Arc<dyn Store> = Arc::clone(&database) as _;
    write(&store, |tx| tx.insert_setting("a", "1"));
    assert_eq!(read(&store, |tx| tx.setting("a")).as_deref(), Some("1"));
    database.close();
    drop(database);
    say(place.url(), &format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
