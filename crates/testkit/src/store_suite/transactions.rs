//! What closures may rely on: all or nothing, and what is answered is so.

use super::ask::{read, try_write, write};
use crate::block_on::block_on;
use crate::builders::{client, id};
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::store::{Job, Mode, Store, Verdict};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

fn setting(store: &Arc<dyn Store>, name: &'static str) -> Option<String> {
    read(store, move |tx| tx.setting(name))
}

/// A refusal is an answer, and leaves nothing behind.
pub fn a_refusal_undoes_what_was_changed(store: &Arc<dyn Store>) {
    let refused = block_on(store.write(|tx| {
        tx.insert_setting("a", "1")?;
        Err::<(), _>(Stop::Refuse("no"))
    }));
    assert_eq!(refused.expect("a refusal is an answer"), Err("no"));
    assert_eq!(setting(store, "a"), None);
}

/// A refusal whose reason must be remembered is durable as any change.
pub fn a_refusal_that_commits_keeps_what_was_changed(store: &Arc<dyn Store>) {
    let refused = block_on(store.write(|tx| {
        tx.insert_setting("a", "1")?;
        Err::<(), _>(Stop::RefuseAndCommit("no"))
    }));
    assert_eq!(refused.expect("a refusal is an answer"), Err("no"));
    assert_eq!(setting(store, "a").as_deref(), Some("1"));
}

/// A fault that the closure itself raises undoes its changes, and others' stand.
pub fn a_fault_undoes_what_was_changed(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_setting("a", "1"));
    let failed = try_write(store, |tx| {
        tx.insert_setting("b", "1")?;
        Err::<(), _>(Fault::broken("for a test"))
    });
    assert!(matches!(failed, Err(Fault::Broken(_))));
    assert_eq!((setting(store, "a").is_some(), setting(store, "b")), (true, None));
}

/// A refused row ends its transaction, whatever the closure makes of it: nothing more is answered, and nothing is kept.
pub fn a_refused_row_ends_its_transaction(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_setting("a", "1"));
    let ended = try_write(store, |tx| {
        tx.insert_setting("b", "2")?;
        // Swallowed on purpose, as is what follows.
        let refused = tx.insert_setting("a", "2");
        assert!(matches!(refused, Err(Fault::Constraint { .. })), "{refused:?}");
        let asked = tx.setting("a");
        assert!(matches!(asked, Err(Fault::Constraint { .. })), "{asked:?}");
        Ok(())
    });
    assert!(matches!(ended, Err(Fault::Constraint { .. })), "{ended:?}");
    assert_eq!(setting(store, "a").as_deref(), Some("1"));
    assert_eq!(setting(store, "b"), None);
}

/// A panic stays in its job: the jobs around it, which may share its commit, are answered as if it had not been.
pub fn a_panic_is_a_fault_of_its_job_alone(store: &Arc<dyn Store>) {
    let (entered, inside) = channel();
    let (let_go, released) = channel::<()>();
    let blocker = thread::spawn({
        let store = Arc::clone(store);
        move || {
            write(&store, move |_| {
                entered.send(()).map_err(Fault::broken)?;
                // While this job keeps the store busy, the others gather behind it.
                released.recv().map_err(Fault::broken)
            });
        }
    });
    inside.recv().expect("the first job runs");
    let others = ["before", "panics", "after"].map(|name| store.run(Mode::Write, insert_or_panic(name)));
    let_go.send(()).expect("the first job waits");
    blocker.join().expect("the first job ends");
    let [before, panics, after] = others.map(block_on);
    assert!(before.is_ok() && after.is_ok(), "{before:?} {after:?}");
    assert!(matches!(panics, Err(Fault::Broken(_))), "{panics:?}");
    for (name, there) in [("before", true), ("panics", false), ("after", true)] {
        assert_eq!(setting(store, name).is_some(), there, "{name}");
    }
}

fn insert_or_panic(name: &'static str) -> Job {
    Box::new(move |tx: &mut dyn Tx| {
        tx.insert_setting(name, "1")?;
        assert!(name != "panics", "for a test");
        Ok(Verdict::Commit)
    })
}

/// A panic in a question is a fault like one in a change, and the next question is answered.
pub fn a_panic_in_a_question_is_a_fault(store: &Arc<dyn Store>) {
    let asked = block_on(store.read(|tx| -> Result<(), Fault> {
        tx.setting("a")?;
        panic!("for a test")
    }));
    assert!(matches!(asked, Err(Fault::Broken(_))));
    let asked = block_on(store.snapshot(|_| -> Result<(), Fault> { panic!("for a test") }));
    assert!(matches!(asked, Err(Fault::Broken(_))));
    assert_eq!(setting(store, "a"), None);
}

/// Whoever was answered finds what was written, on any thread.
pub fn a_reader_sees_what_was_answered(store: &Arc<dyn Store>) {
    for number in 1..=50 {
        // The reading connection exists before the change, and must not keep to what it saw.
        assert_eq!(read(store, move |tx| tx.client(id(number))), None);
        write(store, move |tx| tx.insert_client(&client(number).build()));
        assert!(read(store, move |tx| tx.client(id(number))).is_some());
        thread::scope(|scope| {
            let elsewhere = scope.spawn(|| read(store, move |tx| tx.client(id(number))));
            assert!(elsewhere.join().expect("no panic").is_some());
        });
    }
}

/// Several questions in one snapshot see one state, whatever is written meanwhile.
pub fn a_snapshot_sees_one_state(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_setting("before", "1"));
    let (asked, wait) = channel();
    let (written, go_on) = channel();
    thread::scope(|scope| {
        let snapshot = scope.spawn(move || {
            block_on(store.snapshot(move |tx| {
                let first = tx.setting("before")?.is_some() && tx.setting("meanwhile")?.is_none();
                asked.send(()).map_err(Fault::broken)?;
                go_on.recv().map_err(Fault::broken)?;
                Ok((first, tx.setting("meanwhile")?))
            }))
        });
        wait.recv().expect("the first question is asked");
        write(store, |tx| tx.insert_setting("meanwhile", "1"));
        written.send(()).expect("the snapshot waits");
        assert_eq!(snapshot.join().expect("no panic").expect("no fault"), (true, None));
    });
    assert!(setting(store, "meanwhile").is_some(), "the next one sees it");
}

/// A question asked while another is answered on the same thread may be slow, but has its answer.
pub fn a_question_within_a_question_is_answered(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_setting("a", "1"));
    let inner = Arc::clone(store);
    let both = read(store, move |tx| Ok((tx.setting("a")?, setting(&inner, "a"), tx.setting("a")?)));
    let one = || Some(String::from("1"));
    assert_eq!(both, (one(), one(), one()));
    assert_eq!(setting(store, "a"), one());
}

/// A question that tries to change something is refused by the database itself.
pub fn a_question_changes_nothing(store: &Arc<dyn Store>) {
    let asked = block_on(store.read(|tx| {
        // Swallowed on purpose: nothing may hang on what a closure makes of it.
        drop(tx.insert_setting("a", "1"));
        Ok(())
    }));
    assert!(matches!(asked, Err(Fault::Broken(_))), "{asked:?}");
    let asked = block_on(store.snapshot(|tx| tx.insert_setting("a", "1")));
    assert!(matches!(asked, Err(Fault::Broken(_))), "{asked:?}");
    assert_eq!(setting(store, "a"), None);
}

/// A caller that goes away does not take back what it asked for.
pub fn what_was_asked_for_happens_even_if_nobody_waits(store: &Arc<dyn Store>) {
    drop(store.run(Mode::Write, insert_or_panic("a")));
    // However many work at once: those who came later are answered for as long as it takes.
    let happened = (0..1000).any(|_| {
        setting(store, "a").is_some() || {
            thread::yield_now();
            false
        }
    });
    assert!(happened);
}
