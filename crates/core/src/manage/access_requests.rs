//! Managing requests for API access: asking, and thinking better of it. Owns the request and who sees it; what follows from it is
//! decided in `deciding`, looked after in `reviewing`, and ends with `leaving`; what is approved for somebody stands in `approved`, and
//! how the organization's API access moves along in `organization`.

pub mod api_info;
pub mod approved;
mod authority;
mod checks;
pub mod deciding;
pub(in crate::manage) mod leaving;
mod organization;
pub mod reviewing;

use crate::access::access_request::AccessRequest;
use crate::context::Context;
use crate::identity::user::User;
use crate::manage::api_tokens::access::Named;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::manage::{Findings, LONGEST_TEXT, Refused, text, users};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use crate::store::tx::filter::AccessRequestFilter;
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AccessRequestStatus, ApiAccess};
use std::sync::Arc;

/// What is not there, in words.
const NOUN: &str = "access request";

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What they say to whoever decides.
    pub message: String,
    /// The levels that they wish for.
    pub access: Vec<Named>,
}

/// Which requests a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this user, by user name or identifier.
    pub user: Option<String>,
    /// Those that were made in this organization.
    pub organization: Option<Id>,
    /// Those with this status.
    pub status: Option<AccessRequestStatus>,
    /// Those that were decided before so many days, and whose account has not been used since.
    pub unused_days: Option<u32>,
    /// Those that nobody has looked at for so many days.
    pub unreviewed_days: Option<u32>,
}

/// So often somebody may ask in vain within a day.
const MOST_A_DAY: usize = 20;
const ALREADY_OPEN: &str = "you have an open request already: withdraw it first, or wait for its answer";

/// Asks for API access, for oneself; whoever holds the machine's command line asks for anybody.
///
/// # Errors
/// [`Refused`] with every member that cannot stand, or where there is an open request already; a fault of the store.
pub async fn create(
    user: &str,
    wish: Wish,
    call: &Call,
    context: &Context<'_>,
) -> Result<AccessRequest, Stop<Refused>> {
    let (id, now, user) = (context.new_id()?, context.now, user.to_owned());
    let (settings, call) = (Arc::clone(context.settings), call.clone());
    let insert = move |tx: &mut dyn Tx| {
        let found = users::find(&user, &call, tx)?.ok_or_else(users::not_found)?;
        let user = users::kept(found.id, &call, tx)?;
        authority::asks_for(&user, &call, tx)?;
        tx.hold_changes()?;
        let mut findings = Findings::default();
        text("/message", &wish.message, LONGEST_TEXT, &mut findings);
        let wished = checks::looked_up(&wish.access, &tx.apis()?, &settings.issuer, &mut findings);
        if wished.is_empty() && wish.access.is_empty() {
            findings.add("/access", "names at least one API, with a level");
        }
        findings.refuse()?;
        open_already(&user, now, tx)?;
        too_many(&user, now, tx)?;
        let request = AccessRequest {
            message: wish.message.clone(),
            wished,
            ..checks::blank(id, user.id, user.organization, now)
        };
        tx.insert_access_request(&request)?;
        let moved = organization::moved(&request, &[ApiAccess::Disabled], ApiAccess::Requested, now, tx)?;
        checks::record("access_request.created", &request, &checks::touched(&request, moved), &call, tx)?;
        Ok(request)
    };
    context.cache.write(insert).await
}

/// A page of requests in the order of their identifiers (about that of their making), after the given one: everybody's for whoever
/// may see them, else their own.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(
    filter: Filter,
    after: Option<Id>,
    limit: i64,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<AccessRequest>, Stop<Refused>> {
    let (now, call) = (context.now, call.clone());
    let list = move |tx: &mut dyn Tx| {
        let Some(seen) = authority::seen(filter.user.as_deref(), filter.organization, &call, tx)? else {
            return Ok(vec![]);
        };
        let before = |days: u32| now - Lifetime::days(i64::from(days));
        let filter = AccessRequestFilter {
            status: filter.status.map(|status| (status, now)),
            unused_since: filter.unused_days.map(before),
            unreviewed_since: filter.unreviewed_days.map(before),
            ..seen
        };
        Ok(tx.access_requests(&filter, after, limit)?)
    };
    asked(list, context).await
}

/// The request with this identifier, straight from the store.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<AccessRequest, Stop<Refused>> {
    let (reference, call) = (reference.to_owned(), call.clone());
    asked(move |tx: &mut dyn Tx| authority::found(&reference, &call, tx), context).await
}

/// Thinks better of a request of one's own that nobody has decided about.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn withdraw(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<AccessRequest, Stop<Refused>> {
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let withdraw = move |tx: &mut dyn Tx| {
        let read = authority::held_own(&reference, &call, tx)?;
        call.finds(&read)?;
        checks::open(&read)?;
        let request = AccessRequest {
            status: AccessRequestStatus::Withdrawn,
            updated_at: now.max(read.updated_at),
            ..read.clone()
        };
        checks::decide(&read, &request, tx)?;
        let moved = organization::closed(&request, now, tx)?;
        checks::record("access_request.withdrawn", &request, &checks::touched(&request, moved), &call, tx)?;
        Ok(request)
    };
    context.cache.write(withdraw).await
}

/// The person and their organization have one open request at most; the store says so, too, where two ask at once.
fn open_already(user: &User, now: Seconds, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let open = AccessRequestFilter {
        user: Some(user.id),
        status: Some((AccessRequestStatus::Requested, now)),
        ..AccessRequestFilter::default()
    };
    let is_here = |request: &AccessRequest| request.organization == user.organization;
    if tx.access_requests(&open, None, checks::MOST)?.iter().any(is_here) {
        return Err(Stop::Refuse(Refused::Conflict { detail: ALREADY_OPEN }));
    }
    Ok(())
}

/// Whoever asks and thinks better of it again and again, or is denied, fills the table; what was approved is bounded by the accounts that came
/// of it.
fn too_many(user: &User, now: Seconds, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    let theirs = AccessRequestFilter { user: Some(user.id), ..AccessRequestFilter::default() };
    let a_day_ago = Id::first_at(now - Lifetime::days(1));
    let asked = tx.access_requests(&theirs, Some(a_day_ago), checks::MOST)?;
    let in_vain = asked.iter().filter(|request| request.status != AccessRequestStatus::Approved).count();
    if in_vain < MOST_A_DAY {
        return Ok(());
    }
    let detail = "you have asked for API access 20 times within a day, and nobody has approved it: wait for another day";
    Err(Stop::Refuse(Refused::Conflict { detail }))
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: NOUN })
}
