//! Nothing waits longer than it was told to: statements, the ends of transactions, connecting.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{ConnectionError, DatabaseErrorKind as Kind};
use diesel::sql_types::Binary;
use doorward_pg::{Config, PgConnection};

use crate::cluster::{cluster, signal};
use crate::database::{PATIENCE, database, failure, kind, number, open, say};

diesel::table! {
    t (id) {
        id -> BigInt,
    }
}

/// Long enough for whatever is not meant to hang, on a slow machine, too.
const SOON: Duration = Duration::from_secs(5);

fn within(time: Duration) -> Option<Instant> {
    Some(Instant::now() + time)
}

/// The time that something took.
fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    (what(), begun.elapsed())
}

fn connecting(url: &str) -> (Result<PgConnection, ConnectionError>, Duration) {
    let config: Config = url.parse().expect("a URL");
    timed(|| PgConnection::connect(&config))
}

#[test]
fn a_statement_ends_at_its_deadline_and_the_connection_with_it() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    connection.set_deadline(within(Duration::from_millis(150)));
    let (outcome, time) = timed(|| number(&mut connection, "1 FROM pg_sleep(30)"));
    let (kind, told) = failure(outcome);
    assert!(matches!(kind, Kind::ClosedConnection) && told.message().contains("deadline"));
    assert!(time >= Duration::from_millis(150) && time < SOON, "{time:?}");
    assert!(connection.is_broken());
    assert_eq!(connection.sqlstate(), None);
    connection.set_deadline(None);
    let (kind, told) = failure(connection.batch_execute("SELECT 1"));
    assert!(
        matches!(kind, Kind::ClosedConnection) && told.message().contains("deadline"),
        "the reason is kept"
    );
}

#[test]
fn a_deadline_that_has_passed_lets_nothing_through() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    say(&mut connection, "CREATE TABLE t (id bigint)");
    connection.set_deadline(Some(Instant::now()));
    // A batch, which is SQL, and a statement.
    let batch = connection.batch_execute("INSERT INTO t VALUES (1)");
    assert!(matches!(kind(batch), Kind::UnableToSendCommand));
    let insert = diesel::insert_into(t::table).values(t::id.eq(2)).execute(&mut connection);
    assert!(matches!(kind(insert), Kind::UnableToSendCommand));
    // Nothing was asked, so nothing is the matter.
    connection.set_deadline(None);
    assert!(!connection.is_broken());
    assert_eq!(number(&mut connection, "count(*) FROM t"), Ok(0));
}

#[test]
fn a_deadline_that_is_kept_changes_nothing() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    connection.set_deadline(within(SOON));
    assert_eq!(number(&mut connection, "1"), Ok(1));
    connection.set_deadline(None);
    assert_eq!(number(&mut connection, "2"), Ok(2));
    assert!(!connection.is_broken());
}

/// A COMMIT may run for long, too: what was deferred is checked then.
#[test]
fn the_end_of_a_transaction_has_the_deadline_too() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    say(
        &mut connection,
        "CREATE TABLE t (id bigint);
         CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NULL; END';
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let process = number(&mut connection, "pg_backend_pid()").expect("a process");
    connection.set_deadline(within(Duration::from_millis(300)));
    let (outcome, time) =
        timed(|| connection.transaction(|connection| connection.batch_execute("INSERT INTO t VALUES (1)")));
    assert!(outcome.is_err() && time < SOON, "{outcome:?} {time:?}");
    assert!(connection.is_broken());
    // The server goes on by itself and holds its locks.
    let mut other: PgConnection = database.connect();
    assert_eq!(number(&mut other, &format!("pg_terminate_backend({process}, 5000)::int")), Ok(1));
}

/// A server whose process stands still keeps its connections open and says nothing.
#[test]
fn a_server_that_stands_still_is_left_at_the_deadline() {
    let Some(cluster) = cluster("") else { return };
    for socket in [cluster.url(), cluster.socket_url()] {
        let mut connection = open(&socket);
        let process = number(&mut connection, "pg_backend_pid()::bigint").expect("a process");
        signal("STOP", process);
        connection.set_deadline(within(Duration::from_millis(200)));
        let (outcome, time) = timed(|| number(&mut connection, "1"));
        let large = diesel::select(vec![0_u8; 16 << 20].into_sql::<Binary>());
        let mut other = open(&cluster.url());
        let other_process = number(&mut other, "pg_backend_pid()::bigint").expect("a process");
        signal("STOP", other_process);
        other.set_deadline(within(Duration::from_millis(200)));
        let (sent, sending) = timed(|| large.get_result::<Vec<u8>>(&mut other));
        let ((), dropping) = timed(|| drop((connection, other)));
        signal("CONT", process);
        signal("CONT", other_process);
        assert!(matches!(kind(outcome), Kind::ClosedConnection));
        assert!(matches!(kind(sent), Kind::ClosedConnection), "not even all of the statement could be sent");
        assert!(
            time.max(sending) < SOON && dropping < Duration::from_millis(100),
            "{time:?} {sending:?} {dropping:?}"
        );
    }
}

/// Of a listener that never answers, the system accepts the connection; all after it hangs, with TLS and without.
#[test]
fn connecting_gives_up_when_nobody_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    for parameters in ["", "?sslmode=verify-full", "?connect_timeout=1"] {
        let (outcome, time) = connecting(&format!("postgres://u@127.0.0.1:{port}/db{parameters}"));
        assert!(matches!(outcome, Err(ConnectionError::BadConnection(why)) if why.contains("no session")));
        assert!(time >= Duration::from_millis(900) && time < SOON, "{time:?}");
    }
}

#[test]
fn connecting_to_several_gives_up_at_its_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let hosts =
        [format!("127.0.0.1:{port}"), format!("127.0.0.1:{port}"), format!("127.0.0.1:{port}")].join(",");
    let config: Config = format!("postgres://u@{hosts}/db").parse().expect("a URL");
    let deadline = Instant::now() + Duration::from_millis(1_300);
    let (outcome, time) = timed(|| PgConnection::connect_by(&config, deadline));
    let Err(ConnectionError::BadConnection(why)) = outcome else { panic!("connected") };
    assert_eq!(why.matches("no session").count(), 2, "{why}");
    assert!(time >= Duration::from_millis(1_300) && time < SOON, "{time:?}");
    let patient: Config = format!("postgres://u@{hosts}/db?connect_timeout=30").parse().expect("a URL");
    let (outcome, time) =
        timed(|| PgConnection::connect_by(&patient, Instant::now() + Duration::from_millis(200)));
    assert!(outcome.is_err() && time < SOON, "{time:?}");
}

/// A server that is busy, or that goes on after it was halted, begins its sessions late. Without a time of its own for each host, a
/// session that takes longer than usual is waited for as long as there is time.
#[test]
fn a_server_that_begins_its_sessions_late_is_waited_for() {
    let Some(cluster) = cluster("") else { return };
    let url = cluster.url().replace(PATIENCE, "");
    let config: Config = url.parse().expect("a URL");
    signal("STOP", cluster.postmaster());
    let waits = thread::spawn(move || {
        let deadline = Instant::now() + Duration::from_secs(30);
        PgConnection::connect_by(&config, deadline)
    });
    // More than a second that is usual, and a moment for the thread to begin.
    thread::park_timeout(Duration::from_millis(1_500));
    signal("CONT", cluster.postmaster());
    let mut connection = waits.join().expect("no panic").expect("a session");
    assert_eq!(number(&mut connection, "7"), Ok(7));
}
