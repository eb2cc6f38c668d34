//! Another process holds the lock.

use crate::fixture::{Fixture, say};
use doorward_core::store::fault::Fault;
use doorward_testkit::builders::{client, id};
use doorward_testkit::store_suite::ask::{read, try_write, write};
use std::thread;
use std::time::{Duration, Instant};

#[test]
#[expect(clippy::disallowed_methods, reason = "how long a caller really waits is what this test is about")]
fn a_locked_database_is_unavailable_within_five_seconds_and_recovers_by_itself() {
    let fixture = Fixture::new();
    let store = fixture.store();
    let mut stranger = fixture.stranger();
    say(&mut stranger, "BEGIN EXCLUSIVE");
    thread::scope(|scope| {
        let attempts: Vec<_> = (0..4_u32)
            .map(|number| {
                let store = fixture.store();
                scope.spawn(move || {
                    let since = Instant::now();
                    (try_write(&store, move |tx| tx.insert_client(&client(number).build())), since.elapsed())
                })
            })
            .collect();
        assert_eq!(read(&store, |tx| tx.client(id(1))), None, "questions are answered meanwhile");
        for attempt in attempts {
            let (ended, waited) = attempt.join().unwrap();
            assert!(matches!(ended, Err(Fault::Unavailable(_))), "{ended:?}");
            assert!(waited < Duration::from_secs(5), "{waited:?}");
        }
    });
    assert_eq!(fixture.database.counters().expired.value(), 4);
    say(&mut stranger, "ROLLBACK");
    write(&store, |tx| tx.insert_client(&client(1).build()));
    assert_eq!(fixture.database.counters().reruns.value(), 0, "nothing was begun, so nothing ran again");
}

#[test]
fn a_lock_that_is_let_go_in_time_is_waited_for() {
    let fixture = Fixture::new();
    let mut stranger = fixture.stranger();
    say(&mut stranger, "BEGIN IMMEDIATE");
    let store = fixture.store();
    let job = thread::spawn(move || try_write(&store, |tx| tx.insert_client(&client(1).build())));
    while fixture.database.counters().waiting.value() == 0 {
        thread::yield_now();
    }
    say(&mut stranger, "COMMIT");
    job.join().unwrap().unwrap();
}

#[test]
fn a_reader_that_stays_for_long_stops_neither_writers_nor_the_next_checkpoint() {
    let fixture = Fixture::new();
    let store = fixture.store();
    let mut stranger = fixture.stranger();
    say(&mut stranger, "BEGIN; SELECT count(*) FROM clients");
    write(&store, |tx| tx.insert_client(&client(1).build()));
    let counters = fixture.database.counters();
    while counters.checkpoints_blocked.value() == 0 {
        thread::yield_now();
    }
    say(&mut stranger, "ROLLBACK");
    let before = counters.checkpoints.value();
    while counters.checkpoints.value() == before {
        thread::yield_now();
    }
    assert!(read(&store, |tx| tx.client(id(1))).is_some());
}
