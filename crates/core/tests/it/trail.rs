//! The audit trail as a whole (security.md, audit row): one chain whoever chains, cut at checkpoints, and looked through.

use crate::house::House;
use doorward_core::keys::audit::AuditKeys;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::clients;
use doorward_core::random::SystemRandom;
use doorward_core::trail::report::Report;
use doorward_core::trail::verify::{Known, verify};
use doorward_core::trail::{chaining, checkpoint};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::Status;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::say;
use std::thread;

const KEPT: Lifetime = Lifetime::days(10);

/// Has so many things happen, each of which leaves one event.
fn happens(house: &House, times: usize) {
    let client = house.client("orders:read").client_id;
    for time in 1..times {
        let status = if time % 2 == 0 { Status::Active } else { Status::Inactive };
        let context = house.server.context();
        block_on(clients::set_status(&client, status, &by_operator(&context), &context)).unwrap();
    }
}

/// Numbers everything, and states where the chain stands if that is due.
fn chain(house: &House) {
    while block_on(chaining::chain(&house.server.context())).unwrap() {}
    let context = house.server.context();
    if let Some(due) = block_on(checkpoint::due(&context)).unwrap() {
        block_on(checkpoint::record(&due, &context)).unwrap();
    }
}

fn cut(house: &House) {
    while block_on(checkpoint::cut(&house.server.context())).unwrap() {}
}

fn looked_through(house: &House) -> Report {
    let context = house.server.context();
    block_on(verify(context.cache.store(), context.audit, &Known::default(), context.now)).unwrap()
}

fn words(report: &Report) -> Vec<(Option<i64>, &'static str)> {
    report.findings.iter().map(|finding| (finding.seq, finding.wrong.word())).collect()
}

/// A house that keeps events for ten days, with two checkpoints, one of which is older than that; and their numbers.
fn aged() -> (House, i64, i64) {
    let house = House::default().another_set(|settings| settings.audit_retention = Some(KEPT));
    happens(&house, 5);
    chain(&house);
    let first = looked_through(&house).last;
    house.clock.advance(Lifetime(KEPT.0 + 1));
    happens(&house, 5);
    chain(&house);
    let second = looked_through(&house).last;
    assert!(first >= 5 && second == first + 5, "{first} {second}");
    (house, first, second)
}

#[test]
fn the_chain_is_cut_at_the_last_checkpoint_that_is_old_enough() {
    let (house, first, second) = aged();
    let before = looked_through(&house);
    assert_eq!((before.after, before.checkpoints, before.is_whole()), (0, 2, true));
    cut(&house);
    let after = looked_through(&house);
    assert_eq!((after.after, after.last, after.events), (first, second, 5), "{after:?}");
    assert!(after.is_whole() && after.checkpoints == 1, "{after:?}");
    let left = block_on(house.server.cache().store().read(|tx| tx.events(None, 1_000))).unwrap();
    assert_eq!(left.len(), 5, "what was before it is gone");

    // The next cut is a day later, at a checkpoint that is old by then.
    house.clock.advance(Lifetime(KEPT.0 + 1));
    cut(&house);
    let after = looked_through(&house);
    assert_eq!((after.after, after.events, after.is_whole()), (second, 0, true), "{after:?}");
    happens(&house, 2);
    chain(&house);
    let after = looked_through(&house);
    assert_eq!((after.after, after.last, after.is_whole()), (second, second + 2, true), "{after:?}");
}

#[test]
fn nothing_is_cut_that_is_to_be_kept() {
    let forever = House::default();
    let ten_days = House::default().another_set(|settings| settings.audit_retention = Some(KEPT));
    for (house, age) in [(&forever, Lifetime::days(1_000)), (&ten_days, Lifetime(KEPT.0 - 1))] {
        happens(house, 5);
        chain(house);
        let before = looked_through(house);
        house.clock.advance(age);
        cut(house);
        let after = looked_through(house);
        assert_eq!((after.after, after.events, after.is_whole()), (0, before.events, true), "{age:?}");
    }
}

/// A checkpoint is signed: that its row says it was long ago cuts nothing.
#[test]
fn a_checkpoint_that_is_made_older_cuts_nothing() {
    let house = House::default().another_set(|settings| settings.audit_retention = Some(KEPT));
    happens(&house, 5);
    chain(&house);
    say(house.url(), "UPDATE audit_statements SET issued_at = 0");
    cut(&house);
    assert_eq!(looked_through(&house).after, 0);
}

#[test]
fn whoever_tampers_with_a_cut_is_found_out() {
    let (house, first, second) = aged();
    cut(&house);
    say(
        house.url(),
        "CREATE TABLE kept AS SELECT * FROM audit_statements; CREATE TABLE kept_events AS SELECT * FROM events",
    );
    let after = first + 1;
    for (tampering, expected) in [
        ("DELETE FROM audit_statements WHERE kind = 'cut'".to_owned(), (Some(1), "deleted")),
        (
            "UPDATE audit_statements SET statement = statement || 'A' WHERE kind = 'cut'".to_owned(),
            (Some(first), "forged"),
        ),
        (format!("UPDATE audit_statements SET seq = {second} WHERE kind = 'cut'"), (Some(second), "forged")),
        (format!("DELETE FROM events WHERE seq = {after}"), (Some(after), "deleted")),
        (format!("UPDATE events SET note = 'x' WHERE seq = {after}"), (Some(after), "edited")),
    ] {
        say(house.url(), &tampering);
        let found = words(&looked_through(&house));
        assert!(found.contains(&expected), "{tampering}: {found:?}");
        say(
            house.url(),
            "DELETE FROM audit_statements; INSERT INTO audit_statements SELECT * FROM kept;
             DELETE FROM events; INSERT INTO events SELECT * FROM kept_events",
        );
        assert!(looked_through(&house).is_whole());
    }
}

/// Decision 16: nothing rests on the lease: whoever chains at the same time, each event has one number.
#[test]
fn two_who_chain_at_once_make_one_chain() {
    let here = House::default();
    let nodes = [here.another(), here.another()];
    let (rounds, each) = (20, 10);
    for round in 1..=rounds {
        happens(&here, each);
        thread::scope(|scope| {
            for node in &nodes {
                scope.spawn(|| block_on(chaining::chain(&node.server.context())).unwrap());
            }
        });
        chain(&here);
        let report = looked_through(&here);
        assert!(report.is_whole() && report.unchained == 0, "{round}: {report:?}");
        assert_eq!(report.last, i64::try_from(report.events).unwrap());
        assert!(report.events >= u64::try_from(round * each).unwrap());
    }
}

/// What a version of the master key has sealed cannot be looked at without it, and is not called whole.
#[test]
fn a_version_of_the_master_key_that_is_missing_is_named() {
    let house = House::default();
    happens(&house, 3);
    chain(&house);
    let next = house.master.with_next_version(&SystemRandom::default()).unwrap();
    let next = next.to_text().expose().to_owned();
    let node = house.another_with(&next).unwrap();
    happens(&node, 3);
    chain(&node);
    assert!(looked_through(&node).is_whole(), "both versions are there");
    let newest = next.lines().find(|line| line.starts_with("v2:")).unwrap();
    let keys = AuditKeys::new(&MasterKey::parse(newest).unwrap());
    let report =
        block_on(verify(node.server.cache().store(), &keys, &Known::default(), node.server.context().now))
            .unwrap();
    assert!(!report.is_whole() && report.missing_versions.iter().eq([&1]), "{report:?}");
}

const ADOPTED: &str = "INSERT INTO events (id, at, action, reason, object) VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 1, 'x', '', '')";
/// The trail as a release leaves it that seals nothing, with what else there is.
const NEVER_CHAINED: &str = "DELETE FROM events; DELETE FROM chain_head; DELETE FROM audit_statements";

/// The same with the time since when events are attested, as somebody knows it.
fn looked_through_by(house: &House, attested_since: Option<Seconds>) -> Report {
    let (context, known) = (house.server.context(), Known { attested_since, ..Known::default() });
    block_on(verify(context.cache.store(), context.audit, &known, context.now)).unwrap()
}

/// An earlier release sealed nothing: what it left is taken into the chain as it is, and a finding until somebody says that it is known.
#[test]
fn events_of_an_earlier_release_are_adopted() {
    let house = House::default();
    say(house.url(), NEVER_CHAINED);
    say(house.url(), ADOPTED);
    let house = house.another();
    happens(&house, 3);
    let waiting = looked_through(&house);
    assert_eq!(words(&waiting)[0], (None, "unattested"), "before it has a number, too: {waiting:?}");
    chain(&house);
    let report = looked_through(&house);
    assert_eq!((words(&report)[0], report.unattested), ((None, "unattested"), 1), "{report:?}");
    let known = report.attested_since;
    let report = looked_through_by(&house, known);
    assert_eq!((report.is_whole(), report.unattested), (true, 1), "{report:?}");
    let other = looked_through_by(&house, known.map(|known| known + Lifetime(1)));
    assert_eq!(words(&other), [(None, "restarted")], "{other:?}");

    say(house.url(), "UPDATE events SET action = 'y' WHERE action = 'x'");
    let found = words(&looked_through(&house));
    assert!(found.iter().any(|(_, word)| *word == "edited"), "from then on it is sealed: {found:?}");
}

/// Whoever leaves a row that looks like a checkpoint keeps none from being made.
#[test]
fn no_row_that_is_not_ours_keeps_a_checkpoint_from_being_made() {
    for seq in [i64::MIN, 0, 1, i64::MAX] {
        let house = House::default();
        let junk = format!(
            "INSERT INTO audit_statements (kind, seq, issued_at, statement) VALUES ('checkpoint', {seq}, {}, 'x')",
            i64::MAX
        );
        say(house.url(), &junk);
        happens(&house, 5);
        while block_on(chaining::chain(&house.server.context())).unwrap() {}
        let due = || block_on(checkpoint::due(&house.server.context())).unwrap();
        let made = due().expect("one is due");
        block_on(checkpoint::record(&made, &house.server.context())).unwrap();
        assert_eq!(due(), None, "{seq}: nothing has happened since");
        assert!(words(&looked_through(&house)).contains(&(Some(seq), "forged")));
    }
}

/// Nor does a row that is made to look old, or events that are put back with the seals that they had.
#[test]
fn nothing_that_is_put_back_makes_a_trail_look_young() {
    let junk =
        "DELETE FROM client_secrets; UPDATE clients SET id = '!!!!!!!!!!!!!!!!!!!!!!!!!!', deleted_at = 1";
    let kept = "CREATE TABLE kept AS SELECT * FROM events; UPDATE kept SET seq = NULL, link = NULL, link_version = NULL, origin = NULL";
    let house = House::default();
    happens(&house, 5);
    chain(&house);
    house.clock.advance(Lifetime::days(2));
    say(house.url(), kept);
    say(house.url(), junk);
    say(house.url(), NEVER_CHAINED);
    let house = house.another();
    assert!(words(&looked_through(&house)).contains(&(None, "restarted")));
    // Even where nothing else is old.
    say(house.url(), "DELETE FROM clients; DELETE FROM api_scopes; DELETE FROM apis");
    assert!(looked_through(&house).is_whole());
    say(house.url(), "INSERT INTO events SELECT * FROM kept");
    chain(&house);
    assert_eq!(words(&looked_through(&house)), [(None, "restarted")]);
}

/// However many events have no number, each is looked at.
#[test]
fn the_last_of_many_events_without_a_number_is_looked_at() {
    let house = House::default();
    let rows = "INSERT INTO events (id, at, action, reason, object)
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1100)
        SELECT '01ARZ3NDEKTSV4RRFFQ6' || (100000 + n), 1, 'x', '', '' FROM numbers";
    say(house.url(), rows);
    let report = looked_through(&house);
    assert_eq!(report.wrong, 1100, "{report:?}");
    assert!(report.findings.iter().all(|finding| finding.wrong.word() == "unsealed"));
}

/// Whatever is left of a chain, no server begins another over it.
#[test]
fn a_head_that_is_gone_is_not_made_anew() {
    let renumbered = "UPDATE events SET seq = NULL, link = NULL, link_version = NULL, origin = NULL";
    let unsealed = "UPDATE events SET mac = NULL, mac_version = NULL";
    for taken in [
        "DELETE FROM chain_head".to_owned(),
        format!("DELETE FROM chain_head; DELETE FROM audit_statements; {renumbered}"),
        format!("DELETE FROM chain_head; DELETE FROM audit_statements; {unsealed}"),
        format!("DELETE FROM chain_head; {renumbered}; {unsealed}"),
    ] {
        let house = House::default();
        happens(&house, 5);
        chain(&house);
        say(house.url(), &taken);
        for house in [house.another(), house] {
            happens(&house, 2);
            assert!(block_on(chaining::chain(&house.server.context())).is_err(), "{taken}");
            let report = looked_through(&house);
            assert!(words(&report).contains(&(None, "head_gone")), "{taken}: {report:?}");
        }
    }
}

/// Whoever leaves nothing of the chain, with or without its events, is found out by what they leave of the rest.
#[test]
fn a_trail_that_begins_after_what_it_is_about_is_a_finding() {
    let unsealed = "UPDATE events SET mac = NULL, mac_version = NULL, seq = NULL, link = NULL, link_version = NULL, origin = NULL;
        DELETE FROM chain_head; DELETE FROM audit_statements";
    for (taken, expected) in [
        (NEVER_CHAINED, vec![(None, "restarted")]),
        (unsealed, vec![(None, "unattested"), (None, "restarted")]),
    ] {
        let house = House::default();
        happens(&house, 5);
        chain(&house);
        let known = looked_through(&house).attested_since;
        assert!(known.is_some() && looked_through_by(&house, known).is_whole());
        house.clock.advance(Lifetime::days(2));
        say(house.url(), taken);
        let house = house.another();
        happens(&house, 2);
        chain(&house);
        let report = looked_through(&house);
        assert_eq!(words(&report), expected, "{taken}: {report:?}");
        assert_eq!(words(&looked_through_by(&house, known)), [(None, "restarted")], "{taken}");
    }
}
