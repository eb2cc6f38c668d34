//! The beginning of the chain: its head is there before the first event is, so that one that is missing was taken away, and is never
//! made anew over events that were chained or sealed. Owns what shows that a trail began later than the database it is about.

use crate::audit::chain::Head;
use crate::keys::audit::AuditKeys;
use crate::store::Store;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use crate::trail::write;
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};

/// How far the clocks of those who made the head and the first objects may have differed: by this much, an object may be older.
const CLOCKS: Lifetime = Lifetime::minutes(60);

/// Makes the head of a database that never had one. It is left alone where a chain was: then nothing is chained, and `verify` says why.
///
/// # Errors
/// A fault of the store.
pub(crate) async fn begin(store: &dyn Store, keys: &AuditKeys, now: Seconds) -> Result<(), Fault> {
    let read = |tx: &mut dyn Tx| {
        if tx.chain_head()?.is_some() {
            return Ok(None);
        }
        Ok(Some((tx.left_of_a_chain()?, !tx.unchained(None, 1)?.is_empty())))
    };
    let finds_unsealed = match store.snapshot(read).await? {
        None => return Ok(()),
        Some((true, _)) => {
            tracing::error!("the head of the audit trail is gone: see `doorward audit verify`");
            return Ok(());
        }
        Some((false, finds_unsealed)) => finds_unsealed,
    };
    let head = Head::first(finds_unsealed, now, keys);
    let make = move |tx: &mut dyn Tx| {
        // Another process may have been first.
        if tx.chain_head()?.is_none() {
            tx.insert_chain_head(&head).map_err(Fault::into_race)?;
        }
        Ok(())
    };
    write(make, store).await
}

/// Whether the trail began long after the first object was made, by its identifier. One that no server made tells nothing good.
pub(super) fn is_later(head: &Head, first_object: Option<&str>) -> bool {
    let made = |id: &str| id.parse().map(Id::made_at);
    first_object.is_some_and(|id| made(id).map_or(true, |made| is_before(made, head.attested_since)))
}

/// Whether something happened long before the trail began.
pub(super) fn is_before(at: Seconds, attested_since: Seconds) -> bool {
    at + CLOCKS < attested_since
}
