//! Leases: work that one of several nodes does for all, until it ends or is gone. Owns how long a node may go on without
//! asking again; what the work is, is for whoever takes the lease.
//!
//! Nothing rests on a lease but the sparing of work: clocks differ, and a node may be slow, so two may hold one for a moment.

use crate::context::Context;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::time::Lifetime;
use std::convert::Infallible;

/// Work that one node does for all, by the name under which it is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    name: &'static str,
    term: Lifetime,
}

/// Removing what has ended.
pub const SWEEPS: Lease = Lease { name: "sweeps", term: TERM };

/// Chaining events. They wait for it, so that a holder who is gone is soon followed.
pub const AUDIT: Lease = Lease { name: "audit", term: Lifetime::seconds(10) };

/// How long a node holds a lease without asking again. Another takes it over this long after its holder has gone.
pub const TERM: Lifetime = Lifetime::minutes(1);

impl Lease {
    /// Takes the lease, or goes on with it. Tells whether the work is this node's for now. Writes once in half a term at most.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn take(self, node: Id, context: &Context<'_>) -> Result<bool, Fault> {
        let (Self { name, term }, now) = (self, context.now);
        let held = context.cache.store().read(move |tx| tx.lease(name)).await?;
        match held {
            Some((holder, expires_at)) if holder == node && now + Lifetime(term.0 / 2) < expires_at => {
                Ok(true)
            }
            Some((holder, expires_at))
                if holder != node && now < expires_at && expires_at <= now + Lifetime(2 * term.0) =>
            {
                Ok(false)
            }
            _ => {
                let take = move |tx: &mut dyn Tx| {
                    tx.take_lease(name, node, now, now + term).map_err(Stop::<Infallible>::Fault)
                };
                let taken = context.cache.store().write(take).await?;
                Ok(taken.unwrap_or_else(|never| match never {}))
            }
        }
    }
}
