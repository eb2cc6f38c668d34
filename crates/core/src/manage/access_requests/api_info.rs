//! "API info": what somebody is told of their own API access. Owns the answer: whether they have it, what became of their last request,
//! and which credentials they have, without any secret.

use crate::access::access_request::AccessRequest;
use crate::client::{AccountOwner, ClientRecord};
use crate::context::Context;
use crate::identity::user::User;
use crate::manage::access_requests::approved::approvals;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::manage::{Refused, api_accounts, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{ClientFilter, ClientKind};
use doorward_protocol::permission::Permission;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{AccessRequestStatus, ApiAccess};

/// What somebody is told of their own API access.
#[derive(Clone, Debug)]
pub struct ApiInfo {
    /// Whether they have it themselves: something is approved for them, or an account of theirs may do something, and their organization
    /// lets it.
    pub api_access: ApiAccess,
    /// Their latest request.
    pub request: Option<AccessRequest>,
    /// Their API accounts, in the order of their identifiers.
    pub accounts: Vec<ClientRecord>,
}

/// What whoever calls is told of their own API access.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn own(call: &Call, context: &Context<'_>) -> Result<ApiInfo, Stop<Refused>> {
    let call = call.clone();
    let own = move |tx: &mut dyn Tx| {
        call.needs(Permission::AccessRequestsSelf)?;
        let user = call.permit().user().map_or(Ok(None), |id| tx.user(id))?.ok_or_else(users::not_found)?;
        let request = tx.last_access_request(user.id)?;
        let accounts = accounts(&user, tx)?;
        let api_access = api_access(&user, request.as_ref(), &accounts, call.now(), tx)?;
        Ok(ApiInfo { api_access, request, accounts })
    };
    asked(own, context).await
}

fn accounts(user: &User, tx: &mut dyn Tx) -> Result<Vec<ClientRecord>, Fault> {
    let kind = Some(ClientKind::AccountOf(AccountOwner::User(user.id)));
    let theirs = ClientFilter { kind, ..ClientFilter::default() };
    let mut records = vec![];
    for account in tx.clients(&theirs, None, api_accounts::MOST)? {
        records.extend(tx.client(account.id)?);
    }
    Ok(records)
}

fn api_access(
    user: &User,
    request: Option<&AccessRequest>,
    accounts: &[ClientRecord],
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<ApiAccess, Fault> {
    let organization = user.organization.map_or(Ok(None), |id| tx.organization(id))?;
    let is_off = organization.is_some_and(|organization| !organization.has_api_access());
    let works = |record: &ClientRecord| {
        let account = &record.client;
        account.is_active() && !account.has_ended(now) && !account.access.is_empty()
    };
    let is_here = |request: &AccessRequest| request.organization == user.organization;
    let is_open =
        request.is_some_and(|request| request.status == AccessRequestStatus::Requested && is_here(request));
    Ok(if !is_off && (accounts.iter().any(works) || !approvals(user.id, now, tx)?.is_empty()) {
        ApiAccess::Enabled
    } else if is_open {
        ApiAccess::Requested
    } else {
        ApiAccess::Disabled
    })
}
