//! Wrapping the vault anew under the newest master key, while the server answers. Owns that batch follows upon batch with a turn for
//! others in between; a batch, and what is left to the next, is core's part. No lease spares several nodes the same work: it is done once
//! in years, each envelope is replaced only as it was read, and a holder that was killed midway would keep the others from going on.

use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::manage::Refused;
use doorward_core::manage::call::Call;
use doorward_core::manage::rewrapping;
use doorward_core::store::fault::{Fault, Stop};

/// Wraps anew whatever waits for it.
pub(super) async fn rewrap(server: &AuthorizationServer) -> Result<(), String> {
    let (mut after, mut rewrapped, mut closed) = (None, 0, 0);
    let due = rewrapping::is_due(server.sealer(), &server.context()).await;
    if !due.map_err(|fault| fault.to_string())? {
        return Ok(());
    }
    loop {
        let context = server.context();
        let call = Call::by_operator(&context).map_err(|fault| fault.to_string())?;
        let batch = rewrapping::rewrap(after, server.sealer(), &call, &context).await;
        let batch = batch.map_err(|stop| fault(stop).to_string())?;
        rewrapped += batch.rewrapped;
        closed += batch.closed.len();
        if batch.last.is_none() {
            break;
        }
        after = batch.last;
        tokio::task::yield_now().await;
    }
    if rewrapped > 0 {
        let version = server.sealer().newest();
        tracing::info!(rewrapped, version, "registered auths were sealed under the newest master key");
    }
    if closed > 0 {
        return Err(format!("the secrets of {closed} registered auths do not open"));
    }
    Ok(())
}

/// The server itself is never refused.
fn fault(stop: Stop<Refused>) -> Fault {
    match stop {
        Stop::Fault(fault) => fault,
        Stop::Refuse(refused) | Stop::RefuseAndCommit(refused) => Fault::broken(refused),
    }
}
