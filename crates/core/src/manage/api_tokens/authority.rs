//! Who may act on whose API tokens. Owns the answer for one call and one owner: with a permission on everybody's, bounded by
//! organization; on one's own with `api-tokens:self`, on those of one's own API accounts with `api-accounts:self`, in person too. An API
//! account may see its own.
//!
//! A token that is not there for whoever asks is refused like one that is not there at all.

use crate::identity::user::User;
use crate::manage::api_tokens::owner::{self, Owner, Whose};
use crate::manage::api_tokens::{NOUN, not_found};
use crate::manage::call::Call;
use crate::manage::permit::{Actor, Power};
use crate::manage::{Refused, api_accounts, power, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::ApiTokenFilter;
use crate::token::api_token::ApiToken;
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::words::Level;

/// The owner of tokens that are to be changed, whom nobody else changes until the transaction ends.
pub(super) fn held_owner(whose: &Whose, call: &Call, tx: &mut dyn Tx) -> Result<Owner, Stop<Refused>> {
    let permission = Permission::ApiTokensWrite;
    let found = known(find(whose, call, tx)?, permission, call)?.ok_or_else(|| owner::not_found(whose))?;
    let owner = match found {
        Owner::User(user) => Owner::User(users::kept(user.id, call, tx)?),
        Owner::Account(account) => {
            let held = if tx.hold_client(account.id)? { tx.client(account.id)? } else { None };
            Owner::Account(held.ok_or_else(api_accounts::not_found)?.client)
        }
    };
    allows(permission, &owner, call, tx)?;
    Ok(owner)
}

/// A token that is to be changed, which nobody else changes until the transaction ends, and its owner.
pub(super) fn held(
    reference: &str,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<(ApiToken, Owner), Stop<Refused>> {
    if let Ok(id) = reference.parse() {
        tx.hold_api_token(id)?;
    }
    found(reference, Permission::ApiTokensWrite, call, tx)
}

/// A token, and its owner.
pub(super) fn found(
    reference: &str,
    permission: Permission,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<(ApiToken, Owner), Stop<Refused>> {
    let token = reference.parse::<Id>().ok().map_or(Ok(None), |id| tx.api_token(id))?;
    let owner = token.as_ref().map_or(Ok(None), |token| Owner::of(token, tx))?;
    let (token, owner) = known(token.zip(owner), permission, call)?.ok_or_else(not_found)?;
    allows(permission, &owner, call, tx)?;
    Ok((token, owner))
}

/// Whose tokens a list may hold: those of one owner, everybody's, or one's own.
pub(super) fn seen(
    whose: Option<&Whose>,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<ApiTokenFilter, Stop<Refused>> {
    let permission = Permission::ApiTokensRead;
    let sees_all = call.permit().permissions().contains(permission);
    let own = match call.permit().actor() {
        _ if sees_all => None,
        Actor::Client(id) if is_account(id, tx)? => Some(Whose::Account(id.to_string())),
        _ => call.permit().user().map(|id| Whose::User(id.to_string())),
    };
    let Some(whose) = whose.or(own.as_ref()) else {
        call.needs(permission)?;
        let organization = call.permit().organization();
        return Ok(ApiTokenFilter { organization, ..ApiTokenFilter::default() });
    };
    let owner = known(find(whose, call, tx)?, permission, call)?.ok_or_else(|| owner::not_found(whose))?;
    allows(permission, &owner, call, tx)?;
    Ok(ApiTokenFilter { owner: Some(owner.id()), ..ApiTokenFilter::default() })
}

/// Refuses whoever makes a value of a token known to themselves, or changes what it can do, and may not do all that it can: as
/// somebody else, all that they may; as oneself, what its level at the management API lets through. In person, everybody may do
/// what they may.
pub(super) fn covers(owner: &Owner, level: Level, call: &Call, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let owner = match owner {
        Owner::User(user) => user,
        Owner::Account(account) => return api_accounts::authority::covers(account, call, tx),
    };
    let power = power::of_user(owner, &tx.groups()?);
    match call.permit().actor() {
        Actor::InPerson(user) if user == owner.id => Ok(()),
        Actor::User(user) if user == owner.id => {
            call.covers(Power { permissions: power.permissions.within(let_through(level)), ..power })
        }
        _ => call.covers(power),
    }
}

/// What a level at the management API lets through.
fn let_through(level: Level) -> Permissions {
    match level {
        Level::None => Permissions::default(),
        Level::Read => Permissions::reading().union(Permissions::of_oneself()),
        Level::Full => Permissions::all(),
    }
}

/// What is not there is missed by those alone who may act on everybody's: others only learn that it is not theirs.
fn known<T>(found: Option<T>, permission: Permission, call: &Call) -> Result<Option<T>, Stop<Refused>> {
    if found.is_none() {
        call.needs(permission)?;
    }
    Ok(found)
}

fn allows(permission: Permission, owner: &Owner, call: &Call, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let is_own = match owner {
        Owner::User(user) => is_own(user, call, tx)?,
        Owner::Account(account) if call.permit().actor() == Actor::Client(account.id) => {
            permission == Permission::ApiTokensRead
        }
        Owner::Account(account) => api_accounts::authority::is_of_caller(account, call, tx)?,
    };
    if is_own {
        return Ok(());
    }
    call.needs(permission)?;
    call.sees(owner.organization(), NOUN)
}

fn find(whose: &Whose, call: &Call, tx: &mut dyn Tx) -> Result<Option<Owner>, Fault> {
    match whose {
        Whose::User(reference) => Ok(users::find(reference, call, tx)?.map(Owner::User)),
        Whose::Account(reference) => {
            let found = api_accounts::authority::find(reference, tx)?;
            Ok(found.filter(|account| call.permit().sees(account.organization)).map(Owner::Account))
        }
    }
}

/// Whether it is an API account that asks.
fn is_account(id: Id, tx: &mut dyn Tx) -> Result<bool, Fault> {
    Ok(tx.client(id)?.is_some_and(|record| record.client.is_api_account()))
}

/// Whether somebody acts on their own tokens, and may.
fn is_own(owner: &User, call: &Call, tx: &mut dyn Tx) -> Result<bool, Fault> {
    Ok(match call.permit().actor() {
        Actor::User(user) if user == owner.id => {
            call.permit().permissions().contains(Permission::ApiTokensSelf)
        }
        Actor::InPerson(user) if user == owner.id => {
            power::of_user(owner, &tx.groups()?).permissions.contains(Permission::ApiTokensSelf)
        }
        _ => false,
    })
}
