//! Deciding about requests for API access: to approve one, which makes the API account in the same transaction, or to deny it, which
//! says why. Owns that each is decided about once, by somebody else than whoever asked, who may give what they give, and never more
//! than was asked for.

use super::{authority, checks, organization};
use crate::access::access_request::AccessRequest;
use crate::client::AccountOwner;
use crate::context::Context;
use crate::identity::user::User;
use crate::manage::api_accounts::{self, Draft};
use crate::manage::api_tokens::access::Named;
use crate::manage::api_tokens::expiry::Expiry;
use crate::manage::call::Call;
use crate::manage::networks::networks;
use crate::manage::{Findings, LONGEST_NAME, Refused, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::words::{AccessRequestStatus, ApiAccess};
use std::sync::Arc;

/// What somebody approves.
#[derive(Clone, Debug, Default)]
pub struct Approval {
    /// The levels: at most those that were asked for, and all of them where none is named.
    pub access: Option<Vec<Named>>,
    /// When it ends.
    pub expiry: Expiry,
    /// From where, as addresses and networks; from everywhere where none is named.
    pub allowed_ips: Vec<String>,
    /// What those who decide note for one another.
    pub note: String,
}

/// Approves a request: the API account comes into being, of which whoever asked reveals the secret themselves.
///
/// # Errors
/// [`Refused`] with every member that cannot stand, or where it was decided about already; a fault of the store.
pub async fn approve(
    reference: &str,
    approval: Approval,
    call: &Call,
    context: &Context<'_>,
) -> Result<AccessRequest, Stop<Refused>> {
    let (draft, reference, now) = (Draft::draw(context)?, reference.to_owned(), context.now);
    let (settings, call) = (Arc::clone(context.settings), call.clone());
    let approve = move |tx: &mut dyn Tx| {
        let read = authority::held_for_decision(&reference, &call, tx)?;
        call.finds(&read)?;
        checks::open(&read)?;
        checks::organization_takes_part(&read, tx)?;
        let user = still_there(&read, &call, tx)?;
        let mut findings = Findings::default();
        let access = match &approval.access {
            None => read.wished.clone(),
            Some(named) => checks::looked_up(named, &tx.apis()?, &settings.issuer, &mut findings),
        };
        if access.is_empty() && approval.access.as_ref().is_some_and(Vec::is_empty) {
            findings.add("/access", "names at least one API: to give nothing, deny the request");
        }
        checks::within(&access, &read.wished, &mut findings);
        checks::note(&approval.note, &mut findings);
        let allowed_ips = networks("/allowed_ips", &approval.allowed_ips, &mut findings);
        let expires_at = approval.expiry.at(now, &[], &[], &mut findings);
        findings.refuse()?;
        let expires_at = expires_at.ok_or_else(|| Fault::broken("an approval without an end"))?;
        let members = api_accounts::Members {
            description: format!("API access on request {}", read.id),
            allowed_ips: approval.allowed_ips.clone(),
            access: access.iter().map(|Access { api, level }| (api.to_string(), *level)).collect(),
            expires_at: Some(expires_at),
            ..api_accounts::Members::named(account_name(&user))
        };
        let account = api_accounts::made(AccountOwner::User(user.id), &members, &draft, &call, tx)?;
        let request = AccessRequest {
            status: AccessRequestStatus::Approved,
            access,
            allowed_ips,
            expires_at: Some(expires_at),
            api_account: Some(account.id),
            note: approval.note.clone(),
            reviewed_at: Some(now),
            ..decided(&read, &call)
        };
        checks::decide(&read, &request, tx)?;
        let from = [ApiAccess::Disabled, ApiAccess::Requested];
        let moved = organization::moved(&request, &from, ApiAccess::Enabled, now, tx)?;
        checks::record("access_request.approved", &request, &checks::touched(&request, moved), &call, tx)?;
        Ok(request)
    };
    context.cache.write(approve).await
}

/// Denies a request, for a reason that whoever asked will read.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn deny(
    reference: &str,
    reason: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<AccessRequest, Stop<Refused>> {
    let now = context.now;
    let closed = move |request: &AccessRequest, _: &Call, tx: &mut dyn Tx| {
        Ok(checks::touched(request, organization::closed(request, now, tx)?))
    };
    let denied = (AccessRequestStatus::Denied, "access_request.denied");
    ended((reference, reason), denied, checks::open, closed, call, context).await
}

/// Ends a request that stands as it has to, for a reason that whoever asked will read. What comes of that is done by the closure, which tells
/// what was touched.
pub(super) async fn ended(
    (reference, reason): (&str, &str),
    (status, action): (AccessRequestStatus, &'static str),
    stands: fn(&AccessRequest) -> Result<(), Stop<Refused>>,
    then: impl Fn(&AccessRequest, &Call, &mut dyn Tx) -> Result<Vec<(&'static str, Id)>, Stop<Refused>>
    + Send
    + 'static,
    call: &Call,
    context: &Context<'_>,
) -> Result<AccessRequest, Stop<Refused>> {
    let mut findings = Findings::default();
    let reason = checks::reason(reason, &mut findings);
    findings.refuse()?;
    let (reference, call) = (reference.to_owned(), call.clone().noting("/reason", &reason)?);
    let end = move |tx: &mut dyn Tx| {
        let read = authority::held_for_decision(&reference, &call, tx)?;
        call.finds(&read)?;
        stands(&read)?;
        let request = AccessRequest { status, reason: reason.clone(), ..decided(&read, &call) };
        checks::decide(&read, &request, tx)?;
        let touched = then(&request, &call, tx)?;
        checks::record(action, &request, &touched, &call, tx)?;
        Ok(request)
    };
    context.cache.write(end).await
}

/// The request, decided about in this call.
pub(super) fn decided(read: &AccessRequest, call: &Call) -> AccessRequest {
    AccessRequest {
        decided_by_user: call.permit().user(),
        decided_by_client: call.permit().client(),
        decided_at: Some(call.now()),
        updated_at: call.now().max(read.updated_at),
        ..read.clone()
    }
}

/// Whoever asked, who must be able to use what they get, where they asked for it.
fn still_there(request: &AccessRequest, call: &Call, tx: &mut dyn Tx) -> Result<User, Stop<Refused>> {
    checks::here(request, tx)?;
    let user = users::kept(request.user, call, tx)?;
    if user.is_active() {
        return Ok(user);
    }
    let detail = "whoever asked is disabled: nothing that they got would work";
    Err(Stop::Refuse(Refused::Conflict { detail }))
}

/// What the account is called until its owner gives it another name: as much of theirs as a name has room for.
fn account_name(user: &User) -> String {
    let name = format!("API access of {}", user.username);
    name[..name.floor_char_boundary(LONGEST_NAME)].to_owned()
}
