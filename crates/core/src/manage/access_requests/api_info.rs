//! "API info": what somebody is told of their own API access. Owns the answer: whether they have it, what became of their last request,
//! and which credentials they have, without any secret.

use crate::access::access_request::AccessRequest;
use crate::client::{AccountOwner, ClientRecord};
use crate::context::Context;
use crate::identity::user::User;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::manage::{Refused, api_accounts, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{ClientFilter, ClientKind};
use doorward_protocol::permission::Permission;
use doorward_protocol::words::{AccessRequestStatus, ApiAccess};

/// What somebody is told of their own API access.
#[derive(Clone, Debug)]
pub struct ApiInfo {
    /// Whether they have it: their organization's word, or their own where they belong to none.
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
        let api_access = api_access(&user, request.as_ref(), &accounts, tx)?;
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
    tx: &mut dyn Tx,
) -> Result<ApiAccess, Fault> {
    let organization = user.organization.map_or(Ok(None), |id| tx.organization(id))?;
    if let Some(organization) = organization {
        return Ok(organization.api_access);
    }
    let is_open = request.is_some_and(|request| request.status == AccessRequestStatus::Requested);
    let works = |record: &ClientRecord| record.client.is_active();
    Ok(if accounts.iter().any(works) {
        ApiAccess::Enabled
    } else if is_open {
        ApiAccess::Requested
    } else {
        ApiAccess::Disabled
    })
}
