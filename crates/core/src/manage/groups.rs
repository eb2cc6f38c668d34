//! Managing groups: make, read, rename, delete. Owns the rules for a group's name, and the groups that are there without
//! anybody making them; the record is `identity`'s, its storage the store's.

use crate::audit::event::Event;
use crate::context::Context;
use crate::identity::group::Group;
use crate::manage::by::By;
use crate::manage::{Findings, Refused, name, taken};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permissions;

/// Who may do everything.
pub const ADMINISTRATORS: &str = "Administrators";
/// Everybody who belongs here.
pub const MEMBERS: &str = "Members";
/// Who may see everything and change nothing.
pub const AUDITORS: &str = "Auditors";

/// The groups that come into being when they are first named.
const BUILT_IN: [&str; 3] = [ADMINISTRATORS, MEMBERS, AUDITORS];

/// The built-in groups as they would be made, drawn before the transaction in which one of them may be named first.
pub(super) struct BuiltIn(Vec<(Group, Event)>);

/// Makes a group.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn create(group: &str, by: By, context: &Context<'_>) -> Result<Group, Stop<Refused>> {
    check(group)?;
    let (group, event) = drawn(group, by, context)?;
    let insert = move |tx: &mut dyn Tx| {
        tx.insert_group(&group).map_err(taken("/name", "is taken by another group"))?;
        tx.insert_event(&event)?;
        Ok(group.clone())
    };
    context.cache.write(insert).await
}

/// The group of this name or identifier; a built-in one is made if nobody has named it before.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn ensure(reference: &str, by: By, context: &Context<'_>) -> Result<Group, Stop<Refused>> {
    let (reference, built_in) = (reference.to_owned(), BuiltIn::draw(by, context)?);
    let ensure = move |tx: &mut dyn Tx| {
        let known = tx.groups()?;
        built_in.find_or_make(&reference, &known, tx)?.ok_or_else(not_found)
    };
    context.cache.write(ensure).await
}

/// All groups, in the order of their making.
///
/// # Errors
/// A fault of the store.
pub async fn list(context: &Context<'_>) -> Result<Vec<Group>, Fault> {
    let mut groups = context.cache.store().read(|tx| tx.groups()).await?;
    groups.sort_by_key(|group| group.id);
    Ok(groups)
}

/// The group of this name or identifier, straight from the store.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(reference: &str, context: &Context<'_>) -> Result<Group, Stop<Refused>> {
    let reference = reference.to_owned();
    let groups = context.cache.store().read(|tx| tx.groups()).await?;
    find(&reference, &groups).ok_or_else(not_found)
}

/// Gives a group another name.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn rename(
    reference: &str,
    name: &str,
    by: By,
    context: &Context<'_>,
) -> Result<Group, Stop<Refused>> {
    check(name)?;
    let (reference, name, now) = (reference.to_owned(), name.to_owned(), context.now);
    let event = by.event("group.updated", context)?;
    let rename = move |tx: &mut dyn Tx| {
        let group = find(&reference, &tx.groups()?).ok_or_else(not_found)?;
        if group.name == name {
            return Ok(group);
        }
        made_by_somebody(&group)?;
        let group = Group { name: name.clone(), updated_at: now.max(group.updated_at), ..group };
        tx.update_group(&group).map_err(taken("/name", "is taken by another group"))?;
        tx.insert_event(&event.about("group", group.id))?;
        Ok(group)
    };
    context.cache.write(rename).await
}

/// Deletes a group; its members leave it.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn delete(reference: &str, by: By, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let reference = reference.to_owned();
    let event = by.event("group.deleted", context)?;
    let delete = move |tx: &mut dyn Tx| {
        let group = find(&reference, &tx.groups()?).ok_or_else(not_found)?;
        made_by_somebody(&group)?;
        tx.delete_group(group.id)?;
        tx.insert_event(&event.about("group", group.id))?;
        Ok(())
    };
    context.cache.write(delete).await
}

/// The identifiers of groups that a user's members name, in order; those that there are not are noted.
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
        let group = built_in.find_or_make(reference, &known, tx)?.ok_or("is not a group");
        groups.extend(findings.check(format!("/groups/{position}"), group).map(|group| group.id));
    }
    groups.sort();
    groups.dedup();
    Ok(groups)
}

impl BuiltIn {
    pub(super) fn draw(by: By, context: &Context<'_>) -> Result<Self, Fault> {
        BUILT_IN.iter().map(|name| drawn(name, by, context)).collect::<Result<_, _>>().map(Self)
    }

    fn find_or_make(
        &self,
        reference: &str,
        known: &[Group],
        tx: &mut dyn Tx,
    ) -> Result<Option<Group>, Fault> {
        if let Some(group) = find(reference, known) {
            return Ok(Some(group));
        }
        let Some((group, event)) = self.0.iter().find(|(group, _)| group.name == reference) else {
            return Ok(None);
        };
        tx.insert_group(group).map_err(Fault::into_race)?;
        tx.insert_event(event)?;
        Ok(Some(group.clone()))
    }
}

/// A new group, and the event of its making.
fn drawn(name: &str, by: By, context: &Context<'_>) -> Result<(Group, Event), Fault> {
    let now = context.now;
    let id = context.new_id()?;
    let permissions = Permissions::default();
    let group = Group {
        id,
        name: name.to_owned(),
        organization: None,
        permissions,
        created_at: now,
        updated_at: now,
    };
    Ok((group, by.event("group.created", context)?.about("group", id)))
}

fn check(group: &str) -> Result<(), Stop<Refused>> {
    let mut findings = Findings::default();
    name("/name", group, &mut findings);
    if group.parse::<Id>().is_ok() {
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
