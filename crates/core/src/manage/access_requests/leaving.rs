//! What becomes of somebody's requests when they leave the organization that they asked in, for another or for good. Owns that nothing of
//! what was approved there goes along: whoever wants it where they are now asks anew.

use super::reviewing::taken_back;
use super::{checks, organization};
use crate::access::access_request::AccessRequest;
use crate::identity::user::User;
use crate::manage::Refused;
use crate::manage::call::Call;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::AccessRequestFilter;
use doorward_protocol::id::Id;
use doorward_protocol::words::AccessRequestStatus;

const LEFT: &str = "left the organization";

/// Withdraws what a user, who is held, has asked for where they belonged, and nobody has decided about. Tells what was touched.
pub(in crate::manage) fn withdrawn(
    user: &User,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Vec<(&'static str, Id)>, Fault> {
    let mut touched = vec![];
    for read in theirs(user, AccessRequestStatus::Requested, call, tx)? {
        let request = ended(&read, AccessRequestStatus::Withdrawn, call);
        checks::decide(&read, &request, tx)?;
        organization::closed(&request, call.now(), tx)?;
        touched.push(("access_request", request.id));
    }
    Ok(touched)
}

/// Takes back what was approved for a user, who is held like their accounts, where they belonged. Tells what was touched.
pub(in crate::manage) fn revoked(
    user: &User,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Vec<(&'static str, Id)>, Stop<Refused>> {
    let mut touched = vec![];
    let mut approved = theirs(user, AccessRequestStatus::Approved, call, tx)?;
    // One that has run out could be renewed, and its account may have been given a later end.
    approved.extend(theirs(user, AccessRequestStatus::Expired, call, tx)?);
    for read in approved {
        let request = ended(&read, AccessRequestStatus::Revoked, call);
        checks::decide(&read, &request, tx)?;
        taken_back(&request, call, tx)?;
        touched.push(("access_request", request.id));
    }
    Ok(touched)
}

/// Their requests of a status, as far as they were made where they belong.
fn theirs(
    user: &User,
    status: AccessRequestStatus,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Vec<AccessRequest>, Fault> {
    let status = Some((status, call.now()));
    let filter = AccessRequestFilter { user: Some(user.id), status, ..AccessRequestFilter::default() };
    let mut requests = tx.access_requests(&filter, None, checks::MOST)?;
    requests.retain(|request| request.organization == user.organization);
    Ok(requests)
}

fn ended(read: &AccessRequest, status: AccessRequestStatus, call: &Call) -> AccessRequest {
    let updated_at = call.now().max(read.updated_at);
    AccessRequest { status, reason: LEFT.to_owned(), updated_at, ..read.clone() }
}
