//! Opaque tokens and revoked JWTs.

use super::ask::{read, violation, write};
use crate::builders::authorizations::{code, interaction, refresh_token};
use crate::builders::credentials::{api_token, previous_value};
use crate::builders::people::{session, setup_link, user};
use crate::builders::{client, client_secret, digest, id, opaque_token, revoked_jwt};
use crate::frozen_clock::START;
use doorward_core::identity::session::Session;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::Store;
use doorward_core::ticket::code::Code;
use doorward_core::ticket::interaction::StoredInteraction;
use doorward_core::ticket::setup_link::SetupLink;
use doorward_core::token::RevokedJwt;
use doorward_core::token::api_token::{ApiToken, PreviousValue};
use doorward_core::token::family::RefreshToken;
use doorward_protocol::time::{Lifetime, Seconds};
use std::sync::Arc;

/// Every field survives.
pub fn an_opaque_token_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let odd = opaque_token(1).with_person(id(8), id(9)).with_api(id(7)).with_scope("a b:c");
    let mut odd = odd.with_pepper(3).build();
    (odd.client_generation, odd.revoked_at) = (i64::MAX, Some(START));
    (odd.issued_at, odd.expires_at) = (Seconds(-1), Seconds(i64::MAX));
    let plain = opaque_token(2).with_scope("").build();
    let both = [odd, plain];
    let inserted = both.clone();
    write(store, move |tx| inserted.iter().try_for_each(|token| tx.insert_opaque_token(token)));
    for token in both {
        assert_eq!(read(store, move |tx| tx.opaque_token(&token.digest)), Some(token));
    }
    assert_eq!(read(store, |tx| tx.opaque_token(&digest(3))), None);
}

/// A token text means one thing.
pub fn a_digest_belongs_to_one_token(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_opaque_token(&opaque_token(1).build()));
    let constraint = violation(store, |tx| tx.insert_opaque_token(&opaque_token(1).with_api(id(9)).build()));
    assert!(constraint.contains("opaque_tokens"), "{constraint}");
}

/// RFC 7009 §2.2: a token that was revoked already is no error, and its first revocation stands.
pub fn an_opaque_token_is_revoked_once(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_opaque_token(&opaque_token(1).build()));
    assert!(write(store, |tx| tx.revoke_opaque_token(&digest(1), START)));
    assert!(!write(store, |tx| tx.revoke_opaque_token(&digest(1), START + Lifetime(1))));
    assert!(!write(store, |tx| tx.revoke_opaque_token(&digest(2), START)));
    assert_eq!(
        read(store, |tx| tx.opaque_token(&digest(1))).expect("it stays known").revoked_at,
        Some(START)
    );
}

/// The oldest go first, at most so many at a time, and none that lives.
pub fn opaque_tokens_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        (1..=5).try_for_each(|number| {
            let expires_at = START + Lifetime(i64::from(number));
            tx.insert_opaque_token(&opaque_token(number).with_expires_at(expires_at).build())
        })
    });
    let before = START + Lifetime(5);
    assert_eq!(write(store, move |tx| tx.sweep_opaque_tokens(before, 3)), 3);
    assert_eq!(read(store, |tx| tx.opaque_token(&digest(3))), None);
    assert!(read(store, |tx| tx.opaque_token(&digest(4))).is_some());
    assert_eq!(write(store, move |tx| tx.sweep_opaque_tokens(before, 3)), 1);
    assert_eq!(write(store, move |tx| tx.sweep_opaque_tokens(before, 3)), 0);
    assert!(read(store, |tx| tx.opaque_token(&digest(5))).is_some());
}

/// A start after a crash finds every revocation that still matters.
pub fn a_revoked_jwt_is_known_until_it_ends(store: &Arc<dyn Store>) {
    let sooner = RevokedJwt { jti: id(2), expires_at: START + Lifetime(5) };
    write(store, move |tx| {
        tx.insert_revoked_jwt(&revoked_jwt(1))?;
        tx.insert_revoked_jwt(&sooner)
    });
    let mut all = read(store, |tx| tx.revoked_jwts());
    all.sort_by_key(|token| token.jti);
    assert_eq!(all, [revoked_jwt(1), sooner]);
    assert_eq!(read(store, |tx| tx.revoked_jwt(id(2))), Some(sooner));
    assert_eq!(read(store, |tx| tx.revoked_jwt(id(3))), None);
}

/// Of two that take a token back, one is told that it was.
pub fn a_jwt_is_revoked_once(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_revoked_jwt(&revoked_jwt(1)));
    violation(store, |tx| tx.insert_revoked_jwt(&revoked_jwt(1)));
}

/// A revocation is forgotten only when its token has ended anyway.
pub fn revoked_jwts_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        (1..=4).try_for_each(|number| {
            tx.insert_revoked_jwt(&RevokedJwt {
                jti: id(number),
                expires_at: START + Lifetime(i64::from(number)),
            })
        })
    });
    let before = START + Lifetime(4);
    assert_eq!(write(store, move |tx| tx.sweep_revoked_jwts(before, 2)), 2);
    assert_eq!(write(store, move |tx| tx.sweep_revoked_jwts(before, 2)), 1);
    assert_eq!(read(store, |tx| tx.revoked_jwts()).len(), 1);
}

/// Before a pepper is retired, somebody must be able to see what still hangs on it.
pub fn digests_are_counted_by_pepper(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(10, id(1)))?;
        tx.insert_opaque_token(&opaque_token(1).build())?;
        tx.insert_opaque_token(&opaque_token(2).with_pepper(2).build())
    });
    let counts = read(store, |tx| tx.digests_by_pepper());
    assert_eq!(counts, [(PepperVersion(1), 2), (PepperVersion(2), 1)]);
}

/// Whatever is found by its hash hangs on a pepper.
pub fn every_kind_of_digest_is_counted_by_pepper(store: &Arc<dyn Store>) {
    assert_eq!(read(store, |tx| tx.digests_by_pepper()), []);
    write(store, |tx| {
        tx.insert_user(&user(9))?;
        for version in 1..=2 {
            let pepper = PepperVersion(i32::try_from(version).expect("1 or 2"));
            tx.insert_session(&Session { pepper, ..session(version, id(9)) })?;
            tx.insert_setup_link(&SetupLink { pepper, ..setup_link(version, id(9)) })?;
            tx.insert_interaction(&StoredInteraction { pepper, ..interaction(version) })?;
            tx.insert_code(&Code { pepper, ..code(version) })?;
            tx.insert_refresh_token(&RefreshToken { pepper, ..refresh_token(version) })?;
            let previous = Some(PreviousValue { pepper, ..previous_value(500 + version) });
            tx.insert_api_token(&ApiToken { pepper, previous, ..api_token(version) })?;
        }
        tx.insert_code(&code(3))
    });
    let counts = read(store, |tx| tx.digests_by_pepper());
    assert_eq!(counts, [(PepperVersion(1), 8), (PepperVersion(2), 7)]);
}
