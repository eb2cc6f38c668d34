//! The secret of an API account: revealed once, replaced from then on. Owns that either takes a person who has signed in a moment ago, so
//! that whoever finds a token of theirs gets no secret; what becomes of the secrets before a new one is the same as a client's.
//!
//! The text leaves only once the event is written: it is the answer of the call, whose transaction has committed both.

use super::{authority, takes_part};
use crate::client::{AccountOwner, Client, ClientRecord, ClientSecret};
use crate::context::Context;
use crate::manage::Refused;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::manage::clients::secrets::{self, Made};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use crate::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_protocol::time::Lifetime;

/// The secrets of an account that are good, and those that were taken back for a reason, newest first, each with its last use.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(
    account: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<(ClientSecret, Option<LastUse>)>, Stop<Refused>> {
    let (reference, call, now) = (account.to_owned(), call.clone(), context.now);
    let read = move |tx: &mut dyn Tx| {
        let account = authority::found(&reference, &call, tx)?;
        let record = tx.client(account.id)?.ok_or_else(super::not_found)?;
        Ok(secrets::told(&record, now, tx)?)
    };
    asked(read, context).await
}

const FOR_ITS_OWNER: &str =
    "the first secret of a person's API account is shown to that person alone: replace it instead";

/// Makes the first secret of an account, and shows it this once: of a person's account to that person, who asked for it, and not to whoever
/// decided that they get it.
///
/// # Errors
/// [`Refused`], a conflict where it has one; a fault of the store.
pub async fn reveal(account: &str, call: &Call, context: &Context<'_>) -> Result<Made, Stop<Refused>> {
    let first = |record: &ClientRecord, call: &Call, _: &mut dyn Tx| {
        let owner = record.client.account_of.and_then(AccountOwner::user);
        if owner.is_some() && owner != call.permit().user() {
            return Err(Stop::Refuse(Refused::Conflict { detail: FOR_ITS_OWNER }));
        }
        if record.secrets.is_empty() {
            return Ok(vec![]);
        }
        let detail = "the secret was revealed before, and is shown once only: replace it";
        Err(Stop::Refuse(Refused::Conflict { detail }))
    };
    made(account, "api_account.secret.revealed", call, context, first).await
}

/// Gives an account another secret in place of those that it has: of these, the newest goes on for as long as is said, and all others
/// end at once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn rotate(
    account: &str,
    overlap: Lifetime,
    call: &Call,
    context: &Context<'_>,
) -> Result<Made, Stop<Refused>> {
    secrets::check_overlap(overlap)?;
    let replace = move |record: &ClientRecord, call: &Call, tx: &mut dyn Tx| {
        Ok(secrets::replace(record, overlap, call.now(), tx)?)
    };
    made(account, "api_account.secret.rotated", call, context, replace).await
}

/// Makes a secret once something has been done about those before it, which tells what it was done to.
async fn made(
    account: &str,
    action: &'static str,
    call: &Call,
    context: &Context<'_>,
    before: impl Fn(&ClientRecord, &Call, &mut dyn Tx) -> Result<Vec<Id>, Stop<Refused>> + Send + 'static,
) -> Result<Made, Stop<Refused>> {
    let found = super::show(account, call, context).await?;
    let (text, secret) = secrets::drawn(found.id, context)?;
    let (reference, call, now) = (found.id.to_string(), call.clone(), context.now);
    let make = move |tx: &mut dyn Tx| {
        let account: Client = authority::held(&reference, &call, tx)?;
        // Who may not anyway need not sign in again to hear it.
        call.needs_recent_authentication()?;
        takes_part(&account, now, tx)?;
        let record = tx.client(account.id)?.ok_or_else(super::not_found)?;
        let ended = before(&record, &call, tx)?;
        tx.insert_client_secret(&secret)?;
        let secrets = [secret.id].into_iter().chain(ended).map(|id| ("client_secret", id));
        let objects: Vec<_> = super::touched(Some(&account), &account).into_iter().chain(secrets).collect();
        call.within(account.organization).record(action, &objects, tx)?;
        Ok(secret.clone())
    };
    let secret = context.cache.write(make).await?;
    Ok(Made { text, secret })
}
