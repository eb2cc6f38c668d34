//! What goes by itself, and when: each kind of row on the day it is due, and not a second before.

use crate::house::House;
use doorward_core::clock::Clock;
use doorward_core::identity::session::Session;
use doorward_core::identity::{attempts, session};
use doorward_core::lease::{SWEEPS, TERM};
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::ticket::code::Code;
use doorward_core::ticket::{code, interaction, setup_link};
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::authorizations as records;
use doorward_testkit::builders::credentials;
use doorward_testkit::builders::people;
use doorward_testkit::builders::{digest, id};
use doorward_testkit::frozen_clock::START;

const GRACE: Lifetime = Lifetime::minutes(10);

/// Inserts a row now, and sweeps a second before and after it is due.
fn lasts(
    lifetime: Lifetime,
    insert: impl FnMut(&mut dyn Tx) -> Result<(), Fault> + Send + 'static,
    is_there: impl FnMut(&mut dyn Tx) -> Result<bool, Fault> + Clone + Send + 'static,
) {
    let house = House::default();
    // Where the records begin.
    house.advance(START - house.clock.now());
    let (store, mut insert) = (house.server.cache().store(), insert);
    block_on(store.write(move |tx| insert(tx).map_err(Stop::<()>::Fault))).unwrap().unwrap();
    let sweep = || {
        block_on(doorward_core::sweep::sweep(&house.server.context())).unwrap();
        block_on(store.read(is_there.clone())).unwrap()
    };
    house.advance(lifetime);
    assert!(sweep(), "swept too early");
    house.advance(Lifetime(1));
    assert!(!sweep(), "still there");
}

fn and(one: Lifetime, other: Lifetime) -> Lifetime {
    Lifetime(one.0 + other.0)
}

/// RFC 6749 §4.1.2: a code that was used is known for ten minutes more, so that a replay revokes what came of it.
#[test]
fn a_code_is_known_ten_minutes_past_its_end() {
    lasts(
        and(code::LIFETIME, GRACE),
        |tx| tx.insert_code(&Code { used_at: Some(START), ..records::code(1) }),
        |tx| Ok(tx.code(&digest(1))?.is_some()),
    );
}

/// A session lasts as long as it could be used.
#[test]
fn a_session_goes_after_its_absolute_end() {
    lasts(
        and(session::ABSOLUTE, GRACE),
        |tx| tx.insert_session(&Session { ended_at: Some(START), ..people::session(1, id(2)) }),
        |tx| Ok(tx.session(id(1))?.is_some()),
    );
}

/// Attempts count for as long as they are added up.
#[test]
fn attempts_are_forgotten_when_their_window_is_over() {
    lasts(
        attempts::WINDOW,
        |tx| tx.insert_attempts(&people::attempts(1)),
        |tx| Ok(tx.attempts(&digest(1))?.is_some()),
    );
}

/// A link says for a while that it is too late.
#[test]
fn a_setup_link_goes_after_its_end() {
    lasts(
        and(setup_link::LIFETIME, GRACE),
        |tx| {
            tx.insert_user(&people::user(2))?;
            tx.insert_setup_link(&people::setup_link(1, id(2)))
        },
        |tx| Ok(tx.setup_link(&digest(1))?.is_some()),
    );
}

/// A page says for a while that it is too late.
#[test]
fn an_interaction_goes_after_its_end() {
    lasts(
        and(interaction::LIFETIME, GRACE),
        |tx| tx.insert_interaction(&records::interaction(1)),
        |tx| Ok(tx.interaction(&digest(1))?.is_some()),
    );
}

/// A refresh token that has ended may go: nothing follows from it any more.
#[test]
fn a_refresh_token_goes_after_its_end() {
    let token = records::refresh_token(1);
    lasts(
        and(token.expires_at - token.issued_at, GRACE),
        |tx| tx.insert_refresh_token(&records::refresh_token(1)),
        |tx| Ok(tx.refresh_token(&digest(1))?.is_some()),
    );
}

/// A revocation outlives every access token that it voids, and a clock that is set right.
#[test]
fn a_family_goes_two_days_after_its_end() {
    let family = records::family(1);
    lasts(
        and(family.expires_at - family.created_at, Lifetime::days(2)),
        |tx| {
            tx.insert_family(&records::family(1))?;
            tx.revoke_family(id(1), START).map(drop)
        },
        |tx| Ok(tx.revoked_family(id(1))?.is_some()),
    );
}

/// Of several nodes one sweeps, until it is gone; a clock that was years ahead when it took the work keeps nobody from it.
#[test]
fn a_lease_is_anothers_while_it_lasts_and_no_longer_than_a_lease_can() {
    let house = House::default();
    let take = |node| block_on(SWEEPS.take(id(node), &house.server.context())).unwrap();
    assert_eq!((take(1), take(2), take(1)), (true, false, true));
    house.advance(TERM);
    assert_eq!((take(2), take(1)), (true, false));

    house.advance(Lifetime::days(3_650));
    assert!(take(1));
    house.advance(Lifetime(-Lifetime::days(3_650).0));
    assert!(take(2), "the clock has been set right");
}

/// A key of a change may be sent again for an hour.
#[test]
fn an_idempotency_key_is_forgotten_after_an_hour() {
    lasts(
        Lifetime::minutes(60),
        |tx| tx.insert_idempotency_key(&credentials::idempotency_key(1)),
        |tx| Ok(tx.idempotency_key(&digest(1))?.is_some()),
    );
}

/// Whoever had an API token can see for ninety days what became of it; then its last use goes, too.
#[test]
fn an_api_token_goes_ninety_days_after_its_end() {
    lasts(
        and(Lifetime::days(180), Lifetime::days(90)),
        |tx| {
            tx.insert_api_token(&credentials::api_token(1))?;
            tx.record_uses(&[credentials::last_use(id(1))])
        },
        |tx| Ok(tx.api_token(id(1))?.is_some() || tx.last_use(id(1))?.is_some()),
    );
}

/// The same from when it was taken back.
#[test]
fn an_api_token_goes_ninety_days_after_it_was_revoked() {
    lasts(
        Lifetime::days(90),
        |tx| {
            tx.insert_api_token(&credentials::api_token(1))?;
            tx.revoke_api_token(id(1), "revoked", START).map(drop)
        },
        |tx| Ok(tx.api_token(id(1))?.is_some()),
    );
}
