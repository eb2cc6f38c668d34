//! Signing keys over HTTP.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::reply::Reply;
use crate::api::resources::signing_key::{RotationInput, SigningKeyResource};
use doorward_core::manage::Refused;
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::store::fault::Fault;
use doorward_protocol::jose::key::{SigningKey, Ungenerated};
use doorward_protocol::permission::Permission;
use std::thread;
use tokio::sync::{Semaphore, oneshot};

/// There are few, and they have names of their own kind: all of them are one page.
pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    ask.page()?;
    let keys = signing_keys::list(&ask.call, &ask.context).await?;
    let told: Vec<_> = keys.iter().map(|key| SigningKeyResource::of(key, ask.context.now, &keys)).collect();
    Ok(Reply::page(&told, None)?)
}

pub(crate) async fn rotate(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: RotationInput = ask.input()?;
    let settings = ask.context.settings;
    let algorithm = input.algorithm.unwrap_or(settings.signing_algorithm);
    if !settings.algorithms.contains(&algorithm) {
        return Err(Refused::invalid("/algorithm", "is none that this server keeps keys for").into());
    }
    let occasion = if input.revoke_current { Occasion::Compromise } else { Occasion::Requested };
    // Asked again when it is recorded; who may not is told before a key is made.
    ask.call.needs_everywhere(Permission::SigningKeysRotate)?;
    let server = ask.exchange.server;
    let key = signing_keys::sealed(
        &made(move || SigningKey::generate(algorithm)).await?,
        server.sealer(),
        &ask.context,
    )?;
    let kid = key.kid.clone();
    signing_keys::rotate(key, occasion, &ask.call, &ask.context).await?;
    told(&kid, ask).await
}

async fn told(kid: &str, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let keys = ask.context.cache.keyring().records().to_vec();
    let key =
        keys.iter().find(|key| key.kid == kid).ok_or_else(|| Fault::broken("a new key is not there"))?;
    Ok(Reply::told(&SigningKeyResource::of(key, ask.context.now, &keys))?.made_at("/signing-keys"))
}

/// Keys are made one after another, however many are asked for: each takes a core.
static PLACE: Semaphore = Semaphore::const_new(1);

/// An RSA key takes up to a second: on a thread of its own, so that nobody waits who did not ask for it.
async fn made(
    make: impl FnOnce() -> Result<SigningKey, Ungenerated> + Send + 'static,
) -> Result<SigningKey, Fault> {
    let place = PLACE.acquire().await.map_err(Fault::broken)?;
    let (tell, told) = oneshot::channel();
    let make = move || {
        // Whoever asked may be gone, and their key goes on being made.
        drop(tell.send(make()));
        drop(place);
    };
    thread::Builder::new().name("signing-key".to_owned()).spawn(make).map_err(Fault::broken)?;
    told.await.map_err(Fault::broken)?.map_err(Fault::broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::jose::Algorithm;
    use doorward_testkit::block_on::block_on;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Waker};

    #[test]
    fn a_key_is_not_begun_while_another_is_made() {
        let other = block_on(PLACE.acquire()).unwrap();
        let begun = Arc::new(AtomicBool::new(false));
        let begin = Arc::clone(&begun);
        let mut made = pin!(made(move || {
            begin.store(true, Ordering::SeqCst);
            SigningKey::generate(Algorithm::ES256)
        }));
        assert!(made.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!((PLACE.available_permits(), begun.load(Ordering::SeqCst)), (0, false));
        drop(other);
        assert!(block_on(made).is_ok() && begun.load(Ordering::SeqCst));
    }
}
