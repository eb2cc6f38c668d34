//! How statements run: counts, batches, what instrumentation hears, and diesel's migrations.

use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::BigInt;
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};

use crate::database::{database, kind, say};
use crate::either::{Either, depth, on_either};

on_either! {
    statements_count_what_they_touch
    a_batch_stops_at_its_first_error
    prepared_statements_live_through_failures_of_their_values
    instrumentation_hears_every_step
    migrations_go_up_and_down
}

diesel::table! {
    t (id) {
        id -> BigInt,
        name -> Text,
    }
}

fn statements_count_what_they_touch<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    let mut count = |sql: &str| diesel::sql_query(sql).execute(&mut connection);
    assert_eq!(count("CREATE TABLE t (id bigint, name text)"), Ok(0));
    assert_eq!(count("INSERT INTO t SELECT n, 'x' FROM generate_series(1, 5) n"), Ok(5));
    assert_eq!(count("SELECT * FROM t WHERE id > 1"), Ok(4));
    assert_eq!(count("UPDATE t SET name = 'y' WHERE id < 3"), Ok(2));
    assert_eq!(count("UPDATE t SET name = 'y' WHERE id < 0"), Ok(0));
    assert_eq!(count("DELETE FROM t RETURNING id"), Ok(5));
    assert!(matches!(count(""), Err(Error::DatabaseError(..))));
    assert_eq!(count("SET search_path TO DEFAULT"), Ok(0));
}

fn a_batch_stops_at_its_first_error<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, "CREATE TABLE t (id bigint PRIMARY KEY, name text); INSERT INTO t VALUES (1, 'x')");
    assert!(
        connection
            .batch_execute("INSERT INTO t VALUES (2, 'x'); INSERT INTO t VALUES (1, 'x'); SELECT 1")
            .is_err()
    );
    assert_eq!(t::table.count().get_result(&mut connection), Ok(1_i64), "a batch is one transaction");
    assert!(connection.batch_execute("BEGIN; INSERT INTO t VALUES (1, 'x')").is_err());
    assert!(connection.batch_execute("SELECT 1").is_err(), "the transaction waits to be rolled back");
    say(&mut connection, "ROLLBACK");
    assert_eq!(depth(&mut connection), Some(0));
    say(&mut connection, "SELECT * FROM t; SELECT 2; -- done");
}

fn prepared_statements_live_through_failures_of_their_values<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, "CREATE TABLE t (id bigint PRIMARY KEY, name text NOT NULL)");
    let mut insert = |id: i64| {
        diesel::insert_into(t::table).values((t::id.eq(id), t::name.eq("x"))).execute(&mut connection)
    };
    assert_eq!(insert(1), Ok(1));
    for _ in 0..3 {
        assert!(matches!(kind(insert(1)), diesel::result::DatabaseErrorKind::UniqueViolation));
    }
    assert_eq!(insert(2), Ok(1));
    let mut ids = t::table.select(t::id).into_boxed();
    ids = ids.filter(t::id.eq_any([1_i64, 2, 3])).order(t::id);
    assert_eq!(ids.load::<i64>(&mut connection), Ok(vec![1, 2]));
    let changed =
        diesel::update(t::table.find(2)).set(t::name.eq("z")).returning(t::name).get_result(&mut connection);
    assert_eq!(changed, Ok("z".to_owned()));
    assert_eq!(t::table.find(9).first::<(i64, String)>(&mut connection), Err(Error::NotFound));
}

fn instrumentation_hears_every_step<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        ear.lock().expect("nobody panics").push(match event {
            InstrumentationEvent::StartQuery { query, .. } => format!("start {query}"),
            InstrumentationEvent::CacheQuery { sql, .. } => format!("cache {sql}"),
            InstrumentationEvent::FinishQuery { query, error, .. } => {
                format!("finish {query} {}", error.is_some())
            }
            InstrumentationEvent::BeginTransaction { depth, .. } => format!("begin {depth}"),
            InstrumentationEvent::RollbackTransaction { depth, .. } => format!("roll back {depth}"),
            event => format!("{event:?}"),
        });
    });
    let _ = connection.transaction(|connection| {
        let one = diesel::select(1_i64.into_sql::<BigInt>());
        assert_eq!(one.get_result(connection), Ok(1_i64));
        assert_eq!(one.get_result(connection), Ok(1_i64));
        diesel::sql_query("SELEC 1").execute(connection)
    });
    let heard = heard.lock().expect("nobody panics");
    assert_eq!(
        *heard,
        [
            "begin 1",
            "start BEGIN",
            "finish BEGIN false",
            "start SELECT $1 -- binds: [1]",
            "cache SELECT $1",
            "finish SELECT $1 -- binds: [1] false",
            "start SELECT $1 -- binds: [1]",
            "finish SELECT $1 -- binds: [1] false",
            "start SELEC 1 -- binds: []",
            "finish SELEC 1 -- binds: [] true",
            "roll back 1",
            "start ROLLBACK",
            "finish ROLLBACK false",
        ]
    );
}

/// A folder with one migration.
pub(crate) fn migrations() -> (tempfile::TempDir, FileBasedMigrations) {
    let folder = tempfile::tempdir().expect("a folder");
    let one = folder.path().join("2026-11-24-0900_t");
    std::fs::create_dir(&one).expect("a folder");
    std::fs::write(
        one.join("up.sql"),
        "CREATE TABLE t (id bigint, name text); INSERT INTO t VALUES (1, 'a;b')",
    )
    .expect("up");
    std::fs::write(one.join("down.sql"), "DROP TABLE t").expect("down");
    let migrations = FileBasedMigrations::from_path(folder.path()).expect("migrations");
    (folder, migrations)
}

fn migrations_go_up_and_down<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    let (_folder, migrations) = migrations();
    assert_eq!(connection.run_pending_migrations(migrations.clone()).expect("up").len(), 1);
    assert_eq!(connection.run_pending_migrations(migrations.clone()).expect("nothing").len(), 0);
    assert_eq!(t::table.select(t::name).load::<String>(&mut connection), Ok(vec!["a;b".to_owned()]));
    connection.revert_all_migrations(migrations).expect("down");
    assert!(t::table.count().get_result::<i64>(&mut connection).is_err());
}
