//! Events, as rows.

use crate::columns;
use crate::connection::MultiBackend;
use crate::schema::events;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::audit::event::Event;
use doorward_core::audit::sealed::SealedEvent;
use doorward_core::audit::written::Written;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::audit::Events;
use doorward_core::store::tx::filter::EventFilter;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

/// What is told of an event, without its seal and its place in the chain.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub(crate) struct Row {
    id: String,
    at: i64,
    action: String,
    reason: String,
    note: String,
    user_id: Option<String>,
    client: Option<String>,
    api_token: Option<String>,
    organization: Option<String>,
    objects: String,
    about: Option<String>,
    address: Option<String>,
}

impl Events for Transaction<'_> {
    fn insert_event(&mut self, event: &SealedEvent) -> Result<(), Fault> {
        // Not `spend`: what is taken back while the disk is full must still leave its trace.
        let mac = event.mac();
        let seal = (events::mac.eq(mac.digest.0.to_vec()), events::mac_version.eq(mac.version));
        let row = Row::of(event.written());
        self.change(|c| diesel::insert_into(events::table).values((row, seal)).execute(c)).map(drop)
    }

    fn event(&mut self, id: Id) -> Result<Option<Event>, Fault> {
        let row = events::table.find(id.to_string()).select(Row::as_select());
        self.ask(|c| row.get_result(c).optional())?.map(Row::event).transpose()
    }

    fn events_where(
        &mut self,
        filter: &EventFilter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Event>, Fault> {
        let page = filtered(filter, after).order(events::id).limit(limit);
        let rows: Vec<Row> = self.ask(|c| page.select(Row::as_select()).load(c))?;
        rows.into_iter().map(Row::event).collect()
    }

    fn last_events(&mut self, limit: i64) -> Result<Vec<Event>, Fault> {
        let page = events::table.order(events::id.desc()).limit(limit);
        let rows: Vec<Row> = self.ask(|c| page.select(Row::as_select()).load(c))?;
        rows.into_iter().map(Row::event).collect()
    }
}

/// Events that a list is asked for.
pub(crate) type Page<'a> = events::BoxedQuery<'a, MultiBackend>;

/// What is asked for, after an identifier. An event's identifier begins with the second in which it happened, so a period is a stretch
/// of identifiers.
pub(crate) fn filtered(filter: &EventFilter, after: Option<Id>) -> Page<'static> {
    // The empty text comes before every identifier.
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let since = filter.since.map(|since| first_at(since).to_string()).unwrap_or_default();
    let mut page = events::table.into_boxed::<MultiBackend>().filter(events::id.gt(after));
    if filter.since.is_some() {
        page = page.filter(events::id.ge(since));
    }
    if let Some(until) = filter.until {
        page = page.filter(events::id.lt(first_at(until).to_string()));
    }
    if let Some(action) = &filter.action {
        // Actions are ASCII: nothing that begins with this comes after this and a `~`.
        page = page.filter(events::action.ge(action.clone()).and(events::action.lt(format!("{action}~"))));
    }
    if let Some(user) = filter.user {
        page = page.filter(events::user_id.eq(user.to_string()));
    }
    if let Some(client) = filter.client {
        page = page.filter(events::client.eq(client.to_string()));
    }
    if let Some(api_token) = filter.api_token {
        page = page.filter(events::api_token.eq(api_token.to_string()));
    }
    if let Some(organization) = filter.organization {
        page = page.filter(events::organization.eq(organization.to_string()));
    }
    if let Some(object) = &filter.object {
        page = page.filter(events::about.eq(object.clone()));
    }
    if let Some(address) = filter.address {
        page = page.filter(events::address.eq(address.to_string()));
    }
    page
}

fn first_at(instant: Seconds) -> Id {
    Id::from_parts(u64::try_from(instant.0).unwrap_or(0).saturating_mul(1000), 0)
}

impl Row {
    fn of(written: &Written) -> Self {
        let written = written.clone();
        Self {
            id: written.id,
            at: written.at,
            action: written.action,
            reason: written.reason,
            note: written.note,
            user_id: written.user,
            client: written.client,
            api_token: written.api_token,
            organization: written.organization,
            objects: written.objects,
            about: written.object,
            address: written.address,
        }
    }

    /// What is written, as it stands.
    pub(crate) fn written(self) -> Written {
        Written {
            id: self.id,
            at: self.at,
            action: self.action,
            reason: self.reason,
            note: self.note,
            user: self.user_id,
            client: self.client,
            api_token: self.api_token,
            organization: self.organization,
            objects: self.objects,
            object: self.about,
            address: self.address,
        }
    }

    fn event(self) -> Result<Event, Fault> {
        Ok(Event {
            id: columns::read("events.id", &self.id)?,
            at: Seconds(self.at),
            action: self.action,
            reason: self.reason,
            note: self.note,
            user: columns::read_optional("events.user_id", self.user_id.as_deref())?,
            client: columns::read_optional("events.client", self.client.as_deref())?,
            api_token: columns::read_optional("events.api_token", self.api_token.as_deref())?,
            organization: columns::read_optional("events.organization", self.organization.as_deref())?,
            objects: self.objects,
            address: columns::read_optional("events.address", self.address.as_deref())?,
        })
    }
}
