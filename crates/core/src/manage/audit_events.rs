//! Reading what has happened: events, as auditors ask for them. Owns that who is bounded by an organization reads of that one alone;
//! nobody changes an event, nor takes one away.

use crate::audit::event::Event;
use crate::context::Context;
use crate::manage::Refused;
use crate::manage::call::Call;
use crate::store::fault::Stop;
use crate::store::tx::filter::EventFilter;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;

/// A page of events, in the order of their identifiers, which is that of the seconds in which they happened, after the given one.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(
    filter: &EventFilter,
    after: Option<Id>,
    limit: i64,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<Event>, Stop<Refused>> {
    call.needs(Permission::AuditEventsRead)?;
    let bound = call.permit().organization();
    if bound.is_some() && filter.organization.is_some_and(|asked| Some(asked) != bound) {
        return Ok(vec![]);
    }
    let filter = EventFilter { organization: filter.organization.or(bound), ..filter.clone() };
    Ok(context.cache.store().read(move |tx| tx.events_where(&filter, after, limit)).await?)
}

/// The event with this identifier.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(id: Id, call: &Call, context: &Context<'_>) -> Result<Event, Stop<Refused>> {
    call.needs(Permission::AuditEventsRead)?;
    let event = context.cache.store().read(move |tx| tx.event(id)).await?;
    let event = event.ok_or(Stop::Refuse(Refused::NotFound { noun: "event" }))?;
    call.sees(event.organization, "event")?;
    Ok(event)
}
