//! Managing users: register, read, change, disable and enable, void what they hold, delete. Owns the rules for a user's
//! members; the record is `identity`'s, its storage the store's.
//!
//! A user is referred to by identifier, or by user name where the built-in directory knows them: the names that hosts give
//! are unique at their source alone.

use crate::context::Context;
use crate::identity::user::{DIRECTORY, User, Username};
use crate::manage::by::By;
use crate::manage::groups::BuiltIn;
use crate::manage::{Findings, LONGEST_NAME, Refused, groups, organizations, passwords, taken, text};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::UserFilter;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::UserStatus;

/// RFC 5321 §4.5.3.1.3: a path has at most 256 bytes, angle brackets included.
const LONGEST_EMAIL: usize = 254;
/// More groups than that are a mistake, and would not fit a token.
const MOST_GROUPS: usize = 100;

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
}

/// Registers a user of the built-in directory. One without a password cannot sign in until a set-up link has given them one.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    members: Members,
    password: Option<&Secret>,
    by: By,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
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
    let user = blank(username, context)?;
    let (event, built_in) = (by.event("user.created", context)?, BuiltIn::draw(by, context)?);
    let insert = move |tx: &mut dyn Tx| {
        let user = with(&members, user.clone(), &built_in, tx)?;
        tx.insert_user(&user).map_err(taken("/username", "is taken by another user"))?;
        if let Some(hash) = &hash {
            tx.insert_password(user.id, hash, user.created_at)?;
        }
        tx.insert_event(&event.about("user", user.id))?;
        Ok(user)
    };
    context.cache.write(insert).await
}

/// A page of users in the order of their identifiers (about that of registration), after the given one.
///
/// # Errors
/// A fault of the store.
pub async fn list(after: Option<Id>, limit: i64, context: &Context<'_>) -> Result<Vec<User>, Fault> {
    let all = UserFilter::default();
    context.cache.store().snapshot(move |tx| tx.users(&all, after, limit)).await
}

/// The user with this user name or identifier, straight from the store.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(reference: &str, context: &Context<'_>) -> Result<User, Stop<Refused>> {
    let reference = reference.to_owned();
    context.cache.store().snapshot(move |tx| find(&reference, tx)).await?.ok_or_else(not_found)
}

/// One whom a host brought in, by the name that it gave them ([`SignedIn::external_id`](crate::sign_in::SignedIn)).
///
/// # Errors
/// [`Refused::NotFound`] for somebody who has never signed in here, or a fault of the store.
pub async fn known_as(source: &str, external_id: &str, context: &Context<'_>) -> Result<User, Stop<Refused>> {
    let (source, external_id) = (source.to_owned(), external_id.to_owned());
    let find = move |tx: &mut dyn Tx| {
        let known = tx.user_known_as(&source, &external_id)?;
        known.map_or(Ok(None), |id| tx.user(id))
    };
    context.cache.store().read(find).await?.ok_or_else(not_found)
}

/// Replaces the members of a user. What they hold stays good, and is judged by the new members where these count. The change
/// is made inside the transaction, so none made meanwhile is lost; it must be quick, and may be made more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    by: By,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<User, Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let (event, built_in) = (by.event("user.updated", context)?, BuiltIn::draw(by, context)?);
    let update = move |tx: &mut dyn Tx| {
        let read = hold(&reference, tx)?.ok_or_else(not_found)?;
        let mut members = Members::of(&read);
        change(&mut members)?;
        let user = changed(&read, &members, &built_in, tx)?;
        if user == read {
            return Ok(read);
        }
        let user = User { updated_at: now.max(read.updated_at), ..user };
        tx.update_user(&user).map_err(taken("/username", "is taken by another user"))?;
        tx.insert_event(&event.about("user", user.id))?;
        Ok(user)
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
    by: By,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let disables = status == UserStatus::Disabled;
    let event = by.event(if disables { "user.disabled" } else { "user.enabled" }, context)?;
    let switch = move |tx: &mut dyn Tx| {
        let user = hold(&reference, tx)?.ok_or_else(not_found)?;
        if user.status == status {
            return Ok(user);
        }
        let user = User { status, updated_at: now.max(user.updated_at), ..user };
        let user = if disables { passwords::voided(user, now) } else { user };
        tx.update_user(&user)?;
        tx.insert_event(&event.about("user", user.id))?;
        Ok(user)
    };
    context.cache.write(switch).await
}

/// Voids every session and token of a user, and every set-up link.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn revoke_all(reference: &str, by: By, context: &Context<'_>) -> Result<User, Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let event = by.event("user.revoked", context)?;
    let revoke = move |tx: &mut dyn Tx| {
        let user = passwords::voided(hold(&reference, tx)?.ok_or_else(not_found)?, now);
        tx.update_user(&user)?;
        tx.insert_event(&event.about("user", user.id))?;
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
    by: By,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    set(show(reference, context).await?, None, password, by, context).await
}

/// Gives a user another password, on the word of somebody who proved in this generation of theirs that they knew the old one:
/// whatever has voided it since, a new password above all, has voided that word, too.
///
/// # Errors
/// As for [`set_password`]; [`Refused::NotFound`] for a word that is void.
pub async fn change_password(
    user: Id,
    generation: i64,
    password: &Secret,
    by: By,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    set(show(&user.to_string(), context).await?, Some(generation), password, by, context).await
}

/// Checks, hashes and sets; in the transaction once more asks whether the user still is in the generation that is needed, if
/// one is.
async fn set(
    user: User,
    generation: Option<i64>,
    password: &Secret,
    by: By,
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
    let event = by.event("password.set", context)?.about("user", user.id);
    let (id, now, peppers) = (user.id, context.now, context.peppers.clone());
    let set = move |tx: &mut dyn Tx| {
        let user = held(id, tx)?.ok_or_else(not_found)?;
        if generation.is_some_and(|generation| !user.standing().holds(generation)) {
            return Err(not_found());
        }
        let user = passwords::set(user, &hash, &peppers, now, tx)?;
        tx.insert_event(&event)?;
        Ok(user)
    };
    context.cache.write(set).await
}

/// Deletes a user, with everything that is theirs. Their identifier is never given to another.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn delete(reference: &str, by: By, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let reference = reference.to_owned();
    let event = by.event("user.deleted", context)?;
    let delete = move |tx: &mut dyn Tx| {
        let user = find(&reference, tx)?.ok_or_else(not_found)?;
        tx.delete_user(user.id)?;
        tx.insert_event(&event.about("user", user.id))?;
        Ok(())
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
        }
    }

    fn of(user: &User) -> Self {
        Self {
            username: user.username.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            organization: user.organization.map(|id| id.to_string()),
            groups: user.groups.iter().map(ToString::to_string).collect(),
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

pub(super) fn find(reference: &str, tx: &mut dyn Tx) -> Result<Option<User>, Fault> {
    let id = match (reference.parse::<Id>(), reference.parse::<Username>()) {
        (Ok(id), _) => Some(id),
        (Err(_), Ok(username)) => tx.user_known_as(DIRECTORY, username.as_str())?,
        (Err(_), Err(_)) => None,
    };
    id.map_or(Ok(None), |id| tx.user(id))
}

/// The user, whom nobody else changes until the transaction ends.
fn hold(reference: &str, tx: &mut dyn Tx) -> Result<Option<User>, Fault> {
    let found = find(reference, tx)?;
    found.map_or(Ok(None), |user| held(user.id, tx))
}

pub(super) fn held(id: Id, tx: &mut dyn Tx) -> Result<Option<User>, Fault> {
    if tx.hold_user(id)? { tx.user(id) } else { Ok(None) }
}

pub(super) const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "user" })
}

/// A user of the directory about whom nothing is known but the name.
fn blank(username: Username, context: &Context<'_>) -> Result<User, Fault> {
    let name = username.to_string();
    Ok(User::blank(context.new_id()?, (DIRECTORY, &name), username, context.now))
}

/// The user with other members, checked.
fn changed(
    user: &User,
    members: &Members,
    built_in: &BuiltIn,
    tx: &mut dyn Tx,
) -> Result<User, Stop<Refused>> {
    let mut findings = Findings::default();
    let username = check(members, &mut findings).unwrap_or_else(|| user.username.clone());
    let own = user.source == DIRECTORY;
    if !own && username != user.username {
        findings.add("/username", format!("is given by '{}', not here", user.source));
    }
    findings.refuse()?;
    let external_id = if own { username.to_string() } else { user.external_id.clone() };
    with(members, User { username, external_id, ..user.clone() }, built_in, tx)
}

/// The user with these members; organization and groups are looked up.
fn with(members: &Members, user: User, built_in: &BuiltIn, tx: &mut dyn Tx) -> Result<User, Stop<Refused>> {
    let mut findings = Findings::default();
    let organization = match &members.organization {
        Some(reference) => {
            let found = organizations::find(reference, tx)?.ok_or("is not an organization");
            findings.check("/organization_id", found).map(|organization| organization.id)
        }
        None => None,
    };
    let groups = groups::named(&members.groups, built_in, &mut findings, tx)?;
    findings.refuse()?;
    // An address is known to be somebody's only as long as it is the same one.
    let email_verified = user.email_verified && user.email == members.email;
    Ok(User {
        name: members.name.clone(),
        email: members.email.clone(),
        email_verified,
        organization,
        groups,
        ..user
    })
}

fn check(members: &Members, findings: &mut Findings) -> Option<Username> {
    let username: Option<Username> = findings.check("/username", members.username.parse());
    if members.username.trim().to_uppercase().parse::<Id>().is_ok() {
        findings.add("/username", "must not be shaped like an identifier");
    }
    text("/name", &members.name, LONGEST_NAME, findings);
    if members.name.contains('\n') {
        findings.add("/name", "is a single line");
    }
    if members.email.as_deref().is_some_and(|email| !is_email(email)) {
        findings.add("/email", "is an e-mail address, such as alice@example.com");
    }
    if members.groups.len() > MOST_GROUPS {
        findings.add("/groups", format!("has at most {MOST_GROUPS} groups"));
    }
    username
}

/// RFC 5321 §2.3.11: a local part and a domain. Whether mail arrives there is for mail to show.
fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"\\,;".contains(c);
    let halves = text.split_once('@');
    text.len() <= LONGEST_EMAIL
        && !text.contains(odd)
        && halves
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}
