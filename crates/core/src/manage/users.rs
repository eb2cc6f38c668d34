//! Managing users: register, read, change, disable and enable, void what they hold, delete. Owns a user's members,
//! whose rules stand in `checks`; the record is `identity`'s, its storage the store's.
//!
//! A user is referred to by identifier, or by user name where the built-in directory knows them: the names that hosts give
//! are unique at their source alone.

mod checks;
pub mod clients;
mod writing;

use crate::context::Context;
use crate::identity::group::Group;
use crate::identity::user::{DIRECTORY, User, Username};
use crate::manage::call::Call;
use crate::manage::groups::BuiltIn;
use crate::manage::permit::Actor;
use crate::manage::users::checks::{changed, check, with};
use crate::manage::users::writing::{covers_clients, disarmed, touched, written};
use crate::manage::{
    Findings, Refused, access_requests, administrators, api_accounts, organizations, passwords, power, taken,
};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::UserFilter;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::UserStatus;

/// The members of a user that an administrator chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// What they type to sign in.
    pub username: String,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The organization they belong to, by name or identifier.
    pub organization: Option<String>,
    /// The groups they are in, by name or identifier.
    pub groups: Vec<String>,
    /// The clients they belong to, by `client_id` or identifier.
    pub clients: Vec<String>,
    /// Whom to ask about them, or how.
    pub contact: Option<String>,
    /// Whether they may do anything at all.
    pub status: UserStatus,
}

/// Registers a user of the built-in directory. One without a password cannot sign in until a set-up link has given them one.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    members: Members,
    password: Option<&Secret>,
    call: &Call,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    call.needs(Permission::UsersWrite)?;
    let members = Members { organization: organizations::or_own(members.organization, call), ..members };
    let mut findings = Findings::default();
    let username = check(&members, &mut findings);
    let password = password.and_then(|text| {
        passwords::check(text, &members.username, members.email.as_deref(), context, &mut findings)
    });
    findings.refuse()?;
    let Some(username) = username else {
        return Err(Stop::Fault(Fault::broken("a user without a name")));
    };
    let hash = match password {
        Some(password) => Some(passwords::hash(password, context).await?),
        None => None,
    };
    let (user, built_in, call) = (blank(username, context)?, BuiltIn::draw(context)?, call.clone());
    let insert = move |tx: &mut dyn Tx| {
        let user = with(&members, user.clone(), &built_in, &call, tx)?;
        call.covers(power::of_user(&user, &tx.groups()?))?;
        covers_clients(None, &user, &call, tx)?;
        tx.insert_user(&user).map_err(taken("/username", "is taken by another user"))?;
        if let Some(hash) = &hash {
            tx.insert_password(user.id, hash, user.created_at)?;
        }
        call.within(user.organization).record("user.created", &touched(None, &user), tx)?;
        Ok(user)
    };
    context.cache.write(insert).await
}

/// A page of users in the order of their identifiers (about that of registration), after the given one.
///
/// # Errors
/// [`Refused::Forbidden`], or a fault of the store.
pub async fn list(
    filter: &UserFilter,
    after: Option<Id>,
    limit: i64,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<User>, Stop<Refused>> {
    call.needs(Permission::UsersRead)?;
    let organization = call.permit().organization().or(filter.organization);
    if filter.organization.is_some_and(|wanted| Some(wanted) != organization) {
        return Ok(vec![]);
    }
    let filter = UserFilter { organization, ..filter.clone() };
    Ok(context.cache.store().snapshot(move |tx| tx.users(&filter, after, limit)).await?)
}

/// The user with this user name or identifier, straight from the store.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(reference: &str, call: &Call, context: &Context<'_>) -> Result<User, Stop<Refused>> {
    call.needs(Permission::UsersRead)?;
    let (reference, call) = (reference.to_owned(), call.clone());
    context.cache.store().snapshot(move |tx| find(&reference, &call, tx)).await?.ok_or_else(not_found)
}

/// One whom a host brought in, by the name that it gave them ([`SignedIn::external_id`](crate::sign_in::SignedIn)).
///
/// # Errors
/// [`Refused::NotFound`] for somebody who has never signed in here, or a fault of the store.
pub async fn known_as(
    source: &str,
    external_id: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    call.needs(Permission::UsersRead)?;
    let (source, external_id) = (source.to_owned(), external_id.to_owned());
    let find = move |tx: &mut dyn Tx| {
        let known = tx.user_known_as(&source, &external_id)?;
        known.map_or(Ok(None), |id| tx.user(id))
    };
    let found = context.cache.store().read(find).await?.filter(|user| call.permit().sees(user.organization));
    found.ok_or_else(not_found)
}

/// Replaces the members of a user. What they hold stays good, and is judged by the new members where these count. The change
/// is made inside the transaction, so none made meanwhile is lost; it must be quick, and may be made more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<User, Stop<Refused>> {
    call.needs(Permission::UsersWrite)?;
    let (reference, now) = (reference.to_owned(), context.now);
    let (built_in, call) = (BuiltIn::draw(context)?, call.clone());
    let update = move |tx: &mut dyn Tx| {
        let read = hold(&reference, &call, tx)?;
        let mut members = Members::of(&read);
        change(&mut members)?;
        let user = changed(&read, &members, &built_in, &call, tx)?;
        written(&read, user, now, &call, tx)
    };
    context.cache.write(update).await
}

/// Disables or enables a user. Disabling voids whatever they hold for good: it does not come back with them.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn set_status(
    reference: &str,
    status: UserStatus,
    call: &Call,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    call.needs(Permission::UsersWrite)?;
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let switch = move |tx: &mut dyn Tx| {
        let read = hold(&reference, &call, tx)?;
        written(&read, User { status, ..read.clone() }, now, &call, tx)
    };
    context.cache.write(switch).await
}

/// Voids every session and token of a user, API tokens too, and every set-up link.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn revoke_all(reference: &str, call: &Call, context: &Context<'_>) -> Result<User, Stop<Refused>> {
    call.needs(Permission::UsersWrite)?;
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let revoke = move |tx: &mut dyn Tx| {
        let user = disarmed(hold(&reference, &call, tx)?, now);
        tx.update_user(&user)?;
        call.within(user.organization).record("user.revoked", &[("user", user.id)], tx)?;
        Ok(user)
    };
    context.cache.write(revoke).await
}

/// Gives a user of the built-in directory a password. Every session and token of theirs is void from then on.
///
/// # Errors
/// [`Refused`], with the faults of the password under `/password`; a fault of the store.
pub async fn set_password(
    reference: &str,
    password: &Secret,
    call: &Call,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    call.needs(Permission::UsersWrite)?;
    let (wanted, asked) = (reference.to_owned(), call.clone());
    let look = move |tx: &mut dyn Tx| Ok((find(&wanted, &asked, tx)?, tx.groups()?));
    let (found, groups) = context.cache.store().snapshot(look).await?;
    let found = found.ok_or_else(not_found)?;
    // Asked again in the transaction; who may not is told before a hash is paid for.
    may_act_on(&found, call, &groups)?;
    call.may_let_in(found.id)?;
    set(found, None, password, call, context).await
}

/// Gives a user another password, on the word of somebody who proved in this generation of theirs that they knew the old one:
/// whatever has voided it since, a new password above all, has voided that word, too. So it takes no permission of whoever does
/// that for themselves, in person.
///
/// # Errors
/// As for [`set_password`]; [`Refused::NotFound`] for a word that is void.
pub async fn change_password(
    user: Id,
    generation: i64,
    password: &Secret,
    call: &Call,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    call.needs_or_is(Permission::UsersWrite, user)?;
    let found = context.cache.store().snapshot(move |tx| tx.user(user)).await?;
    let found = found.filter(|user| call.permit().sees(user.organization)).ok_or_else(not_found)?;
    set(found, Some(generation), password, call, context).await
}

/// Checks, hashes and sets; in the transaction once more asks whether the user still is in the generation that is needed, if
/// one is.
async fn set(
    user: User,
    generation: Option<i64>,
    password: &Secret,
    call: &Call,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    kept_here(&user)?;
    let mut findings = Findings::default();
    let password =
        passwords::check(password, user.username.as_str(), user.email.as_deref(), context, &mut findings);
    findings.refuse()?;
    let Some(password) = password else {
        return Err(Stop::Fault(Fault::broken("a password without a finding")));
    };
    let hash = passwords::hash(password, context).await?;
    let (id, now, peppers, call) = (user.id, context.now, context.peppers.clone(), call.clone());
    let set = move |tx: &mut dyn Tx| {
        let user = held(id, &call, tx)?;
        if generation.is_some_and(|generation| !user.standing().holds(generation)) {
            return Err(not_found());
        }
        let user = passwords::set(user, &hash, &peppers, now, tx)?;
        call.within(user.organization).record("password.set", &[("user", user.id)], tx)?;
        Ok(user)
    };
    context.cache.write(set).await
}

/// Deletes a user, with everything that is theirs. Their identifier is never given to another.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs(Permission::UsersWrite)?;
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let delete = move |tx: &mut dyn Tx| {
        let user = hold(&reference, &call, tx)?;
        let accounts = api_accounts::left_behind(&user, now, &call, tx)?.into_iter();
        let gone = accounts.chain(access_requests::leaving::withdrawn(&user, &call, tx)?);
        let objects: Vec<_> = [("user", user.id)].into_iter().chain(gone).collect();
        if administrators::is_one(&user, &tx.groups()?) {
            administrators::kept(|tx| Ok(tx.delete_user(user.id)?), &call, tx)?;
        } else {
            tx.delete_user(user.id)?;
        }
        Ok(call.within(user.organization).record("user.deleted", &objects, tx)?)
    };
    context.cache.write(delete).await
}

impl Members {
    /// The members of a new user, with everything else empty.
    #[must_use]
    pub fn named(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            name: String::new(),
            email: None,
            organization: None,
            groups: vec![],
            clients: vec![],
            contact: None,
            status: UserStatus::Active,
        }
    }

    fn of(user: &User) -> Self {
        Self {
            username: user.username.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            organization: user.organization.map(|id| id.to_string()),
            groups: user.groups.iter().map(ToString::to_string).collect(),
            clients: user.clients.iter().map(ToString::to_string).collect(),
            contact: user.contact.clone(),
            status: user.status,
        }
    }
}

/// Only the built-in directory keeps passwords; those of others are their host's business.
pub(super) fn kept_here(user: &User) -> Result<(), Stop<Refused>> {
    if user.source == DIRECTORY {
        return Ok(());
    }
    Err(Stop::Refuse(Refused::invalid("/password", format!("is kept by '{}', not here", user.source))))
}

/// The organization of a user; none, too, of one who is gone.
pub(super) fn organization(id: Id, tx: &mut dyn Tx) -> Result<Option<Id>, Fault> {
    Ok(tx.user_standing(id)?.and_then(|standing| standing.organization))
}

/// The user of this name or identifier, for whoever may know something of theirs.
pub(super) async fn known(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    let (reference, call) = (reference.to_owned(), call.clone());
    let find = move |tx: &mut dyn Tx| find(&reference, &call, tx);
    context.cache.store().snapshot(find).await?.ok_or_else(not_found)
}

/// The user, if they are there for whoever calls.
pub(super) fn find(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<Option<User>, Fault> {
    let id = match (reference.parse::<Id>(), reference.parse::<Username>()) {
        (Ok(id), _) => Some(id),
        (Err(_), Ok(username)) => tx.user_known_as(DIRECTORY, username.as_str())?,
        (Err(_), Err(_)) => None,
    };
    let found = id.map_or(Ok(None), |id| tx.user(id))?;
    Ok(found.filter(|user| call.permit().sees(user.organization)))
}

/// The user, in the state that was asked for, on whom whoever calls may act, and whom nobody else changes until the transaction
/// ends.
pub(super) fn hold(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<User, Stop<Refused>> {
    let found = find(reference, call, tx)?.ok_or_else(not_found)?;
    held(found.id, call, tx)
}

/// The user, whom nobody else changes until the transaction ends.
pub(super) fn kept(id: Id, call: &Call, tx: &mut dyn Tx) -> Result<User, Stop<Refused>> {
    let held = if tx.hold_user(id)? { tx.user(id)? } else { None };
    // They may have moved meanwhile.
    held.filter(|user| call.permit().sees(user.organization)).ok_or_else(not_found)
}

fn held(id: Id, call: &Call, tx: &mut dyn Tx) -> Result<User, Stop<Refused>> {
    let user = kept(id, call, tx)?;
    may_act_on(&user, call, &tx.groups()?)?;
    Ok(user)
}

/// Whether whoever calls may change this user, who is in the state that was asked for.
fn may_act_on<'a>(
    user: &User,
    call: &Call,
    groups: impl IntoIterator<Item = &'a Group>,
) -> Result<(), Stop<Refused>> {
    call.finds(user)?;
    // What is done in person is done to oneself.
    if call.permit().actor() == Actor::InPerson(user.id) {
        return Ok(());
    }
    call.covers(power::of_user(user, groups))
}

pub(super) const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "user" })
}

/// A user of the directory about whom nothing is known but the name.
fn blank(username: Username, context: &Context<'_>) -> Result<User, Fault> {
    let name = username.to_string();
    Ok(User::blank(context.new_id()?, (DIRECTORY, &name), username, context.now))
}
