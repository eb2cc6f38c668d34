//! Who may act on whose API accounts. Owns the answer for one call and one account: with a permission on everybody's, bounded by
//! organization; on one's own with `api-accounts:self`, in person too. An account that acts for itself may see itself.
//!
//! An account that is not there for whoever asks is refused like one that is not there at all.

use crate::client::{AccountOwner, Client};
use crate::manage::api_accounts::{NOUN, Owner, not_found};
use crate::manage::call::Call;
use crate::manage::permit::Actor;
use crate::manage::{Refused, organizations, power, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::ClientKind;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::permission::Permission;

/// Which accounts a list holds.
pub(super) enum Seen {
    /// None.
    Nothing,
    /// The one that asks.
    Itself(Id),
    /// Those of a kind and, if one is named, of an organization.
    All(ClientKind, Option<Id>),
}

/// An account that is to be changed, in the state that was asked for, which nobody else changes until the transaction ends.
pub(in crate::manage) fn held(
    reference: &str,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let account = kept(reference, call, tx)?;
    call.finds(&account)?;
    covers(&account, call, tx)?;
    Ok(account)
}

/// An account on which whoever calls may act, which nobody else changes until the transaction ends.
pub(in crate::manage) fn kept(
    reference: &str,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let permission = Permission::ApiAccountsWrite;
    let found = known(find(reference, tx)?, permission, call, tx)?;
    let held = if tx.hold_client(found.id)? { tx.client(found.id)? } else { None };
    let account = held.map(|record| record.client).ok_or_else(not_found)?;
    // It may have moved meanwhile.
    allows(permission, &account, call, tx)?;
    Ok(account)
}

/// An account that whoever calls may see.
pub(in crate::manage) fn found(
    reference: &str,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let found = find(reference, tx)?;
    if let Some(account) = &found
        && call.permit().actor() == Actor::Client(account.id)
    {
        return Ok(account.clone());
    }
    known(found, Permission::ApiAccountsRead, call, tx)
}

/// Whose accounts a list may hold: those of one owner, everybody's, or one's own.
pub(super) fn seen(
    named: Option<&Owner>,
    organization: Option<Id>,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Seen, Stop<Refused>> {
    let permission = Permission::ApiAccountsRead;
    let sees_all = call.permit().permissions().contains(permission);
    let actor = call.permit().actor();
    if let (None, false, Actor::Client(client)) = (named, sees_all, actor)
        && tx.client(client)?.is_some_and(|record| record.client.is_api_account())
    {
        return Ok(Seen::Itself(client));
    }
    let own = call.permit().user().filter(|_| !sees_all).map(|user| Owner::User(user.to_string()));
    if let Some(wanted) = named.or(own.as_ref()) {
        let owner = owner(wanted, permission, call, tx)?;
        return Ok(Seen::All(ClientKind::AccountOf(owner), organization));
    }
    call.needs(permission)?;
    let bounds = call.permit().organization();
    if organization.is_some() && bounds.is_some() && organization != bounds {
        return Ok(Seen::Nothing);
    }
    Ok(Seen::All(ClientKind::Account, bounds.or(organization)))
}

/// An owner on whose accounts whoever calls may act.
pub(super) fn owner(
    named: &Owner,
    permission: Permission,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<AccountOwner, Stop<Refused>> {
    match named {
        Owner::User(reference) => {
            let found = users::find(reference, call, tx)?;
            let own =
                found.as_ref().map_or(Ok(false), |user| is_own(AccountOwner::User(user.id), call, tx))?;
            if !own {
                call.needs(permission)?;
            }
            Ok(AccountOwner::User(found.ok_or_else(users::not_found)?.id))
        }
        Owner::Organization(reference) => {
            call.needs(permission)?;
            let found = organizations::find(reference, call, tx)?.ok_or_else(organizations::not_found)?;
            Ok(AccountOwner::Organization(found.id))
        }
    }
}

/// Refuses whoever makes an account, changes it or gets hold of a credential of it, and may not do all that it may: whoever acts for
/// themselves in person may do what their groups let them do.
pub(in crate::manage) fn covers(account: &Client, call: &Call, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let groups = tx.groups()?;
    let power = power::of_client(account, &groups);
    match (call.permit().actor(), account.account_of) {
        (Actor::InPerson(user), Some(AccountOwner::User(owner))) if user == owner => {
            let own = tx.user(user)?.ok_or_else(users::not_found)?;
            let is_within = power.permissions.is_within(power::of_user(&own, &groups).permissions);
            if is_within { Ok(()) } else { Err(Stop::Refuse(Refused::Exceeds)) }
        }
        _ => call.covers(power),
    }
}

/// Whether somebody may give any level: whoever may act on everybody's accounts.
pub(super) fn gives_any(call: &Call) -> bool {
    call.permit().permissions().contains(Permission::ApiAccountsWrite)
}

/// What is not there is missed by those alone who may act on everybody's: others only learn that it is not theirs.
fn known(
    found: Option<Client>,
    permission: Permission,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let Some(account) = found else {
        call.needs(permission)?;
        return Err(not_found());
    };
    allows(permission, &account, call, tx)?;
    Ok(account)
}

fn allows(
    permission: Permission,
    account: &Client,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<(), Stop<Refused>> {
    if is_of_caller(account, call, tx)? {
        return Ok(());
    }
    call.needs(permission)?;
    call.sees(account.organization, NOUN)
}

/// Whether somebody acts on an account of theirs, and may.
pub(in crate::manage) fn is_of_caller(account: &Client, call: &Call, tx: &mut dyn Tx) -> Result<bool, Fault> {
    account.account_of.map_or(Ok(false), |owner| is_own(owner, call, tx))
}

/// Whether somebody acts on their own accounts, and may.
fn is_own(owner: AccountOwner, call: &Call, tx: &mut dyn Tx) -> Result<bool, Fault> {
    let Some(owner) = owner.user() else { return Ok(false) };
    let permission = Permission::ApiAccountsSelf;
    Ok(match call.permit().actor() {
        Actor::User(user) if user == owner => call.permit().permissions().contains(permission),
        Actor::InPerson(user) if user == owner => {
            let own = tx.user(user)?;
            let groups = tx.groups()?;
            own.is_some_and(|own| power::of_user(&own, &groups).permissions.contains(permission))
        }
        _ => false,
    })
}

pub(in crate::manage) fn find(reference: &str, tx: &mut dyn Tx) -> Result<Option<Client>, Fault> {
    let found = match (reference.parse::<ClientId>(), reference.parse::<Id>()) {
        (Ok(client_id), _) => tx.client_named(&client_id)?,
        (Err(_), Ok(id)) => tx.client(id)?,
        (Err(_), Err(_)) => None,
    };
    Ok(found.map(|record| record.client).filter(Client::is_api_account))
}
