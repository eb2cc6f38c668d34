//! What a question and a change cost: prints microseconds and operations a second. Run with
//! `cargo bench -p doorward-storage`; figures of a debug build mean nothing.

use diesel::prelude::*;
use doorward_core::store::{Mode, Store, Verdict};
use doorward_storage::database::{Database, Options};
use doorward_storage::url::DatabaseUrl;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::{client, client_secret, digest, id, opaque_token};
use doorward_testkit::store_suite::ask::{read, write};
use schema::opaque_tokens;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const TOKENS: u32 = 20_000;
const READS: u32 = 200_000;
const WRITES: u32 = 4_000;

fn main() {
    let folder = tempfile::tempdir_in(".").expect("the current folder can be written");
    let database = Database::open(&DatabaseUrl::sqlite(folder.path().join("bench.db")), Options::default());
    let store: Arc<dyn Store> = database.expect("the database opens");
    write(&store, |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(1, id(1)))?;
        (0..TOKENS)
            .try_for_each(|number| tx.insert_opaque_token(&opaque_token(number).with_api(id(2)).build()))
    });
    bare_read(&folder.path().join("bench.db"));
    reads(&store);
    for writers in [1, 8, 32] {
        writes(&store, writers);
    }
}

mod schema {
    diesel::table! {
        opaque_tokens (digest) {
            digest -> Binary,
            pepper -> Integer,
            jti -> Text,
            client -> Text,
            client_generation -> BigInt,
            api -> Nullable<Text>,
            scope -> Text,
            issued_at -> BigInt,
            expires_at -> BigInt,
            revoked_at -> Nullable<BigInt>,
        }
    }
}

type Bare = (Vec<u8>, i32, String, String, i64, Option<String>, String, i64, i64, Option<i64>);

/// The same row without anything of ours, for comparison.
fn bare_read(path: &Path) {
    let path = path.to_str().expect("the current folder has a name in Unicode");
    let mut connection = SqliteConnection::establish(path).expect("the database opens");
    let took = timed(|| {
        for number in 0..READS {
            let digest = digest(number.wrapping_mul(7919) % TOKENS);
            let row = opaque_tokens::table.find(digest.0.as_slice()).get_result::<Bare>(&mut connection);
            black_box(row.expect("it was inserted"));
        }
    });
    print("opaque token by digest, diesel alone", took, READS);
}

fn reads(store: &Arc<dyn Store>) {
    let took = timed(|| {
        for number in 0..READS {
            let digest = digest(number.wrapping_mul(7919) % TOKENS);
            black_box(read(store, move |tx| tx.opaque_token(&digest)));
        }
    });
    print("opaque token by digest", took, READS);
    let took = timed(|| (0..READS).for_each(|_| drop(black_box(read(store, |tx| tx.client(id(1)))))));
    print("client with its secret by id", took, READS);
    let took = timed(|| (0..READS).for_each(|_| _ = black_box(read(store, |tx| tx.last_revision()))));
    print("last revision", took, READS);
    let took = timed(|| {
        thread::scope(|scope| {
            for start in 0..2 {
                scope.spawn(move || {
                    for number in 0..READS {
                        let digest = digest((number + start).wrapping_mul(7919) % TOKENS);
                        black_box(read(store, move |tx| tx.opaque_token(&digest)));
                    }
                });
            }
        });
    });
    print("opaque token by digest, two threads at once, each", took, READS);
}

fn writes(store: &Arc<dyn Store>, writers: u32) {
    let base = TOKENS + 100_000 * writers;
    let took = timed(|| {
        thread::scope(|scope| {
            for writer in 0..writers {
                scope.spawn(move || {
                    let share = WRITES / writers;
                    (0..share).for_each(|number| insert(store, base + writer * share + number));
                });
            }
        });
    });
    print(&format!("durable token, {writers} writers"), took, WRITES);
}

fn insert(store: &Arc<dyn Store>, number: u32) {
    let token = opaque_token(number).build();
    let job = Box::new(move |tx: &mut dyn doorward_core::store::tx::Tx| {
        tx.insert_opaque_token(&token).map(|()| Verdict::Commit)
    });
    block_on(store.run(Mode::Write, job)).expect("the token is recorded");
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn print(what: &str, took: Duration, count: u32) {
    let each = took.as_secs_f64() * 1e6 / f64::from(count);
    println!("{what:<52} {each:>9.2} µs {:>10.0}/s", 1e6 / each);
}
