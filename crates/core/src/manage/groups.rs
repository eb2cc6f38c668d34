//! Managing groups: make, read, change, delete. Owns the rules for a group's members, and the groups that are there without
//! anybody making them; the record is `identity`'s, its storage the store's.

use crate::context::Context;
use crate::identity::group::Group;
use crate::manage::call::Call;
use crate::manage::{Findings, Refused, name, taken};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};

/// Who may do everything.
pub const ADMINISTRATORS: &str = "Administrators";
/// Everybody who belongs here.
pub const MEMBERS: &str = "Members";
/// Who may see everything and change nothing.
pub const AUDITORS: &str = "Auditors";

/// The groups that come into being when they are first named.
const BUILT_IN: [&str; 3] = [ADMINISTRATORS, MEMBERS, AUDITORS];

/// The members of a group that an administrator chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// What people see, and what the claim `groups` says.
    pub name: String,
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
    let (group, call) = (members.on(&blank(context)?), call.clone());
    let insert = move |tx: &mut dyn Tx| {
        tx.insert_group(&group).map_err(taken("/name", "is taken by another group"))?;
        call.record("group.created", &[("group", group.id)], tx)?;
        Ok(group.clone())
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
        if let Some(group) = find(&reference, &known) {
            return Ok(group);
        }
        let group = built_in.make(&reference, tx)?.ok_or_else(not_found)?;
        call.record("group.created", &[("group", group.id)], tx)?;
        Ok(group)
    };
    context.cache.write(ensure).await
}

/// All groups, in the order of their making.
///
/// # Errors
/// [`Refused::Forbidden`], or a fault of the store.
pub async fn list(call: &Call, context: &Context<'_>) -> Result<Vec<Group>, Stop<Refused>> {
    call.needs(Permission::GroupsRead)?;
    let mut groups = context.cache.store().read(|tx| tx.groups()).await?;
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
    find(reference, &groups).ok_or_else(not_found)
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
        let read = find(&reference, &tx.groups()?).ok_or_else(not_found)?;
        call.finds(&read)?;
        let mut members = Members::of(&read);
        change(&mut members)?;
        check(&members)?;
        let group = members.on(&read);
        if group == read {
            return Ok(read);
        }
        made_by_somebody(&read)?;
        let group = Group { updated_at: now.max(read.updated_at), ..group };
        tx.update_group(&group).map_err(taken("/name", "is taken by another group"))?;
        call.record("group.updated", &[("group", group.id)], tx)?;
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
        let group = find(&reference, &tx.groups()?).ok_or_else(not_found)?;
        call.finds(&group)?;
        made_by_somebody(&group)?;
        tx.delete_group(group.id)?;
        Ok(call.record("group.deleted", &[("group", group.id)], tx)?)
    };
    context.cache.write(delete).await
}

/// The identifiers of groups that members name, in order; those that there are not are noted.
pub(super) fn named(
    references: &[String],
    built_in: &BuiltIn,
    findings: &mut Findings,
    tx: &mut dyn Tx,
) -> Result<Vec<Id>, Fault> {
    // Nearly nobody is in more than a few groups, and there are few: one question for all of them.
    let known = if references.is_empty() { vec![] } else { tx.groups()? };
    let mut groups = Vec::with_capacity(references.len());
    for (position, reference) in references.iter().enumerate() {
        let group = match find(reference, &known) {
            Some(group) => Some(group),
            None => built_in.make(reference, tx)?,
        };
        let group = group.ok_or("is not a group");
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
        Self { name: name.into() }
    }

    fn of(group: &Group) -> Self {
        Self { name: group.name.clone() }
    }

    /// A group with these members.
    fn on(self, group: &Group) -> Group {
        Group { name: self.name, ..group.clone() }
    }
}

impl BuiltIn {
    pub(super) fn draw(context: &Context<'_>) -> Result<Self, Fault> {
        let draw = |name: &&str| Ok(Members::named(*name).on(&blank(context)?));
        BUILT_IN.iter().map(draw).collect::<Result<_, _>>().map(Self)
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
    if BUILT_IN.contains(&group.name.as_str()) {
        return Err(Stop::Refuse(Refused::invalid("/name", "is built in: it stays as it is")));
    }
    Ok(())
}

fn find(reference: &str, groups: &[Group]) -> Option<Group> {
    groups.iter().find(|group| group.name == reference || group.id.to_string() == reference).cloned()
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "group" })
}
