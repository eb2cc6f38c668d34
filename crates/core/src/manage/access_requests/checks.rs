//! The rules for what is asked and decided, and for the state that a decision finds a request in. Owns what cannot stand and why; each
//! finding points at its member.

use crate::access::access_request::AccessRequest;
use crate::access::api::Api;
use crate::issuer::Issuer;
use crate::manage::api_tokens::access::Named;
use crate::manage::call::Call;
use crate::manage::{Findings, LONGEST_NAME, Refused, apis, text, users};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{AccessRequestStatus, Level};

/// More requests of one kind than these nobody has: at most one is open, and for each that was approved there is an account.
pub(super) const MOST: i64 = 1_000;
/// What those who decide note for one another.
const LONGEST_NOTE: usize = 500;

/// A request about which nothing is known yet but who makes it.
pub(super) const fn blank(id: Id, user: Id, organization: Option<Id>, now: Seconds) -> AccessRequest {
    AccessRequest {
        id,
        user,
        organization,
        message: String::new(),
        wished: vec![],
        status: AccessRequestStatus::Requested,
        access: vec![],
        allowed_ips: vec![],
        expires_at: None,
        api_account: None,
        decided_by_user: None,
        decided_by_client: None,
        decided_at: None,
        reason: String::new(),
        note: String::new(),
        reviewed_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Each API once, by its internal identifier, with a level that opens something.
pub(super) fn looked_up(
    named: &[Named],
    all: &[Api],
    issuer: &Issuer,
    findings: &mut Findings,
) -> Vec<Access> {
    let mut access: Vec<Access> = Vec::with_capacity(named.len());
    for (at, Named { api, level }) in named.iter().enumerate() {
        let pointer = format!("/access/{at}/api");
        let found = apis::among(api, all, issuer)
            .ok_or("is not an API: name one by identifier or id, or 'management'");
        let Some(found) = findings.check(&pointer, found) else { continue };
        if access.iter().any(|earlier| earlier.api == found.id) {
            findings.add(pointer, "is named once only");
        } else if *level == Level::None {
            findings.add(
                format!("/access/{at}/level"),
                "is 'read' or 'full': an API that is not named stays closed",
            );
        } else {
            access.push(Access { api: found.id, level: *level });
        }
    }
    access
}

/// Nobody gets more than they have asked for.
pub(super) fn within(given: &[Access], wished: &[Access], findings: &mut Findings) {
    for (at, access) in given.iter().enumerate() {
        let asked = wished.iter().find(|wish| wish.api == access.api).map_or(Level::None, |wish| wish.level);
        if access.level > asked {
            findings.add(format!("/access/{at}/level"), format!("is more than was asked for: '{asked}'"));
        }
    }
}

/// Why something is denied or taken back, as whoever asked will read it.
pub(super) fn reason(reason: &str, findings: &mut Findings) -> String {
    let reason = reason.trim();
    text("/reason", reason, LONGEST_NAME, findings);
    if reason.is_empty() {
        findings.add("/reason", "is needed: whoever asked will read it");
    }
    if reason.contains('\n') {
        findings.add("/reason", "is a single line");
    }
    reason.to_owned()
}

/// What those who decide note for one another.
pub(super) fn note(note: &str, findings: &mut Findings) {
    text("/note", note, LONGEST_NOTE, findings);
}

/// It waits for a decision.
pub(super) const fn open(request: &AccessRequest) -> Result<(), Stop<Refused>> {
    match request.status {
        AccessRequestStatus::Requested => Ok(()),
        _ => Err(Stop::Refuse(Refused::Conflict {
            detail: "the request has been decided about already, or withdrawn",
        })),
    }
}

/// Whoever asked still belongs where they asked: what is decided there is of no account elsewhere.
pub(super) fn here(request: &AccessRequest, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    if users::organization(request.user, tx)? == request.organization {
        return Ok(());
    }
    let detail = "whoever asked has moved to another organization: let them ask anew";
    Err(Stop::Refuse(Refused::Conflict { detail }))
}

/// The organization takes part, and its API access was not switched off by hand.
pub(super) fn organization_takes_part(request: &AccessRequest, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let organization = request.organization.map_or(Ok(None), |id| tx.organization(id))?;
    let Some(organization) = organization else { return Ok(()) };
    let detail = if organization.api_access_shut {
        "an administrator has switched API access off for the organization: an approval does not switch it on"
    } else if !organization.is_active() {
        "the organization is inactive: nothing of what is approved would work"
    } else {
        return Ok(());
    };
    Err(Stop::Refuse(Refused::Conflict { detail }))
}

/// It was approved, and not taken back.
pub(super) const fn approved(request: &AccessRequest) -> Result<(), Stop<Refused>> {
    match request.status {
        AccessRequestStatus::Approved => Ok(()),
        _ => Err(Stop::Refuse(Refused::Conflict { detail: "the request is not approved" })),
    }
}

/// Writes what was decided about a request that is held.
pub(super) fn decide(before: &AccessRequest, after: &AccessRequest, tx: &mut dyn Tx) -> Result<(), Fault> {
    if tx.decide_access_request(before, after)? { Ok(()) } else { Err(Fault::Raced) }
}

/// A request, who made it, what came of it, and the organization whose API access moves along.
pub(super) fn touched(request: &AccessRequest, moved: Option<Id>) -> Vec<(&'static str, Id)> {
    let account = request.api_account.map(|id| ("api_account", id));
    let moved = moved.map(|id| ("organization", id));
    [("access_request", request.id), ("user", request.user)].into_iter().chain(account).chain(moved).collect()
}

/// Tells what became of a request, to the auditors of its organization, too, whoever did it.
pub(super) fn record(
    action: &str,
    request: &AccessRequest,
    touched: &[(&'static str, Id)],
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<(), Fault> {
    call.within(request.organization).record(action, touched, tx)
}
