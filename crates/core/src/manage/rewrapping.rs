//! Wrapping anew, under the newest master key, what lies in the vault under an older one. Owns one batch of it, which may come in between
//! of anything: an envelope that was changed meanwhile is left to the next. When, and how many after each other, is a job's business;
//! signing keys are few, and done by [`signing_keys::rewrap`](super::signing_keys::rewrap).

use crate::context::Context;
use crate::keys::seal::Sealer;
use crate::manage::Refused;
use crate::manage::call::Call;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::vault::registered_auth::Envelope;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;

/// So many envelopes are wrapped in one transaction: it is over before anybody waits for it.
const BATCH: usize = 50;

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The last that was looked at; none where there were no more.
    pub last: Option<Id>,
    /// How many were wrapped anew.
    pub rewrapped: usize,
    /// Those that do not open: they were tampered with, or their version of the master key is not there.
    pub closed: Vec<Id>,
}

/// Wraps the envelopes of registered auths anew that come after this one, as many as make a batch.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn rewrap(
    after: Option<Id>,
    sealer: &Sealer,
    call: &Call,
    context: &Context<'_>,
) -> Result<Batch, Stop<Refused>> {
    call.needs_everywhere(Permission::SigningKeysRotate)?;
    let (newest, limit) = (sealer.newest(), i64::try_from(BATCH).unwrap_or(i64::MAX));
    let read = move |tx: &mut dyn Tx| tx.envelopes_before(newest, after, limit);
    let envelopes = context.cache.store().read(read).await?;
    let mut batch = Batch { last: envelopes.last().map(|envelope| envelope.id), ..Batch::default() };
    let mut anew: Vec<(Envelope, Vec<u8>)> = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        match envelope.rewrapped(sealer, context.random) {
            Ok(sealed) => anew.extend(sealed.map(|sealed| (envelope, sealed))),
            Err(reason) => {
                tracing::warn!(registered_auth = %envelope.id, %reason, "secrets do not open");
                batch.closed.push(envelope.id);
            }
        }
    }
    if anew.is_empty() {
        return Ok(batch);
    }
    let call = call.clone();
    let write = move |tx: &mut dyn Tx| {
        let mut touched = Vec::with_capacity(anew.len());
        for (envelope, sealed) in &anew {
            if tx.rewrap_registered_auth(envelope, sealed)? {
                touched.push(("registered_auth", envelope.id));
            }
        }
        if !touched.is_empty() {
            call.record("registered_auth.rewrapped", &touched, tx)?;
        }
        Ok::<_, Stop<Refused>>(touched.len())
    };
    batch.rewrapped = context.cache.write(write).await?;
    Ok(batch)
}

/// Whether anything waits to be wrapped anew.
///
/// # Errors
/// A fault of the store.
pub async fn is_due(sealer: &Sealer, context: &Context<'_>) -> Result<bool, Fault> {
    let newest = sealer.newest();
    let first = context.cache.store().read(move |tx| tx.envelopes_before(newest, None, 1)).await?;
    Ok(!first.is_empty())
}

/// How many registered auths lie under each version of the master key.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn waiting(call: &Call, context: &Context<'_>) -> Result<Vec<(u32, i64)>, Stop<Refused>> {
    call.needs(Permission::SigningKeysRead)?;
    Ok(context.cache.store().read(|tx| tx.envelopes_by_version()).await?)
}
