//! What happens to jobs that share a commit when one of them goes wrong.

use crate::fixture::{Blocker, Fixture, say};
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Tx;
use doorward_core::store::{Job, Mode, Revision, Store, Verdict};
use doorward_storage::database::Options;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::{client, id};
use doorward_testkit::store_suite::ask::{read, try_write, write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::thread;

fn insert(number: u32, runs: &Arc<AtomicU32>) -> Job {
    let runs = Arc::clone(runs);
    Box::new(move |tx: &mut dyn Tx| {
        runs.fetch_add(1, SeqCst);
        tx.insert_client(&client(number).build()).map(|()| Verdict::Commit)
    })
}

/// Inserts, meets an error of the database's, and goes on as if nothing had been.
fn insert_and_swallow(number: u32) -> Job {
    Box::new(move |tx: &mut dyn Tx| {
        tx.insert_client(&client(number).build())?;
        drop(tx.setting("a"));
        Ok(Verdict::Commit)
    })
}

/// The table that `insert_and_swallow` asks is gone: an error that is no constraint violation.
fn break_settings(fixture: &Fixture) {
    say(&mut fixture.stranger(), "DROP TABLE settings");
}

#[test]
fn a_closure_that_swallows_a_database_error_cannot_commit() {
    let fixture = Fixture::new();
    break_settings(&fixture);
    let ended = block_on(fixture.run(Mode::Write, insert_and_swallow(1)));
    assert!(matches!(ended, Err(Fault::Unavailable(_))), "{ended:?}");
    assert_eq!(read(&fixture.store(), |tx| tx.client(id(1))), None);
}

#[test]
fn after_a_database_error_a_closure_gets_nothing_but_faults() {
    let fixture = Fixture::new();
    break_settings(&fixture);
    let (tell, told) = channel();
    let met = try_write(&fixture.store(), move |tx| {
        drop(tx.setting("a"));
        // It could be done; but SQLite may have ended the transaction, and it would be committed by itself.
        tell.send(tx.insert_client(&client(1).build()).is_err()).map_err(Fault::broken)
    });
    assert!(matches!(met, Err(Fault::Unavailable(_))), "{met:?}");
    assert_eq!(told.iter().collect::<Vec<_>>(), [true, true], "in the batch, and alone");
}

#[test]
fn a_batch_with_a_database_error_runs_again_one_by_one_and_only_the_guilty_job_fails() {
    let fixture = Fixture::new();
    break_settings(&fixture);
    let runs = Arc::default();
    let blocker = Blocker::of(&fixture.store());
    let jobs =
        [insert(1, &runs), insert_and_swallow(2), insert(3, &runs)].map(|job| fixture.run(Mode::Write, job));
    blocker.let_go();
    let [first, second, third] = jobs.map(block_on);
    assert!(first.is_ok() && third.is_ok());
    assert_eq!(
        read(&fixture.store(), |tx| tx.last_revision()),
        Revision(2),
        "what the second run recorded, and nothing else"
    );
    assert!(matches!(second, Err(Fault::Unavailable(_))));
    assert_eq!(runs.load(SeqCst), 3, "the first job ran twice, the third was not reached the first time");
    assert_eq!(fixture.database.counters().reruns.value(), 3);
    let store = fixture.store();
    let there = |number| read(&store, move |tx| tx.client(id(number))).is_some();
    assert_eq!([there(1), there(2), there(3)], [true, false, true]);
}

#[test]
fn a_refused_row_does_not_disturb_its_batch() {
    let fixture = Fixture::new();
    let runs = Arc::default();
    let blocker = Blocker::of(&fixture.store());
    let jobs = [1, 1, 2].map(|number| fixture.run(Mode::Write, insert(number, &runs)));
    blocker.let_go();
    let [first, again, other] = jobs.map(block_on);
    assert!(first.is_ok() && other.is_ok());
    assert!(matches!(again, Err(Fault::Constraint { .. })), "{again:?}");
    assert_eq!((runs.load(SeqCst), fixture.database.counters().reruns.value()), (3, 0));
}

/// A refusal that comes after a change takes its own change back, and nobody else's. One after the other, they make nobody's
/// job run twice.
#[test]
fn what_a_refused_job_has_changed_is_undone_alone() {
    let fixture = Fixture::new();
    let runs = Arc::default();
    let refusals = [(Ok(Verdict::Rollback), 2), (Err("no"), 5), (Ok(Verdict::Rollback), 8)];
    for (ends, undone) in refusals {
        let blocker = Blocker::of(&fixture.store());
        let refused = Box::new(move |tx: &mut dyn Tx| {
            tx.insert_client(&client(undone).build())?;
            ends.map_err(Fault::broken)
        });
        let jobs = [insert(undone - 1, &runs), refused, insert(undone + 1, &runs)];
        let jobs = jobs.map(|job| fixture.run(Mode::Write, job));
        blocker.let_go();
        let [first, refused, third] = jobs.map(block_on);
        assert!(first.is_ok() && third.is_ok());
        assert_eq!(refused.is_ok(), ends.is_ok());
        assert_eq!(fixture.database.counters().reruns.value(), 3, "the first time alone");
        let there = [undone - 1, undone, undone + 1]
            .map(|number| read(&fixture.store(), move |tx| tx.client(id(number))).is_some());
        assert_eq!(there, [true, false, true]);
    }
}

/// It leaves nothing behind, and is one panic, however often the job is run.
#[test]
fn a_job_that_panics_after_a_change_is_undone_and_counted_once() {
    let fixture = Fixture::new();
    let panics = Box::new(|tx: &mut dyn Tx| {
        tx.insert_client(&client(1).build())?;
        panic!("on purpose")
    });
    assert!(matches!(block_on(fixture.run(Mode::Write, panics)), Err(Fault::Broken(_))));
    assert_eq!(fixture.database.counters().panics.value(), 1);
    assert_eq!(read(&fixture.store(), |tx| tx.client(id(1))), None);
}

/// The log is written over and over within the size of an everyday file.
#[test]
fn a_log_that_has_come_over_starts_over() {
    let fixture = Fixture::new();
    for number in 0..40 {
        let mut big = client(number).build();
        big.name = "n".repeat(1 << 20);
        write(&fixture.store(), move |tx| tx.insert_client(&big));
    }
    let size = fixture.folder.path().join("test.db-wal").metadata().unwrap().len();
    assert!((8 << 20..12 << 20).contains(&size), "{size}");
}

#[test]
fn what_comes_together_is_committed_together() {
    let fixture = Fixture::new();
    let runs = Arc::default();
    let blocker = Blocker::of(&fixture.store());
    let jobs: Vec<_> = (0..100).map(|number| fixture.run(Mode::Write, insert(number, &runs))).collect();
    blocker.let_go();
    for job in jobs {
        block_on(job).unwrap();
    }
    let counters = fixture.database.counters();
    assert_eq!((counters.batches.value(), counters.largest_batch.value()), (2, 100));
    assert_eq!((counters.jobs.value(), counters.waiting.value()), (101, 0));
}

#[test]
fn a_full_queue_refuses_at_once() {
    let fixture = Fixture::with(Options { queue: 2, ..Options::default() });
    let runs = Arc::default();
    let blocker = Blocker::of(&fixture.store());
    let waiting = fixture.run(Mode::Write, insert(1, &runs));
    // Answered while the writer is still blocked, or the test would hang here.
    let refused = block_on(fixture.run(Mode::Write, insert(2, &runs)));
    assert!(matches!(refused, Err(Fault::Unavailable(_))), "{refused:?}");
    blocker.let_go();
    block_on(waiting).unwrap();
    assert_eq!(fixture.database.counters().turned_away.value(), 1);
    write(&fixture.store(), |tx| tx.insert_client(&client(3).build()));
}

#[test]
fn closing_finishes_what_was_queued_and_refuses_what_comes_later() {
    let fixture = Fixture::new();
    let runs = Arc::default();
    let blocker = Blocker::of(&fixture.store());
    let queued: Vec<_> = (1..=3).map(|number| fixture.run(Mode::Write, insert(number, &runs))).collect();
    let closing = thread::spawn({
        let database = Arc::clone(&fixture.database);
        move || database.close()
    });
    blocker.let_go();
    closing.join().unwrap();
    for job in queued {
        block_on(job).unwrap();
    }
    let late = block_on(fixture.run(Mode::Write, insert(9, &runs)));
    assert!(matches!(late, Err(Fault::Unavailable(_))), "{late:?}");
}

#[test]
fn the_last_handle_may_go_down_in_the_writers_own_thread() {
    let fixture = Fixture::new();
    let handle = Arc::clone(&fixture.database);
    let job = Box::new(move |tx: &mut dyn Tx| {
        let _last = &handle;
        tx.insert_setting("a", "1").map(|()| Verdict::Commit)
    });
    let running = fixture.run(Mode::Write, job);
    drop(fixture.database);
    block_on(running).unwrap();
}

/// What a panic says may quote a secret, and faults are logged.
#[test]
fn the_words_of_a_panic_go_nowhere() {
    let fixture = Fixture::new();
    for mode in [Mode::Write, Mode::Read, Mode::Snapshot] {
        let ended = block_on(fixture.run(mode, Box::new(|_| panic!("the secret is hunter2"))));
        let fault = ended.unwrap_err();
        assert!(matches!(&fault, Fault::Broken(_)), "{fault}");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }
}

/// Panics when the job that holds it is dropped: after its answer, where nobody expects it.
struct Tripwire;

impl Drop for Tripwire {
    fn drop(&mut self) {
        panic!("for a test");
    }
}

#[test]
fn the_end_of_the_writer_is_noticed() {
    let fixture = Fixture::new();
    assert!(fixture.database.writer_is_alive());
    let wire = Tripwire;
    let job: Job = Box::new(move |_| {
        let _held = &wire;
        Ok(Verdict::Rollback)
    });
    drop(block_on(fixture.run(Mode::Write, job)));
    while fixture.database.writer_is_alive() {
        thread::yield_now();
    }
    let refused = block_on(fixture.run(Mode::Write, insert(1, &Arc::default())));
    assert!(matches!(refused, Err(Fault::Unavailable(_))), "{refused:?}");
}

#[test]
fn a_closed_database_serves_no_changes() {
    let fixture = Fixture::new();
    fixture.database.close();
    assert!(!fixture.database.writer_is_alive());
}
