//! Events, as rows.

use crate::columns;
use crate::schema::events;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::audit::event::Event;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Events;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct Row {
    id: String,
    at: i64,
    action: String,
    reason: String,
    user_id: Option<String>,
    client: Option<String>,
    objects: String,
    address: Option<String>,
    api_token: Option<String>,
}

impl Events for Transaction<'_> {
    fn insert_event(&mut self, event: &Event) -> Result<(), Fault> {
        // Not `spend`: what is taken back while the disk is full must still leave its trace.
        let row = Row::of(event);
        self.change(|c| diesel::insert_into(events::table).values(row).execute(c)).map(drop)
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
    fn of(event: &Event) -> Self {
        Self {
            id: event.id.to_string(),
            at: event.at.0,
            action: event.action.clone(),
            reason: event.reason.clone(),
            user_id: event.user.map(|user| user.to_string()),
            client: event.client.map(|client| client.to_string()),
            api_token: event.api_token.map(|token| token.to_string()),
            objects: event.objects.clone(),
            address: event.address.map(|address| address.to_string()),
        }
    }

    fn event(self) -> Result<Event, Fault> {
        Ok(Event {
            id: columns::read("events.id", &self.id)?,
            at: Seconds(self.at),
            action: self.action,
            reason: self.reason,
            user: columns::read_optional("events.user_id", self.user_id.as_deref())?,
            client: columns::read_optional("events.client", self.client.as_deref())?,
            api_token: columns::read_optional("events.api_token", self.api_token.as_deref())?,
            objects: self.objects,
            address: columns::read_optional("events.address", self.address.as_deref())?,
        })
    }
}
