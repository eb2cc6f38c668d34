//! Connections that break, transactions that meet, servers that do not do: what is answered then, and that it is over when
//! the trouble is.

use crate::server::Served;
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::{Mode, Store, Verdict};
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::databases::{FreshDatabase, ask, say, server};
use doorward_testkit::frozen_clock::START;
use doorward_testkit::store_suite::ask::{read, try_write, write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

fn store(served: &Served) -> Arc<dyn Store> {
    Arc::clone(&served.database) as _
}

/// Ends every session of the store, as a restart or a failover does.
const END_ALL: &str = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = current_database() \
                       AND application_name = 'doorward'";

#[test]
fn a_job_on_a_connection_that_has_died_runs_on_another() {
    let Some(served) = Served::new() else { return };
    let store = store(&served);
    for number in 0..20 {
        write(&store, move |tx| tx.insert_setting(&number.to_string(), "1"));
        assert!(!ask(served.place.url(), END_ALL).is_empty());
        assert_eq!(read(&store, move |tx| tx.setting(&number.to_string())).as_deref(), Some("1"));
    }
    assert!(served.database.counters().reruns.value() > 0);
}

#[test]
fn a_job_whose_connection_dies_under_it_runs_again() {
    let Some(served) = Served::new() else { return };
    let (store, url, runs) = (store(&served), served.place.url().to_owned(), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&runs);
    write(&store, move |tx| {
        tx.insert_setting("a", "1")?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            assert!(!ask(&url, END_ALL).is_empty());
        }
        tx.insert_setting("b", "1")
    });
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(read(&store, |tx| tx.setting("a")).as_deref(), Some("1"));
}

/// Two that hold what the other needs: the database ends one of them, which then has its turn.
#[test]
fn a_deadlock_is_nobodys_fault() {
    let Some(served) = Served::new() else { return };
    let store = store(&served);
    write(&store, |tx| {
        tx.take_lease("a", id(1), START, START)?;
        tx.take_lease("b", id(1), START, START)
    });
    let met = Arc::new(Barrier::new(2));
    let cross = |first: &'static str, second: &'static str| {
        let (store, met, runs) = (Arc::clone(&store), Arc::clone(&met), AtomicU32::new(0));
        move || {
            write(&store, move |tx| {
                tx.take_lease(first, id(1), START, START)?;
                if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                    met.wait();
                }
                tx.take_lease(second, id(1), START, START)
            })
        }
    };
    let (there, back) = (thread::spawn(cross("a", "b")), thread::spawn(cross("b", "a")));
    assert!(there.join().unwrap() && back.join().unwrap());
    // Each waits in turn, and the database may end both.
    let reruns = served.database.counters().reruns.value();
    assert!((1..=2).contains(&reruns), "{reruns}");
}

/// What is refused twice is refused; what a closure calls raced for ever ends with its time.
#[test]
fn running_again_comes_to_an_end() {
    let Some(served) = Served::new() else { return };
    let (store, runs) = (store(&served), Arc::new(AtomicU32::new(0)));
    write(&store, |tx| tx.insert_setting("a", "1"));
    let counted = Arc::clone(&runs);
    let refused = try_write(&store, move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.insert_setting("a", "2")
    });
    assert!(matches!(refused, Err(Fault::Constraint { .. })), "{refused:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    let raced = block_on(store.write(|_| Err::<(), _>(Stop::<()>::Fault(Fault::Raced))));
    assert!(matches!(raced, Err(Fault::Unavailable(_))), "{raced:?}");
}

#[test]
fn a_server_that_cannot_be_reached_is_trouble_of_the_moment() {
    let Some(served) = Served::with(Options { connections: 2, ..Options::default() }) else { return };
    let store = store(&served);
    assert_eq!(read(&store, |tx| tx.setting("a")), None);
    let name = served.place.url().rsplit_once('/').unwrap().1.to_owned();
    let server = server().unwrap();
    say(&server, &format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"));
    // Those that stand stay; they end now.
    let ended = ask(
        &server,
        &format!("SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE datname = '{name}'"),
    );
    assert!(!ended.is_empty());
    let asked = block_on(store.read(|tx| tx.setting("a")));
    assert!(matches!(asked, Err(Fault::Unavailable(_))), "{asked:?}");
    say(&server, &format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"));
    assert_eq!(read(&store, |tx| tx.setting("a")), None);
}

/// What is answered is on the disk, or not answered.
#[test]
fn a_database_that_does_not_wait_for_its_disk_is_not_used() {
    let Some(place) = FreshDatabase::postgres() else { return };
    let name = place.url().rsplit_once('/').unwrap().1;
    say(place.url(), &format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    let refused =
        Database::open(&place.url().parse().unwrap(), Options::default()).err().unwrap().to_string();
    assert!(refused.contains("synchronous_commit"), "{refused}");
}

#[test]
fn a_queue_that_is_full_and_a_store_that_is_closed_refuse_at_once() {
    let Some(served) = Served::with(Options { queue: 1, connections: 1, ..Options::default() }) else {
        return;
    };
    let store = store(&served);
    let (inside, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let busy = store.run(Mode::Write, {
        let (inside, go_on) = (Arc::clone(&inside), Arc::clone(&go_on));
        Box::new(move |_| {
            inside.wait();
            go_on.wait();
            Ok(Verdict::Commit)
        })
    });
    inside.wait();
    let refused = block_on(store.read(|tx| tx.setting("a")));
    assert!(matches!(refused, Err(Fault::Unavailable(_))), "{refused:?}");
    assert_eq!(served.database.counters().turned_away.value(), 1);
    go_on.wait();
    block_on(busy).unwrap();
    assert!(served.database.writer_is_alive());
    served.database.check().unwrap();
    served.database.close();
    assert!(!served.database.writer_is_alive());
    let closed = block_on(store.read(|tx| tx.setting("a")));
    assert!(matches!(closed, Err(Fault::Unavailable(_))), "{closed:?}");
}
