//! Who may act on whose registered auths. Owns the answer for one call and one account: with a permission on everybody's, bounded by
//! organization; on those of one's own accounts with `api-accounts:self`, in person too; an account sees its own by itself.
//!
//! What is not there for whoever asks is refused like what is not there at all.

use crate::client::{AccountOwner, Client};
use crate::manage::call::Call;
use crate::manage::permit::Actor;
use crate::manage::registered_auths::{NOUN, not_found};
use crate::manage::{Refused, power};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::vault::registered_auth::RegisteredAuth;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::permission::Permission;
use doorward_protocol::words::Level;

/// What is to be done to an auth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    See,
    Change,
}

impl Act {
    /// What lets one do it to everybody's.
    const fn permission(self) -> Permission {
        match self {
            Self::See => Permission::RegisteredAuthsRead,
            Self::Change => Permission::RegisteredAuthsWrite,
        }
    }
}

/// Whether somebody only looks, or keeps others from changing what they look at until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Passing,
    Holding,
}

/// The account of this `client_id` or identifier, whose auths are to be seen or changed.
pub(super) fn account(
    reference: &str,
    act: Act,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let found = match (reference.parse::<ClientId>(), reference.parse::<Id>()) {
        (Ok(client_id), _) => tx.client_named(&client_id)?,
        (Err(_), Ok(id)) => tx.client(id)?,
        (Err(_), Err(_)) => None,
    };
    let there = |client: &Client| client.is_api_account() && call.permit().sees(client.organization);
    let Some(account) = found.map(|record| record.client).filter(there) else {
        call.needs(act.permission())?;
        return Err(Stop::Refuse(Refused::NotFound { noun: "API account" }));
    };
    allows(act, &account, call, tx)?;
    Ok(account)
}

/// An auth, and its account.
pub(super) fn found(
    reference: &str,
    act: Act,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<(RegisteredAuth, Client), Stop<Refused>> {
    looked_up(reference, Look::Passing, act, call, tx)
}

/// The same, which nobody else changes until the transaction ends.
pub(super) fn held(
    id: Id,
    act: Act,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<(RegisteredAuth, Client), Stop<Refused>> {
    looked_up(&id.to_string(), Look::Holding, act, call, tx)
}

/// Either of both.
pub(super) fn looked_up(
    reference: &str,
    look: Look,
    act: Act,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<(RegisteredAuth, Client), Stop<Refused>> {
    let found = reference.parse().ok().map_or(Ok(None), |id| with_account(id, look, tx))?;
    let Some((auth, account)) = found else {
        call.needs(act.permission())?;
        return Err(not_found());
    };
    allows(act, &account, call, tx)?;
    Ok((auth, account))
}

/// An auth, and its account, whoever asks.
pub(super) fn with_account(
    id: Id,
    look: Look,
    tx: &mut dyn Tx,
) -> Result<Option<(RegisteredAuth, Client)>, Fault> {
    let auth = match look {
        Look::Passing => tx.registered_auth(id)?,
        Look::Holding => tx.held_registered_auth(id)?,
    };
    let Some(auth) = auth else { return Ok(None) };
    let account = tx.client(auth.account)?.map(|record| record.client);
    Ok(account.filter(Client::is_api_account).map(|account| (auth, account)))
}

/// Whether it is the account itself that calls, by a token that opens something here.
pub(super) fn is_itself(account: Id, call: &Call) -> bool {
    call.permit().actor() == Actor::Client(account) && call.level() != Level::None
}

/// Whether whoever calls has a permission: at their own pages, somebody has what their groups give them.
pub(super) fn needs(permission: Permission, call: &Call, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    if let Actor::InPerson(user) = call.permit().actor()
        && let Some(user) = tx.user(user)?
        && power::of_user(&user, &tx.groups()?).permissions.contains(permission)
    {
        return Ok(());
    }
    call.needs(permission)
}

fn allows(act: Act, account: &Client, call: &Call, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let itself = act == Act::See && is_itself(account.id, call);
    if itself || is_owner(account, call, tx)? {
        return Ok(());
    }
    call.needs(act.permission())?;
    call.sees(account.organization, NOUN)
}

/// Whether somebody acts on an account of their own, and may.
fn is_owner(account: &Client, call: &Call, tx: &mut dyn Tx) -> Result<bool, Stop<Refused>> {
    let owner = account.account_of.and_then(AccountOwner::user);
    if owner.is_none() || owner != call.permit().user() {
        return Ok(false);
    }
    match needs(Permission::ApiAccountsSelf, call, tx) {
        Ok(()) => Ok(true),
        Err(Stop::Fault(fault)) => Err(Stop::Fault(fault)),
        Err(_) => Ok(false),
    }
}
