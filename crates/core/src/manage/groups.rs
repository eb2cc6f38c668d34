//! Managing groups: make, read, change, delete. Owns the rules for a group's members, and the groups that are there without
//! anybody making them; the record is `identity`'s, its storage the store's.

use crate::context::Context;
use crate::identity::group::Group;
use crate::manage::call::Call;
use crate::manage::{Findings, Refused, administrators, name, organizations, power, taken};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{ClientFilter, UserFilter};
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};

/// Who may do everything.
pub const ADMINISTRATORS: &str = "Administrators";
/// Everybody who belongs here.
pub const MEMBERS: &str = "Members";
/// Who may see everything and change nothing.
pub const AUDITORS: &str = "Auditors";

/// What everybody who belongs here looks after: their own tokens, their access, and the accounts by which they use it. Of
/// registered auths they see those of their own accounts alone, and so those are what they may have shown.
const OF_MEMBERS: [Permission; 5] = [
    Permission::ApiTokensSelf,
    Permission::AccessRequestsSelf,
    Permission::ApiAccountsSelf,
    Permission::ProvidersRead,
    Permission::RegisteredAuthsReveal,
];

/// The groups that come into being when they are first named, and what they stand for.
fn built_in() -> [(&'static str, Permissions); 3] {
    let members = OF_MEMBERS.into_iter().collect();
    [(ADMINISTRATORS, Permissions::all()), (MEMBERS, members), (AUDITORS, Permissions::reading())]
}

/// The members of a group that an administrator chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// What people see, and what the claim `groups` says.
    pub name: String,
    /// The organization it belongs to, by name or identifier: it then takes only who belongs there.
    pub organization: Option<String>,
    /// What its members may do at the management API.
    pub permissions: Permissions,
}

/// The built-in groups as they would be made, drawn before the transaction in which one of them may be named first.
pub(super) struct BuiltIn(Vec<Group>);

/// Makes a group.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn create(members: Members, call: &Call, context: &Context<'_>) -> Result<Group, Stop<Refused>> {
    call.needs(Permission::GroupsWrite)?;
    check(&members)?;
    free(&members.name)?;
    let members = Members { organization: organizations::or_own(members.organization, call), ..members };
    let (blank, call) = (blank(context)?, call.clone());
    let insert = move |tx: &mut dyn Tx| {
        let group = with(&members, &blank, &call, tx)?;
        call.covers(power::of_group(&group))?;
        tx.insert_group(&group).map_err(taken("/name", "is taken by another group"))?;
        call.within(group.organization).record("group.created", &touched(None, &group), tx)?;
        Ok(group)
    };
    context.cache.write(insert).await
}

/// The group of this name or identifier; a built-in one is made if nobody has named it before.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn ensure(reference: &str, call: &Call, context: &Context<'_>) -> Result<Group, Stop<Refused>> {
    call.needs(Permission::GroupsWrite)?;
    let (reference, built_in, call) = (reference.to_owned(), BuiltIn::draw(context)?, call.clone());
    let ensure = move |tx: &mut dyn Tx| {
        let known = tx.groups()?;
        if let Some(group) = find(&reference, &known, &call) {
            return Ok(group);
        }
        let group = built_in.make(&reference, tx)?.ok_or_else(not_found)?;
        call.within(group.organization).record("group.created", &[("group", group.id)], tx)?;
        Ok(group)
    };
    context.cache.write(ensure).await
}

/// All groups, in the order of their making: for whoever is bounded by an organization its own, and those that belong to none.
///
/// # Errors
/// [`Refused::Forbidden`], or a fault of the store.
pub async fn list(call: &Call, context: &Context<'_>) -> Result<Vec<Group>, Stop<Refused>> {
    call.needs(Permission::GroupsRead)?;
    let mut groups = context.cache.store().read(|tx| tx.groups()).await?;
    groups.retain(|group| is_there(group, call));
    groups.sort_by_key(|group| group.id);
    Ok(groups)
}

/// The group of this name or identifier, straight from the store.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(reference: &str, call: &Call, context: &Context<'_>) -> Result<Group, Stop<Refused>> {
    call.needs(Permission::GroupsRead)?;
    let groups = context.cache.store().read(|tx| tx.groups()).await?;
    find(reference, &groups, call).ok_or_else(not_found)
}

/// Replaces the members of a group. The change is made inside the transaction, so none made meanwhile is lost; it must be quick,
/// and may be made more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<Group, Stop<Refused>> {
    call.needs(Permission::GroupsWrite)?;
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let update = move |tx: &mut dyn Tx| {
        // Two who change one group must not undo each other's change.
        tx.hold_changes()?;
        let read = to_change(&reference, &call, tx)?;
        let mut members = Members::of(&read);
        change(&mut members)?;
        check(&members)?;
        let group = with(&members, &read, &call, tx)?;
        if group == read {
            return Ok(read);
        }
        made_by_somebody(&read)?;
        free(&group.name)?;
        call.covers(power::of_group(&group))?;
        let group = Group { updated_at: now.max(read.updated_at), ..group };
        let update =
            |tx: &mut dyn Tx| tx.update_group(&group).map_err(taken("/name", "is taken by another group"));
        administrators::kept(update, &call, tx)?;
        call.within(group.organization).record("group.updated", &touched(Some(&read), &group), tx)?;
        Ok(group)
    };
    context.cache.write(update).await
}

/// Deletes a group; its members leave it.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs(Permission::GroupsWrite)?;
    let (reference, call) = (reference.to_owned(), call.clone());
    let delete = move |tx: &mut dyn Tx| {
        tx.hold_changes()?;
        let group = to_change(&reference, &call, tx)?;
        made_by_somebody(&group)?;
        administrators::kept(|tx| Ok(tx.delete_group(group.id)?), &call, tx)?;
        Ok(call.within(group.organization).record("group.deleted", &[("group", group.id)], tx)?)
    };
    context.cache.write(delete).await
}

/// The identifiers of groups that are named for somebody of this organization, or of none, in order; those that there are not, and
/// those that take only others, are noted.
pub(super) fn named(
    references: &[String],
    organization: Option<Id>,
    built_in: &BuiltIn,
    call: &Call,
    findings: &mut Findings,
    tx: &mut dyn Tx,
) -> Result<Vec<Id>, Fault> {
    // Nearly nobody is in more than a few groups, and there are few: one question for all of them.
    let known = if references.is_empty() { vec![] } else { tx.groups()? };
    let mut groups = Vec::with_capacity(references.len());
    for (position, reference) in references.iter().enumerate() {
        let group = match find(reference, &known, call) {
            Some(group) => Some(group),
            None => built_in.make(reference, tx)?,
        };
        let takes = |group: &Group| group.organization.is_none() || group.organization == organization;
        let group = match group.ok_or("is not a group") {
            Ok(group) if !takes(&group) => Err("takes only who belongs to its organization"),
            group => group,
        };
        groups.extend(findings.check(format!("/groups/{position}"), group).map(|group| group.id));
    }
    groups.sort();
    groups.dedup();
    Ok(groups)
}

impl Members {
    /// The members of a new group, with everything else empty.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), organization: None, permissions: Permissions::default() }
    }

    fn of(group: &Group) -> Self {
        Self {
            name: group.name.clone(),
            organization: group.organization.map(|id| id.to_string()),
            permissions: group.permissions,
        }
    }
}

impl BuiltIn {
    pub(super) fn draw(context: &Context<'_>) -> Result<Self, Fault> {
        let draw = |(name, permissions): (&str, Permissions)| {
            Ok(Group { name: name.to_owned(), permissions, ..blank(context)? })
        };
        built_in().into_iter().map(draw).collect::<Result<_, _>>().map(Self)
    }

    /// Makes the built-in group of this name, which is not there yet.
    fn make(&self, name: &str, tx: &mut dyn Tx) -> Result<Option<Group>, Fault> {
        let Some(group) = self.0.iter().find(|group| group.name == name) else { return Ok(None) };
        tx.insert_group(group).map_err(Fault::into_race)?;
        Ok(Some(group.clone()))
    }
}

fn blank(context: &Context<'_>) -> Result<Group, Fault> {
    let (id, now) = (context.new_id()?, context.now);
    let permissions = Permissions::default();
    Ok(Group { id, name: String::new(), organization: None, permissions, created_at: now, updated_at: now })
}

fn check(members: &Members) -> Result<(), Stop<Refused>> {
    let mut findings = Findings::default();
    name("/name", &members.name, &mut findings);
    if members.name.parse::<Id>().is_ok() {
        findings.add("/name", "must not be shaped like an identifier");
    }
    findings.refuse()
}

/// What is built in means the same everywhere, and would come back under its name anyway.
fn made_by_somebody(group: &Group) -> Result<(), Stop<Refused>> {
    if is_built_in(&group.name) {
        return Err(Stop::Refuse(Refused::Conflict { detail: "the group is built in: it stays as it is" }));
    }
    Ok(())
}

/// What is built in comes into being by being named: no other group takes its name.
fn free(name: &str) -> Result<(), Stop<Refused>> {
    if is_built_in(name) {
        return Err(Stop::Refuse(Refused::invalid("/name", "is built in: it stays as it is")));
    }
    Ok(())
}

fn is_built_in(name: &str) -> bool {
    built_in().iter().any(|(known, _)| *known == name)
}

fn find(reference: &str, groups: &[Group], call: &Call) -> Option<Group> {
    let id = reference.parse().ok();
    let named = |group: &&Group| group.name == reference || Some(group.id) == id;
    groups.iter().filter(|group| is_there(group, call)).find(named).cloned()
}

/// A group that belongs to no organization is there for everybody: people of any may be put into it.
fn is_there(group: &Group, call: &Call) -> bool {
    group.organization.is_none() || call.permit().sees(group.organization)
}

/// The group, in the state that was asked for, which whoever calls may change. Whoever changes a group has the feed of changes.
fn to_change(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<Group, Stop<Refused>> {
    let group = find(reference, &tx.groups()?, call).ok_or_else(not_found)?;
    if group.organization.is_none() {
        call.permit().unbounded()?;
    }
    call.finds(&group)?;
    call.covers(power::of_group(&group))?;
    Ok(group)
}

/// The group with these members; its organization is looked up.
fn with(members: &Members, group: &Group, call: &Call, tx: &mut dyn Tx) -> Result<Group, Stop<Refused>> {
    let mut findings = Findings::default();
    let organization = organizations::named(members.organization.as_deref(), call, &mut findings, tx)?;
    if organization != group.organization && has_members(group.id, tx)? {
        findings.add("/organization_id", "stays as it is while somebody is in the group");
    }
    findings.refuse()?;
    let (name, permissions) = (members.name.clone(), members.permissions);
    Ok(Group { name, organization, permissions, ..group.clone() })
}

fn has_members(id: Id, tx: &mut dyn Tx) -> Result<bool, Fault> {
    let users = UserFilter { group: Some(id), ..UserFilter::default() };
    let clients = ClientFilter { group: Some(id), ..ClientFilter::default() };
    Ok(!tx.users(&users, None, 1)?.is_empty() || !tx.clients(&clients, None, 1)?.is_empty())
}

/// A group, and what it has come to belong to, or no longer does.
fn touched(before: Option<&Group>, group: &Group) -> Vec<(&'static str, Id)> {
    let moved = organizations::moved(before.and_then(|before| before.organization), group.organization);
    [("group", group.id)].into_iter().chain(moved).collect()
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "group" })
}
