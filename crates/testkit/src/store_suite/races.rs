//! Many at once.

use super::ask::{read, write};
use crate::builders::{digest, id, opaque_token};
use crate::frozen_clock::START;
use doorward_core::store::Store;
use std::sync::{Arc, Barrier};
use std::thread;

const THREADS: u32 = 16;
const ROUNDS: u32 = 20;

/// A guarded update touches its row once, however many try: what codes and refresh tokens will rest on.
pub fn a_token_is_revoked_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        write(store, move |tx| tx.insert_opaque_token(&opaque_token(round).build()));
        let start = Barrier::new(THREADS as usize);
        let wins = thread::scope(|scope| {
            let race = || {
                start.wait();
                write(store, move |tx| tx.revoke_opaque_token(&digest(round), START))
            };
            let racers: Vec<_> = (0..THREADS).map(|_| scope.spawn(race)).collect();
            racers.into_iter().map(|racer| racer.join().expect("no panic")).filter(|won| *won).count()
        });
        assert_eq!(wins, 1, "round {round}");
    }
}

/// What was answered is there, from however many threads it came.
pub fn many_writers_lose_nothing(store: &Arc<dyn Store>) {
    const EACH: u32 = 25;
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for number in thread * EACH..(thread + 1) * EACH {
                    write(store, move |tx| {
                        tx.insert_opaque_token(&opaque_token(number).with_api(id(number)).build())
                    });
                    assert!(read(store, move |tx| tx.opaque_token(&digest(number))).is_some(), "own write");
                }
            });
        }
    });
    for number in 0..THREADS * EACH {
        let token = read(store, move |tx| tx.opaque_token(&digest(number)));
        assert_eq!(token.expect("it was answered").api, Some(id(number)));
    }
}
