//! Whether what a token rests on still stands, asked in the transaction that records it. Owns the list of what that is:
//! client, API, person, and the organizations of both.

use crate::access::audience::Audience;
use crate::access::granted::{Behalf, GrantedScope};
use crate::client::Client;
use crate::store::Revision;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::id::Id;
use doorward_protocol::words::UserStatus;

/// Refuses a token for whom or for what was switched off in the meantime. Client and API were read from the cache as of
/// `decided_at`: where nothing cached has changed since, what was decided on is what stands here.
///
/// # Errors
/// `invalid_client`, `invalid_target`, or `invalid_grant` (RFC 6749 §5.2).
pub(super) fn hold(
    granted: &GrantedScope,
    decided_at: Revision,
    tx: &mut dyn Tx,
) -> Result<(), Stop<OAuthError>> {
    if tx.last_revision()? != decided_at {
        client(granted, tx)?;
        api(granted, tx)?;
    }
    granted.behalf().map_or(Ok(()), |behalf| person(behalf, tx))
}

fn client(granted: &GrantedScope, tx: &mut dyn Tx) -> Result<(), Stop<OAuthError>> {
    let read = granted.client();
    let now = tx.client(read.id)?.map(|record| record.client);
    let now = now.filter(|client| client.is_active() && client.generation == read.generation);
    match now {
        Some(client) if admits(client.organization, tx)? && owner_admits(&client, tx)? => Ok(()),
        _ => Err(Stop::Refuse(OAuthError::invalid_client())),
    }
}

/// Whether the owner of an API account takes part, and its organization has API access; an application has no owner.
fn owner_admits(client: &Client, tx: &mut dyn Tx) -> Result<bool, Fault> {
    let Some(owner) = client.account_of else { return Ok(true) };
    let organization = client.organization.map_or(Ok(None), |id| tx.organization(id))?;
    if organization.is_some_and(|organization| !organization.has_api_access()) {
        return Ok(false);
    }
    let Some(user) = owner.user() else { return Ok(true) };
    Ok(tx.user_standing(user)?.is_some_and(|user| user.status == UserStatus::Active))
}

fn api(granted: &GrantedScope, tx: &mut dyn Tx) -> Result<(), Stop<OAuthError>> {
    let Audience::Api(api) = granted.audience() else { return Ok(()) };
    if tx.api(api.id)?.is_some_and(|api| api.is_active()) {
        return Ok(());
    }
    Err(Stop::Refuse(OAuthError::new(ErrorCode::InvalidTarget, "the API was switched off")))
}

/// A person's record is read each time: it is one row, and what was issued on their behalf must end with them.
fn person(behalf: &Behalf, tx: &mut dyn Tx) -> Result<(), Stop<OAuthError>> {
    let standing = tx.user_standing(behalf.user)?.filter(|user| user.holds(behalf.user_generation));
    match standing {
        Some(user) if admits(user.organization, tx)? => Ok(()),
        _ => Err(Stop::Refuse(OAuthError::invalid_grant())),
    }
}

/// Whether the members of an organization take part; those of none do.
pub(crate) fn admits(organization: Option<Id>, tx: &mut dyn Tx) -> Result<bool, Fault> {
    let Some(id) = organization else { return Ok(true) };
    Ok(tx.organization(id)?.is_some_and(|organization| organization.is_active()))
}
