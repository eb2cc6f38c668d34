//! `doorward audit`: what happened is told, and whoever has got hold of the database changes nothing of it unseen.

use crate::doorward::{Place, Ran};
use crate::harness::{Server, until};
use doorward_core::clock::{Clock, SystemClock};
use doorward_protocol::time::Seconds;
use doorward_testkit::databases::on_postgres;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// A server at which something has happened, all of it in the chain, and that is gone since.
fn chained() -> Server {
    chained_at(Place::ready())
}

fn chained_at(place: Place) -> Server {
    let mut server = Server::start_at(place);
    for _ in 0..5 {
        server.create_client(&[]);
    }
    wait_until_chained(&server);
    server.kill();
    server
}

fn wait_until_chained(server: &Server) {
    until("everything is in the chain", || {
        let report = looked_through(server, &[]).1;
        (report["unchained"] == 0 && report["checkpoints"] != 0 && report["last"].as_i64() >= Some(6))
            .then_some(())
    });
}

/// How looking the trail through ends, and what it says.
fn looked_through(server: &Server, more: &[&str]) -> (Option<i32>, Value) {
    let Ran { code, stdout, stderr } = server.cli(&[&["audit", "verify", "--json"], more].concat());
    let report = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    (code, report)
}

fn words(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|one| format!("{} {}", one["seq"], one["wrong"].as_str().unwrap())).collect()
}

/// What there is kept, to be put back.
const KEEP: &str = "CREATE TABLE kept_events AS SELECT * FROM events;
    CREATE TABLE kept_head AS SELECT * FROM chain_head;
    CREATE TABLE kept_statements AS SELECT * FROM audit_statements;";
const PUT_BACK: &str = "DELETE FROM events; INSERT INTO events SELECT * FROM kept_events;
    DELETE FROM chain_head; INSERT INTO chain_head SELECT * FROM kept_head;
    DELETE FROM audit_statements; INSERT INTO audit_statements SELECT * FROM kept_statements;";

/// Security.md's audit row: edited, deleted, reordered, inserted, cut: each is detected, and it is said where.
#[test]
fn whoever_changes_the_trail_is_found_out() {
    let server = chained();
    let (code, whole) = looked_through(&server, &[]);
    assert_eq!(
        (code, &whole["whole"], &whole["unattested"]),
        (Some(0), &Value::Bool(true), &Value::from(0)),
        "{whole}"
    );
    let last = whole["last"].as_i64().unwrap();
    let text = server.cli(&["audit", "verify"]).ok();
    assert!(text.contains("is whole"), "{text}");

    server.place().say_to_database(KEEP);
    for (tampering, expected) in tamperings(last) {
        server.place().say_to_database(&tampering);
        let (code, report) = looked_through(&server, &[]);
        assert_eq!(code, Some(1), "{tampering}: {report}");
        let found = words(&report);
        assert!(found.iter().any(|one| one.ends_with(&expected)), "{tampering}: {expected} in {found:?}");
        server.place().say_to_database(PUT_BACK);
    }
    let (code, again) = looked_through(&server, &[]);
    assert_eq!((code, &again["whole"]), (Some(0), &Value::Bool(true)), "as it was: {again}");
}

/// What somebody may do to the third event and its neighbours, and what is found.
fn tamperings(last: i64) -> Vec<(String, String)> {
    let nothing = if on_postgres() { "decode(repeat('00', 32), 'hex')" } else { "zeroblob(32)" };
    let edits = [
        ("id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'", "edited"),
        ("at = at + 1", "edited"),
        ("action = 'client.deleted'", "edited"),
        ("reason = 'x'", "edited"),
        ("note = 'x'", "edited"),
        ("user_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'", "edited"),
        ("user_id = ''", "edited"),
        ("client = '01ARZ3NDEKTSV4RRFFQ69G5FAV'", "edited"),
        ("api_token = '01ARZ3NDEKTSV4RRFFQ69G5FAV'", "edited"),
        ("organization = '01ARZ3NDEKTSV4RRFFQ69G5FAV'", "edited"),
        ("object = 'client:01ARZ3NDEKTSV4RRFFQ69G5FAV'", "edited"),
        ("about = NULL", "edited"),
        ("address = '192.0.2.1'", "edited"),
        ("mac = (SELECT mac FROM kept_events WHERE seq = 4)", "edited"),
        ("mac = NULL", "stripped"),
        ("mac_version = 2", "misplaced"),
        ("link = (SELECT link FROM kept_events WHERE seq = 4)", "misplaced"),
        ("link = NULL", "stripped"),
        ("link_version = 2", "misplaced"),
        ("origin = 'adopted'", "misplaced"),
        ("origin = NULL", "stripped"),
    ];
    let edits =
        edits.map(|(edit, wrong)| (format!("UPDATE events SET {edit} WHERE seq = 3"), format!("3 {wrong}")));
    let before = last - 1;
    let others = [
        ("DELETE FROM events WHERE seq = 3".to_owned(), "3 deleted".to_owned()),
        ("DELETE FROM events WHERE seq = 1".to_owned(), "1 deleted".to_owned()),
        (
            "DELETE FROM events WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = 4;".to_owned(),
            "3 misplaced".to_owned(),
        ),
        (
            "UPDATE events SET seq = 1000 WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = 4;
             UPDATE events SET seq = 4 WHERE seq = 1000;"
                .to_owned(),
            "3 misplaced".to_owned(),
        ),
        (inserted("NULL", nothing), "null edited".to_owned()),
        (inserted(&(last + 1).to_string(), nothing), format!("{} beyond", last + 1)),
        (inserted("0", nothing), "0 misplaced".to_owned()),
        (inserted("-9223372036854775808", nothing), "-9223372036854775808 edited".to_owned()),
        (inserted("9223372036854775807", nothing), "9223372036854775807 edited".to_owned()),
        (format!("DELETE FROM events WHERE seq = {last}"), format!("{last} cut_off")),
        (
            format!("DELETE FROM events WHERE seq = {last}; UPDATE chain_head SET seq = {before}"),
            format!("{before} head_edited"),
        ),
        (format!("UPDATE chain_head SET mac = {nothing}"), format!("{last} head_edited")),
        (
            "UPDATE chain_head SET attested_since = attested_since + 9999999".to_owned(),
            format!("{last} head_edited"),
        ),
        ("DELETE FROM chain_head".to_owned(), "null head_gone".to_owned()),
        ("UPDATE audit_statements SET statement = statement || 'A'".to_owned(), "forged".to_owned()),
        ("UPDATE audit_statements SET kind = 'cut'".to_owned(), "forged".to_owned()),
        ("UPDATE audit_statements SET issued_at = issued_at + 9999".to_owned(), "forged".to_owned()),
        (
            "INSERT INTO audit_statements (kind, seq, issued_at, statement) VALUES ('checkpoint', -9223372036854775808, 1, 'x')"
                .to_owned(),
            "-9223372036854775808 forged".to_owned(),
        ),
    ];
    edits.into_iter().chain(others).collect()
}

/// A row that no server wrote, at a number.
fn inserted(seq: &str, nothing: &str) -> String {
    format!(
        "INSERT INTO events (id, at, action, reason, object, mac, mac_version, seq, link, link_version, origin)
         VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 1, 'client.deleted', '', '', {nothing}, 1, {seq}, {nothing}, 1, 'recorded')"
    )
}

/// A row that no server wrote, without a number or seal.
const INSERTED: &str = "INSERT INTO events (id, at, action, reason, object) VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 1, 'x', '', '')";

/// An event that somebody puts in without a seal is told as what it is while nobody chains, and gets its number all the same.
#[test]
fn an_event_without_a_seal_is_told_and_chained() {
    let mut server = chained();
    server.place().say_to_database(INSERTED);
    let (code, report) = looked_through(&server, &[]);
    assert_eq!((code, words(&report)), (Some(1), vec!["null unsealed".to_owned()]), "{report}");
    server.restart();
    until("it has a number", || (looked_through(&server, &[]).1["unchained"] == 0).then_some(()));
    let (code, report) = looked_through(&server, &[]);
    assert_eq!(code, Some(1));
    assert!(words(&report).iter().all(|one| one.ends_with(" unsealed")), "{report}");
    assert_eq!(words(&report).len(), 1, "{report}");
}

/// Whoever takes the whole trail away is found out by the checkpoints that were kept elsewhere; and by the rest of the database, if it
/// is older, or by the time since when events are attested, if somebody has kept that.
#[test]
fn checkpoints_kept_elsewhere_show_that_everything_was_put_back() {
    let place = Place::ready();
    let kept = place.path("checkpoints").display().to_string();
    let mut server = chained_at(place.with("DOORWARD__AUDIT__CHECKPOINT_FILE", &kept));
    let (code, whole) = looked_through(&server, &["--checkpoints", &kept]);
    assert_eq!(code, Some(0), "{whole}");
    let since = whole["attested_since"].as_str().unwrap();
    assert_eq!(looked_through(&server, &["--attested-since", since]).0, Some(0));
    // The log has them, too, among all that it has.
    let log = server.place().path("log");
    std::fs::write(&log, server.log()).unwrap();
    let (code, by_log) = looked_through(&server, &["--checkpoints", &log.display().to_string()]);
    assert_eq!(
        (code, &by_log["checkpoints_elsewhere"]),
        (Some(0), &whole["checkpoints_elsewhere"]),
        "{by_log}"
    );
    assert_ne!(by_log["checkpoints_elsewhere"], 0);
    assert!(server.log().contains("doorward::audit"), "{}", server.log());
    server
        .place()
        .say_to_database("DELETE FROM events; DELETE FROM chain_head; DELETE FROM audit_statements;");
    let began: Seconds = since.parse().unwrap();
    until("the next trail begins in another second", || (SystemClock.now() > began).then_some(()));
    for _ in 0..2 {
        let (code, report) = looked_through(&server, &[]);
        assert_eq!(
            (code, words(&report)),
            (Some(1), vec!["null head_gone".to_owned()]),
            "looking mends nothing"
        );
    }
    server.restart();
    wait_until(&server, 0);
    assert_eq!(looked_through(&server, &[]).0, Some(0), "of a database that is younger than an hour");
    let (code, report) = looked_through(&server, &["--attested-since", since]);
    assert_eq!((code, words(&report)), (Some(1), vec!["null restarted".to_owned()]), "{report}");
    let (code, report) = looked_through(&server, &["--checkpoints", &kept]);
    assert_eq!(code, Some(1));
    assert!(words(&report).iter().any(|one| one.ends_with(" cut_off")), "{report}");
    // A line that is cut is named, and so is a file that holds none.
    let text = std::fs::read_to_string(&kept).unwrap();
    let (cut, none) = (server.place().path("cut"), server.place().path("none"));
    std::fs::write(&cut, text.trim().split_at(text.trim().len() - 5).0).unwrap();
    std::fs::write(&none, "nothing of the kind\n").unwrap();
    let (_, report) = looked_through(&server, &["--checkpoints", &cut.display().to_string()]);
    let named = |finding: &Value| finding["id"].as_str().is_some_and(|id| id.ends_with("cut, line 1"));
    assert!(report["findings"].as_array().unwrap().iter().any(named), "{report}");
    let refused = server.cli(&["audit", "verify", "--checkpoints", &none.display().to_string()]);
    assert!(refused.stderr.contains("there is no checkpoint in it"), "{refused:?}");
    let key = server.cli(&["audit", "export-key"]).json();
    assert_eq!((&key["keys"][0]["crv"], &key["keys"][0]["d"]), (&Value::from("Ed25519"), &Value::Null));
}

/// A trail that is put back to an earlier head is whole again to whoever looks at it alone; a server that runs meanwhile says so.
#[test]
fn a_server_that_has_seen_more_says_that_the_trail_was_put_back() {
    let server = Server::start();
    server.create_client(&[]);
    wait_until(&server, 0);
    server.place().say_to_database("CREATE TABLE kept_head AS SELECT * FROM chain_head");
    server.create_client(&[]);
    wait_until(&server, 0);
    assert!(!server.log().contains("the audit trail was put back"));
    server.place().say_to_database(
        "DELETE FROM events WHERE seq > (SELECT seq FROM kept_head);
         DELETE FROM audit_statements WHERE seq > (SELECT seq FROM kept_head);
         UPDATE chain_head SET seq = (SELECT seq FROM kept_head), link = (SELECT link FROM kept_head),
             link_version = (SELECT link_version FROM kept_head), mac = (SELECT mac FROM kept_head),
             mac_version = (SELECT mac_version FROM kept_head)",
    );
    until("it is said", || server.log().contains("the audit trail was put back").then_some(()));
    assert_eq!(looked_through(&server, &[]).0, Some(0));
}

/// Two nodes chain as one: no number is missing or given twice, and when the one who does it is killed the other goes on.
#[test]
fn when_the_node_that_chains_is_killed_another_goes_on() {
    let mut first = Server::start();
    first.create_client(&[]);
    // Alone it can only be this one that chains, and it keeps the lease for as long as it lives.
    wait_until(&first, 0);
    let second = first.start_beside();
    first.create_client(&[]);
    wait_until(&second, 0);
    first.kill();
    second.create_client(&[]);
    wait_until(&second, 0);
    let (code, report) = looked_through(&second, &[]);
    assert_eq!(code, Some(0), "{report}");
}

fn wait_until(server: &Server, unchained: i64) {
    until("everything is in the chain", || {
        (looked_through(server, &[]).1["unchained"] == unchained).then_some(())
    });
}

/// Whoever follows is told of everything once, in its order, and of nothing that was before.
#[test]
fn whoever_follows_is_told_of_everything_once() {
    let server = Server::start();
    server.create_client(&[]);
    let mut tail = server.place().command(&["audit", "tail", "-n", "0", "--follow", "--json"]);
    let mut tail = tail.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    // What is made before it follows may be told of or not: the first that is told of is where it begins.
    let mut next = || {
        let event: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        (event["action"] == "client.created").then(|| event["objects"][0].as_str().unwrap().to_owned())
    };
    let made = |_| server.cli(&["client", "create", "--json", "--name", "Test"]).json()["id"].clone();
    let made: Vec<_> = (0..5).map(made).map(|id| format!("client:{}", id.as_str().unwrap())).collect();
    let mut told = vec![];
    while told.last() != made.last() {
        told.extend(next());
    }
    tail.kill().unwrap();
    tail.wait().unwrap();
    assert!(told.len() <= 6 && made.ends_with(&told[told.len().saturating_sub(5)..]), "{made:?} {told:?}");
    let once: BTreeSet<_> = told.iter().collect();
    assert_eq!(once.len(), told.len(), "{told:?}");
}

#[test]
fn the_tail_shows_what_happened_last() {
    let server = chained();
    let tail = |count| server.cli(&["audit", "tail", "-n", count, "--json"]).json()["items"].clone();
    assert_eq!(tail("2").as_array().unwrap().len(), 2);
    let actions: Vec<_> =
        tail("100").as_array().unwrap().iter().map(|event| event["action"].clone()).collect();
    assert_eq!(actions.iter().filter(|action| *action == "client.created").count(), 5, "{actions:?}");
    let text = server.cli(&["audit", "tail"]).ok();
    assert!(text.lines().count() >= 6 && text.contains("on client:"), "{text}");
}
