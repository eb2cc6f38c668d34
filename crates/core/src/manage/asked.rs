//! Several questions about one state of the store, one of which may be refused: what only looks is refused as what changes is.

use crate::context::Context;
use crate::manage::Refused;
use crate::store::fault::Stop;
use crate::store::tx::Tx;

/// What one state answers.
///
/// # Errors
/// The closure's refusal, or a fault of the store.
pub(super) async fn asked<T: Send + 'static>(
    mut ask: impl FnMut(&mut dyn Tx) -> Result<T, Stop<Refused>> + Send + 'static,
    context: &Context<'_>,
) -> Result<T, Stop<Refused>> {
    let ask = move |tx: &mut dyn Tx| match ask(tx) {
        Ok(answer) => Ok(Ok(answer)),
        Err(Stop::Refuse(refused) | Stop::RefuseAndCommit(refused)) => Ok(Err(refused)),
        Err(Stop::Fault(fault)) => Err(fault),
    };
    context.cache.store().snapshot(ask).await?.map_err(Stop::Refuse)
}
