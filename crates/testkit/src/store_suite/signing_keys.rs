//! Signing keys.

use super::ask::{read, violation, write};
use crate::builders::signing_key;
use crate::frozen_clock::START;
use doorward_core::store::Store;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use std::sync::Arc;

fn kids(store: &Arc<dyn Store>) -> Vec<String> {
    read(store, |tx| tx.signing_keys()).into_iter().map(|key| key.kid).collect()
}

/// Every field survives, bytes included.
pub fn a_signing_key_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let mut odd =
        signing_key(1).with_algorithm(Algorithm::RS256).with_activates_at(START + Lifetime(5)).build();
    odd.sealed_private_key = (0..=255).collect();
    (odd.expires_at, odd.revoked_at) = (Some(START + Lifetime(6)), Some(START + Lifetime(7)));
    let mut plain = signing_key(2).build();
    plain.created_at = START + Lifetime(1);
    let both = [odd, plain];
    let inserted = both.clone();
    write(store, move |tx| inserted.iter().try_for_each(|key| tx.insert_signing_key(key)));
    assert_eq!(read(store, |tx| tx.signing_keys()), both);
    violation(store, |tx| tx.insert_signing_key(&signing_key(1).build()));
}

/// Of two that declare a key unsafe, one is told that it was the first.
pub fn a_signing_key_is_revoked_once(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_signing_key(&signing_key(1).build()));
    assert!(write(store, |tx| tx.revoke_signing_key("kid-1", START)));
    assert!(!write(store, |tx| tx.revoke_signing_key("kid-1", START + Lifetime(1))));
    assert!(!write(store, |tx| tx.revoke_signing_key("kid-2", START)));
    assert_eq!(read(store, |tx| tx.signing_keys())[0].revoked_at, Some(START));
}

/// What changes in a key's life changes alone.
pub fn a_signing_key_expires_and_is_rewrapped(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_signing_key(&signing_key(1).build()));
    assert!(write(store, |tx| tx.expire_signing_key("kid-1", START + Lifetime(9))));
    let old = signing_key(1).build().sealed_private_key;
    assert!(!write(store, |tx| tx.rewrap_signing_key("kid-1", b"another", b"other")), "it is not that one");
    assert!(write(store, move |tx| tx.rewrap_signing_key("kid-1", &old, b"other")));
    assert!(!write(store, |tx| tx.expire_signing_key("kid-2", START)));
    assert!(!write(store, |tx| tx.rewrap_signing_key("kid-2", b"other", b"new")));
    let mut expected = signing_key(1).with_expires_at(START + Lifetime(9)).build();
    expected.sealed_private_key = b"other".to_vec();
    assert_eq!(read(store, |tx| tx.signing_keys()), [expected]);
}

/// A key goes some time after it left the published set, by expiry or by revocation, and never before.
pub fn signing_keys_are_swept_once_they_are_gone(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_signing_key(&signing_key(1).build())?;
        tx.insert_signing_key(&signing_key(2).with_expires_at(START + Lifetime(10)).build())?;
        tx.insert_signing_key(&signing_key(3).with_expires_at(START + Lifetime(20)).build())?;
        tx.insert_signing_key(&signing_key(4).build())?;
        tx.revoke_signing_key("kid-4", START)
    });
    assert_eq!(write(store, |tx| tx.sweep_signing_keys(START + Lifetime(10), 10)), 1);
    assert_eq!(kids(store), ["kid-1", "kid-2", "kid-3"]);
    assert_eq!(write(store, |tx| tx.sweep_signing_keys(START + Lifetime(30), 1)), 1, "at most so many");
    assert_eq!(write(store, |tx| tx.sweep_signing_keys(START + Lifetime(30), 10)), 1);
    assert_eq!(kids(store), ["kid-1"]);
}
