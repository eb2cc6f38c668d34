//! A database that crashes, hangs or is replaced under load (security.md R5, R7): what was acknowledged holds, every
//! request has an answer in time, what needs no database goes on, and all is well soon after.

use crate::harness::{Server, within};
use crate::length::rounds;
use crate::load::Load;
use crate::on_cluster::{self, client_of_both_formats};
use crate::spread::{Spread, tell, time};
use doorward_testkit::cluster::Cluster;
use std::sync::mpsc::channel;
use std::time::Duration;

/// How long is waited for tokens, from the moment the database takes connections again, and from the end of an old primary. How long
/// that takes, of which most is the machine's and the database's, is told and not judged here.
const BACK_WITHIN: Duration = Duration::from_secs(30);
const FAILED_OVER_WITHIN: Duration = Duration::from_secs(30);

/// Lets the load go on for a while.
fn meanwhile(seconds: u64) {
    let (_kept, never) = channel::<()>();
    assert!(never.recv_timeout(Duration::from_secs(seconds)).is_err());
}

/// Until a token is issued that must be on the disk.
fn until_it_writes(
    server: &Server,
    client: &doorward_testkit::http::Credentials,
    limit: Duration,
) -> Duration {
    let issued = || (server.token(client, &[("scope", "opaque")]).status == 200).then_some(());
    time(|| within(limit, "tokens are issued again", issued)).1
}

#[test]
fn a_database_that_crashes_under_load_loses_nothing_that_was_acknowledged() {
    let Some(cluster) = on_cluster::cluster() else { return };
    let server = on_cluster::server(&cluster.url("postgres"), &[]);
    let client = client_of_both_formats(&[&server]);
    let (mut back, mut issued, mut refused) = (Spread::default(), 0, 0);
    for _ in 0..rounds(2, 20) {
        let load = Load::start(&server, &client);
        meanwhile(1);
        cluster.restart_immediately();
        back.add(until_it_writes(&server, &client, BACK_WITHIN));
        let acknowledged = load.end();
        assert!(!acknowledged.issued.is_empty() && !acknowledged.revoked.is_empty());
        acknowledged.holds_at(&server, &client);
        issued += acknowledged.issued.len() + acknowledged.revoked.len();
        refused += acknowledged.refused;
    }
    back.tell("tokens are issued after the database is back");
    tell(&format!("crashes of the database: {issued} acknowledged and kept, {refused} answered with 503"));
}

#[test]
fn a_database_that_hangs_keeps_nobody_waiting() {
    let Some(cluster) = on_cluster::cluster() else { return };
    let server = on_cluster::server(&cluster.url("postgres"), &[]);
    let client = client_of_both_formats(&[&server]);
    let (threads, memory) = usage(&server);
    let load = Load::start(&server, &client);
    meanwhile(1);
    cluster.stop_signal();
    meanwhile(rounds(8, 60) as u64);
    // It would not hear that the client was switched off.
    let unheard = server.token(&client, &[("scope", "jwt")]);
    assert_eq!((unheard.status, unheard.header("retry-after").is_some()), (503, true), "{unheard:?}");
    assert_eq!(server.get("/readyz").status, 503);
    cluster.continue_signal();
    let back = until_it_writes(&server, &client, BACK_WITHIN);
    let acknowledged = load.end();
    assert!(acknowledged.refused > 0, "nobody noticed");
    acknowledged.holds_at(&server, &client);
    let (threads_after, memory_after) = usage(&server);
    assert!(threads_after <= threads + 2, "{threads} threads, then {threads_after}");
    assert!(memory_after < memory + (64 << 10), "{memory} KiB, then {memory_after} KiB");
    acknowledged.answers.tell("answers while the database hangs");
    tell(&format!("tokens are issued {} ms after it goes on", back.as_millis()));
}

#[test]
fn a_standby_that_is_promoted_under_load_has_all_that_was_acknowledged() {
    let Some(primary) = on_cluster::cluster() else { return };
    let standby: Cluster = primary.standby();
    let hosts = format!("{},{}", primary.address(), standby.address());
    let url = format!("postgres://postgres@{hosts}/postgres?target_session_attrs=read-write");
    let server = on_cluster::server(&url, &[]);
    let client = client_of_both_formats(&[&server]);
    let load = Load::start(&server, &client);
    meanwhile(2);
    let failed_over = time(|| {
        primary.kill();
        let promoted = time(|| standby.promote()).1;
        until_it_writes(&server, &client, FAILED_OVER_WITHIN);
        promoted
    });
    let acknowledged = load.end();
    assert!(failed_over.1 <= FAILED_OVER_WITHIN, "{:?}", failed_over.1);
    assert!(!acknowledged.issued.is_empty() && !acknowledged.revoked.is_empty());
    acknowledged.holds_at(&server, &client);
    tell(&format!(
        "failover: tokens are issued {} ms after the primary's end, {} of them the promotion's; {} acknowledged and kept",
        failed_over.1.as_millis(),
        failed_over.0.as_millis(),
        acknowledged.issued.len() + acknowledged.revoked.len()
    ));
}

/// Threads, and KiB of memory, of a server's process (proc(5)).
fn usage(server: &Server) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("it runs");
    let number = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).expect("the kernel tells");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    };
    (number("Threads:"), number("VmRSS:"))
}
