//! The audit trail over HTTP.

use crate::api::ask::{Ask, id};
use crate::api::halt::Halt;
use crate::api::operation::{Filter, Part};
use crate::api::reply::Reply;
use crate::api::resources::audit_event::AuditEventResource;
use crate::api::schema;
use doorward_core::manage::audit_events;
use doorward_core::store::tx::filter::EventFilter;

pub(crate) const FILTERS: &[Filter] = &[
    Filter("action", "Those whose action begins with this.", schema::asked::<schema::Text>, Part::Narrows),
    Filter("user_id", "Those of this person.", schema::asked::<schema::Id>, Part::Narrows),
    Filter("client", "Those of this client, by its identifier.", schema::asked::<schema::Id>, Part::Narrows),
    Filter("api_token", "Those done with this API token.", schema::asked::<schema::Id>, Part::Narrows),
    Filter(
        "object",
        "Those about this object, as `noun:identifier`: the first of an event's objects.",
        schema::asked::<schema::Text>,
        Part::Narrows,
    ),
    Filter("organization_id", "Those of this organization.", schema::asked::<schema::Id>, Part::Narrows),
    Filter("address", "Those from this address.", schema::asked::<schema::Address>, Part::Narrows),
    Filter("since", "Those from this instant on.", schema::asked::<schema::Instant>, Part::Narrows),
    Filter("until", "Those before this instant.", schema::asked::<schema::Instant>, Part::Narrows),
];

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let page = ask.page()?;
    let filter = EventFilter {
        action: ask.filter("action")?,
        user: ask.filter("user_id")?,
        client: ask.filter("client")?,
        api_token: ask.filter("api_token")?,
        object: ask.filter("object")?,
        organization: ask.filter("organization_id")?,
        address: ask.filter("address")?,
        since: ask.filter("since")?,
        until: ask.filter("until")?,
    };
    let found = audit_events::list(&filter, page.after, page.and_one(), &ask.call, &ask.context).await?;
    Ok(page.of(found, |one| one.id, |one| AuditEventResource::from(one))?)
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let event = audit_events::show(id(ask.object(), "event")?, &ask.call, &ask.context).await?;
    Ok(Reply::of(&AuditEventResource::from(&event), &event)?)
}
