//! Sweeping: rows that have ended are removed a few at a time, between the writes of requests, so that no table grows with
//! time and no request waits for a broom. Owns what counts as ended; when to sweep is the binary's business.

use crate::client::activity;
use crate::context::Context;
use crate::identity::attempts;
use crate::manage::once;
use crate::store::Revision;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::ticket::interaction;
use doorward_protocol::time::{Lifetime, Seconds};
use std::convert::Infallible;

/// Rows of one table removed in one transaction: few enough to be done within a commit's time.
const BATCH: i64 = 200;
/// Tokens and tickets are kept so long after their end; one that is gone is not good, which is the safe side.
const GRACE: Lifetime = Lifetime::minutes(10);
/// Revocations of signed tokens are kept so long after the token's end: were they forgotten while the clock is ahead, the
/// token would be active again when it is set right. Longer than any step of a clock but a wholly wrong one.
pub(crate) const REVOCATION_GRACE: Lifetime = Lifetime::days(2);
/// API tokens, and secrets that were taken back, are kept so long after their end, so that their owner can see what became of them. It is also by how much a clock may be
/// ahead before it costs anybody a token that is good: a wholly wrong one does, as it ends whatever else ends by itself.
const API_TOKEN_MEMORY: Lifetime = Lifetime::days(90);
/// Changes kept for nodes that are behind; who is further behind reads everything anew.
const CHANGES_KEPT: i64 = 10_000;

/// Removes what of one table has ended by now, one batch of it, as no access token lives longer than this. Tells how many rows.
type Broom = fn(&mut dyn Tx, Seconds, Lifetime) -> Result<usize, Fault>;

/// A table each, in the order in which they grow.
const BROOMS: &[Broom] = &[
    |tx, now, _| tx.sweep_opaque_tokens(now - GRACE, BATCH),
    |tx, now, _| tx.sweep_refresh_tokens(now - GRACE, BATCH),
    // RFC 6749 §4.1.2: a code that comes again while its tokens are fresh is still recognised.
    |tx, now, _| tx.sweep_codes(now - GRACE, BATCH),
    // No access token of a family outlives it by so much: what was revoked stays so until there is nothing left of it.
    |tx, now, _| tx.sweep_families(now - REVOCATION_GRACE, BATCH),
    |tx, now, _| tx.sweep_interactions(now - interaction::LIFETIME - GRACE, BATCH),
    |tx, now, _| tx.sweep_sessions(now - GRACE, BATCH),
    |tx, now, _| tx.sweep_api_tokens(now - API_TOKEN_MEMORY, BATCH),
    |tx, now, _| tx.sweep_client_secrets(now - API_TOKEN_MEMORY, BATCH),
    |tx, now, _| tx.sweep_account_uses(now - activity::KEPT, BATCH),
    |tx, now, _| tx.sweep_attempts(now - attempts::WINDOW, BATCH),
    |tx, now, _| tx.sweep_setup_links(now - GRACE, BATCH),
    |tx, now, _| tx.sweep_idempotency_keys(now - once::KEPT, BATCH),
    |tx, now, _| tx.sweep_revoked_jwts(now - REVOCATION_GRACE, BATCH),
    |tx, now, _| tx.sweep_signing_keys(now, BATCH),
    // And for those who verify tokens by themselves, as long as there are tokens from before a change.
    |tx, now, longest_access| {
        let last = tx.last_revision()?;
        tx.sweep_changes(Revision(last.0 - CHANGES_KEPT), now - longest_access - REVOCATION_GRACE, BATCH)
    },
];

/// Removes one batch of each table. Tells whether there may be more.
///
/// # Errors
/// A fault of the store; what was removed before stays removed.
pub async fn sweep(context: &Context<'_>) -> Result<bool, Fault> {
    let (now, longest_access) = (context.now, context.settings.longest_access_token());
    let mut more = false;
    for &broom in BROOMS {
        let removed = batch(context, move |tx| broom(tx, now, longest_access)).await?;
        more |= i64::try_from(removed).is_ok_and(|removed| removed >= BATCH);
    }
    forget(context);
    Ok(more)
}

/// Forgets what this node remembers of tokens that have ended by now: each does, also where another one sweeps.
pub fn forget(context: &Context<'_>) {
    context.cache.forget_revoked(context.now - REVOCATION_GRACE);
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
