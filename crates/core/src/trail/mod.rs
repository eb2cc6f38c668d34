//! The audit trail as a whole: events get their numbers, the chain is stated now and then and cut in the end, and is looked through.
//! Owns what is done with the events of all requests together; what an event is, and what ties one to another, is `audit`'s part.

pub(crate) mod beginning;
pub mod chaining;
pub mod checkpoint;
pub mod report;
pub mod verify;

use crate::store::Store;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use std::convert::Infallible;

/// Changes what nobody is refused.
async fn write<T: Send + 'static>(
    change: impl FnMut(&mut dyn Tx) -> Result<T, Stop<Infallible>> + Send + 'static,
    store: &dyn Store,
) -> Result<T, Fault> {
    Ok(store.write(change).await?.unwrap_or_else(|never| match never {}))
}
