//! Where a connection may live, and how it ends.

use std::thread;

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::result::{ConnectionError, DatabaseErrorKind as Kind};
use doorward_pg::PgConnection;
use tokio::runtime::{Builder, Runtime};

use crate::cluster::cluster;
use crate::database::{database, failure, number, open, text, with};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// How many sessions of this name the server has, when it has had some time to see them end.
fn sessions(observer: &mut PgConnection, name: &str, expected: i64) -> i64 {
    let count = format!("count(*) FROM pg_stat_activity WHERE application_name = '{name}'");
    for _ in 0..500 {
        let found = number(observer, &count).expect("a count");
        if found == expected {
            return found;
        }
        number(observer, "1 FROM pg_sleep(0.01)").expect("a pause");
    }
    number(observer, &count).expect("a count")
}

#[test]
fn a_connection_moves_between_threads() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    let there = thread::spawn(move || (number(&mut connection, "1"), connection));
    let (one, mut connection) = there.join().expect("no panic");
    assert_eq!((one, number(&mut connection, "2")), (Ok(1), Ok(2)));
}

#[test]
fn a_connection_that_is_dropped_leaves_no_session() {
    let Some(database) = database() else { return };
    let mut observer: PgConnection = database.connect();
    let url = with(&database.url, "application_name=it_dropped");
    let kept = [open(&url), open(&url)];
    assert_eq!(sessions(&mut observer, "it_dropped", 2), 2);
    drop(kept);
    assert_eq!(sessions(&mut observer, "it_dropped", 0), 0);
}

/// The server writes "unexpected EOF" about a client that just goes away, and only about such.
#[test]
fn a_connection_says_good_bye() {
    let Some(cluster) = cluster("log_min_messages = debug1\nlog_disconnections = on") else { return };
    let mut observer = open(&cluster.socket_url());
    drop(open(&with(&cluster.url(), "application_name=it_polite")));
    let mut open_one = open(&with(&cluster.url(), "application_name=it_polite"));
    number(&mut open_one, "1").expect("one");
    runtime().block_on(async { drop(open_one) });
    assert_eq!(sessions(&mut observer, "it_polite", 0), 0);
    let log = std::fs::read_to_string(cluster.path("log")).expect("a log");
    assert!(log.contains("disconnection") && !log.contains("EOF"), "{log}");
}

#[test]
fn dropping_inside_a_runtime_does_not_panic() {
    let Some(database) = database() else { return };
    let mut observer: PgConnection = database.connect();
    let connection = open(&with(&database.url, "application_name=it_inside"));
    runtime().block_on(async move { drop(connection) });
    assert_eq!(sessions(&mut observer, "it_inside", 0), 0);
}

/// It would hold up all other tasks of the thread; tokio refuses it, and so do we, without a panic.
#[test]
fn use_inside_an_asynchronous_task_is_refused_and_does_no_harm() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    let url = database.url.clone();
    runtime().block_on(async {
        let (kind, told) = failure(number(&mut connection, "1"));
        assert!(
            matches!(kind, Kind::Unknown) && told.message().contains("asynchronous task"),
            "{}",
            told.message()
        );
        let Err(ConnectionError::BadConnection(why)) = PgConnection::establish(&url) else {
            panic!("connected")
        };
        assert!(why.contains("asynchronous task"), "{why}");
    });
    assert!(!connection.is_broken());
    assert_eq!(number(&mut connection, "2"), Ok(2));
}

#[test]
fn threads_of_a_runtime_that_may_block_may_use_it() {
    let Some(database) = database() else { return };
    let url = database.url.clone();
    let answer = runtime().block_on(async {
        tokio::task::spawn_blocking(move || {
            let mut connection = open(&url);
            (number(&mut connection, "1"), number(&mut connection, "2"))
        })
        .await
    });
    assert_eq!(answer.expect("no panic"), (Ok(1), Ok(2)));
}

/// diesel reads and writes time stamps without a zone as UTC, and texts as UTF-8.
#[test]
fn a_session_is_in_utc_and_utf_8() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    assert_eq!(text(&mut connection, "current_setting('TimeZone')"), "UTC");
    assert_eq!(text(&mut connection, "current_setting('client_encoding')"), "UTF8");
}

/// A pool of diesel's hands out what works, and makes another in place of what does not.
#[test]
fn a_pool_replaces_a_connection_that_is_broken() {
    let Some(database) = database() else { return };
    let manager = ConnectionManager::<PgConnection>::new(&database.url);
    let pool = Pool::builder().max_size(1).min_idle(Some(0)).build(manager).expect("a pool");
    let backend = |pool: &Pool<ConnectionManager<PgConnection>>| {
        let mut connection = pool.get().expect("one that works");
        number(&mut connection, "pg_backend_pid()::bigint").expect("a number")
    };
    let first = backend(&pool);
    assert_eq!(backend(&pool), first, "it is kept");
    let mut observer: PgConnection = database.connect();
    let end = format!("1 FROM (SELECT pg_terminate_backend({first})) AS ended");
    assert_eq!(number(&mut observer, &end), Ok(1));
    assert_ne!(backend(&pool), first, "what was ended while it lay in the pool is not handed out");
    let mut held = pool.get().expect("one that works");
    held.set_deadline(Some(std::time::Instant::now()));
    assert!(number(&mut held, "1").is_err());
    drop(held);
    assert!(backend(&pool) > 0, "nor what broke in somebody's hands");
}
