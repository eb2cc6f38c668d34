//! What administrators have approved for somebody. Owns the question, for those who are bounded by the answer.

use super::checks::MOST;
use crate::access::access_request::AccessRequest;
use crate::manage::users;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use crate::store::tx::filter::AccessRequestFilter;
use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::AccessRequestStatus;

/// The approvals of a user's that are good at this instant where they belong, each with its levels, networks and end.
pub(in crate::manage) fn approvals(
    user: Id,
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<Vec<AccessRequest>, Fault> {
    let live = AccessRequestFilter {
        user: Some(user),
        status: Some((AccessRequestStatus::Approved, now)),
        ..AccessRequestFilter::default()
    };
    let organization = users::organization(user, tx)?;
    let mut approvals = tx.access_requests(&live, None, MOST)?;
    approvals.retain(|approval| approval.organization == organization);
    Ok(approvals)
}

/// Whether the approval that an account of a user's came of was taken back: that is for good, whoever would switch it on again.
pub(in crate::manage) fn was_revoked(
    user: Id,
    account: Id,
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<bool, Fault> {
    let revoked = AccessRequestFilter {
        user: Some(user),
        status: Some((AccessRequestStatus::Revoked, now)),
        ..AccessRequestFilter::default()
    };
    Ok(tx.access_requests(&revoked, None, MOST)?.iter().any(|request| request.api_account == Some(account)))
}

/// The highest level at each API that any of them gives.
#[must_use]
pub fn levels(approvals: &[AccessRequest]) -> Vec<Access> {
    let mut levels: Vec<Access> = vec![];
    for given in approvals.iter().flat_map(|approval| &approval.access) {
        match levels.iter_mut().find(|known| known.api == given.api) {
            Some(known) => known.level = known.level.max(given.level),
            None => levels.push(*given),
        }
    }
    levels
}
