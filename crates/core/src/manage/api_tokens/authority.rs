//! Who may act on whose API tokens. Owns the answer for one call and one owner: with a permission on everybody's, bounded by
//! organization; on one's own with `api-tokens:self`, in person too.
//!
//! A token that is not there for whoever asks is refused like one that is not there at all.

use crate::identity::user::User;
use crate::manage::api_tokens::{NOUN, not_found};
use crate::manage::call::Call;
use crate::manage::permit::{Actor, Power};
use crate::manage::{Refused, power, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::ApiTokenFilter;
use crate::token::api_token::{ApiToken, ApiTokenOwner};
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::words::Level;

/// The owner of tokens that are to be changed, whom nobody else changes until the transaction ends.
pub(super) fn held_owner(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<User, Stop<Refused>> {
    let found = users::find(reference, call, tx)?;
    let found = known(found, Permission::ApiTokensWrite, call)?.ok_or_else(users::not_found)?;
    let owner = users::kept(found.id, call, tx)?;
    allows(Permission::ApiTokensWrite, &owner, call, tx)?;
    Ok(owner)
}

/// A token that is to be changed, which nobody else changes until the transaction ends, and its owner.
pub(super) fn held(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<(ApiToken, User), Stop<Refused>> {
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
) -> Result<(ApiToken, User), Stop<Refused>> {
    let token = reference.parse::<Id>().ok().map_or(Ok(None), |id| tx.api_token(id))?;
    let owner = token.as_ref().and_then(ApiToken::user).map_or(Ok(None), |id| tx.user(id))?;
    let (token, owner) = known(token.zip(owner), permission, call)?.ok_or_else(not_found)?;
    allows(permission, &owner, call, tx)?;
    Ok((token, owner))
}

/// Whose tokens a list may hold: those of one owner, everybody's, or one's own.
pub(super) fn seen(
    owner: Option<&str>,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<ApiTokenFilter, Stop<Refused>> {
    let permission = Permission::ApiTokensRead;
    let sees_all = call.permit().permissions().contains(permission);
    let owner = match (owner, call.permit().user()) {
        (Some(reference), _) => users::find(reference, call, tx)?,
        (None, Some(own)) if !sees_all => tx.user(own)?,
        (None, _) => {
            call.needs(permission)?;
            let organization = call.permit().organization();
            return Ok(ApiTokenFilter { organization, ..ApiTokenFilter::default() });
        }
    };
    let owner = known(owner, permission, call)?.ok_or_else(users::not_found)?;
    allows(permission, &owner, call, tx)?;
    Ok(ApiTokenFilter { owner: Some(ApiTokenOwner::User(owner.id)), ..ApiTokenFilter::default() })
}

/// Refuses whoever makes a value of a token known to themselves, or changes what it can do, and may not do all that it can: as
/// somebody else, all that they may; as oneself, what its level at the management API lets through. In person, everybody may do
/// what they may.
pub(super) fn covers(owner: &User, level: Level, call: &Call, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
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
        Level::Read => Permissions::reading().union([Permission::ApiTokensSelf].into_iter().collect()),
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

fn allows(permission: Permission, owner: &User, call: &Call, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    if is_own(owner, call, tx)? {
        return Ok(());
    }
    call.needs(permission)?;
    call.sees(owner.organization, NOUN)
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
