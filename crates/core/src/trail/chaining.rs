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
/// A fault of the store; a head that is gone, or that no server left as it is: then nothing is chained until
/// somebody has looked.
pub async fn chain(context: &Context<'_>) -> Result<bool, Fault> {
    let read = |tx: &mut dyn Tx| Ok((tx.chain_head()?, tx.unchained(None, BATCH)?));
    let (head, events) = context.cache.store().snapshot(read).await?;
    if let Some(head) = &head
        && let Some(before) = context.trail.note(head)
    {
        let now = head.seq;
        tracing::error!(target: "doorward::audit", before, now, "the audit trail was put back: what was behind this number is gone");
    }
    if events.is_empty() {
        return Ok(false);
    }
    let before = standing(head, context)?;
    let more = i64::try_from(events.len()).is_ok_and(|count| count >= BATCH);
    let (places, after) = places(&before, events, context.now, context.audit);
    let moved = after.clone();
    let number = move |tx: &mut dyn Tx| number(&places, &before, &after, tx);
    match context.cache.store().write(number).await? {
        Ok(()) => {
            // It may be put back before anybody looks again.
            context.trail.note(&moved);
            Ok(more)
        }
        // Somebody else chains: what is left is theirs.
        Err(Overtaken) => Ok(false),
    }
}

/// Somebody else has moved the head.
struct Overtaken;

fn standing(head: Option<Head>, context: &Context<'_>) -> Result<Head, Fault> {
    let wrong = match head {
        // A version of the master key that was taken out is no reason to stop: the next head is under the newest.
        Some(head) if head.check(context.audit) != Checked::Wrong => return Ok(head),
        Some(_) => "the head of the audit trail was tampered with: see `doorward audit verify`",
        None => "the head of the audit trail is gone: see `doorward audit verify`",
    };
    Err(Fault::broken(wrong))
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

fn number(places: &[Place], before: &Head, after: &Head, tx: &mut dyn Tx) -> Result<(), Stop<Overtaken>> {
    if !tx.move_chain_head(before, after)? {
        return Err(Stop::Refuse(Overtaken));
    }
    for place in places {
        if !tx.place_in_chain(place)? {
            return Err(Stop::Refuse(Overtaken));
        }
    }
    Ok(())
}
