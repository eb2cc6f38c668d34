//! Who may do what with whose requests for API access. Owns the answer for one call and one request: to ask, see and withdraw what is
//! one's own with `access-requests:self`, in person too; to see everybody's with `access-requests:read`, bounded by organization; to
//! decide about others' with `access-requests:decide`, about one's own never.
//!
//! Whatever is to be decided is held: the person, then their accounts, then everything that is cached, in the order in
//! which others take them, and read anew.

use super::{NOUN, not_found};
use crate::access::access_request::AccessRequest;
use crate::client::AccountOwner;
use crate::identity::user::User;
use crate::manage::api_accounts::MOST;
use crate::manage::call::Call;
use crate::manage::permit::Actor;
use crate::manage::{Refused, power, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{AccessRequestFilter, ClientFilter, ClientKind};
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;

const NOT_A_PROGRAM: &str = "requests for API access are decided about by people, not by programs";
const NOT_YOURS: &str = "a request is withdrawn by whoever made it: deny it instead";

/// Whoever asks, asks for themselves.
pub(super) fn asks_for(user: &User, call: &Call, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    if call.permit().actor() == Actor::Operator || is_own(user.id, call, tx)? {
        return Ok(());
    }
    Err(Stop::Refuse(Refused::Forbidden { permission: Permission::AccessRequestsSelf }))
}

/// A request that is there for whoever calls.
pub(super) fn found(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<AccessRequest, Stop<Refused>> {
    let request = reference.parse::<Id>().ok().map_or(Ok(None), |id| tx.access_request(id))?;
    if let Some(request) = &request
        && is_own(request.user, call, tx)?
    {
        return Ok(request.clone());
    }
    call.needs(Permission::AccessRequestsRead)?;
    let request = request.ok_or_else(not_found)?;
    call.sees(request.organization, NOUN)?;
    Ok(request)
}

/// A request of one's own that nobody else changes until the transaction ends.
pub(super) fn held_own(
    reference: &str,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<AccessRequest, Stop<Refused>> {
    if let Actor::User(_) | Actor::Client(_) = call.permit().actor() {
        call.needs(Permission::AccessRequestsSelf)?;
    }
    let request = held(reference, tx)?.ok_or_else(not_found)?;
    if call.permit().actor() == Actor::Operator || is_own(request.user, call, tx)? {
        return Ok(request);
    }
    // Whoever may see it hears why; for others, it is not there.
    if call.permit().permissions().contains(Permission::AccessRequestsRead) {
        call.sees(request.organization, NOUN)?;
        return Err(Stop::Refuse(Refused::Conflict { detail: NOT_YOURS }));
    }
    Err(not_found())
}

/// A request of somebody else's that is to be decided about.
pub(super) fn held_for_decision(
    reference: &str,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<AccessRequest, Stop<Refused>> {
    call.needs(Permission::AccessRequestsDecide)?;
    let decider = deciding_person(call)?;
    let request = held(reference, tx)?.ok_or_else(not_found)?;
    call.sees(request.organization, NOUN)?;
    if decider == Some(request.user) {
        return Err(Stop::Refuse(Refused::Own));
    }
    Ok(request)
}

/// The person who decides; none for whoever holds the machine's command line. A program has no name of its own to put to a decision, and
/// whoever holds its secret may be whoever asked.
fn deciding_person(call: &Call) -> Result<Option<Id>, Stop<Refused>> {
    match call.permit().actor() {
        Actor::Client(_) => Err(Stop::Refuse(Refused::NotForYou { detail: NOT_A_PROGRAM })),
        _ => Ok(call.permit().user()),
    }
}

/// Whose requests a list may hold: everybody's, one person's, or one's own. None where what is asked for is in nobody's sight.
pub(super) fn seen(
    user: Option<&str>,
    organization: Option<Id>,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Option<AccessRequestFilter>, Stop<Refused>> {
    let permit = call.permit();
    let user = match (user, permit.user()) {
        (Some(reference), _) => Some(users::find(reference, call, tx)?),
        (None, Some(own)) if !permit.permissions().contains(Permission::AccessRequestsRead) => {
            Some(tx.user(own)?)
        }
        (None, _) => None,
    };
    if let Some(Some(user)) = &user
        && is_own(user.id, call, tx)?
    {
        return Ok(Some(AccessRequestFilter {
            user: Some(user.id),
            organization,
            ..AccessRequestFilter::default()
        }));
    }
    call.needs(Permission::AccessRequestsRead)?;
    let user = match user {
        Some(found) => Some(found.ok_or_else(users::not_found)?.id),
        None => None,
    };
    let organization = match (permit.organization(), organization) {
        (Some(own), Some(asked)) if own != asked => return Ok(None),
        (own, asked) => own.or(asked),
    };
    Ok(Some(AccessRequestFilter { user, organization, ..AccessRequestFilter::default() }))
}

fn held(reference: &str, tx: &mut dyn Tx) -> Result<Option<AccessRequest>, Fault> {
    let Ok(id) = reference.parse::<Id>() else { return Ok(None) };
    let Some(read) = tx.access_request(id)? else { return Ok(None) };
    tx.hold_user(read.user)?;
    let theirs = ClientKind::AccountOf(AccountOwner::User(read.user));
    let theirs = ClientFilter { kind: Some(theirs), ..ClientFilter::default() };
    for account in tx.clients(&theirs, None, MOST)? {
        tx.hold_client(account.id)?;
    }
    tx.hold_changes()?;
    tx.access_request(id)
}

/// Whether somebody acts on what is theirs, and may.
fn is_own(user: Id, call: &Call, tx: &mut dyn Tx) -> Result<bool, Fault> {
    let permission = Permission::AccessRequestsSelf;
    Ok(match call.permit().actor() {
        Actor::User(own) if own == user => call.permit().permissions().contains(permission),
        Actor::InPerson(own) if own == user => {
            let Some(user) = tx.user(own)? else { return Ok(false) };
            power::of_user(&user, &tx.groups()?).permissions.contains(permission)
        }
        _ => false,
    })
}
