//! The rules for an API token's members, and for the state that a change finds it in. Owns what cannot stand and why; each finding
//! points at its member.

use crate::manage::api_tokens::Members;
use crate::manage::api_tokens::access::Registered;
use crate::manage::api_tokens::bounds::Bounds;
use crate::manage::api_tokens::expiry::outlives;
use crate::manage::api_tokens::owner::Owner;
use crate::manage::networks::networks;
use crate::manage::{Findings, LONGEST_NAME, LONGEST_TEXT, Refused, name, text};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::ApiTokenFilter;
use crate::token::api_token::{ApiToken, MOST_LIVE};
use doorward_protocol::network::Network;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{ApiTokenStatus, Level};

/// How long the former value of a token may go on beside the new one.
const LONGEST_OVERLAP: Lifetime = Lifetime::days(7);

/// What is said of a token, and where it may be used from.
pub(super) fn check(members: &Members, findings: &mut Findings) -> Vec<Network> {
    name("/name", &members.name, findings);
    text("/description", &members.description, LONGEST_TEXT, findings);
    networks("/allowed_ips", &members.allowed_ips, findings)
}

/// The token with other members. What it opens newly must let a token live for as long as this one does.
pub(super) fn changed(
    token: &ApiToken,
    members: &Members,
    apis: &Registered,
    (owner, bounds): (&Owner, &Bounds),
) -> Result<ApiToken, Stop<Refused>> {
    let mut findings = Findings::default();
    let allowed_ips = check(members, &mut findings);
    let access = members.reach.settled(&token.access, apis, &mut findings);
    for api in apis.opened_by(&access) {
        if apis.level(&token.access, api) == Level::None
            && let Some(reason) = outlives(token, api)
        {
            findings.add(members.reach.pointer(api.id, apis), reason);
        }
    }
    if access != token.access {
        owner.caps(&access, (&members.reach, apis), &mut findings);
    }
    let (name, description) = (members.name.clone(), members.description.clone());
    let changed = ApiToken { name, description, access, allowed_ips, ..token.clone() };
    bounds.check_change((token, &changed), (&members.reach, apis), &mut findings);
    findings.refuse()?;
    Ok(changed)
}

pub(super) fn overlap(overlap: Lifetime, findings: &mut Findings) {
    if overlap < Lifetime::seconds(0) || overlap > LONGEST_OVERLAP {
        findings.add("/overlap_seconds", format!("is between 0 and {} (7 days)", LONGEST_OVERLAP.0));
    }
}

/// Why a token is taken back, as its owner will read it.
pub(super) fn reason(reason: Option<&str>) -> Result<String, Stop<Refused>> {
    let reason = reason.map_or("", str::trim);
    let mut findings = Findings::default();
    text("/reason", reason, LONGEST_NAME, &mut findings);
    if reason.contains('\n') {
        findings.add("/reason", "is a single line");
    }
    findings.refuse()?;
    Ok(if reason.is_empty() { "revoked".to_owned() } else { reason.to_owned() })
}

/// An end without a finding against it.
pub(super) fn ended(end: Option<Seconds>) -> Result<Seconds, Fault> {
    end.ok_or_else(|| Fault::broken("a token without an end"))
}

/// What was taken back does not come back.
pub(super) fn not_revoked(token: &ApiToken, owner: &Owner) -> Result<(), Stop<Refused>> {
    if token.revoked_at.is_some() || token.owner_generation != owner.generation() {
        return conflict("the token was revoked: make another one");
    }
    Ok(())
}

/// One more has to find room. The owner is held, so nobody makes another one meanwhile.
pub(super) fn room(owner: &Owner, now: Seconds, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let live = tx.api_tokens(&live(owner, now), None, MOST_LIVE)?.len();
    if i64::try_from(live).is_ok_and(|live| live < MOST_LIVE) {
        return Ok(());
    }
    conflict("the owner has 100 API tokens that work, and may have no more: revoke some first")
}

/// The tokens of an owner that work, as far as they are concerned themselves.
pub(super) fn live(owner: &Owner, now: Seconds) -> ApiTokenFilter {
    of(owner, ApiTokenStatus::Active, now)
}

/// Those that have ended by themselves.
pub(super) fn expired(owner: &Owner, now: Seconds) -> ApiTokenFilter {
    of(owner, ApiTokenStatus::Expired, now)
}

fn of(owner: &Owner, status: ApiTokenStatus, now: Seconds) -> ApiTokenFilter {
    ApiTokenFilter { owner: Some(owner.id()), status: Some((status, now)), ..ApiTokenFilter::default() }
}

const fn conflict<T>(detail: &'static str) -> Result<T, Stop<Refused>> {
    Err(Stop::Refuse(Refused::Conflict { detail }))
}
