//! Managing organizations: make, read, rename, switch off and on, delete. Owns the rules for an organization's name, which no
//! two share, so that people can refer to one by it; the record is `identity`'s, its storage the store's.

use crate::context::Context;
use crate::identity::organization::Organization;
use crate::manage::by::By;
use crate::manage::{Findings, Refused, name, taken};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::words::{ApiAccess, Status};

/// Makes an organization.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn create(name: &str, by: By, context: &Context<'_>) -> Result<Organization, Stop<Refused>> {
    check(name)?;
    let (id, now) = (context.new_id()?, context.now);
    let organization = Organization {
        id,
        name: name.to_owned(),
        status: Status::Active,
        api_access: ApiAccess::Disabled,
        created_at: now,
        updated_at: now,
    };
    let event = by.event("organization.created", context)?.about("organization", id);
    let insert = move |tx: &mut dyn Tx| {
        // No two have one name.
        tx.hold_changes()?;
        free(&organization, tx)?;
        tx.insert_organization(&organization)?;
        tx.insert_event(&event)?;
        Ok(organization.clone())
    };
    context.cache.write(insert).await
}

/// All organizations, in the order of their making.
///
/// # Errors
/// A fault of the store.
pub async fn list(context: &Context<'_>) -> Result<Vec<Organization>, Fault> {
    let mut organizations = context.cache.store().read(|tx| tx.organizations()).await?;
    organizations.sort_by_key(|organization| organization.id);
    Ok(organizations)
}

/// The organization of this name or identifier, straight from the store.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(reference: &str, context: &Context<'_>) -> Result<Organization, Stop<Refused>> {
    let reference = reference.to_owned();
    context.cache.store().read(move |tx| find(&reference, tx)).await?.ok_or_else(not_found)
}

/// Gives an organization another name.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn rename(
    reference: &str,
    name: &str,
    by: By,
    context: &Context<'_>,
) -> Result<Organization, Stop<Refused>> {
    check(name)?;
    let name = name.to_owned();
    let renamed = move |organization| Organization { name: name.clone(), ..organization };
    change(reference, "organization.updated", by, context, renamed).await
}

/// Switches an organization off or on. While it is off, its users and clients get nothing, and nothing they hold is good.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn set_status(
    reference: &str,
    status: Status,
    by: By,
    context: &Context<'_>,
) -> Result<Organization, Stop<Refused>> {
    let action = match status {
        Status::Active => "organization.enabled",
        Status::Inactive => "organization.disabled",
    };
    change(reference, action, by, context, move |organization| Organization { status, ..organization }).await
}

/// Deletes an organization that nobody belongs to.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn delete(reference: &str, by: By, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let reference = reference.to_owned();
    let event = by.event("organization.deleted", context)?;
    let delete = move |tx: &mut dyn Tx| {
        // Before the row, as whoever changes it has it: the other way round, the two would wait for each other.
        tx.hold_changes()?;
        let id = find(&reference, tx)?.ok_or_else(not_found)?.id;
        tx.delete_organization(id)
            .map_err(taken("/organization_id", "still has users or clients: move or delete them first"))?;
        tx.insert_event(&event.about("organization", id))?;
        Ok(())
    };
    context.cache.write(delete).await
}

pub(super) fn find(reference: &str, tx: &mut dyn Tx) -> Result<Option<Organization>, Fault> {
    match reference.parse::<Id>() {
        Ok(id) => tx.organization(id),
        Err(_) => Ok(tx.organizations()?.into_iter().find(|organization| organization.name == reference)),
    }
}

async fn change(
    reference: &str,
    action: &str,
    by: By,
    context: &Context<'_>,
    change: impl Fn(Organization) -> Organization + Send + 'static,
) -> Result<Organization, Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let event = by.event(action, context)?;
    let update = move |tx: &mut dyn Tx| {
        // No two have one name.
        tx.hold_changes()?;
        let read = find(&reference, tx)?.ok_or_else(not_found)?;
        let organization = change(read.clone());
        if organization == read {
            return Ok(read);
        }
        free(&organization, tx)?;
        let organization = Organization { updated_at: now.max(read.updated_at), ..organization };
        tx.update_organization(&organization)?;
        tx.insert_event(&event.about("organization", organization.id))?;
        Ok(organization)
    };
    context.cache.write(update).await
}

/// Whether no other organization has its name.
fn free(organization: &Organization, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let other = |other: &Organization| other.name == organization.name && other.id != organization.id;
    if tx.organizations()?.iter().any(other) {
        return Err(Stop::Refuse(Refused::invalid("/name", "is taken by another organization")));
    }
    Ok(())
}

fn check(organization: &str) -> Result<(), Stop<Refused>> {
    let mut findings = Findings::default();
    name("/name", organization, &mut findings);
    if organization.parse::<Id>().is_ok() {
        findings.add("/name", "must not be shaped like an identifier");
    }
    findings.refuse()
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "organization" })
}
