//! Connections that break, transactions that meet, servers that do not do: what is answered then, and that it is over when
//! the trouble is.

use crate::server::Served;
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::store::{Mode, Running, Store, Verdict};
use doorward_core::token::api_token::ApiToken;
use doorward_protocol::time::Lifetime;
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::{api_token, last_use};
use doorward_testkit::builders::id;
use doorward_testkit::cluster::Cluster;
use doorward_testkit::databases::{FreshDatabase, ask, say, server};
use doorward_testkit::frozen_clock::START;
use doorward_testkit::store_suite::ask::{read, try_write, write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

fn store(served: &Served) -> Arc<dyn Store> {
    Arc::clone(&served.database) as _
}

/// The sessions of the store.
const SESSIONS: &str = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() \
                        AND application_name = 'doorward'";

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
    assert!(served.database.counters().lost.value() > 0);
    assert_eq!(store.changes_of_database(), 0, "it is the same server");
}

/// A server that was started anew may be another one, or have forgotten what was not on its disk.
#[test]
fn a_server_that_was_started_anew_is_another_database() {
    let Some(cluster) = Cluster::start() else { return };
    let database = Database::open(&cluster.url("postgres").parse().unwrap(), Options::default()).unwrap();
    let store: Arc<dyn Store> = Arc::clone(&database) as _;
    write(&store, |tx| tx.insert_setting("a", "1"));
    assert_eq!(store.changes_of_database(), 0);
    cluster.restart_immediately();
    assert_eq!(read(&store, |tx| tx.setting("a")).as_deref(), Some("1"));
    assert_eq!(store.changes_of_database(), 1);
    database.close();
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
    let waiting = store.run(Mode::Write, Box::new(|_| Ok(Verdict::Commit)));
    let refused = block_on(store.run(Mode::Write, Box::new(|_| Ok(Verdict::Commit))));
    assert!(matches!(refused, Err(Fault::Unavailable(_))), "{refused:?}");
    assert_eq!(served.database.counters().turned_away.value(), 1);
    go_on.wait();
    block_on(busy).unwrap();
    block_on(waiting).unwrap();
    assert!(served.database.writer_is_alive());
    served.database.check().unwrap();
    served.database.close();
    assert!(!served.database.writer_is_alive());
    let closed = block_on(store.read(|tx| tx.setting("a")));
    assert!(matches!(closed, Err(Fault::Unavailable(_))), "{closed:?}");
}

/// A change that is asked for, and not waited for yet.
fn insert(store: &Arc<dyn Store>, name: String) -> Running {
    let insert = move |tx: &mut dyn Tx| {
        tx.insert_setting(&name, "1")?;
        Ok(Verdict::Commit)
    };
    store.run(Mode::Write, Box::new(insert))
}

/// Holds the settings against changes until there is a lease, or for a quarter of a minute.
const HOLD: &str = "BEGIN; LOCK settings IN SHARE MODE; DO $$ BEGIN FOR turn IN 1..1500 LOOP
                    EXIT WHEN EXISTS (SELECT FROM leases); PERFORM pg_sleep(0.01); END LOOP; END $$; COMMIT";

/// Changes wait for one another in the database, all workers' worth of them and more; questions do not wait behind them.
#[test]
fn questions_are_answered_while_changes_wait() {
    let Some(served) = Served::with(Options { connections: 4, ..Options::default() }) else { return };
    let (store, url) = (store(&served), served.place.url());
    thread::scope(|scope| {
        scope.spawn(|| say(url, HOLD));
        let lock = "FROM pg_locks WHERE relation = 'settings'::regclass";
        while ask(url, &format!("SELECT mode {lock}")).is_empty() {}
        let changes: Vec<_> = (0..20).map(|number| insert(&store, number.to_string())).collect();
        while ask(url, &format!("SELECT mode {lock} AND NOT granted")).len() < 3 {}
        assert_eq!(read(&store, |tx| tx.setting("0")), None);
        say(url, "INSERT INTO leases (name, holder, expires_at) VALUES ('let go', repeat('0', 26), 0)");
        changes.into_iter().for_each(|change| block_on(change).unwrap());
    });
    assert_eq!(read(&store, |tx| tx.setting("19")).as_deref(), Some("1"));
}

/// A process that is halted, or cut off, within a transaction holds what others wait for: the server ends its session, and
/// when it goes on, it begins anew.
#[test]
fn who_falls_silent_within_a_transaction_loses_it() {
    let Some(served) = Served::new() else { return };
    let (store, url, runs) = (store(&served), served.place.url().to_owned(), Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&runs);
    write(&store, move |tx| {
        tx.insert_setting("a", "1")?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            while !ask(&url, SESSIONS).is_empty() {}
        }
        tx.insert_setting("b", "1")
    });
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(read(&store, |tx| tx.setting("b")).as_deref(), Some("1"));
}

/// A commit that waits for its standby can be called off. It has taken place here, and is lost if the standby takes over. By way
/// of diesel, libpq does not tell of the warning.
#[cfg(not(feature = "libpq"))]
#[test]
fn a_commit_that_its_standby_has_not_confirmed_is_not_acknowledged() {
    let Some(cluster) = Cluster::start() else { return };
    let url = cluster.url("postgres");
    let database = Database::open(&url.parse().unwrap(), Options::default()).unwrap();
    let store: Arc<dyn Store> = Arc::clone(&database) as _;
    write(&store, |tx| tx.insert_setting("a", "1"));
    let standby = |name: &str| {
        say(&url, &format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'"));
        say(&url, "SELECT pg_reload_conf()");
    };
    standby("nobody");
    while ask(&url, "SHOW synchronous_standby_names") == [""] {}
    let unconfirmed = insert(&store, "b".to_owned());
    let call_off = "SELECT pg_cancel_backend(pid)::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    while ask(&url, call_off).is_empty() {}
    let told = block_on(unconfirmed);
    assert!(matches!(&told, Err(Fault::Unavailable(why)) if why.to_string().contains("standby")), "{told:?}");
    standby("");
    while ask(&url, "SHOW synchronous_standby_names") != [""] {}
    write(&store, |tx| tx.insert_setting("c", "1"));
    database.close();
}

/// A role or a server may allow fewer connections than there are workers: those that stand are shared.
#[test]
fn fewer_connections_than_workers_serve_all() {
    let Some(cluster) = Cluster::start() else { return };
    for words in ["CREATE ROLE few LOGIN CONNECTION LIMIT 2", "CREATE DATABASE few OWNER few"] {
        say(&cluster.url("postgres"), words);
    }
    let url = cluster.url("few").replace("postgres@", "few@");
    let database = Database::open(&url.parse().unwrap(), Options::default()).unwrap();
    let store: Arc<dyn Store> = Arc::clone(&database) as _;
    for round in 0..20 {
        let jobs: Vec<_> = (0..16).map(|number| insert(&store, format!("{round} {number}"))).collect();
        jobs.into_iter().for_each(|job| block_on(job).unwrap());
    }
    database.close();
}

/// One after the other needs one connection.
#[test]
fn no_more_connections_are_opened_than_there_is_work_for() {
    let Some(served) = Served::new() else { return };
    let store = store(&served);
    for number in 0..50 {
        write(&store, move |tx| tx.insert_setting(&number.to_string(), "1"));
        assert!(read(&store, move |tx| tx.setting(&number.to_string())).is_some());
    }
    assert_eq!(ask(served.place.url(), SESSIONS).len(), 1);
}

/// Gives the token that is there another end while somebody waits for its row, or within a quarter of a minute.
const REGENERATE: &str = "BEGIN; UPDATE api_tokens SET expires_at = 4000000000 WHERE name = 'Token 1'; DO $$ BEGIN FOR turn IN 1..1500 LOOP
                          EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid');
                          PERFORM pg_sleep(0.01); END LOOP; END $$; COMMIT";

/// Whoever regenerates a token that ended long ago, while it is swept, has it.
#[test]
fn a_token_that_is_regenerated_while_it_is_swept_stays() {
    let Some(served) = Served::new() else { return };
    let (store, url) = (store(&served), served.place.url());
    let used = last_use(id(1));
    write(&store, move |tx| {
        tx.insert_api_token(&ApiToken { expires_at: START, ..api_token(1) })?;
        tx.insert_api_token(&ApiToken { expires_at: START, ..api_token(2) })?;
        tx.record_uses(&[used])
    });
    thread::scope(|scope| {
        let regenerating = scope.spawn(|| say(url, REGENERATE));
        let lock =
            "SELECT mode FROM pg_locks WHERE relation = 'api_tokens'::regclass AND mode = 'RowExclusiveLock'";
        while ask(url, lock).is_empty() {}
        write(&store, |tx| tx.sweep_api_tokens(START + Lifetime(1), 10));
        regenerating.join().unwrap();
    });
    assert!(read(&store, |tx| tx.api_token(id(1))).is_some(), "it is good again");
    assert!(read(&store, |tx| tx.last_use(id(1))).is_some(), "as is what is known of it");
    assert_eq!(read(&store, |tx| tx.api_token(id(2))), None);
}
