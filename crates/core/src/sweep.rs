//! Sweeping: rows that have ended are removed a few at a time, between the writes of requests, so that no table grows with
//! time and no request waits for a broom. Owns what counts as ended; when to sweep is the binary's business.

use crate::context::Context;
use crate::store::Revision;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::time::Lifetime;
use std::convert::Infallible;

/// Rows of one table removed in one transaction: few enough to be done within a commit's time.
const BATCH: i64 = 200;
/// Opaque tokens are kept so long after their end; one that is gone is inactive, which is the safe side.
const GRACE: Lifetime = Lifetime::minutes(10);
/// Revocations of signed tokens are kept so long after the token's end: were they forgotten while the clock is ahead, the
/// token would be active again when it is set right. Longer than any step of a clock but a wholly wrong one.
pub(crate) const REVOCATION_GRACE: Lifetime = Lifetime::days(2);
/// Changes kept for nodes that are behind; who is further behind reads everything anew.
const CHANGES_KEPT: i64 = 10_000;

/// Removes one batch of each table. Tells whether there may be more.
///
/// # Errors
/// A fault of the store; what was removed before stays removed.
pub async fn sweep(context: &Context<'_>) -> Result<bool, Fault> {
    let now = context.now;
    let (before, forgotten) = (now - GRACE, now - REVOCATION_GRACE);
    let tokens = batch(context, move |tx| tx.sweep_opaque_tokens(before, BATCH)).await?;
    let revoked = batch(context, move |tx| tx.sweep_revoked_jwts(forgotten, BATCH)).await?;
    let keys = batch(context, move |tx| tx.sweep_signing_keys(now, BATCH)).await?;
    let changes = batch(context, |tx| {
        let last = tx.last_revision()?;
        tx.sweep_changes(Revision(last.0 - CHANGES_KEPT), BATCH)
    })
    .await?;
    context.cache.forget_revoked(forgotten);
    Ok([tokens, revoked, keys, changes]
        .into_iter()
        .any(|removed| i64::try_from(removed).is_ok_and(|removed| removed >= BATCH)))
}

async fn batch(
    context: &Context<'_>,
    mut remove: impl FnMut(&mut dyn Tx) -> Result<usize, Fault> + Send + 'static,
) -> Result<usize, Fault> {
    match context.cache.write(move |tx| remove(tx).map_err(Stop::<Infallible>::Fault)).await {
        Ok(removed) => Ok(removed),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Refuse(never) | Stop::RefuseAndCommit(never)) => match never {},
    }
}
