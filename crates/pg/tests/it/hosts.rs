//! Which of several servers is taken, by which way, and what happens when it goes away.

use std::net::TcpListener;

use diesel::prelude::*;
use diesel::result::{ConnectionError, DatabaseErrorKind as Kind};
use doorward_pg::{Config, PgConnection};

use crate::cluster::{Cluster, PASSWORD, USER, cluster, free_port};
use crate::database::{PATIENCE, kind, number, open, say, text};

fn of(ports: &[u16], parameters: &str) -> String {
    let hosts: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    format!("postgres://{USER}:{PASSWORD}@{}/postgres?{PATIENCE}&{parameters}", hosts.join(","))
}

fn port(url: &str) -> i64 {
    number(&mut open(url), "current_setting('port')::bigint").expect("a port")
}

fn refusal(url: &str) -> String {
    match PgConnection::establish(url) {
        Err(ConnectionError::BadConnection(why)) => why,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("connected to {url}"),
    }
}

#[test]
fn a_standby_is_passed_over_unless_any_server_will_do() {
    let Some(primary) = cluster("") else { return };
    let standby = primary.standby();
    let (first, second) = (i64::from(standby.port), i64::from(primary.port));
    assert_eq!(port(&of(&[standby.port, primary.port], "")), second);
    assert_eq!(port(&of(&[standby.port, primary.port], "target_session_attrs=any")), first);
    assert_eq!(port(&of(&[standby.port], "")), first, "one host alone is meant");
    let why = refusal(&of(&[standby.port], "target_session_attrs=read-write"));
    assert!(why.contains("takes no writes"), "{why}");
}

#[test]
fn a_server_that_is_read_only_by_default_takes_no_writes() {
    let Some(cluster) = cluster("default_transaction_read_only = on") else { return };
    let why = refusal(&of(&[cluster.port], "target_session_attrs=read-write"));
    assert!(why.contains("takes no writes"), "{why}");
    let mut connection = open(&of(&[cluster.port], ""));
    let outcome = diesel::sql_query("CREATE TABLE t (id bigint)").execute(&mut connection);
    assert!(matches!(kind(outcome), Kind::ReadOnlyTransaction));
    assert_eq!(connection.sqlstate(), Some("25006"));
}

#[test]
fn a_host_that_is_down_is_passed_over() {
    let Some(cluster) = cluster("") else { return };
    let dead = free_port();
    assert_eq!(port(&of(&[dead, cluster.port], "")), i64::from(cluster.port));
    let why = refusal(&of(&[dead, dead], ""));
    assert_eq!(why.matches(&format!("127.0.0.1:{dead}: ")).count(), 2, "{why}");
    assert!(!why.contains(PASSWORD), "{why}");
}

/// Who is not let in by one server need not show the password to the next.
#[test]
fn a_wrong_password_is_refused_and_not_shown_around() {
    let Some(cluster) = cluster("") else { return };
    let next = TcpListener::bind("127.0.0.1:0").expect("a port");
    next.set_nonblocking(true).expect("a listener");
    let next_port = next.local_addr().expect("an address").port();
    let url = of(&[cluster.port, next_port], "").replace(PASSWORD, "wr0ng");
    let why = refusal(&url);
    assert!(why.contains("28P01") && !why.contains("wr0ng"), "{why}");
    assert!(next.accept().is_err(), "nobody knocked at the next server");
    assert!(refusal(&of(&[cluster.port], "").replace("/postgres?", "/nowhere?")).contains("3D000"));
}

#[test]
fn a_unix_socket_is_reached_both_ways() {
    let Some(cluster) = cluster("") else { return };
    let folder = cluster.path("").display().to_string();
    let encoded = folder.trim_end_matches('/').replace('/', "%2F");
    for url in [cluster.socket_url(), format!("postgres://{USER}@{encoded}:{}/postgres", cluster.port)] {
        let mut connection = open(&url);
        assert_eq!(text(&mut connection, "coalesce(inet_client_addr()::text, 'none')"), "none");
    }
}

/// The names that a configuration gives a session reach the server; so do settings.
#[test]
fn a_session_bears_its_name_and_settings() {
    let Some(cluster) = cluster("") else { return };
    let config = |url: String| url.parse::<Config>().expect("a URL").default_application_name("by default");
    let name = "current_setting('application_name')";
    let mut connection = PgConnection::connect(&config(cluster.url())).expect("connected");
    assert_eq!(text(&mut connection, name), "by default");
    let url = of(&[cluster.port], "application_name=by%20url&options=-c%20lock_timeout%3D7ms");
    let mut connection = PgConnection::connect(&config(url)).expect("connected");
    assert_eq!(text(&mut connection, name), "by url");
    assert_eq!(text(&mut connection, "current_setting('lock_timeout')"), "7ms");
}

/// A restart ends idle connections with 57P01; the next use shows it.
#[test]
fn a_restart_breaks_connections_and_new_ones_come_up() {
    let Some(cluster) = cluster("") else { return };
    restart(&cluster, "fast", Some("57P01"));
    // A crash has no last words but 57P02, if those.
    restart(&cluster, "immediate", None);
}

fn restart(cluster: &Cluster, mode: &str, code: Option<&str>) {
    let mut connection = open(&cluster.url());
    say(&mut connection, "BEGIN");
    cluster.control(&["-m", mode, "restart"]);
    assert!(!connection.is_broken(), "nobody has looked yet");
    assert!(matches!(kind(number(&mut connection, "1")), Kind::ClosedConnection));
    assert!(connection.is_broken());
    assert!(code.is_none() || connection.sqlstate() == code, "{:?}", connection.sqlstate());
    assert!(diesel::sql_query("ROLLBACK").execute(&mut connection).is_err());
    assert!(code.is_none() || connection.sqlstate() == code, "the first failure is the one that tells");
    assert_eq!(number(&mut open(&cluster.url()), "1"), Ok(1));
}
