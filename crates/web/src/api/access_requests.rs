//! Requests for API access over HTTP: everybody's for those who decide, and the caller's own; and what the caller is told of their own
//! API access.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::operation::{Filter, Part};

use crate::api::query::Days;
use crate::api::reply::Reply;
use crate::api::resources::access_request::{
    AccessRequestInput, AccessRequestResource, ApprovalInput, ReasonInput, RenewalInput,
};
use crate::api::resources::api_info::ApiInfoResource;
use crate::api::schema;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::manage::Refused;
use doorward_core::manage::access_requests::{self, api_info, deciding, reviewing};
use doorward_protocol::permission::Permission;

pub(crate) const FILTERS: &[Filter] = &[
    Filter("user", "Those of this user, by name or identifier.", schema::asked::<schema::Text>, Part::Names),
    Filter(
        "organization_id",
        "Those that were made in this organization.",
        schema::asked::<schema::Id>,
        Part::Narrows,
    ),
    Filter("status", "Those with this status.", schema::asked::<schema::AccessRequestStatus>, Part::Narrows),
    Filter(
        "unused_days",
        "Those that were decided before so many days, and whose API account has not been used since.",
        schema::asked::<schema::Days>,
        Part::Narrows,
    ),
    Filter(
        "unreviewed_days",
        "Those that nobody has looked at for so many days: approving and renewing count as that.",
        schema::asked::<schema::Days>,
        Part::Narrows,
    ),
];

/// Everybody's for whoever may see them, else their own.
pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let page = ask.page()?;
    let filter = access_requests::Filter {
        user: ask.filter("user")?,
        organization: ask.filter("organization_id")?,
        status: ask.filter("status")?,
        unused_days: ask.filter("unused_days")?.map(|Days(days)| days),
        unreviewed_days: ask.filter("unreviewed_days")?.map(|Days(days)| days),
    };
    let found = access_requests::list(filter, page.after, page.and_one(), &ask.call, &ask.context).await?;
    Ok(page.of(found, |one| one.id, |one| resource(one, ask))?)
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: AccessRequestInput = ask.input()?;
    let made = access_requests::create(&own(ask)?, input.into(), &ask.call, &ask.context).await?;
    Ok(told(&made, ask)?.made_at(&format!("/access-requests/{}", made.id)))
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&access_requests::show(ask.object(), &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn withdraw(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&access_requests::withdraw(ask.object(), &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn approve(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: ApprovalInput = ask.input()?;
    told(&deciding::approve(ask.object(), input.into(), &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn deny(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: ReasonInput = ask.input()?;
    told(&deciding::deny(ask.object(), &input.reason, &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn renew(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: RenewalInput = ask.input()?;
    told(&reviewing::renew(ask.object(), input.into(), &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn revoke(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: ReasonInput = ask.input()?;
    told(&reviewing::revoke(ask.object(), &input.reason, &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn api_info(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let info = api_info::own(&ask.call, &ask.context).await?;
    let context = &ask.context;
    let (apis, issuer) = (context.cache.apis(), &context.settings.issuer);
    Ok(Reply::told(&ApiInfoResource::of(&info, &apis, issuer, context.now))?)
}

fn told(request: &AccessRequest, ask: &Ask<'_>) -> Result<Reply, Halt> {
    Ok(Reply::of(&resource(request, ask), request)?)
}

/// What those who decide note for one another is told to whoever may see everybody's.
fn resource(request: &AccessRequest, ask: &Ask<'_>) -> AccessRequestResource {
    let told = AccessRequestResource::of(request, &ask.context.cache.apis(), ask.context.now);
    let sees_all = ask.call.permit().permissions().contains(Permission::AccessRequestsRead);
    if sees_all { told.with_note(request) } else { told }
}

/// The caller, if they are a person: nobody else asks.
fn own(ask: &Ask<'_>) -> Result<String, Refused> {
    let user = ask.call.permit().user();
    user.map(|user| user.to_string()).ok_or(Refused::NotFound { noun: "user" })
}
