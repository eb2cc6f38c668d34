//! Many at once.

use super::ask::{read, write};
use crate::builders::authorizations::{code, consent, family, interaction};
use crate::builders::people::{setup_link, user};
use crate::builders::{digest, id, opaque_token};
use crate::frozen_clock::START;
use doorward_core::access::consent::Consent;
use doorward_core::store::Store;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Tx;
use doorward_core::token::family::Family;
use std::sync::{Arc, Barrier};
use std::thread;

const THREADS: u32 = 16;
const ROUNDS: u32 = 20;

/// How many of those that try the same at once are told that it was they who did it.
fn winners(
    store: &Arc<dyn Store>,
    attempt: impl Fn(&mut dyn Tx) -> Result<bool, Fault> + Copy + Send + Sync + 'static,
) -> usize {
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        let race = || {
            start.wait();
            write(store, attempt)
        };
        let racers: Vec<_> = (0..THREADS).map(|_| scope.spawn(race)).collect();
        racers.into_iter().map(|racer| racer.join().expect("no panic")).filter(|won| *won).count()
    })
}

/// A guarded update touches its row once, however many try.
pub fn a_token_is_revoked_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        write(store, move |tx| tx.insert_opaque_token(&opaque_token(round).build()));
        let wins = winners(store, move |tx| tx.revoke_opaque_token(&digest(round), START));
        assert_eq!(wins, 1, "round {round}");
    }
}

/// RFC 6749 §4.1.2: a code is redeemed once, however many present it at once.
pub fn a_code_is_used_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        write(store, move |tx| tx.insert_code(&code(round)));
        let wins = winners(store, move |tx| tx.use_code(&digest(round), START));
        assert_eq!(wins, 1, "round {round}");
    }
}

/// A link sets one password, however many open it at once.
pub fn a_setup_link_is_used_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_user(&user(1)));
    for round in 0..ROUNDS {
        write(store, move |tx| tx.insert_setup_link(&setup_link(round, id(1))));
        let wins = winners(store, move |tx| tx.use_setup_link(&digest(round), START));
        assert_eq!(wins, 1, "round {round}");
    }
}

/// A page that is posted twice at once is answered once.
pub fn an_interaction_is_ended_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        write(store, move |tx| tx.insert_interaction(&interaction(round)));
        let wins = winners(store, move |tx| tx.delete_interaction(&digest(round)));
        assert_eq!(wins, 1, "round {round}");
    }
}

/// RFC 9700 §4.14.2: a refresh token has one successor, however many refresh with it at once.
pub fn a_family_rotates_once_from_each_number(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_family(&family(1)));
    for round in 0..ROUNDS {
        let newest = i64::from(round) + 1;
        let wins = winners(store, move |tx| tx.rotate_family(id(1), newest, START));
        assert_eq!(wins, 1, "round {round}");
    }
    let newest = read(store, |tx| tx.family(id(1))).expect("it is there").newest;
    assert_eq!(newest, i64::from(ROUNDS) + 1);
}

/// Whoever issues on a consent holds it: what is there when it is taken back is all there will ever be on it.
pub fn nothing_is_issued_on_a_consent_after_it_was_taken_back(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_user(&user(2)));
    for round in 0..ROUNDS {
        let given = Consent { client: id(round), ..consent(1000 + round) };
        let consent = given.id;
        write(store, move |tx| tx.insert_consent(&given));
        let start = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            for thread in 1..THREADS {
                let issued =
                    Family { consent: Some((consent, 0)), ..family(10_000 + round * THREADS + thread) };
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    write(store, move |tx| {
                        if tx.hold_consent(consent, 0)? { tx.insert_family(&issued) } else { Ok(()) }
                    });
                });
            }
            start.wait();
            write(store, move |tx| {
                tx.revoke_consent(consent, START)?;
                tx.revoke_families_of_consent(consent, START)
            });
        });
        let left = write(store, move |tx| tx.revoke_families_of_consent(consent, START));
        assert_eq!(left, [], "round {round}");
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
