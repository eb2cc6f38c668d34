//! Managing API accounts: the programs that people and organizations run. Owns what may be asked of one; it is kept as a client of a
//! kind of its own, so that every rule that a client is held to holds for it. What makes one stands in `making`, who may act on whose in
//! `authority`, how far somebody may go with their own in `limits`.

pub mod activity;
pub(in crate::manage) mod authority;
mod limits;
pub(in crate::manage) mod making;
pub mod secrets;

use crate::client::{AccountOwner, Client};
use crate::context::Context;
use crate::identity::user::User;
use crate::manage::access_requests::approved;
use crate::manage::api_accounts::authority::Seen;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::manage::clients::checks::LookUp;
use crate::manage::{Refused, different, power};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{ClientFilter, ClientKind};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::permission::Permission;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{Level, Status};

/// What is not there, in words.
const NOUN: &str = "API account";

/// More accounts than that of one owner are a mistake.
pub const MOST: i64 = 100;

/// The members of an API account that its maker chooses.
#[derive(Clone, Debug)]
pub struct Members {
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The groups it is in, by name or identifier: what it may do at the management API.
    pub groups: Vec<String>,
    /// Where it may be used from, addresses and networks; from everywhere where none is named.
    pub allowed_ips: Vec<String>,
    /// The most that it may do, its tokens included, at each API, which is named by identifier, id, or
    /// [`MANAGEMENT`](crate::manage::apis::MANAGEMENT); at all others it may do nothing.
    pub access: Vec<(String, Level)>,
    /// When it ends by itself.
    pub expires_at: Option<Seconds>,
    /// Whether it may do anything at all.
    pub status: Status,
}

/// An API account to be made: its identifiers, and what else is drawn before the transaction, which may run again.
pub struct Draft {
    id: Id,
    client_id: ClientId,
    look_up: LookUp,
}

/// Whose an account is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A user's, by user name or identifier.
    User(String),
    /// An organization's, by name or identifier.
    Organization(String),
}

/// Which accounts a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this owner.
    pub owner: Option<Owner>,
    /// Those that belong to this organization, or to its people.
    pub organization: Option<Id>,
    /// Those with this status.
    pub status: Option<Status>,
    /// Those in this group.
    pub group: Option<Id>,
}

/// Makes an API account. It has no secret until somebody has one revealed.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    owner: Owner,
    members: Members,
    call: &Call,
    context: &Context<'_>,
) -> Result<Client, Stop<Refused>> {
    let (draft, call) = (Draft::draw(context)?, call.clone());
    let insert = move |tx: &mut dyn Tx| {
        let owner = authority::owner(&owner, Permission::ApiAccountsWrite, &call, tx)?;
        let account = making::account(owner, &members, &draft, &call, tx)?;
        let account = limits::held_to(None, account, &draft.look_up, &call, tx)?;
        authority::covers(&account, &call, tx)?;
        tx.insert_client(&account)?;
        call.within(account.organization).record("api_account.created", &touched(None, &account), tx)?;
        Ok(account)
    };
    context.cache.write(insert).await
}

/// A page of accounts in the order of their identifiers (about that of their making), after the given one: everybody's for whoever
/// may see them, else their own.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(
    filter: Filter,
    after: Option<Id>,
    limit: i64,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<Client>, Stop<Refused>> {
    let call = call.clone();
    let list = move |tx: &mut dyn Tx| {
        let Filter { owner, organization, status, group } = filter.clone();
        let (kind, organization) = match authority::seen(owner.as_ref(), organization, &call, tx)? {
            Seen::Nothing => return Ok(vec![]),
            Seen::Itself(account) => return Ok(itself(account, after, status, tx)?),
            Seen::All(kind, organization) => (Some(kind), organization),
        };
        Ok(tx.clients(&ClientFilter { status, organization, group, kind }, after, limit)?)
    };
    asked(list, context).await
}

/// The account of this identifier or `client_id`, straight from the store.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(reference: &str, call: &Call, context: &Context<'_>) -> Result<Client, Stop<Refused>> {
    let (reference, call) = (reference.to_owned(), call.clone());
    asked(move |tx: &mut dyn Tx| authority::found(&reference, &call, tx), context).await
}

/// Replaces the members of an account; whose it is stays. Its tokens are judged by the new members from the next request on. The change
/// is made inside the transaction, so none made meanwhile is lost; it must be quick, and may be made more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<Client, Stop<Refused>> {
    let (reference, look_up, call) = (reference.to_owned(), LookUp::draw(context)?, call.clone());
    let update = move |tx: &mut dyn Tx| {
        let read = authority::held(&reference, &call, tx)?;
        let mut members = Members::of(&read);
        change(&mut members)?;
        let account = making::with_members(&members, read.clone(), &look_up, &call, tx)?;
        let account = limits::held_to(Some(&read), account, &look_up, &call, tx)?;
        written(&read, account, look_up.now, &call, tx)
    };
    context.cache.write(update).await
}

/// Switches an account off or on. Switching off voids all its tokens for good: they do not come back with it. One that came of a request
/// which was revoked stays off.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn set_status(
    reference: &str,
    status: Status,
    call: &Call,
    context: &Context<'_>,
) -> Result<Client, Stop<Refused>> {
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let switch = move |tx: &mut dyn Tx| {
        let read = authority::held(&reference, &call, tx)?;
        // Of one that its owner has switched off, somebody else may say so, too.
        let held_off =
            read.held_off || status == Status::Inactive && !authority::is_of_caller(&read, &call, tx)?;
        written(&read, Client { status, held_off, ..read.clone() }, now, &call, tx)
    };
    context.cache.write(switch).await
}

/// Deletes an account with its secrets and tokens; its `client_id` is never given away again.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let delete = move |tx: &mut dyn Tx| {
        let account = authority::held(&reference, &call, tx)?;
        tx.delete_client(account.id, now)?;
        Ok(call.within(account.organization).record(
            "api_account.deleted",
            &touched(Some(&account), &account),
            tx,
        )?)
    };
    context.cache.write(delete).await
}

/// Makes an API account that has no secret yet, and records nothing: that it comes into being is part of what whoever calls has decided,
/// and tells with its own event. The call has to cover what the account may do.
///
/// # Errors
/// [`Refused`] with every member that cannot stand, or for more accounts than one owner has; a fault of the store.
pub fn made(
    owner: AccountOwner,
    members: &Members,
    draft: &Draft,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let account = making::account(owner, members, draft, call, tx)?;
    call.covers(power::of_client(&account, &tx.groups()?))?;
    tx.insert_client(&account)?;
    Ok(account)
}

impl Members {
    /// The members of a new account, with everything else empty: it may do nothing.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            groups: vec![],
            allowed_ips: vec![],
            access: vec![],
            expires_at: None,
            status: Status::Active,
        }
    }
    fn of(account: &Client) -> Self {
        Self {
            name: account.name.clone(),
            description: account.description.clone(),
            groups: account.groups.iter().map(ToString::to_string).collect(),
            allowed_ips: account.allowed_ips.iter().map(ToString::to_string).collect(),
            access: account.access.iter().map(|access| (access.api.to_string(), access.level)).collect(),
            expires_at: account.expires_at,
            status: account.status,
        }
    }
}

const DISABLED: &str = "api_account.disabled";
const HELD_OFF: &str =
    "somebody who looks after API accounts has switched it off: only they switch it on again";

/// Writes an account in another state, unless it is the one that it is in.
fn written(
    read: &Client,
    account: Client,
    now: Seconds,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    if account == *read {
        return Ok(account);
    }
    authority::covers(&account, call, tx)?;
    let owned = authority::is_of_caller(read, call, tx)?;
    if read.status == Status::Inactive && account.status == Status::Active {
        may_come_back(read, now, tx)?;
        if read.held_off && owned && !authority::gives_any(call) {
            return Err(Stop::Refuse(Refused::NotForYou { detail: HELD_OFF }));
        }
    }
    let action = match account.status {
        same if same == read.status => "api_account.updated",
        Status::Active => "api_account.enabled",
        Status::Inactive => DISABLED,
    };
    let generation = read.generation + i64::from(action == DISABLED);
    let held_off = account.status == Status::Inactive && (account.held_off || action == DISABLED && !owned);
    let account = Client { generation, held_off, updated_at: now.max(read.updated_at), ..account };
    tx.update_client(&account)?;
    call.within(account.organization).record(action, &touched(Some(read), &account), tx)?;
    Ok(account)
}

/// What was taken back with an approval does not come back by way of the account.
fn may_come_back(account: &Client, now: Seconds, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let Some(user) = account.account_of.and_then(AccountOwner::user) else { return Ok(()) };
    if !approved::was_revoked(user, account.id, now, tx)? {
        return Ok(());
    }
    let detail =
        "the request for API access that it came of was revoked, which is for good: access is asked for anew";
    Err(Stop::Refuse(Refused::Conflict { detail }))
}

/// Whoever is to get a credential of an account has to be able to use it.
pub(super) fn takes_part(account: &Client, now: Seconds, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let refused = |detail| Err(Stop::Refuse(Refused::Conflict { detail }));
    if !account.is_active() || account.has_ended(now) {
        return refused("the account is switched off, or has ended: nothing of it would work");
    }
    let organization = account.organization.map_or(Ok(None), |id| tx.organization(id))?;
    if organization.is_some_and(|organization| !organization.is_active() || !organization.has_api_access()) {
        return refused(
            "the organization is inactive, or has no API access: nothing of the account would work",
        );
    }
    let Some(user) = account.account_of.and_then(AccountOwner::user) else { return Ok(()) };
    if tx.user(user)?.is_some_and(|user| user.is_active()) {
        return Ok(());
    }
    refused("the user whose account it is is disabled: nothing of it would work")
}

/// Takes the accounts of a user, all of whom are held, along to another organization, and tells which they are.
pub(super) fn moved(
    user: &User,
    accounts: &[Client],
    now: Seconds,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Vec<(&'static str, Id)>, Stop<Refused>> {
    let groups = tx.groups()?;
    for read in accounts {
        let organization = user.organization;
        let account = Client { organization, updated_at: now.max(read.updated_at), ..read.clone() };
        call.covers(power::of_client(&account, &groups))?;
        tx.update_client(&account)?;
    }
    Ok(accounts.iter().map(|account| ("api_account", account.id)).collect())
}

/// Deletes the accounts of a user, who is held and goes, and tells which they were. Their groups may be others than their owner's: whoever
/// deletes them covers each, as if they deleted that one.
pub(super) fn left_behind(
    user: &User,
    now: Seconds,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Vec<(&'static str, Id)>, Stop<Refused>> {
    let groups = tx.groups()?;
    let accounts = held_of(user, tx)?;
    for account in &accounts {
        call.covers(power::of_client(account, &groups))?;
        tx.delete_client(account.id, now)?;
    }
    Ok(accounts.iter().map(|account| ("api_account", account.id)).collect())
}

/// The accounts of a user, who is held, so that they get no other; nobody changes them until the transaction ends.
pub(super) fn held_of(user: &User, tx: &mut dyn Tx) -> Result<Vec<Client>, Fault> {
    let kind = Some(ClientKind::AccountOf(AccountOwner::User(user.id)));
    let mut accounts = tx.clients(&ClientFilter { kind, ..ClientFilter::default() }, None, MOST)?;
    for account in &mut accounts {
        if tx.hold_client(account.id)?
            && let Some(record) = tx.client(account.id)?
        {
            *account = record.client;
        }
    }
    Ok(accounts)
}

/// An account, whose it is, and the groups that it has come to be in, or no longer is.
fn touched(before: Option<&Client>, account: &Client) -> Vec<(&'static str, Id)> {
    let groups = before.map_or(&[][..], |before| &before.groups);
    let groups = different(groups, &account.groups).map(|id| ("group", id));
    let owner = account.account_of.map(|owner| match owner {
        AccountOwner::User(id) => ("user", id),
        AccountOwner::Organization(id) => ("organization", id),
    });
    [("api_account", account.id)].into_iter().chain(owner).chain(groups).collect()
}

/// The list of an account that sees itself alone.
fn itself(
    account: Id,
    after: Option<Id>,
    status: Option<Status>,
    tx: &mut dyn Tx,
) -> Result<Vec<Client>, Fault> {
    let found = tx.client(account)?.map(|record| record.client);
    let wanted = |one: &Client| {
        after.is_none_or(|after| after < one.id) && status.is_none_or(|status| status == one.status)
    };
    Ok(found.into_iter().filter(wanted).collect())
}

pub(super) const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: NOUN })
}
