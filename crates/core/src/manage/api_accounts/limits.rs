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
    let mut account = within_token(account, &apis, call, &mut findings, tx)?;
    if let (Some(AccountOwner::User(user)), false) = (account.account_of, authority::gives_any(call)) {
        let approvals = approvals(user, look_up.now, tx)?;
        // One that is to have no end gets that of what was approved.
        account.expires_at = account.expires_at.or_else(|| approved_until(&account, &approvals, &apis));
        within_approvals(before, &account, &approvals, &apis, &mut findings);
    }
    findings.refuse()?;
    Ok(account)
}

/// Until when all levels of an account are approved, by the approvals that last longest.
fn approved_until(account: &Client, approvals: &[Approval], apis: &Registered) -> Option<Seconds> {
    let asked = account.access.iter().filter(|access| !apis.is_management_id(access.api));
    let longest = |access: &Access| {
        let giving = approvals.iter().filter(|approval| approval.gives(access) && approval.is_from(account));
        let ends: Vec<_> = giving.map(|approval| approval.expires_at).collect();
        if ends.contains(&None) { None } else { ends.into_iter().flatten().max() }
    };
    asked.filter_map(longest).min()
}

impl Approval {
    /// Whether it gives this level.
    fn gives(&self, access: &Access) -> bool {
        self.access.iter().any(|given| given.api == access.api && access.level <= given.level)
    }

    /// Whether it is for everywhere that an account may be used from.
    fn is_from(&self, account: &Client) -> bool {
        network::all_within(&account.allowed_ips, &self.allowed_ips)
    }

    /// Whether it is for as long as an account lives.
    fn is_for_as_long(&self, account: &Client) -> bool {
        ends_within(account, self.expires_at)
    }
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
        if access.level <= had(access.api) || apis.is_management_id(access.api) {
            continue;
        }
        let giving: Vec<_> = approvals.iter().filter(|approval| approval.gives(access)).collect();
        if giving.iter().any(|approval| approval.is_from(account) && approval.is_for_as_long(account)) {
            continue;
        }
        // What is in the way is named: a level may be approved for another time, or from elsewhere.
        if giving.is_empty() {
            let pointer = format!("/access/{position}/level");
            findings.add(pointer, "is more than an administrator has approved for you: ask for it");
        } else if giving.iter().any(|approval| approval.is_from(account)) {
            findings.add(
                "/expires_at",
                format!("is later than what was approved for you at 'access/{position}' ends"),
            );
        } else {
            let detail = format!("is wider than from where 'access/{position}' was approved for you");
            findings.add("/allowed_ips", detail);
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
