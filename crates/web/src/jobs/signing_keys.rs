//! Signing keys for a running server: made where they are missing or due, off the threads that answer. Owns where the slow
//! part happens; when a key is due, and what becomes of the one before, is core's decision.

use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::manage::Refused;
use doorward_core::manage::call::Call;
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::store::fault::{Fault, Stop};
use doorward_protocol::jose::Algorithm;
use std::sync::Arc;

/// Makes sure that there are keys to sign with where neither API nor client asks for a particular one, for access tokens
/// and for ID tokens. Without them nothing can be issued, so the server does not listen before.
pub(super) async fn make_the_first(server: &Arc<AuthorizationServer>) -> Result<(), Fault> {
    let defaults = [server.settings().signing_algorithm, server.settings().id_token_algorithm()];
    make(server, |algorithm| defaults.contains(&algorithm)).await
}

/// Makes every key that is due.
pub(super) async fn make_due(server: &Arc<AuthorizationServer>) -> Result<(), Fault> {
    make(server, |_| true).await
}

/// Seals anew what is sealed under an older version of the master key.
pub(super) async fn rewrap(server: &AuthorizationServer) -> Result<(), Fault> {
    let count =
        signing_keys::rewrap(server.sealer(), &Call::by_operator(&server.context())?, &server.context())
            .await
            .map_err(fault)?;
    if count > 0 {
        tracing::info!(
            count,
            version = server.sealer().newest(),
            "signing keys were sealed under the newest master key"
        );
    }
    Ok(())
}

async fn make(server: &Arc<AuthorizationServer>, wanted: impl Fn(Algorithm) -> bool) -> Result<(), Fault> {
    let due = signing_keys::due(&server.context());
    for algorithm in due.into_iter().filter(|algorithm| wanted(*algorithm)) {
        tracing::info!(%algorithm, "making a signing key");
        let maker = Arc::clone(server);
        let prepare = move || signing_keys::prepare(algorithm, maker.sealer(), &maker.context());
        let key = tokio::task::spawn_blocking(prepare).await.map_err(Fault::broken)??;
        let kid = key.kid.clone();
        if signing_keys::rotate(key, Occasion::Due, &Call::by_operator(&server.context())?, &server.context())
            .await
            .map_err(fault)?
        {
            tracing::info!(%algorithm, kid, "a signing key was made");
        }
    }
    Ok(())
}

/// A key of our own making is never refused.
fn fault(stop: Stop<Refused>) -> Fault {
    match stop {
        Stop::Fault(fault) => fault,
        Stop::Refuse(refused) | Stop::RefuseAndCommit(refused) => Fault::broken(refused),
    }
}
