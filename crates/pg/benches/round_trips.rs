//! What one operation costs: a point read, an insert, a small transaction. With the feature `libpq`, diesel's own connection
//! takes turns with ours, so that both meet the same moods of the machine.
//!
//! `DOORWARD_TEST_DATABASE_URL=… cargo bench -p doorward-pg --features libpq`

use std::env;
use std::time::{Duration, Instant};

use diesel::connection::LoadConnection;
use diesel::pg::Pg;
use diesel::prelude::*;

use schema::round_trips;

mod schema {
    diesel::table! {
        round_trips (id) {
            id -> BigInt,
            name -> Text,
            seen -> Nullable<BigInt>,
            data -> Binary,
        }
    }
}

const ROWS: i64 = 10_000;
const OPERATIONS: i64 = 2_000;
const ROUNDS: i64 = 10;

/// One operation, and the number that makes it differ from the others.
type Operation<C> = fn(&mut C, i64);

fn main() {
    let Ok(url) = env::var("DOORWARD_TEST_DATABASE_URL") else {
        return println!("skipped: needs PostgreSQL (DOORWARD_TEST_DATABASE_URL)");
    };
    let mut ours =
        doorward_pg::PgConnection::establish(&url).expect("the database that the environment names");
    prepare(&mut ours);
    #[cfg(feature = "libpq")]
    let mut libpq =
        diesel::pg::PgConnection::establish(&url).expect("the database that the environment names");
    for (place, name) in
        ["point read", "insert", "transaction of read, update, insert"].into_iter().enumerate()
    {
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS {
            let first = ROWS * (place as i64 + 1) * 100 + round * OPERATIONS * 2;
            times[0].push(timed(&mut ours, operations()[place], first));
            #[cfg(feature = "libpq")]
            times[1].push(timed(&mut libpq, operations()[place], first + OPERATIONS));
        }
        for (who, times) in
            ["ours", "libpq"].into_iter().zip(&mut times).filter(|(_, times)| !times.is_empty())
        {
            times.sort();
            let each = |time: Duration| time.as_secs_f64() * 1e6 / OPERATIONS as f64;
            println!(
                "{name}: {who}: median {:.1} µs, best {:.1} µs",
                each(times[times.len() / 2]),
                each(times[0])
            );
        }
    }
    say(&mut ours, "DROP TABLE round_trips");
}

fn prepare(connection: &mut doorward_pg::PgConnection) {
    say(connection, "DROP TABLE IF EXISTS round_trips");
    say(
        connection,
        "CREATE TABLE round_trips (id bigint PRIMARY KEY, name text NOT NULL, seen bigint, data bytea NOT NULL)",
    );
    say(
        connection,
        "INSERT INTO round_trips SELECT n, 'row ' || n, n, decode(repeat('ab', 64), 'hex') FROM generate_series(0, 9999) n",
    );
    say(connection, "ANALYZE round_trips");
}

#[expect(clippy::disallowed_methods, reason = "the benchmark's own table")]
fn say(connection: &mut doorward_pg::PgConnection, sql: &str) {
    use diesel::connection::SimpleConnection as _;
    connection.batch_execute(sql).expect("the benchmark's own statements");
}

fn operations<C: Connection<Backend = Pg> + LoadConnection>() -> [Operation<C>; 3] {
    [read, insert, transact]
}

#[expect(clippy::disallowed_methods, reason = "this is a measurement")]
fn timed<C>(connection: &mut C, operation: Operation<C>, first: i64) -> Duration {
    let begun = Instant::now();
    for number in first..first + OPERATIONS {
        operation(connection, number);
    }
    begun.elapsed()
}

fn read<C: Connection<Backend = Pg> + LoadConnection>(connection: &mut C, number: i64) {
    let row = round_trips::table.find(number * 7919 % ROWS);
    row.first::<(i64, String, Option<i64>, Vec<u8>)>(connection).expect("a row");
}

fn insert<C: Connection<Backend = Pg> + LoadConnection>(connection: &mut C, number: i64) {
    use round_trips::{data, id, name, seen};
    let values = (id.eq(number), name.eq("new"), seen.eq(Some(number)), data.eq(&[7_u8; 64][..]));
    diesel::insert_into(round_trips::table).values(values).execute(connection).expect("inserted");
}

fn transact<C: Connection<Backend = Pg> + LoadConnection>(connection: &mut C, number: i64) {
    let done = connection.transaction(|connection| {
        read(connection, number);
        let row = round_trips::table.find(number * 7919 % ROWS);
        diesel::update(row).set(round_trips::seen.eq(number)).execute(connection)?;
        insert(connection, number);
        Ok::<_, diesel::result::Error>(())
    });
    done.expect("committed");
}
