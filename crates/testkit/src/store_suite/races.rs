//! Many at once.

use super::ask::{read, try_write, write};
use crate::builders::authorizations::{code, consent, family, interaction};
use crate::builders::credentials::{api_token, idempotency_key, last_use, previous_value};
use crate::builders::people::{attempts, setup_link, user};
use crate::builders::{api, client, digest, id, opaque_token};
use crate::frozen_clock::START;
use doorward_core::access::api::Api;
use doorward_core::access::consent::Consent;
use doorward_core::client::Client;
use doorward_core::identity::attempts::AccountAttempts;
use doorward_core::identity::user::User;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Tx;
use doorward_core::store::{Revision, Store};
use doorward_core::token::api_token::{ApiToken, PreviousValue, Value};
use doorward_core::token::family::Family;
use doorward_core::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Lifetime;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

pub(super) const THREADS: u32 = 16;
pub(super) const ROUNDS: u32 = 20;

/// How many of those that try the same at once are told that it was they who did it.
pub(super) fn winners(
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

/// Of many who take a token back one has done it.
pub fn an_api_token_is_revoked_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        write(store, move |tx| tx.insert_api_token(&api_token(round)));
        let wins = winners(store, move |tx| tx.revoke_api_token(id(round), "revoked", START));
        assert_eq!(wins, 1, "round {round}");
    }
}

/// Whoever changes a token while it is being taken back does not bring it to life again.
pub fn an_api_token_that_is_revoked_stays_so_whoever_changes_it(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        write(store, move |tx| tx.insert_api_token(&api_token(round)));
        let start = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            for thread in 1..THREADS {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    let value = digest(1_000 + round * THREADS + thread);
                    write(store, move |tx| regenerate(id(round), value, tx));
                });
            }
            start.wait();
            assert!(write(store, move |tx| tx.revoke_api_token(id(round), "revoked", START)));
        });
        let token = read(store, move |tx| tx.api_token(id(round))).expect("it is there");
        assert_eq!(token.revoked_at, Some(START), "round {round}");
    }
}

/// Gives a token another value, as whoever regenerates it does.
fn regenerate(token: Id, value: Digest, tx: &mut dyn Tx) -> Result<bool, Fault> {
    if !tx.hold_api_token(token)? {
        return Ok(false);
    }
    let Some(token) = tx.api_token(token)? else { return Ok(false) };
    let previous = PreviousValue { digest: token.digest, ..previous_value(0) };
    tx.update_api_token(&ApiToken { digest: value, previous: Some(previous), ..token })
}

/// However many regenerate a token at once, one value is its own at last, one the former, and all others are nobody's.
pub fn an_api_token_that_many_regenerate_has_one_value(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_api_token(&api_token(1)));
    let value = |round: u32, thread: u32| digest(1_000 + round * THREADS + thread);
    for round in 0..ROUNDS {
        let start = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    let value = value(round, thread);
                    assert!(write(store, move |tx| regenerate(id(1), value, tx)));
                });
            }
        });
        let found = |value| read(store, move |tx| tx.api_token_standing_of(&value));
        let values = (0..THREADS).map(|thread| value(round, thread));
        let values: Vec<_> =
            values.filter_map(|value| found(value).and_then(|token| token.value_of(&value))).collect();
        let count = |which| values.iter().filter(|value| **value == which).count();
        assert_eq!((count(Value::Current), count(Value::Previous)), (1, 1), "round {round}");
    }
}

/// A change that is sent many times at once under one key is made once.
pub fn a_key_is_taken_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        let start = Barrier::new(THREADS as usize);
        let taken: usize = thread::scope(|scope| {
            let race = || {
                start.wait();
                match try_write(store, move |tx| tx.insert_idempotency_key(&idempotency_key(round))) {
                    Ok(()) => 1,
                    Err(Fault::Constraint { .. }) => 0,
                    Err(fault) => panic!("round {round}: {fault}"),
                }
            };
            let racers: Vec<_> = (0..THREADS).map(|_| scope.spawn(race)).collect();
            racers.into_iter().map(|racer| racer.join().expect("no panic")).sum()
        });
        assert_eq!(taken, 1, "round {round}");
    }
}

/// Many nodes record uses of the same credentials at once, the first ones, too: nobody fails, and the latest stays.
pub fn last_uses_that_many_record_end_with_the_latest(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        let credentials = [1, 2, 3].map(|number| 10 * round + number);
        write(store, move |tx| {
            credentials.into_iter().try_for_each(|number| tx.insert_api_token(&api_token(number)))
        });
        let start = Barrier::new(THREADS as usize);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let start = &start;
                scope.spawn(move || {
                    let used_at = START + Lifetime(i64::from(thread));
                    let mut uses = credentials.map(|number| LastUse { used_at, ..last_use(id(number)) });
                    uses.rotate_left(thread as usize % 3);
                    start.wait();
                    write(store, move |tx| tx.record_uses(&uses));
                });
            }
        });
        for number in credentials {
            let last = read(store, move |tx| tx.last_use(id(number))).expect("it was used");
            assert_eq!(last.used_at, START + Lifetime(i64::from(THREADS - 1)), "round {round}");
        }
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

/// A record that was read to be changed is held: no change is made on what another has replaced by then.
pub fn a_held_record_is_changed_by_one_at_a_time(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_user(&user(1))?;
        tx.insert_client(&client(1).build())?;
        tx.insert_api(&api(1).build())
    });
    for _ in 0..ROUNDS {
        let all = winners(store, |tx| {
            assert!(tx.hold_user(id(1))? && tx.hold_client(id(1))? && tx.hold_api(id(1))?);
            let user = tx.user(id(1))?.expect("it is held");
            tx.update_user(&User { generation: user.generation + 1, ..user })?;
            let client = tx.client(id(1))?.expect("it is held").client;
            tx.update_client(&Client { generation: client.generation + 1, ..client })?;
            let api = tx.api(id(1))?.expect("it is held");
            tx.update_api(&Api { updated_at: api.updated_at + Lifetime(1), ..api })
        });
        assert_eq!(all, THREADS as usize);
    }
    let changes = i64::from(ROUNDS * THREADS);
    assert_eq!(read(store, |tx| tx.user(id(1))).expect("it is there").generation, changes);
    assert_eq!(read(store, |tx| tx.client(id(1))).expect("it is there").client.generation, changes);
    assert_eq!(read(store, |tx| tx.api(id(1))).expect("it is there").updated_at, START + Lifetime(changes));
    assert!(!write(store, |tx| Ok(tx.hold_user(id(2))? || tx.hold_client(id(2))? || tx.hold_api(id(2))?)));
}

/// What is not there may be there a moment later: whoever would write it, too, looks once more.
pub fn whoever_comes_second_finds_what_the_first_has_written(store: &Arc<dyn Store>) {
    for name in (0..ROUNDS).map(|round| round.to_string()) {
        let first = move |tx: &mut dyn Tx| match tx.setting(&name)? {
            Some(_) => Ok(false),
            None => tx.insert_setting(&name, "1").map(|()| true),
        };
        let start = Barrier::new(THREADS as usize);
        let wins = thread::scope(|scope| {
            let racers: Vec<_> = (0..THREADS)
                .map(|_| {
                    let (first, start) = (first.clone(), &start);
                    scope.spawn(move || {
                        start.wait();
                        write(store, first)
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().expect("no panic")).filter(|won| *won).count()
        });
        assert_eq!(wins, 1);
    }
}

/// A closure that finds its row changed since it was read says so, and is run again on what is there now.
pub fn what_came_in_between_is_judged_once_more(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_attempts(&AccountAttempts { count: 0, ..attempts(1) }));
    for _ in 0..ROUNDS {
        let counted = winners(store, |tx| {
            let before = tx.attempts(&digest(1))?.expect("it is there");
            let more = AccountAttempts { count: before.count + 1, ..before };
            if tx.update_attempts(&before, &more)? { Ok(true) } else { Err(Fault::Raced) }
        });
        assert_eq!(counted, THREADS as usize);
    }
    let count = read(store, |tx| tx.attempts(&digest(1))).expect("it is there").count;
    assert_eq!(count, i64::from(ROUNDS * THREADS));
}

/// Whoever has read the feed up to a number has missed nothing: no smaller one appears later.
pub fn numbers_in_the_feed_follow_the_order_of_the_commits(store: &Arc<dyn Store>) {
    const EACH: u32 = 20;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let follower = scope.spawn(|| {
            let mut seen = Vec::new();
            loop {
                // Asked before the last look: what comes after it was there.
                let last = done.load(Ordering::SeqCst);
                let after = seen.last().copied().unwrap_or_default();
                let new = read(store, move |tx| tx.changes_after(after, 1000));
                seen.extend(new.into_iter().map(|change| change.revision));
                if last {
                    return seen;
                }
            }
        });
        thread::scope(|scope| {
            for thread in 0..THREADS {
                scope.spawn(move || {
                    for number in thread * EACH..(thread + 1) * EACH {
                        write(store, move |tx| {
                            tx.insert_client(&client(2 * number).build())?;
                            tx.insert_client(&client(2 * number + 1).build())
                        });
                    }
                });
            }
        });
        done.store(true, Ordering::SeqCst);
        let seen = follower.join().expect("no panic");
        let all: Vec<_> = (1..=i64::from(2 * EACH * THREADS)).map(Revision).collect();
        assert_eq!(seen, all, "each number once, in their order");
    });
}

/// Nodes that start together agree on who does the work.
pub fn a_lease_is_taken_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    let next = AtomicU32::new(1);
    for round in 0..ROUNDS {
        let (now, until) = (START + Lifetime(i64::from(round)), START + Lifetime(i64::from(round) + 1));
        let start = Barrier::new(THREADS as usize);
        let race = || {
            let holder = id(next.fetch_add(1, Ordering::Relaxed));
            start.wait();
            write(store, move |tx| tx.take_lease("work", holder, now, until))
        };
        let holders = thread::scope(|scope| {
            let racers: Vec<_> = (0..THREADS).map(|_| scope.spawn(race)).collect();
            racers.into_iter().map(|racer| racer.join().expect("no panic")).filter(|won| *won).count()
        });
        assert_eq!(holders, 1, "round {round}");
    }
}

/// A row that comes and goes while others look for it is nobody's mistake, however often they meet.
pub fn what_is_written_and_removed_at_once_ends_in_answers(store: &Arc<dyn Store>) {
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    write(store, |tx| match tx.attempts(&digest(1))? {
                        None => tx.insert_attempts(&attempts(1)).map_err(Fault::into_race),
                        Some(_) => tx.delete_attempts(&digest(1)).map(drop),
                    });
                }
            });
        }
    });
}
