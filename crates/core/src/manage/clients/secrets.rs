//! The secrets of a client: list, make, replace, take away. Owns that there are two at most, so that a client can change from one to
//! the other, and what becomes of the old ones; that one which has ended proves nothing is `client::authenticate`'s part.

use super::{find, hold, not_found};
use crate::client::{ClientRecord, ClientSecret};
use crate::context::Context;
use crate::manage::Refused;
use crate::manage::call::Call;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::last_use::LastUse;
use crate::token::mint;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::token_text::TokenType;

/// As many as a client needs to change from one to the other.
const MOST: usize = 2;
/// The longest that an old secret goes on beside a new one.
pub const LONGEST_OVERLAP: Lifetime = Lifetime::days(30);

/// A secret just made. Its text is shown this once.
pub struct Made {
    /// What the client presents.
    pub text: Secret,
    /// What is kept of it.
    pub secret: ClientSecret,
}

/// The secrets of a client that are good, and those that were taken back for a reason, newest first, each with its last use.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(
    client: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<(ClientSecret, Option<LastUse>)>, Stop<Refused>> {
    call.needs(Permission::ClientsRead)?;
    let (reference, call, now) = (client.to_owned(), call.clone(), context.now);
    let read = move |tx: &mut dyn Tx| {
        let Some(record) = find(&reference, &call, tx)? else { return Ok(None) };
        told(&record, now, tx).map(Some)
    };
    context.cache.store().snapshot(read).await?.ok_or_else(not_found)
}

/// The secrets of a client that are told, each with its last use.
pub(in crate::manage) fn told(
    record: &ClientRecord,
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<Vec<(ClientSecret, Option<LastUse>)>, Fault> {
    let told = |secret: &&ClientSecret| is_good(secret, now) || secret.inactive_reason.is_some();
    let secrets: Vec<_> = record.secrets.iter().filter(told).cloned().collect();
    let ids: Vec<_> = secrets.iter().map(|secret| secret.id).collect();
    let uses = tx.last_uses(&ids)?;
    let used = |secret: &ClientSecret| uses.iter().find(|used| used.id == secret.id).copied();
    Ok(secrets.into_iter().map(|secret| (secret.clone(), used(&secret))).collect())
}

/// Gives a client another secret beside the one that it has.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn create(client: &str, call: &Call, context: &Context<'_>) -> Result<Made, Stop<Refused>> {
    let make = |record: &ClientRecord, now: Seconds, _: &mut dyn Tx| {
        if good(record, now).count() >= MOST {
            let detail = "it has two secrets: replace them, or delete one first";
            return Err(Stop::Refuse(Refused::Conflict { detail }));
        }
        Ok(vec![])
    };
    made(client, "client.secret.created", call, context, make).await
}

/// Gives a client another secret in place of those that it has: of these, the newest goes on for as long as is said, and all others
/// end at once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn rotate(
    client: &str,
    overlap: Lifetime,
    call: &Call,
    context: &Context<'_>,
) -> Result<Made, Stop<Refused>> {
    check_overlap(overlap)?;
    let end =
        move |record: &ClientRecord, now: Seconds, tx: &mut dyn Tx| Ok(replace(record, overlap, now, tx)?);
    made(client, "client.secret.rotated", call, context, end).await
}

/// How long an old secret may go on.
pub(in crate::manage) fn check_overlap(overlap: Lifetime) -> Result<(), Stop<Refused>> {
    if overlap < Lifetime::seconds(0) || overlap > LONGEST_OVERLAP {
        let detail = format!("is between 0 and {} seconds", LONGEST_OVERLAP.0);
        return Err(Stop::Refuse(Refused::invalid("/overlap_seconds", detail)));
    }
    Ok(())
}

/// Lets the newest of a client's secrets go on for as long as that, and ends all others; tells which were good.
pub(in crate::manage) fn replace(
    record: &ClientRecord,
    overlap: Lifetime,
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<Vec<Id>, Fault> {
    // Of two made within a second, the one that has been given an end is the older.
    let newest = good(record, now).max_by_key(|secret| (secret.expires_at.is_none(), secret.created_at));
    let newest = newest.filter(|_| overlap.0 > 0).map(|secret| secret.id);
    // Why one was taken back is told for longer than it takes to replace it.
    let replaced = || record.secrets.iter().filter(|secret| secret.inactive_reason.is_none());
    for secret in replaced() {
        if Some(secret.id) == newest {
            let end = now + overlap;
            tx.expire_client_secret(secret.id, secret.expires_at.map_or(end, |own| own.min(end)))?;
        } else {
            tx.delete_client_secret(secret.id)?;
        }
    }
    Ok(replaced().map(|secret| secret.id).collect())
}

/// Takes a secret away from a client.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn delete(
    client: &str,
    secret: Id,
    call: &Call,
    context: &Context<'_>,
) -> Result<(), Stop<Refused>> {
    call.needs(Permission::ClientsWrite)?;
    let (reference, call) = (client.to_owned(), call.clone());
    let delete = move |tx: &mut dyn Tx| {
        let record = hold(&reference, &call, tx)?;
        let its = record.secrets.iter().any(|known| known.id == secret);
        if !its || !tx.delete_client_secret(secret)? {
            return Err(Stop::Refuse(Refused::NotFound { noun: "client secret" }));
        }
        let objects = [("client", record.client.id), ("client_secret", secret)];
        Ok(call.within(record.client.organization).record("client.secret.deleted", &objects, tx)?)
    };
    context.cache.write(delete).await
}

/// Makes a secret once something has been done about those before it, which tells what it was done to.
async fn made(
    client: &str,
    action: &'static str,
    call: &Call,
    context: &Context<'_>,
    before: impl Fn(&ClientRecord, Seconds, &mut dyn Tx) -> Result<Vec<Id>, Stop<Refused>> + Send + 'static,
) -> Result<Made, Stop<Refused>> {
    call.needs(Permission::ClientsWrite)?;
    let (wanted, asked) = (client.to_owned(), call.clone());
    let found = context.cache.store().snapshot(move |tx| find(&wanted, &asked, tx)).await?;
    let id = found.ok_or_else(not_found)?.client.id;
    let (text, secret) = drawn(id, context)?;
    let (call, now) = (call.clone(), context.now);
    let make = move |tx: &mut dyn Tx| {
        let record = hold(&id.to_string(), &call, tx)?;
        if !record.client.is_confidential() {
            let detail = "a public client has no secret: whatever it holds, everybody can read";
            return Err(Stop::Refuse(Refused::Conflict { detail }));
        }
        let ended = before(&record, now, tx)?;
        tx.insert_client_secret(&secret)?;
        let secrets = [secret.id].into_iter().chain(ended).map(|id| ("client_secret", id));
        let objects: Vec<_> = [("client", id)].into_iter().chain(secrets).collect();
        call.within(record.client.organization).record(action, &objects, tx)?;
        Ok(secret.clone())
    };
    let secret = context.cache.write(make).await?;
    Ok(Made { text, secret })
}

/// Those that prove something now, newest first.
fn good(record: &ClientRecord, now: Seconds) -> impl Iterator<Item = &ClientSecret> {
    record.secrets.iter().filter(move |secret| is_good(secret, now))
}

fn is_good(secret: &ClientSecret, now: Seconds) -> bool {
    secret.expires_at.is_none_or(|end| now < end)
}

/// A secret for a client, and what is kept of it.
pub(in crate::manage) fn drawn(client: Id, context: &Context<'_>) -> Result<(Secret, ClientSecret), Fault> {
    let random = context.random.secret().map_err(Fault::broken)?;
    let (text, pepper, digest) = mint::secret(TokenType::ClientSecret, &random, context.peppers);
    let stored = ClientSecret {
        id: context.new_id()?,
        client,
        digest,
        pepper,
        last_four: text.expose()[text.expose().len() - 4..].to_owned(),
        created_at: context.now,
        expires_at: None,
        inactive_reason: None,
    };
    Ok((text, stored))
}
