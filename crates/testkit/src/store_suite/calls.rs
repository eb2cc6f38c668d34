//! What management calls and uses of credentials leave behind: keys of changes, and last uses.

use super::ask::{read, violation, write};
use crate::builders::credentials::{api_token, idempotency_key, last_use};
use crate::builders::{client, client_secret, digest, id};
use crate::frozen_clock::START;
use doorward_core::audit::idempotency_key::IdempotencyKey;
use doorward_core::store::Store;
use doorward_core::token::last_use::LastUse;
use doorward_protocol::time::Lifetime;
use std::sync::Arc;

/// A change under a key is made once, and what was answered is noted once.
pub fn an_idempotency_key_is_taken_once_and_answered_once(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_idempotency_key(&idempotency_key(1)));
    assert_eq!(read(store, |tx| tx.idempotency_key(&digest(1))), Some(idempotency_key(1)));
    violation(store, |tx| tx.insert_idempotency_key(&idempotency_key(1)));
    assert!(write(store, |tx| tx.answer_idempotency_key(&digest(1), b"\0sealed")));
    assert!(!write(store, |tx| tx.answer_idempotency_key(&digest(1), b"another")));
    assert!(!write(store, |tx| tx.answer_idempotency_key(&digest(2), b"nobody asked")));
    let answered = IdempotencyKey { answer: Some(b"\0sealed".to_vec()), ..idempotency_key(1) };
    assert_eq!(read(store, |tx| tx.idempotency_key(&digest(1))), Some(answered));
    assert_eq!(read(store, |tx| tx.idempotency_key(&digest(2))), None);
}

/// Keys go a few at a time, once they are too old.
pub fn idempotency_keys_are_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    write(store, |tx| {
        (1..=4).try_for_each(|number| {
            let created_at = START + Lifetime(i64::from(number));
            tx.insert_idempotency_key(&IdempotencyKey { created_at, ..idempotency_key(number) })
        })
    });
    let before = START + Lifetime(4);
    assert_eq!(write(store, move |tx| tx.sweep_idempotency_keys(before, 2)), 2);
    assert_eq!(write(store, move |tx| tx.sweep_idempotency_keys(before, 2)), 1);
    assert!(read(store, |tx| tx.idempotency_key(&digest(4))).is_some());
    assert!(read(store, |tx| tx.idempotency_key(&digest(3))).is_none());
}

/// The latest use counts, whatever comes in between; the address is that of the latest whose address is known. An identifier that names
/// nothing has no use.
pub fn the_last_use_of_whatever_is_used_is_recorded(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(10, id(1)))?;
        tx.insert_api_token(&api_token(20))
    });
    let used = [1, 10, 20].map(|number| last_use(id(number)));
    write(store, move |tx| tx.record_uses(&[used[2], used[0], last_use(id(30)), used[1]]));
    let mut all = read(store, |tx| tx.last_uses(&[1, 10, 20, 30].map(id)));
    all.sort_by_key(|one| one.id);
    assert_eq!(all, used);
    assert_eq!(read(store, |tx| tx.last_use(id(30))), None, "nothing is of this name");

    let later = LastUse { used_at: START + Lifetime(5), address: None, ..used[2] };
    let elsewhere = LastUse { address: Some("2001:db8::7".parse().expect("an address")), ..used[0] };
    write(store, move |tx| tx.record_uses(&[later, elsewhere]));
    write(store, move |tx| tx.record_uses(&[used[2]]));
    let last = LastUse { address: used[2].address, ..later };
    assert_eq!(read(store, |tx| tx.last_use(id(20))), Some(last), "an earlier one was told of later");
    assert_eq!(read(store, |tx| tx.last_use(id(1))), Some(elsewhere));
    assert_eq!(read(store, |tx| tx.last_uses(&[])), []);
}

/// What is deleted takes its last use along, and a client that of its secrets.
pub fn a_last_use_goes_with_what_was_used(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_client(&client(1).build())?;
        tx.insert_client_secret(&client_secret(10, id(1)))?;
        tx.insert_client_secret(&client_secret(11, id(1)))?;
        tx.record_uses(&[1, 10, 11].map(|number| last_use(id(number))))
    });
    assert!(write(store, |tx| tx.delete_client_secret(id(10))));
    assert_eq!(read(store, |tx| tx.last_use(id(10))), None);
    assert!(read(store, |tx| tx.last_use(id(11))).is_some());
    assert!(write(store, |tx| tx.delete_client(id(1), START)));
    assert_eq!(read(store, |tx| tx.last_uses(&[id(1), id(11)])), []);
    write(store, |tx| tx.record_uses(&[last_use(id(1))]));
    assert_eq!(read(store, |tx| tx.last_use(id(1))), None, "a tombstone is not used");
}
