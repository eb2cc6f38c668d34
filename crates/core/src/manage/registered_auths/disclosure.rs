//! How the secrets of a registered auth come out: revealed to a person, or released to the account that they are kept for. Owns the
//! order: the event is durable before the value leaves, and where it cannot be written, nothing leaves.
//!
//! Each time is an act of its own: nobody is told again what was told before without another event.

use crate::client::Client;
use crate::context::Context;
use crate::keys::seal::{SealError, Sealer};
use crate::manage::Refused;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::manage::registered_auths::authority::{self, Act, Look, is_itself, with_account};
use crate::manage::registered_auths::{ATTEMPTS, not_found, touched};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::vault::registered_auth::{NotOpened, RegisteredAuth, Secrets};
use doorward_protocol::permission::Permission;
use doorward_protocol::words::Release;

/// An auth with its secrets, on their way to whoever may have them.
pub struct Disclosed {
    /// The auth.
    pub auth: RegisteredAuth,
    /// Its secrets.
    pub secrets: Secrets,
}

/// Shows the secrets of an auth to a person who may see it and has just proved who they are, for a reason that is told with the event.
///
/// # Errors
/// [`Refused`]; a fault of the store, or of secrets that do not open.
pub async fn reveal(
    reference: &str,
    reason: &str,
    sealer: &Sealer,
    call: &Call,
    context: &Context<'_>,
) -> Result<Disclosed, Stop<Refused>> {
    let (named, by) = (reference.to_owned(), call.clone());
    let may = move |look: Look, tx: &mut dyn Tx| {
        authority::needs(Permission::RegisteredAuthsReveal, &by, tx)?;
        authority::looked_up(&named, look, Act::See, &by, tx)
    };
    let found = looked(&may, context).await?;
    call.needs_recent_authentication()?;
    if reason.trim().is_empty() {
        let detail = "is needed: whoever reads what happened will ask";
        return Err(Stop::Refuse(Refused::invalid("/reason", detail)));
    }
    let call = call.clone().noting("/reason", reason)?;
    disclosed("registered_auth.revealed", found, may, sealer, &call, context).await
}

const TO_NOBODY: &str = "its secrets are released to nobody: its policy says so";
const TO_THE_ACCOUNT: &str =
    "its secrets are released to its API account alone, by a token of the account's own";

/// Gives the secrets of an auth to the account that it is kept under, by a token of the account's own, where its policy allows it.
///
/// # Errors
/// [`Refused`]; a fault of the store, or of secrets that do not open.
pub async fn release(
    reference: &str,
    sealer: &Sealer,
    call: &Call,
    context: &Context<'_>,
) -> Result<Disclosed, Stop<Refused>> {
    let (named, by) = (reference.to_owned(), call.clone());
    let may = move |look: Look, tx: &mut dyn Tx| {
        let found = named.parse().ok().map_or(Ok(None), |id| with_account(id, look, tx))?;
        match found {
            Some((auth, account)) if is_itself(account.id, &by) => match auth.release {
                Release::ApiAccount => Ok((auth, account)),
                Release::Never => Err(Stop::Refuse(Refused::NotForYou { detail: TO_NOBODY })),
            },
            // Who may see it learns for whom it is; others, that it is not there.
            Some(_) => match authority::found(&named, Act::See, &by, tx) {
                Ok(_) => Err(Stop::Refuse(Refused::NotForYou { detail: TO_THE_ACCOUNT })),
                Err(Stop::Fault(fault)) => Err(Stop::Fault(fault)),
                Err(_) => Err(not_found()),
            },
            None => Err(not_found()),
        }
    };
    let found = looked(&may, context).await?;
    disclosed("registered_auth.released", found, may, sealer, call, context).await
}

/// Whether whoever calls may have the secrets of an auth, and which it is.
trait May:
    Fn(Look, &mut dyn Tx) -> Result<(RegisteredAuth, Client), Stop<Refused>> + Clone + Send + 'static
{
}

impl<T> May for T where
    T: Fn(Look, &mut dyn Tx) -> Result<(RegisteredAuth, Client), Stop<Refused>> + Clone + Send + 'static
{
}

async fn looked(may: &impl May, context: &Context<'_>) -> Result<(RegisteredAuth, Client), Stop<Refused>> {
    let may = may.clone();
    asked(move |tx: &mut dyn Tx| may(Look::Passing, tx), context).await
}

/// Opens the secrets of what was found, then records that they are about to leave, if whoever calls still may have them and they are still
/// the same; only then are they given out. Where they are not the same, it looks again.
async fn disclosed(
    action: &'static str,
    mut found: (RegisteredAuth, Client),
    may: impl May,
    sealer: &Sealer,
    call: &Call,
    context: &Context<'_>,
) -> Result<Disclosed, Stop<Refused>> {
    for _ in 0..ATTEMPTS {
        let (auth, _) = found;
        call.finds(&auth)?;
        let secrets = opened(&auth, sealer)?;
        let (still_may, call, generation) = (may.clone(), call.clone(), auth.generation);
        let record = move |tx: &mut dyn Tx| {
            let (now, account) = still_may(Look::Holding, tx)?;
            if now.generation != generation {
                return Ok(false);
            }
            call.within(account.organization).record(action, &touched(&now), tx)?;
            Ok(true)
        };
        if context.cache.write(record).await? {
            return Ok(Disclosed { auth, secrets });
        }
        found = looked(&may, context).await?;
    }
    Err(Stop::Fault(Fault::Raced))
}

/// The secrets of an auth. That they were sealed under a version of the master key that is not there is mended by whoever looks after
/// the key; that they were tampered with is not.
pub(super) fn opened(auth: &RegisteredAuth, sealer: &Sealer) -> Result<Secrets, Fault> {
    auth.open(sealer).map_err(|error| match error {
        NotOpened::Sealed(_, SealError::UnknownVersion(_)) => Fault::unavailable(error),
        error => Fault::broken(error),
    })
}
