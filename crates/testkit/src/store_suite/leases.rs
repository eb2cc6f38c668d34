//! Leases: work that one node does for all.

use super::ask::{read, write};
use crate::builders::id;
use crate::frozen_clock::START;
use doorward_core::store::Store;
use doorward_protocol::time::Lifetime;
use std::sync::Arc;

/// A lease is its holder's, who may prolong it, until it has run out.
pub fn a_lease_is_one_holders_until_it_runs_out(store: &Arc<dyn Store>) {
    let take = |number, at: i64| {
        let (now, until) = (START + Lifetime(at), START + Lifetime(at + 10));
        write(store, move |tx| tx.take_lease("work", id(number), now, until))
    };
    assert_eq!(read(store, |tx| tx.lease("work")), None);
    assert!(take(1, 0), "nobody has it");
    assert!(!take(2, 9), "it is another's");
    assert_eq!(read(store, |tx| tx.lease("work")), Some((id(1), START + Lifetime(10))));
    assert!(take(1, 9), "its holder goes on");
    assert!(!take(2, 10));
    assert!(take(2, 19), "it has run out");
    assert!(!take(1, 19));
    assert_eq!(read(store, |tx| tx.lease("work")), Some((id(2), START + Lifetime(29))));
    assert_eq!(read(store, |tx| tx.lease("other work")), None);

    // A clock that was years ahead when it took it.
    assert!(take(1, 1_000_000_000));
    assert!(take(2, 30), "and has been set right since");
    assert_eq!(read(store, |tx| tx.lease("work")), Some((id(2), START + Lifetime(40))));
}
