//! A full disk: a small file system of its own, in a namespace of its own, into which the test starts itself again.

use crate::fixture::{Blocker, say, stranger, url};
use doorward_core::identity::attempts::AccountAttempts;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Tx;
use doorward_core::store::{Job, Mode, Store, Verdict};
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::authorizations::{code, event, family, interaction, refresh_token, sealed};
use doorward_testkit::builders::people::{attempts, session};
use doorward_testkit::builders::{client, digest, id, opaque_token, revoked_jwt};
use doorward_testkit::frozen_clock::START;
use doorward_testkit::store_suite::ask::{read, try_write, write};
use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

const DISK: &str = "DOORWARD_TEST_SMALL_DISK";

/// The folder of the small disk, inside. Outside: runs the named test inside, says whether that was possible, and leaves
/// nothing to do.
fn small_disk(test: &str) -> Option<PathBuf> {
    if let Some(disk) = env::var_os(DISK) {
        return Some(PathBuf::from(disk));
    }
    let folder = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=4m tmpfs \"$1\" && exec \"$2\" --exact \"$3\" --nocapture";
    let probe = "mount -t tmpfs -o size=4m tmpfs \"$1\"";
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, "sh"]).arg(folder.path());
        command
    };
    if !unshare(probe).output().is_ok_and(|probe| probe.status.success()) {
        // Past the capture of `cargo test`, which swallows what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped: needs unshare with a tmpfs of its own ({test})");
        return None;
    }
    let inside =
        unshare(mount).arg(env::current_exe().unwrap()).arg(test).env(DISK, folder.path()).output().unwrap();
    let words = String::from_utf8_lossy(&inside.stdout);
    assert!(
        inside.status.success() && words.contains("1 passed"),
        "{words}\n{}",
        String::from_utf8_lossy(&inside.stderr)
    );
    None
}

fn open(disk: &Path, ballast: Option<u64>) -> (Arc<Database>, Arc<dyn Store>) {
    let database = Database::open(&url(disk), Options { ballast, ..Options::default() }).unwrap();
    (database.clone(), database)
}

/// Takes all room but so many bytes.
fn fill(disk: &Path, but: u64) {
    let mut file = File::create(disk.join("filler")).unwrap();
    let mut size = 0;
    while file.write_all(&[7; 4096]).is_ok() {
        size += 4096;
    }
    file.set_len(size - but).unwrap();
}

fn empty(disk: &Path) {
    fs::remove_file(disk.join("filler")).unwrap();
}

/// A client that needs half a megabyte.
fn huge(number: u32) -> Job {
    Box::new(move |tx: &mut dyn Tx| {
        let mut client = client(number).build();
        client.description = "x".repeat(500_000);
        tx.insert_client(&client).map(|()| Verdict::Commit)
    })
}

fn insert_token(store: &Arc<dyn Store>, number: u32) -> Result<(), Fault> {
    try_write(store, move |tx| tx.insert_opaque_token(&opaque_token(number).build())).map(drop)
}

fn revoke(store: &Arc<dyn Store>, number: u32) -> Result<bool, Fault> {
    try_write(store, move |tx| tx.revoke_opaque_token(&digest(number), START))
}

#[test]
fn a_full_disk_loses_nothing_that_was_answered_and_is_got_over_without_a_restart() {
    let Some(disk) = small_disk(
        "disk_full::a_full_disk_loses_nothing_that_was_answered_and_is_got_over_without_a_restart",
    ) else {
        return;
    };
    let (database, store) = open(&disk, None);
    fill(&disk, 600_000);
    let answered = (0..100_000).take_while(|number| insert_token(&store, *number).is_ok()).count();
    let answered = u32::try_from(answered).unwrap();
    assert!(answered > 10, "{answered}");
    assert!(database.counters().is_short_of_space());
    database.check().unwrap();
    let all_there = |store: &Arc<dyn Store>| {
        (0..answered).all(|number| read(store, move |tx| tx.opaque_token(&digest(number))).is_some())
    };
    assert!(all_there(&store), "reading goes on");

    empty(&disk);
    insert_token(&store, answered).unwrap();
    assert!(!database.counters().is_short_of_space());
    drop((store, database));
    let (_database, store) = open(&disk, None);
    assert!(all_there(&store));
    assert!(read(&store, move |tx| tx.opaque_token(&digest(answered))).is_some());
}

#[test]
fn on_a_full_disk_only_the_job_that_needs_the_room_fails() {
    let Some(disk) = small_disk("disk_full::on_a_full_disk_only_the_job_that_needs_the_room_fails") else {
        return;
    };
    let (database, store) = open(&disk, None);
    fill(&disk, 300_000);
    let blocker = Blocker::of(&store);
    let small = |number| -> Job {
        Box::new(move |tx: &mut dyn Tx| tx.insert_client(&client(number).build()).map(|()| Verdict::Commit))
    };
    let jobs = [small(1), huge(2), small(3)].map(|job| store.run(Mode::Write, job));
    blocker.let_go();
    let [before, needy, after] = jobs.map(block_on);
    assert!(before.is_ok() && after.is_ok(), "{before:?} {after:?}");
    assert!(matches!(needy, Err(Fault::Unavailable(_))), "{needy:?}");
    assert!(database.counters().reruns.value() >= 3, "they shared a batch");
    let there = |number| read(&store, move |tx| tx.client(id(number))).is_some();
    assert_eq!([there(1), there(2), there(3)], [true, false, true]);

    empty(&disk);
    block_on(store.run(Mode::Write, huge(2))).unwrap();
    assert!(there(2));
}

/// Somebody who reads keeps the log from starting over, which would give revocations room by accident.
fn full_to_the_last_page(disk: &Path, store: &Arc<dyn Store>) -> diesel::SqliteConnection {
    write(store, |tx| (0..50).try_for_each(|number| tx.insert_opaque_token(&opaque_token(number).build())));
    let mut reader = stranger(disk);
    say(&mut reader, "BEGIN; SELECT count(*) FROM opaque_tokens");
    fill(disk, 0);
    while insert_token(store, 1000).is_ok() {
        write(store, |tx| tx.sweep_opaque_tokens(START, 1));
    }
    reader
}

#[test]
fn without_ballast_a_full_disk_holds_back_revocations() {
    let Some(disk) = small_disk("disk_full::without_ballast_a_full_disk_holds_back_revocations") else {
        return;
    };
    let (_database, store) = open(&disk, None);
    let _reader = full_to_the_last_page(&disk, &store);
    let revoked = revoke(&store, 1);
    assert!(matches!(revoked, Err(Fault::Unavailable(_))), "{revoked:?}");
    empty(&disk);
    assert!(revoke(&store, 1).unwrap());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how soon a server recovers is what this test is about")]
fn with_ballast_revocations_go_on_and_new_tokens_wait_for_room() {
    let Some(disk) = small_disk("disk_full::with_ballast_revocations_go_on_and_new_tokens_wait_for_room")
    else {
        return;
    };
    let (database, store) = open(&disk, Some(1 << 20));
    let _reader = full_to_the_last_page(&disk, &store);
    for number in 0..50 {
        assert!(revoke(&store, number).unwrap(), "{number}");
        assert!(matches!(insert_token(&store, 2000), Err(Fault::Unavailable(_))), "no token without room");
        write(&store, move |tx| tx.insert_revoked_jwt(&revoked_jwt(number)));
    }
    assert!(database.counters().is_short_of_space());

    empty(&disk);
    let since = Instant::now();
    while insert_token(&store, 2000).is_err() {
        assert!(since.elapsed() < Duration::from_secs(5), "room is back, and nobody noticed");
        std::thread::yield_now();
    }
    assert!(!database.counters().is_short_of_space());
    assert_eq!(fs::metadata(disk.join("test.db.ballast")).unwrap().len(), 1 << 20, "ready for the next time");
    drop((store, database));
    let (_database, store) = open(&disk, None);
    for number in 0..50 {
        let token = read(&store, move |tx| tx.opaque_token(&digest(number))).unwrap();
        assert_eq!(token.revoked_at, Some(START));
    }
}

#[test]
fn on_the_ballast_people_are_signed_out_and_nobody_signs_in() {
    let Some(disk) = small_disk("disk_full::on_the_ballast_people_are_signed_out_and_nobody_signs_in") else {
        return;
    };
    let (_database, store) = open(&disk, Some(1 << 20));
    write(&store, |tx| {
        tx.insert_session(&session(1, id(2)))?;
        tx.insert_code(&code(1))?;
        tx.insert_attempts(&attempts(1))?;
        (1..=3).try_for_each(|number| tx.insert_family(&family(number)))
    });
    let _reader = full_to_the_last_page(&disk, &store);

    assert!(write(&store, |tx| tx.use_code(&digest(1), START)), "a replay must be seen as one");
    assert!(write(&store, |tx| tx.revoke_family(id(1), START)));
    assert!(write(&store, |tx| tx.end_session(id(1), START)));
    assert_eq!(write(&store, |tx| tx.revoke_families_of_session(id(3), START)).len(), 2);
    write(&store, |tx| tx.insert_event(&sealed(&event(1))));
    assert!(
        write(&store, |tx| tx.update_attempts(&attempts(1), &AccountAttempts { count: 2, ..attempts(1) }))
    );

    let spent: [Job; 6] = [
        spend(|tx| tx.insert_session(&session(9, id(2)))),
        spend(|tx| tx.insert_attempts(&attempts(9))),
        spend(|tx| tx.insert_interaction(&interaction(9))),
        spend(|tx| tx.insert_code(&code(9))),
        spend(|tx| tx.insert_family(&family(9))),
        spend(|tx| tx.insert_refresh_token(&refresh_token(9))),
    ];
    for (which, job) in spent.into_iter().enumerate() {
        let refused = block_on(store.run(Mode::Write, job));
        assert!(matches!(refused, Err(Fault::Unavailable(_))), "{which}: {refused:?}");
    }
}

fn spend(mut insert: impl FnMut(&mut dyn Tx) -> Result<(), Fault> + Send + 'static) -> Job {
    Box::new(move |tx: &mut dyn Tx| insert(tx).map(|()| Verdict::Commit))
}
