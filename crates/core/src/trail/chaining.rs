//! Chaining: numbering the events that have no number yet. Owns that there is one chain whoever chains; when it is done is the
//! business of the jobs.
//!
//! Identifiers are drawn before the transaction that records an event, so their order is not that of commits: whatever has no
//! number gets the next one, however old it is. Nothing rests on the lease: two who chain at once have both seen the head, and the
//! one who comes second finds that it has moved, and undoes all.

use crate::audit::chain::{Found, Head, Origin, Place, placed};
use crate::context::Context;
use crate::keys::audit::{AuditKeys, Checked, Mac};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::time::Seconds;

/// Events numbered in one transaction: few enough to be done within a commit's time.
const BATCH: i64 = 200;

/// Numbers one batch. Tells whether there may be more.
///
/// # Errors
/// A fault of the store; a head that is gone while there are numbers, or that no server left as it is: then nothing is chained until
/// somebody has looked.
pub async fn chain(context: &Context<'_>) -> Result<bool, Fault> {
    let read = |tx: &mut dyn Tx| Ok((tx.chain_head()?, tx.last_in_chain()?, tx.unchained(BATCH)?));
    let (head, last, events) = context.cache.store().snapshot(read).await?;
    if events.is_empty() {
        return Ok(false);
    }
    let before = standing(head.as_ref(), last, &events, context)?;
    let more = i64::try_from(events.len()).is_ok_and(|count| count >= BATCH);
    let (places, after) = places(&before, events, context.now, context.audit);
    let is_first = head.is_none();
    let number = move |tx: &mut dyn Tx| number(&places, &before, &after, is_first, tx);
    match context.cache.store().write(number).await? {
        Ok(()) => Ok(more),
        // Somebody else chains: what is left is theirs.
        Err(Overtaken) => Ok(false),
    }
}

/// Somebody else has moved the head.
struct Overtaken;

fn standing(
    head: Option<&Head>,
    last: Option<i64>,
    events: &[Found],
    context: &Context<'_>,
) -> Result<Head, Fault> {
    match (head, last) {
        (None, Some(_)) => {
            Err(Fault::broken("the head of the audit trail is gone: see `doorward audit verify`"))
        }
        (None, None) => {
            let finds_unsealed = events.iter().any(|event| event.mac.is_none());
            Ok(Head::first(finds_unsealed, context.now, context.audit))
        }
        // A version of the master key that was taken out is no reason to stop: the next head is under the newest.
        (Some(head), _) if head.check(context.audit) != Checked::Wrong => Ok(head.clone()),
        (Some(_), _) => {
            Err(Fault::broken("the head of the audit trail was tampered with: see `doorward audit verify`"))
        }
    }
}

fn places(before: &Head, events: Vec<Found>, now: Seconds, keys: &AuditKeys) -> (Vec<Place>, Head) {
    let unsealed = if now < before.attested_since { Origin::Adopted } else { Origin::Unsealed };
    let (mut seq, mut link): (i64, Mac) = (before.seq, before.link);
    let mut places = Vec::with_capacity(events.len());
    for event in events {
        seq += 1;
        let place = placed(event, seq, &link, unsealed, keys);
        if place.origin == Origin::Unsealed {
            tracing::error!(event = place.id, seq, "an event was found without a seal");
        }
        link = place.link;
        places.push(place);
    }
    (places, before.moved_to(seq, link, keys))
}

fn number(
    places: &[Place],
    before: &Head,
    after: &Head,
    is_first: bool,
    tx: &mut dyn Tx,
) -> Result<(), Stop<Overtaken>> {
    if is_first {
        if tx.chain_head()?.is_some() {
            return Err(Stop::Refuse(Overtaken));
        }
        tx.insert_chain_head(after).map_err(Fault::into_race)?;
    } else if !tx.move_chain_head(before, after)? {
        return Err(Stop::Refuse(Overtaken));
    }
    for place in places {
        if !tx.place_in_chain(place)? {
            return Err(Stop::Refuse(Overtaken));
        }
    }
    Ok(())
}
