//! How an organization's API access moves with the requests of its people: somebody has asked, somebody has been let in, nobody asks any
//! more. Owns that movement; an administrator may set the word by hand, and what they have switched off no request moves. What it shuts is
//! decided at every use.

use crate::access::access_request::AccessRequest;
use crate::identity::organization::Organization;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use crate::store::tx::filter::AccessRequestFilter;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{AccessRequestStatus, ApiAccess};

/// Moves the organization of a request from one of these words to another. Tells which organization, where it moved. Everything that is
/// cached is held.
pub(super) fn moved(
    request: &AccessRequest,
    from: &[ApiAccess],
    to: ApiAccess,
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<Option<Id>, Fault> {
    let organization = request.organization.map_or(Ok(None), |id| tx.organization(id))?;
    let stays = |organization: &Organization| {
        organization.api_access_shut || !from.contains(&organization.api_access)
    };
    let Some(read) = organization.filter(|organization| !stays(organization)) else {
        return Ok(None);
    };
    let id = read.id;
    let updated_at = now.max(read.updated_at);
    tx.update_organization(&Organization { api_access: to, updated_at, ..read })?;
    Ok(Some(id))
}

/// A request is no longer open: where it was the last one, and nobody was ever let in, its organization is as before.
pub(super) fn closed(request: &AccessRequest, now: Seconds, tx: &mut dyn Tx) -> Result<Option<Id>, Fault> {
    let Some(organization) = request.organization else { return Ok(None) };
    let open = AccessRequestFilter {
        organization: Some(organization),
        status: Some((AccessRequestStatus::Requested, now)),
        ..AccessRequestFilter::default()
    };
    if !tx.access_requests(&open, None, 1)?.is_empty() {
        return Ok(None);
    }
    moved(request, &[ApiAccess::Requested], ApiAccess::Disabled, now, tx)
}
