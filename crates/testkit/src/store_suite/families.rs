//! Families of tokens and their refresh tokens.

use super::ask::{read, violation, write};
use crate::builders::authorizations::{family, refresh_token};
use crate::builders::{digest, id, scope};
use crate::frozen_clock::START;
use doorward_core::identity::authentication::Authentication;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::Store;
use doorward_core::token::family::{Family, RefreshToken, RevokedFamily};
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use std::sync::Arc;

fn insert(store: &Arc<dyn Store>, families: impl IntoIterator<Item = Family>) {
    let families: Vec<_> = families.into_iter().collect();
    write(store, move |tx| families.iter().try_for_each(|family| tx.insert_family(family)));
}

fn stored(store: &Arc<dyn Store>, number: u32) -> Family {
    read(store, move |tx| tx.family(id(number))).expect("it is there")
}

/// Every field survives.
pub fn a_family_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let odd = Family {
        client: id(21),
        client_generation: i64::MAX,
        user: id(22),
        user_generation: 5,
        session: id(23),
        offline: true,
        consent: Some((id(24), i64::MAX)),
        scope: scope("a b:c"),
        api: Some(id(25)),
        authentication: Authentication {
            auth_time: Seconds(-1),
            amr: vec![String::from("a host's word"), String::from("otp")],
            acr: String::from("urn:x"),
        },
        newest: 77,
        rotated_at: START + Lifetime(2),
        created_at: Seconds(-2),
        expires_at: Seconds(i64::MAX),
        revoked_at: Some(START),
        ..family(1)
    };
    let bare = Family { consent: None, scope: scope(""), newest: 0, ..family(2) };
    let all = [odd, bare, family(3)];
    insert(store, all.clone());
    for family in all {
        assert_eq!(read(store, move |tx| tx.family(family.id)), Some(family));
    }
    assert_eq!(read(store, |tx| tx.family(id(4))), None);
    violation(store, |tx| tx.insert_family(&family(3)));
}

/// RFC 9700 §4.14.2: each refresh token has one successor, and none once the family was revoked.
pub fn a_family_rotates_from_its_newest_number_only(store: &Arc<dyn Store>) {
    let later = START + Lifetime(60);
    insert(store, [family(1), family(2)]);
    assert!(!write(store, move |tx| tx.rotate_family(id(1), 2, later)), "that one is not there yet");
    assert!(write(store, move |tx| tx.rotate_family(id(1), 1, later)));
    assert!(!write(store, move |tx| tx.rotate_family(id(1), 1, later)), "that one has a successor");
    assert_eq!(stored(store, 1), Family { newest: 2, rotated_at: later, ..family(1) });
    assert_eq!(stored(store, 2), family(2));
    assert!(!write(store, move |tx| tx.rotate_family(id(3), 1, later)), "there is no such family");

    assert!(write(store, |tx| tx.revoke_family(id(1), START)));
    assert!(!write(store, move |tx| tx.rotate_family(id(1), 2, later)));
}

/// Of two that revoke a family, one is told that it did, and the first instant stands.
pub fn a_family_is_revoked_once(store: &Arc<dyn Store>) {
    insert(store, [family(1), family(2)]);
    assert_eq!(read(store, |tx| tx.revoked_family(id(1))), None);
    assert!(write(store, |tx| tx.revoke_family(id(1), START)));
    assert!(!write(store, |tx| tx.revoke_family(id(1), START + Lifetime(1))));
    assert!(!write(store, |tx| tx.revoke_family(id(3), START)));
    assert_eq!(stored(store, 1), Family { revoked_at: Some(START), ..family(1) });
    let revoked = RevokedFamily { id: id(1), revoked_at: START };
    assert_eq!(read(store, |tx| tx.revoked_family(id(1))), Some(revoked));
    assert_eq!(read(store, |tx| tx.revoked_family(id(2))), None);
    assert_eq!(read(store, |tx| tx.revoked_family(id(3))), None);
}

/// OpenID Connect Core §11: what was allowed offline outlives the session, the rest ends with it.
pub fn a_session_takes_its_families_along_but_those_that_outlive_it(store: &Arc<dyn Store>) {
    let other = id(99);
    insert(
        store,
        [
            family(1),
            Family { offline: true, ..family(2) },
            Family { session: other, ..family(3) },
            Family { revoked_at: Some(START), ..family(4) },
            family(5),
        ],
    );
    let end = START + Lifetime(1);
    assert_eq!(sorted(write(store, move |tx| tx.revoke_families_of_session(id(3), end))), [id(1), id(5)]);
    let revoked = [1, 2, 3, 4, 5].map(|number| stored(store, number).revoked_at);
    assert_eq!(revoked, [Some(end), None, None, Some(START), Some(end)]);
    assert_eq!(write(store, move |tx| tx.revoke_families_of_session(id(3), end)), []);
}

/// A consent that is taken back takes along whatever rests on it, offline or not.
pub fn a_consent_takes_its_families_along(store: &Arc<dyn Store>) {
    insert(
        store,
        [
            family(1),
            Family { offline: true, consent: Some((id(4), 3)), ..family(2) },
            Family { consent: Some((id(99), 0)), ..family(3) },
            Family { revoked_at: Some(START), ..family(4) },
            Family { consent: None, ..family(5) },
        ],
    );
    let end = START + Lifetime(1);
    assert_eq!(sorted(write(store, move |tx| tx.revoke_families_of_consent(id(4), end))), [id(1), id(2)]);
    let revoked = [1, 2, 3, 4, 5].map(|number| stored(store, number).revoked_at);
    assert_eq!(revoked, [Some(end), Some(end), None, Some(START), None]);
    assert_eq!(write(store, move |tx| tx.revoke_families_of_consent(id(4), end)), []);
}

fn sorted(mut ids: Vec<Id>) -> Vec<Id> {
    ids.sort();
    ids
}

/// A start after a crash finds every revocation that an access token could still need.
pub fn revoked_families_are_found_by_when_they_were_revoked(store: &Arc<dyn Store>) {
    insert(store, (1..=4).map(family));
    write(store, |tx| {
        (1..=3).try_for_each(|number| {
            tx.revoke_family(id(number), START + Lifetime(i64::from(number))).map(drop)
        })
    });
    let mut found = read(store, |tx| tx.revoked_families(START + Lifetime(1)));
    found.sort_by_key(|family| family.id);
    let revoked =
        |number: u32| RevokedFamily { id: id(number), revoked_at: START + Lifetime(i64::from(number)) };
    assert_eq!(found, [revoked(2), revoked(3)], "after the instant, not at it");
    assert_eq!(read(store, |tx| tx.revoked_families(START + Lifetime(3))), []);
}

/// The oldest go first, at most so many at a time.
pub fn families_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    let ends = |number: u32| START + Lifetime(i64::from(number));
    insert(store, (1..=4).map(|number| Family { expires_at: ends(number), ..family(number) }));
    assert_eq!(write(store, move |tx| tx.sweep_families(ends(4), 2)), 2);
    assert_eq!(read(store, |tx| tx.family(id(2))), None);
    assert!(read(store, |tx| tx.family(id(3))).is_some());
    assert_eq!(write(store, move |tx| tx.sweep_families(ends(4), 9)), 1);
    assert!(read(store, |tx| tx.family(id(4))).is_some());
}

/// Every field survives.
pub fn a_refresh_token_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let odd = RefreshToken {
        pepper: PepperVersion(3),
        family: id(21),
        number: i64::MAX,
        issued_at: Seconds(-1),
        expires_at: Seconds(i64::MAX),
        ..refresh_token(1)
    };
    let all = [odd, refresh_token(2)];
    let inserted = all.clone();
    write(store, move |tx| inserted.iter().try_for_each(|token| tx.insert_refresh_token(token)));
    for token in all {
        assert_eq!(read(store, move |tx| tx.refresh_token(&token.digest)), Some(token));
    }
    assert_eq!(read(store, |tx| tx.refresh_token(&digest(3))), None);
}

/// RFC 9700 §4.14.2: a text means one thing. That a token has one successor is decided by the family's rotation.
pub fn a_refresh_token_stands_once(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_refresh_token(&refresh_token(1)));
    let same_digest = RefreshToken { number: 2, ..refresh_token(1) };
    violation(store, move |tx| tx.insert_refresh_token(&same_digest));
    write(store, |tx| {
        tx.insert_refresh_token(&RefreshToken { digest: digest(8), number: 2, ..refresh_token(1) })
    });
    write(store, |tx| tx.insert_refresh_token(&RefreshToken { digest: digest(9), ..refresh_token(2) }));
}

/// The oldest go first, at most so many at a time.
pub fn refresh_tokens_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    let ends = |number: u32| START + Lifetime(i64::from(number));
    write(store, move |tx| {
        (1..=4).try_for_each(|number| {
            tx.insert_refresh_token(&RefreshToken { expires_at: ends(number), ..refresh_token(number) })
        })
    });
    assert_eq!(write(store, move |tx| tx.sweep_refresh_tokens(ends(4), 2)), 2);
    assert_eq!(read(store, |tx| tx.refresh_token(&digest(2))), None);
    assert!(read(store, |tx| tx.refresh_token(&digest(3))).is_some());
    assert_eq!(write(store, move |tx| tx.sweep_refresh_tokens(ends(4), 9)), 1);
    assert!(read(store, |tx| tx.refresh_token(&digest(4))).is_some());
}
