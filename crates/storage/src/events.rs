//! Events, as rows.

use crate::columns;
use crate::schema::events;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::audit::event::Event;
use doorward_core::audit::sealed::SealedEvent;
use doorward_core::audit::written::Written;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Events;
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

    fn events(&mut self, after: Option<Id>, limit: i64) -> Result<Vec<Event>, Fault> {
        // The empty text comes before every identifier.
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let page = events::table.filter(events::id.gt(after)).order(events::id).limit(limit);
        let rows: Vec<Row> = self.ask(|c| page.select(Row::as_select()).load(c))?;
        rows.into_iter().map(Row::event).collect()
    }
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
