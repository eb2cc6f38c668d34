//! Managing organizations: make, read, change, switch off and on, delete. Owns the rules for an organization's members, its name
//! above all, which no two share, so that people can refer to one by it; the record is `identity`'s, its storage the store's.
//!
//! Whoever is bounded by an organization sees that one, and gives it another name; the rest is done to it by others.

use crate::context::Context;
use crate::identity::organization::Organization;
use crate::manage::call::Call;
use crate::manage::{Findings, Refused, administrators, name};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::words::{ApiAccess, Status};

/// The members of an organization that an administrator chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// What people see.
    pub name: String,
    /// Whether its users and clients get anything.
    pub status: Status,
    /// Whether its people have API access.
    pub api_access: ApiAccess,
    /// Whether requests move it no more; so it is anyway where it is set to `disabled` from another word.
    pub api_access_shut: bool,
}

/// Makes an organization.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn create(
    members: Members,
    call: &Call,
    context: &Context<'_>,
) -> Result<Organization, Stop<Refused>> {
    call.needs_everywhere(Permission::OrganizationsWrite)?;
    check(&members)?;
    let (id, now, call) = (context.new_id()?, context.now, call.clone());
    let blank = Organization {
        id,
        name: String::new(),
        status: Status::Active,
        api_access: ApiAccess::Disabled,
        api_access_shut: false,
        created_at: now,
        updated_at: now,
    };
    let organization = members.on(&blank);
    let insert = move |tx: &mut dyn Tx| {
        // No two have one name.
        tx.hold_changes()?;
        free(&organization, tx)?;
        tx.insert_organization(&organization)?;
        call.within(Some(id)).record("organization.created", &[("organization", id)], tx)?;
        Ok(organization.clone())
    };
    context.cache.write(insert).await
}

/// All organizations, in the order of their making.
///
/// # Errors
/// [`Refused::Forbidden`], or a fault of the store.
pub async fn list(call: &Call, context: &Context<'_>) -> Result<Vec<Organization>, Stop<Refused>> {
    call.needs(Permission::OrganizationsRead)?;
    let mut organizations = context.cache.store().read(|tx| tx.organizations()).await?;
    organizations.retain(|organization| call.permit().sees(Some(organization.id)));
    organizations.sort_by_key(|organization| organization.id);
    Ok(organizations)
}

/// The organization of this name or identifier, straight from the store.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<Organization, Stop<Refused>> {
    call.needs(Permission::OrganizationsRead)?;
    let (reference, call) = (reference.to_owned(), call.clone());
    let show = move |tx: &mut dyn Tx| find(&reference, &call, tx);
    context.cache.store().read(show).await?.ok_or_else(not_found)
}

/// Replaces the members of an organization. The change is made inside the transaction, so none made meanwhile is lost; it must be
/// quick, and may be made more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<Organization, Stop<Refused>> {
    let change = move |read: &Organization, call: &Call| {
        let mut members = Members::of(read);
        change(&mut members)?;
        if Members::of(read) != (Members { name: read.name.clone(), ..members.clone() }) {
            call.permit().unbounded()?;
        }
        check(&members)?;
        Ok(members.on(read))
    };
    write(reference, call, context, change).await
}

/// Switches an organization off or on. While it is off, its users and clients get nothing, and nothing they hold is good.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn set_status(
    reference: &str,
    status: Status,
    call: &Call,
    context: &Context<'_>,
) -> Result<Organization, Stop<Refused>> {
    call.needs_everywhere(Permission::OrganizationsWrite)?;
    let switch = move |read: &Organization, _: &Call| Ok(Organization { status, ..read.clone() });
    write(reference, call, context, switch).await
}

const STILL_USED: &str = "the organization still has users, clients or groups: move or delete them first";

/// Deletes an organization that nobody belongs to.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs_everywhere(Permission::OrganizationsWrite)?;
    let (reference, call) = (reference.to_owned(), call.clone());
    let delete = move |tx: &mut dyn Tx| {
        // Before the row, as whoever changes it has it: the other way round, the two would wait for each other.
        tx.hold_changes()?;
        let organization = find(&reference, &call, tx)?.ok_or_else(not_found)?;
        call.finds(&organization)?;
        let id = organization.id;
        tx.delete_organization(id).map_err(|fault| match fault {
            Fault::Constraint { .. } => Stop::Refuse(Refused::Conflict { detail: STILL_USED }),
            fault => Stop::Fault(fault),
        })?;
        call.within(Some(id)).record("organization.deleted", &[("organization", id)], tx)?;
        Ok(())
    };
    context.cache.write(delete).await
}

/// The organization that a member names, as far as whoever calls sees it; what cannot stand is noted.
pub(super) fn named(
    reference: Option<&str>,
    call: &Call,
    findings: &mut Findings,
    tx: &mut dyn Tx,
) -> Result<Option<Id>, Fault> {
    let Some(reference) = reference else {
        if call.permit().organization().is_some() {
            findings.add("/organization_id", "is your own organization: what belongs to none is not yours");
        }
        return Ok(None);
    };
    let found = find(reference, call, tx)?.ok_or("is not an organization");
    Ok(findings.check("/organization_id", found).map(|organization| organization.id))
}

/// The organizations that are touched when something moves from one to another.
pub(super) fn moved(from: Option<Id>, to: Option<Id>) -> impl Iterator<Item = (&'static str, Id)> {
    [from, to].into_iter().flatten().filter(move |_| from != to).map(|id| ("organization", id))
}

/// Where nothing is said, what is made belongs to the organization that its maker is bounded by.
pub(super) fn or_own(named: Option<String>, call: &Call) -> Option<String> {
    named.or_else(|| call.permit().organization().map(|id| id.to_string()))
}

impl Members {
    /// The members of a new organization, with everything else at its default.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        let (status, api_access) = (Status::Active, ApiAccess::Disabled);
        Self { name: name.into(), status, api_access, api_access_shut: false }
    }

    fn of(organization: &Organization) -> Self {
        Self {
            name: organization.name.clone(),
            status: organization.status,
            api_access: organization.api_access,
            api_access_shut: organization.api_access_shut,
        }
    }

    /// An organization with these members. What is switched off by hand stays off until somebody switches it on by hand.
    fn on(self, organization: &Organization) -> Organization {
        let Self { name, status, api_access, api_access_shut } = self;
        let api_access_shut = match (organization.api_access, api_access) {
            (ApiAccess::Disabled, ApiAccess::Disabled) => api_access_shut,
            (_, now) => now == ApiAccess::Disabled,
        };
        Organization { name, status, api_access, api_access_shut, ..organization.clone() }
    }
}

/// The organization, if it is there for whoever calls.
pub(super) fn find(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<Option<Organization>, Fault> {
    let found = match reference.parse::<Id>() {
        Ok(id) => tx.organization(id)?,
        Err(_) => tx.organizations()?.into_iter().find(|organization| organization.name == reference),
    };
    Ok(found.filter(|organization| call.permit().sees(Some(organization.id))))
}

async fn write(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&Organization, &Call) -> Result<Organization, Stop<Refused>> + Send + 'static,
) -> Result<Organization, Stop<Refused>> {
    call.needs(Permission::OrganizationsWrite)?;
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let update = move |tx: &mut dyn Tx| {
        // No two have one name.
        tx.hold_changes()?;
        let read = find(&reference, &call, tx)?.ok_or_else(not_found)?;
        call.finds(&read)?;
        let organization = change(&read, &call)?;
        if organization == read {
            return Ok(read);
        }
        free(&organization, tx)?;
        let organization = Organization { updated_at: now.max(read.updated_at), ..organization };
        administrators::kept(|tx| Ok(tx.update_organization(&organization)?), &call, tx)?;
        let id = organization.id;
        call.within(Some(id)).record(action(&read, &organization), &[("organization", id)], tx)?;
        Ok(organization)
    };
    context.cache.write(update).await
}

/// What is said of a change: that it switches an organization outweighs whatever else it does.
fn action(before: &Organization, after: &Organization) -> &'static str {
    match after.status {
        same if same == before.status => "organization.updated",
        Status::Active => "organization.enabled",
        Status::Inactive => "organization.disabled",
    }
}

/// Whether no other organization has its name.
fn free(organization: &Organization, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let other = |other: &Organization| other.name == organization.name && other.id != organization.id;
    if tx.organizations()?.iter().any(other) {
        return Err(Stop::Refuse(Refused::invalid("/name", "is taken by another organization")));
    }
    Ok(())
}

fn check(members: &Members) -> Result<(), Stop<Refused>> {
    let mut findings = Findings::default();
    name("/name", &members.name, &mut findings);
    if members.name.parse::<Id>().is_ok() {
        findings.add("/name", "must not be shaped like an identifier");
    }
    findings.refuse()
}

pub(super) const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "organization" })
}
