//! The clients that users belong to, as rows.

use crate::columns;
use crate::schema::user_clients;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::store::fault::Fault;
use doorward_protocol::id::Id;
use std::collections::HashMap;

/// A user's place under a client.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = user_clients)]
pub(crate) struct Place {
    user_id: String,
    client: String,
}

impl Place {
    pub(crate) fn client(&self) -> Result<Id, Fault> {
        columns::read("user_clients.client", &self.client)
    }
}

impl Transaction<'_> {
    /// The clients of the users between two, both included.
    pub(crate) fn clients_between(
        &mut self,
        first: &str,
        last: &str,
    ) -> Result<HashMap<String, Vec<Id>>, Fault> {
        let places = user_clients::table.filter(user_clients::user_id.between(first, last));
        let places = places.order((user_clients::user_id, user_clients::client));
        let places: Vec<Place> = self.ask(|c| places.select(Place::as_select()).load(c))?;
        let mut clients = HashMap::<_, Vec<Id>>::new();
        for place in places {
            let client = place.client()?;
            clients.entry(place.user_id).or_default().push(client);
        }
        Ok(clients)
    }

    /// Puts a user under clients.
    pub(crate) fn join_clients(&mut self, user: &str, clients: &[Id]) -> Result<(), Fault> {
        for client in clients {
            // The foreign key would be content with a tombstone.
            self.must_live(*client, "user_clients.client")?;
            let row = Place { user_id: user.to_owned(), client: client.to_string() };
            self.change(|c| diesel::insert_into(user_clients::table).values(row).execute(c))?;
        }
        Ok(())
    }

    /// Takes a user from under all clients.
    pub(crate) fn leave_clients(&mut self, user: &str) -> Result<(), Fault> {
        let places = user_clients::table.filter(user_clients::user_id.eq(user));
        self.change(|c| diesel::delete(places).execute(c)).map(drop)
    }
}
