//! Managing the catalogue of providers: make, read, change, delete. Owns what of a provider stays while auths are registered for it;
//! what its members have to be like stands in `checks`, the record in `vault`, its storage in the store.
//!
//! Providers belong to no organization: whoever is bounded by one sees all of them, and changes none.

mod checks;

use crate::context::Context;
use crate::manage::call::Call;
use crate::manage::providers::checks::{check, key_of};
use crate::manage::{Findings, Refused, taken};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::vault::provider::{Field, Preset, Provider};
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::words::FieldType;

/// The members of a provider that an administrator chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// What people see.
    pub name: String,
    /// What signing in there takes.
    pub fields: Vec<Field>,
    /// Values that come together.
    pub presets: Vec<Preset>,
}

/// Makes a provider.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    key: &str,
    members: Members,
    call: &Call,
    context: &Context<'_>,
) -> Result<Provider, Stop<Refused>> {
    call.needs_everywhere(Permission::ProvidersWrite)?;
    let mut findings = Findings::default();
    key_of("/key", key, &mut findings);
    check(&members, &mut findings);
    findings.refuse()?;
    let Members { name, fields, presets } = members;
    let (id, now, key) = (context.new_id()?, context.now, key.to_owned());
    let provider = Provider { id, key, name, fields, presets, created_at: now, updated_at: now };
    let call = call.clone();
    let insert = move |tx: &mut dyn Tx| {
        tx.insert_provider(&provider).map_err(taken("/key", "is taken by another provider"))?;
        call.record("provider.created", &[("provider", id)], tx)?;
        Ok(provider.clone())
    };
    context.cache.write(insert).await
}

/// All providers, in the order of their making.
///
/// # Errors
/// [`Refused::Forbidden`], or a fault of the store.
pub async fn list(call: &Call, context: &Context<'_>) -> Result<Vec<Provider>, Stop<Refused>> {
    call.needs(Permission::ProvidersRead)?;
    Ok(context.cache.store().read(|tx| tx.providers()).await?)
}

/// The provider of this key or identifier.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(reference: &str, call: &Call, context: &Context<'_>) -> Result<Provider, Stop<Refused>> {
    call.needs(Permission::ProvidersRead)?;
    let reference = reference.to_owned();
    context.cache.store().read(move |tx| find(&reference, tx)).await?.ok_or_else(not_found)
}

/// Replaces the members of a provider. The change is made inside the transaction, so none made meanwhile is lost; it must be quick,
/// and may be made more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<Provider, Stop<Refused>> {
    call.needs_everywhere(Permission::ProvidersWrite)?;
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let update = move |tx: &mut dyn Tx| {
        let read = hold(&reference, &call, tx)?;
        let mut members = Members::of(&read);
        change(&mut members)?;
        let mut findings = Findings::default();
        check(&members, &mut findings);
        if members.fields != read.fields && tx.has_registered_auths(&read.key)? {
            fields_stay(&read, &members, &mut findings);
        }
        findings.refuse()?;
        let Members { name, fields, presets } = members;
        let provider = Provider { name, fields, presets, ..read.clone() };
        if provider == read {
            return Ok(read);
        }
        let provider = Provider { updated_at: now.max(read.updated_at), ..provider };
        tx.update_provider(&provider)?;
        call.record("provider.updated", &[("provider", provider.id)], tx)?;
        Ok(provider)
    };
    context.cache.write(update).await
}

const STILL_USED: &str = "auths are registered for this provider: delete them first";

/// Deletes a provider for which no auth is registered.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs_everywhere(Permission::ProvidersWrite)?;
    let (reference, call) = (reference.to_owned(), call.clone());
    let delete = move |tx: &mut dyn Tx| {
        let provider = hold(&reference, &call, tx)?;
        if tx.has_registered_auths(&provider.key)? {
            return Err(Stop::Refuse(Refused::Conflict { detail: STILL_USED }));
        }
        tx.delete_provider(provider.id)?;
        Ok(call.record("provider.deleted", &[("provider", provider.id)], tx)?)
    };
    context.cache.write(delete).await
}

impl Members {
    /// The members of a new provider, with everything else empty.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), fields: vec![], presets: vec![] }
    }

    fn of(provider: &Provider) -> Self {
        let Provider { name, fields, presets, .. } = provider.clone();
        Self { name, fields, presets }
    }
}

/// While auths hold values of them: a secret that became a text would lie in the wrong place, and the other way round; and what is no
/// address any more could be changed to lead secrets elsewhere without what that takes.
fn fields_stay(read: &Provider, members: &Members, findings: &mut Findings) {
    for field in &read.fields {
        let place = members.fields.iter().position(|other| other.name == field.name);
        match place {
            None => findings.add(
                "/fields",
                format!("the field '{}' stays while auths are registered for this provider", field.name),
            ),
            Some(at) if members.fields[at].is_secret() != field.is_secret() => findings.add(
                format!("/fields/{at}/type"),
                "does not change between secret and open while auths are registered for this provider",
            ),
            Some(at) if is_address(&members.fields[at]) != is_address(field) => findings.add(
                format!("/fields/{at}/type"),
                "does not come to be an address, or cease to be one, while auths are registered for this provider",
            ),
            Some(_) => {}
        }
    }
}

fn is_address(field: &Field) -> bool {
    field.kind == FieldType::Url
}

fn find(reference: &str, tx: &mut dyn Tx) -> Result<Option<Provider>, Fault> {
    match reference.parse::<Id>() {
        Ok(id) => Ok(tx.providers()?.into_iter().find(|provider| provider.id == id)),
        Err(_) => tx.provider_named(reference),
    }
}

/// The provider, in the state that was asked for, which nobody else changes, and for which nobody registers an auth, until the
/// transaction ends.
fn hold(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<Provider, Stop<Refused>> {
    let found = find(reference, tx)?.ok_or_else(not_found)?;
    let held = if tx.hold_provider(&found.key)? { tx.provider_named(&found.key)? } else { None };
    let provider = held.ok_or_else(not_found)?;
    call.finds(&provider)?;
    Ok(provider)
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "provider" })
}
