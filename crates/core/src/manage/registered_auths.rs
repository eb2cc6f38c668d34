//! Managing registered auths: register, read, change, delete. Owns what a change does to the secrets: those that it does not name stay
//! as they are, sealed. Who may do it to whose stands in `authority`, what can stand in `checks`, and how secrets come out in
//! [`disclosure`].
//!
//! Sealing takes randomness, and so is done before the write: what is written is guarded by what was read.

mod authority;
mod checks;
pub mod disclosure;

use crate::context::Context;
use crate::keys::seal::Sealer;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::manage::registered_auths::authority::{Act, account, found, held};
use crate::manage::registered_auths::checks::{Plan, plan};
use crate::manage::{Findings, Refused, name};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::vault::provider::Provider;
use crate::vault::registered_auth::{RegisteredAuth, Secrets};
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::{FieldType, Release};
use std::collections::BTreeMap;

pub(super) const NOUN: &str = "registered auth";

/// More auths than that of one account are a mistake.
const MOST: i64 = 1_000;
/// So often a change is tried that others come in between of.
const ATTEMPTS: usize = 5;

/// The members of a registered auth that somebody chooses.
#[derive(Clone)]
pub struct Members {
    /// By what people tell it from others.
    pub label: String,
    /// Whether it is for trying only; where nothing is said, as its preset is.
    pub testing: Option<bool>,
    /// The preset that fills in what is not said.
    pub preset: Option<String>,
    /// To whom its secrets are given besides people.
    pub release: Release,
    /// Its values, by the names of the provider's fields.
    pub fields: BTreeMap<String, Value>,
}

/// A value of a field.
#[derive(Clone)]
pub enum Value {
    /// This one.
    Given(Secret),
    /// The secret that is there.
    Kept,
}

/// Registers an auth under an account.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    account_named: &str,
    provider: &str,
    members: Members,
    sealer: &Sealer,
    call: &Call,
    context: &Context<'_>,
) -> Result<RegisteredAuth, Stop<Refused>> {
    let (id, now) = (context.new_id()?, context.now);
    for _ in 0..ATTEMPTS {
        let (reference, key, by) = (account_named.to_owned(), provider.to_owned(), call.clone());
        let read =
            move |tx: &mut dyn Tx| Ok((account(&reference, Act::Change, &by, tx)?, tx.provider_named(&key)?));
        let (owner, provider) = asked(read, context).await?;
        let mut findings = Findings::default();
        name("/label", &members.label, &mut findings);
        let Some(provider) = findings.check("/provider", provider.ok_or("is not a provider")) else {
            findings.refuse()?;
            return Err(Stop::Fault(Fault::broken("an auth without a provider")));
        };
        let Plan { open, given, kept: _, preset, testing } = plan(&members, &provider, None, &mut findings);
        findings.refuse()?;
        let auth = RegisteredAuth {
            id,
            account: owner.id,
            provider: provider.key.clone(),
            label: members.label.clone(),
            testing,
            preset,
            release: members.release,
            fields: open,
            secrets: vec![],
            sealed: None,
            generation: 0,
            created_at: now,
            updated_at: now,
        };
        let auth = auth.with_secrets(&given, sealer, context.random).map_err(Fault::broken)?;
        let by = call.clone();
        let insert = move |tx: &mut dyn Tx| {
            if !is_still(&provider, tx)? {
                return Ok(None);
            }
            tx.hold_client(auth.account)?;
            let owner = account(&auth.account.to_string(), Act::Change, &by, tx)?;
            room(owner.id, tx)?;
            tx.insert_registered_auth(&auth)?;
            by.within(owner.organization).record("registered_auth.created", &touched(&auth), tx)?;
            Ok(Some(auth.clone()))
        };
        if let Some(made) = context.cache.write(insert).await? {
            return Ok(made);
        }
    }
    Err(Stop::Fault(Fault::Raced))
}

/// One more has to find room. The account is held, so nobody registers another one meanwhile.
fn room(account: Id, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let count = tx.registered_auths_of(account, None, MOST)?.len();
    if i64::try_from(count).is_ok_and(|count| count < MOST) {
        return Ok(());
    }
    let detail = "the API account has 1000 registered auths, and may have no more: delete some first";
    Err(Stop::Refuse(Refused::Conflict { detail }))
}

/// A page of the auths of an account, in the order of their making, after the given one.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(
    account_named: &str,
    after: Option<Id>,
    limit: i64,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<RegisteredAuth>, Stop<Refused>> {
    let (reference, call) = (account_named.to_owned(), call.clone());
    let read = move |tx: &mut dyn Tx| {
        let owner = account(&reference, Act::See, &call, tx)?;
        Ok(tx.registered_auths_of(owner.id, after, limit)?)
    };
    asked(read, context).await
}

/// The auth with this identifier.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<RegisteredAuth, Stop<Refused>> {
    let (reference, call) = (reference.to_owned(), call.clone());
    asked(move |tx| Ok(found(&reference, Act::See, &call, tx)?.0), context).await
}

/// Replaces the members of an auth. It is done again where somebody comes in between, so none of their changes is lost; the change
/// must be quick.
///
/// # Errors
/// [`Refused`], or a fault of the store or of a secret that does not open.
pub async fn update(
    reference: &str,
    sealer: &Sealer,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send,
) -> Result<RegisteredAuth, Stop<Refused>> {
    for _ in 0..ATTEMPTS {
        let (named, by) = (reference.to_owned(), call.clone());
        let read = move |tx: &mut dyn Tx| {
            let (auth, _) = found(&named, Act::Change, &by, tx)?;
            let provider = tx.provider_named(&auth.provider)?;
            Ok((auth, provider))
        };
        let (read, provider) = asked(read, context).await?;
        call.finds(&read)?;
        let provider = provider.ok_or_else(|| Fault::broken("an auth of a provider that there is not"))?;
        let mut members = Members::of(&read);
        change(&mut members)?;
        let auth = changed(&members, &read, &provider, sealer, context)?;
        if auth == read {
            return Ok(read);
        }
        // One secret may be new while another one stays.
        let keeps_secrets = members.fields.values().any(|value| matches!(value, Value::Kept));
        if keeps_secrets && lets_out(&auth, &read, &provider) {
            call.needs(Permission::RegisteredAuthsReveal)?;
            call.needs_recent_authentication()?;
        }
        let updated_at = context.now.max(read.updated_at);
        let auth = RegisteredAuth { generation: read.generation + 1, updated_at, ..auth };
        let by = call.clone();
        let update = move |tx: &mut dyn Tx| {
            let (now, owner) = held(auth.id, Act::Change, &by, tx)?;
            if now.generation != read.generation || !is_still(&provider, tx)? {
                return Ok(None);
            }
            // It may have been sealed anew meanwhile, and is then to stay so.
            let kept = if auth.sealed == read.sealed { now.sealed } else { auth.sealed.clone() };
            let auth = RegisteredAuth { sealed: kept, ..auth.clone() };
            if !tx.update_registered_auth(&auth)? {
                return Err(Stop::Fault(Fault::Raced));
            }
            by.within(owner.organization).record("registered_auth.updated", &touched(&auth), tx)?;
            Ok(Some(auth))
        };
        if let Some(auth) = context.cache.write(update).await? {
            return Ok(auth);
        }
    }
    Err(Stop::Fault(Fault::Raced))
}

/// Whether secrets that stay could leave where they did not before: released to the account, or sent to another address by whoever uses
/// them. That takes somebody who could have them shown.
fn lets_out(auth: &RegisteredAuth, read: &RegisteredAuth, provider: &Provider) -> bool {
    let is_wider = auth.release != read.release && auth.release != Release::Never;
    let goes_elsewhere = provider.fields.iter().any(|field| {
        field.kind == FieldType::Url && auth.fields.get(&field.name) != read.fields.get(&field.name)
    });
    is_wider || goes_elsewhere
}

/// Deletes an auth.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let (reference, call) = (reference.to_owned(), call.clone());
    let delete = move |tx: &mut dyn Tx| {
        let (auth, _) = found(&reference, Act::Change, &call, tx)?;
        let (auth, owner) = held(auth.id, Act::Change, &call, tx)?;
        call.finds(&auth)?;
        tx.delete_registered_auth(auth.id)?;
        Ok(call.within(owner.organization).record("registered_auth.deleted", &touched(&auth), tx)?)
    };
    context.cache.write(delete).await
}

impl Members {
    /// The members of a new auth, with everything else at its default.
    #[must_use]
    pub fn labelled(label: impl Into<String>) -> Self {
        let (label, fields) = (label.into(), BTreeMap::new());
        Self { label, testing: None, preset: None, release: Release::Never, fields }
    }

    fn of(auth: &RegisteredAuth) -> Self {
        let open = auth.fields.iter().map(|(name, text)| (name.clone(), Value::given(text.clone())));
        let secret = auth.secrets.iter().map(|name| (name.clone(), Value::Kept));
        Self {
            label: auth.label.clone(),
            testing: Some(auth.testing),
            preset: auth.preset.clone(),
            release: auth.release,
            fields: open.chain(secret).collect(),
        }
    }
}

impl Value {
    /// This text.
    #[must_use]
    pub fn given(text: impl Into<String>) -> Self {
        Self::Given(Secret::new(text.into()))
    }
}

/// The auth with these members. Secrets that are not given anew are opened only where others lie beside them.
fn changed(
    members: &Members,
    read: &RegisteredAuth,
    provider: &Provider,
    sealer: &Sealer,
    context: &Context<'_>,
) -> Result<RegisteredAuth, Stop<Refused>> {
    let mut findings = Findings::default();
    name("/label", &members.label, &mut findings);
    let Plan { open, given, kept, preset, testing } = plan(members, provider, Some(read), &mut findings);
    findings.refuse()?;
    let (label, release) = (members.label.clone(), members.release);
    let auth = RegisteredAuth { label, testing, preset, release, fields: open, ..read.clone() };
    if given.is_empty() && kept == read.secrets {
        return Ok(auth);
    }
    let before = if kept.is_empty() { Secrets::new() } else { disclosure::opened(read, sealer)? };
    let kept = before.into_iter().filter(|(name, _)| kept.contains(name));
    let secrets: Secrets = kept.chain(given).collect();
    Ok(auth.with_secrets(&secrets, sealer, context.random).map_err(Fault::broken)?)
}

/// Whether a provider is as it was when values were held against it. It stays so until the transaction ends.
fn is_still(provider: &Provider, tx: &mut dyn Tx) -> Result<bool, Fault> {
    Ok(tx.hold_provider(&provider.key)? && tx.provider_named(&provider.key)?.as_ref() == Some(provider))
}

/// An auth, and the account that it is kept under.
fn touched(auth: &RegisteredAuth) -> [(&'static str, Id); 2] {
    [("registered_auth", auth.id), ("api_account", auth.account)]
}

pub(super) const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: NOUN })
}
