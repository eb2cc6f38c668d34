//! How far somebody may go with API accounts of their own. Owns the two bounds of it: what an administrator has approved for them, and,
//! where they act by way of an API token, that token. Whoever may act on everybody's accounts is bounded by neither approval, and a
//! change that only takes away by nothing: it hands out nothing.

use super::authority;
use crate::access::access_request::AccessRequest;
use crate::client::{AccountOwner, Client};
use crate::manage::access_requests::approved;
use crate::manage::api_tokens::access::{Reach, Registered};
use crate::manage::api_tokens::bounds::Bounds;
use crate::manage::call::Call;
use crate::manage::clients::checks::LookUp;
use crate::manage::{Findings, Refused};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::access::level::{Access, AccessList};
use doorward_protocol::id::Id;
use doorward_protocol::network::{self, Network};
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;

/// What an administrator has approved for somebody, and still stands.
pub(in crate::manage) struct Approval {
    /// The levels.
    pub(in crate::manage) access: Vec<Access>,
    /// From where; from everywhere where none is named.
    pub(in crate::manage) allowed_ips: Vec<Network>,
    /// Until when.
    pub(in crate::manage) expires_at: Option<Seconds>,
}

/// All that is approved for a user at this instant.
fn approvals(user: Id, now: Seconds, tx: &mut dyn Tx) -> Result<Vec<Approval>, Fault> {
    let given = |request: AccessRequest| {
        let AccessRequest { access, allowed_ips, expires_at, .. } = request;
        Approval { access, allowed_ips, expires_at }
    };
    Ok(approved::approvals(user, now, tx)?.into_iter().map(given).collect())
}

/// The account, where whoever calls may make it reach as far as that: by way of an API token, one that is to have no end gets that of
/// the token.
pub(super) fn held_to(
    before: Option<&Client>,
    account: Client,
    look_up: &LookUp,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let apis = Registered::read(&look_up.settings.issuer, tx)?;
    if before.is_some_and(|before| is_narrower(&account, before, &apis)) {
        return Ok(account);
    }
    let mut findings = Findings::default();
    let account = within_token(account, &apis, call, &mut findings, tx)?;
    if let (Some(AccountOwner::User(user)), false) = (account.account_of, authority::gives_any(call)) {
        let approvals = approvals(user, look_up.now, tx)?;
        within_approvals(before, &account, &approvals, &apis, &mut findings);
    }
    findings.refuse()?;
    Ok(account)
}

fn within_token(
    account: Client,
    apis: &Registered,
    call: &Call,
    findings: &mut Findings,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let bounds = Bounds::of(account.account_of.and_then(AccountOwner::user), call, tx)?;
    let access = levels(&account);
    bounds.check(&account.allowed_ips, &access, (&Reach::Kept, apis), findings);
    let Some(end) = bounds.end(&apis.opened_by(&access)) else { return Ok(account) };
    if account.expires_at.is_some_and(|own| own > end) {
        findings
            .add("/expires_at", format!("is {end} at the latest, when the API token ends that you act by"));
    }
    Ok(Client { expires_at: account.expires_at.or(Some(end)), ..account })
}

/// Each level that it did not have, somebody has approved, for as long as the account lives and from everywhere where it may be used.
fn within_approvals(
    before: Option<&Client>,
    account: &Client,
    approvals: &[Approval],
    apis: &Registered,
    findings: &mut Findings,
) {
    let stays = before.is_some_and(|before| {
        network::all_within(&account.allowed_ips, &before.allowed_ips)
            && ends_within(account, before.expires_at)
    });
    let had = |api: Id| before.filter(|_| stays).map_or(Level::None, |before| before.level_at(api));
    for (position, access) in account.access.iter().enumerate() {
        let approves = |approval: &Approval| {
            approval.access.iter().any(|given| given.api == access.api && access.level <= given.level)
                && network::all_within(&account.allowed_ips, &approval.allowed_ips)
                && ends_within(account, approval.expires_at)
        };
        let is_given = access.level <= had(access.api)
            || apis.is_management_id(access.api)
            || approvals.iter().any(approves);
        if !is_given {
            findings.add(
                format!("/access/{position}/level"),
                "is more than an administrator has approved for you, from there and for so long: ask for it",
            );
        }
    }
}

/// Whether an account reaches no further than it did.
fn is_narrower(account: &Client, before: &Client, apis: &Registered) -> bool {
    let access = levels(account);
    network::all_within(&account.allowed_ips, &before.allowed_ips)
        && ends_within(account, before.expires_at)
        && apis.opened_by(&access).into_iter().all(|api| account.level_at(api.id) <= before.level_at(api.id))
}

fn ends_within(account: &Client, end: Option<Seconds>) -> bool {
    end.is_none_or(|end| account.expires_at.is_some_and(|own| own <= end))
}

fn levels(account: &Client) -> AccessList {
    AccessList { named: account.access.clone(), others: None }
}
