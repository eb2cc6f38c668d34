//! Transactions, nested ones, and how they end when something fails inside.

use std::sync::{Arc, Barrier};
use std::thread;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind as Kind, Error};

use crate::database::{Database, database, kind, say};
use crate::either::{Either, depth, on_either};

on_either! {
    an_inner_transaction_can_fail_alone
    a_failed_statement_leaves_only_the_way_back
    a_commit_that_fails_ends_the_transaction
    a_transaction_that_sql_ended_is_over
    writers_in_each_others_way_are_told
    a_deadlock_is_resolved
    two_transactions_do_not_see_each_other
}

diesel::table! {
    t (id) {
        id -> BigInt,
        n -> BigInt,
    }
}

const TABLE: &str =
    "CREATE TABLE t (id bigint PRIMARY KEY, n bigint NOT NULL); INSERT INTO t VALUES (1, 0), (2, 0)";

fn insert<C: Either>(connection: &mut C, id: i64) -> QueryResult<usize> {
    diesel::insert_into(t::table).values((t::id.eq(id), t::n.eq(0))).execute(connection)
}

fn add<C: Either>(connection: &mut C, id: i64) -> QueryResult<usize> {
    diesel::update(t::table.find(id)).set(t::n.eq(t::n + 1)).execute(connection)
}

fn ids<C: Either>(connection: &mut C) -> Vec<i64> {
    t::table.select(t::id).order(t::id).load(connection).expect("ids")
}

fn an_inner_transaction_can_fail_alone<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, TABLE);
    let outcome = connection.transaction(|outer| {
        insert(outer, 3)?;
        let inner = outer.transaction(|inner| {
            insert(inner, 4)?;
            assert_eq!(depth(inner), Some(2));
            insert(inner, 1)
        });
        assert!(matches!(kind(inner), Kind::UniqueViolation));
        assert_eq!(depth(outer), Some(1));
        let undone = outer.transaction(|inner| {
            insert(inner, 5)?;
            Err::<(), _>(Error::RollbackTransaction)
        });
        assert_eq!(undone, Err(Error::RollbackTransaction));
        outer.transaction(|inner| insert(inner, 6))
    });
    assert_eq!(outcome, Ok(1));
    assert_eq!(depth(&mut connection), Some(0));
    assert_eq!(ids(&mut connection), [1, 2, 3, 6]);
}

fn a_failed_statement_leaves_only_the_way_back<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, TABLE);
    let outcome = connection.transaction(|connection| {
        assert!(insert(connection, 1).is_err());
        assert_eq!(depth(connection), Some(1));
        // 25P02: the server takes nothing more.
        assert!(matches!(kind(insert(connection, 7)), Kind::Unknown));
        assert!(connection.transaction(|connection| insert(connection, 8)).is_err());
        assert_eq!(depth(connection), Some(1));
        Err::<(), _>(Error::RollbackTransaction)
    });
    assert_eq!(outcome, Err(Error::RollbackTransaction));
    assert_eq!(depth(&mut connection), Some(0));
    assert_eq!(ids(&mut connection), [1, 2]);
}

fn a_commit_that_fails_ends_the_transaction<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, TABLE);
    say(
        &mut connection,
        "ALTER TABLE t ADD CONSTRAINT later FOREIGN KEY (n) REFERENCES t DEFERRABLE INITIALLY DEFERRED NOT VALID",
    );
    let outcome = connection.transaction(|connection| insert(connection, 3));
    assert!(matches!(kind(outcome), Kind::ForeignKeyViolation));
    assert_eq!(depth(&mut connection), Some(0));
    assert_eq!(ids(&mut connection), [1, 2]);
    let nested = connection.transaction(|outer| {
        let inner = outer.transaction(|inner| insert(inner, 3));
        assert_eq!(inner, Ok(1), "a savepoint does not check what is deferred");
        outer.batch_execute("SET CONSTRAINTS ALL IMMEDIATE")
    });
    assert!(matches!(kind(nested), Kind::ForeignKeyViolation));
    assert_eq!((depth(&mut connection), ids(&mut connection)), (Some(0), vec![1, 2]));
}

fn a_transaction_that_sql_ended_is_over<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, TABLE);
    AnsiTransactionManager::begin_transaction(&mut connection).expect("begun");
    insert(&mut connection, 3).expect("inserted");
    say(&mut connection, "COMMIT");
    assert_eq!(depth(&mut connection), Some(0), "the server's word counts");
    let again = AnsiTransactionManager::commit_transaction(&mut connection);
    assert!(matches!(again, Err(Error::NotInTransaction)));
    assert_eq!(ids(&mut connection), [1, 2, 3]);
    assert_eq!(connection.transaction(|connection| insert(connection, 4)), Ok(1));
}

/// Two connections that read each other's row and write their own: the second cannot have come after the first.
fn writers_in_each_others_way_are_told<C: Either>() {
    let Some(database) = database() else { return };
    let (mut one, mut two) = (database.connect::<C>(), database.connect::<C>());
    say(&mut one, TABLE);
    for connection in [&mut one, &mut two] {
        AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN ISOLATION LEVEL SERIALIZABLE")
            .expect("begun");
        assert_eq!(ids(connection), [1, 2]);
    }
    assert_eq!((add(&mut one, 1), add(&mut two, 2)), (Ok(1), Ok(1)));
    AnsiTransactionManager::commit_transaction(&mut one).expect("the first may");
    let outcome = AnsiTransactionManager::commit_transaction(&mut two);
    assert!(matches!(kind(outcome), Kind::SerializationFailure));
    assert_eq!((depth(&mut one), depth(&mut two)), (Some(0), Some(0)));

    let outcome = two.transaction(|two| {
        say(two, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        assert_eq!(ids(two), [1, 2]);
        assert_eq!(add(&mut one, 1), Ok(1));
        add(two, 1)
    });
    assert!(matches!(kind(outcome), Kind::SerializationFailure));
    assert_eq!(depth(&mut two), Some(0));
    assert_eq!(t::table.select(t::n).order(t::id).load(&mut two), Ok(vec![2_i64, 0]));
}

fn a_deadlock_is_resolved<C: Either>() {
    let Some(database) = database() else { return };
    let mut first = database.connect::<C>();
    say(&mut first, TABLE);
    let both_hold_one = Arc::new(Barrier::new(2));
    let cross = |mut connection: C, ids: [i64; 2]| {
        let both_hold_one = Arc::clone(&both_hold_one);
        thread::spawn(move || {
            let outcome = connection.transaction(|connection| {
                say(connection, "SET LOCAL deadlock_timeout = '50ms'");
                add(connection, ids[0])?;
                both_hold_one.wait();
                add(connection, ids[1])
            });
            (outcome, depth(&mut connection))
        })
    };
    let threads = [cross(first, [1, 2]), cross(database.connect(), [2, 1])];
    let outcomes = threads.map(|thread| thread.join().expect("no panic"));
    assert!(outcomes.iter().all(|(_, depth)| *depth == Some(0)));
    let [lost] = &outcomes.iter().filter_map(|(outcome, _)| outcome.as_ref().err()).collect::<Vec<_>>()[..]
    else {
        panic!("one of the two has to give way: {outcomes:?}");
    };
    assert!(
        matches!(lost, Error::DatabaseError(Kind::Unknown, told) if told.message() == "deadlock detected")
    );
}

fn two_transactions_do_not_see_each_other<C: Either>() {
    let Some(database) = database() else { return };
    let (mut one, mut two) = pair::<C>(&database);
    one.transaction(|one| {
        insert(one, 3)?;
        assert_eq!(ids(&mut two), [1, 2]);
        Ok::<_, Error>(())
    })
    .expect("committed");
    assert_eq!(ids(&mut two), [1, 2, 3]);
}

fn pair<C: Either>(database: &Database) -> (C, C) {
    let mut one = database.connect::<C>();
    say(&mut one, TABLE);
    (one, database.connect())
}
