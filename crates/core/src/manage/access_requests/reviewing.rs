//! Looking after what was approved: to renew it, which says that somebody has looked, or to take it back. Owns what each does to the API
//! accounts of whoever asked. What is taken back is taken back for good: the account that came of it may do nothing any more, nor may
//! the others of that person at the same APIs, unless another approval gives it to them.

use super::approved::{approvals, levels};
use super::deciding::{decided, ended};
use super::{authority, checks};
use crate::access::access_request::AccessRequest;
use crate::client::{AccountOwner, Client};
use crate::context::Context;
use crate::manage::api_tokens::expiry::Expiry;
use crate::manage::call::Call;
use crate::manage::{Findings, Refused, api_accounts};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{ClientFilter, ClientKind};
use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{AccessRequestStatus, Level, Status};

const NO_ACCOUNT: &str = "the API account that came of it is gone: let them ask anew";

/// Lets an approval go on until a later end, one that has run out, too. That counts as a review.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn renew(
    reference: &str,
    expiry: Expiry,
    call: &Call,
    context: &Context<'_>,
) -> Result<AccessRequest, Stop<Refused>> {
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let renew = move |tx: &mut dyn Tx| {
        let read = authority::held_for_decision(&reference, &call, tx)?;
        call.finds(&read)?;
        checks::approved(&read)?;
        checks::here(&read, tx)?;
        checks::organization_takes_part(&read, tx)?;
        let mut findings = Findings::default();
        let end = expiry.at(now, &[], &[], &mut findings);
        let end = later(end, read.expires_at.filter(|_| read.is_live(now)), &expiry, &mut findings);
        findings.refuse()?;
        let account = account(&read, tx)?.ok_or(Stop::Refuse(Refused::Conflict { detail: NO_ACCOUNT }))?;
        api_accounts::authority::covers(&account, &call, tx)?;
        let updated_at = now.max(account.updated_at);
        tx.update_client(&Client { expires_at: end, updated_at, ..account })?;
        let updated_at = now.max(read.updated_at);
        let request =
            AccessRequest { expires_at: end, reviewed_at: Some(now), updated_at, ..decided(&read, &call) };
        checks::decide(&read, &request, tx)?;
        checks::record("access_request.renewed", &request, &checks::touched(&request, None), &call, tx)?;
        Ok(request)
    };
    context.cache.write(renew).await
}

/// Takes an approval back, for a reason that whoever asked will read. Nothing that came of it works from the next request on, nor ever
/// again.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn revoke(
    reference: &str,
    reason: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<AccessRequest, Stop<Refused>> {
    let revoked = (AccessRequestStatus::Revoked, "access_request.revoked");
    let then = |request: &AccessRequest, call: &Call, tx: &mut dyn Tx| {
        let account = account(request, tx)?;
        // Where somebody has left, it is no longer for those to say whom they have left.
        if account.is_none_or(|account| !call.permit().sees(account.organization)) {
            checks::here(request, tx)?;
        }
        let others = taken_back(request, call, tx)?;
        Ok(checks::touched(request, None).into_iter().chain(others).collect())
    };
    ended((reference, reason), revoked, checks::approved, then, call, context).await
}

/// Ends the account that came of an approval, which counts no longer, and narrows the others of that person, who is held like all of
/// them. Tells which of the others were touched.
pub(super) fn taken_back(
    request: &AccessRequest,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Vec<(&'static str, Id)>, Stop<Refused>> {
    let now = call.now();
    if let Some(account) = account(request, tx)? {
        api_accounts::authority::covers(&account, call, tx)?;
        tx.update_client(&at_its_end(account, now))?;
    }
    let left = levels(&approvals(request.user, now, tx)?);
    let mut touched = vec![];
    for account in others(request, tx)? {
        let narrower = without(&account, &request.access, &left, now, tx)?;
        if narrower != account {
            api_accounts::authority::covers(&account, call, tx)?;
            tx.update_client(&narrower)?;
            touched.push(("api_account", account.id));
        }
    }
    Ok(touched)
}

/// The end that is asked for, which is no earlier than the one that stands; where none is asked for, the later of both.
fn later(
    end: Option<Seconds>,
    stands: Option<Seconds>,
    asked: &Expiry,
    findings: &mut Findings,
) -> Option<Seconds> {
    if *asked == Expiry::default() {
        return end.max(stands);
    }
    if let (Some(end), Some(stands)) = (end, stands)
        && end < stands
    {
        let pointer = if asked.expires_at.is_some() { "/expires_at" } else { "/expires_in_months" };
        findings.add(
            pointer,
            format!("is no earlier than {stands}, when it ends now: to end it earlier, revoke it"),
        );
    }
    end
}

/// The account that came of an approval, if it is still there.
fn account(request: &AccessRequest, tx: &mut dyn Tx) -> Result<Option<Client>, Fault> {
    let record = request.api_account.map_or(Ok(None), |id| tx.client(id))?;
    Ok(record.map(|record| record.client))
}

/// The other accounts of whoever asked.
fn others(request: &AccessRequest, tx: &mut dyn Tx) -> Result<Vec<Client>, Fault> {
    let theirs = ClientKind::AccountOf(AccountOwner::User(request.user));
    let theirs = ClientFilter { kind: Some(theirs), ..ClientFilter::default() };
    let mut accounts = tx.clients(&theirs, None, api_accounts::MOST)?;
    accounts.retain(|account| Some(account.id) != request.api_account);
    Ok(accounts)
}

/// The account, at its end: switched on again, it would have no level anywhere.
fn at_its_end(account: Client, now: Seconds) -> Client {
    Client {
        status: Status::Inactive,
        access: vec![],
        scopes: Scope::default(),
        default_scopes: Scope::default(),
        expires_at: Some(account.expires_at.map_or(now, |end| end.min(now))),
        generation: account.generation + 1,
        updated_at: now.max(account.updated_at),
        ..account
    }
}

/// The account without the levels that were taken back, as far as no other approval gives them.
fn without(
    account: &Client,
    gone: &[Access],
    left: &[Access],
    now: Seconds,
    tx: &mut dyn Tx,
) -> Result<Client, Fault> {
    let level = |of: &[Access], api| of.iter().find(|one| one.api == api).map(|one| one.level);
    let narrowed = |one: &Access| match level(gone, one.api) {
        None => *one,
        Some(_) => Access { level: one.level.min(level(left, one.api).unwrap_or(Level::None)), ..*one },
    };
    let mut access: Vec<_> = account.access.iter().map(narrowed).collect();
    if access == account.access {
        return Ok(account.clone());
    }
    access.retain(|one| one.level > Level::None);
    let narrower = Client { access, ..account.clone() };
    let scopes = api_accounts::making::opened_by(&narrower, &tx.apis()?);
    let updated_at = now.max(account.updated_at);
    Ok(Client { default_scopes: scopes.clone(), scopes, updated_at, ..narrower })
}
