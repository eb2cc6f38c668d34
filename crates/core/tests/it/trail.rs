//! The audit trail as a whole (security.md, audit row): one chain whoever chains, cut at checkpoints, and looked through.

use crate::house::House;
use doorward_core::keys::audit::AuditKeys;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::clients;
use doorward_core::random::SystemRandom;
use doorward_core::trail::report::Report;
use doorward_core::trail::verify::verify;
use doorward_core::trail::{chaining, checkpoint};
use doorward_protocol::time::Lifetime;
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
    block_on(verify(context.cache.store(), context.audit, &[])).unwrap()
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
    let report = block_on(verify(node.server.cache().store(), &keys, &[])).unwrap();
    assert!(!report.is_whole() && report.missing_versions.iter().eq([&1]), "{report:?}");
}

/// An earlier release sealed nothing: what it left is taken into the chain as it is, and said to be so.
#[test]
fn events_of_an_earlier_release_are_adopted() {
    let house = House::default();
    let row = "INSERT INTO events (id, at, action, reason, object) VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 1, 'x', '', '')";
    say(house.url(), row);
    happens(&house, 3);
    chain(&house);
    let report = looked_through(&house);
    assert_eq!((report.is_whole(), report.unattested), (true, 1), "{report:?}");
    say(house.url(), "UPDATE events SET action = 'y' WHERE action = 'x'");
    let found = words(&looked_through(&house));
    assert!(found.iter().any(|(_, word)| *word == "edited"), "from then on it is sealed: {found:?}");
}
