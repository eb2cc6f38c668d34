//! Clients and their secrets, as rows. Owns the tombstones, by which a `client_id` stays taken for ever.

use crate::client_row::{
    APPLICATION, Columns, Place, Registration, Row, SERVICE, SecretRow, WithSecret, client, record,
};
use crate::columns;
use crate::connection::MultiBackend;
use crate::kept::kept;
use crate::schema::apis::api_introspection_clients;
use crate::schema::{client_secrets, clients, group_clients, user_clients};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::client::{AccountOwner, Client, ClientRecord, ClientSecret};
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Clients;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::store::tx::filter::{ClientFilter, ClientKind};
use doorward_core::token::api_token::ApiTokenOwner;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;
use std::collections::HashMap;

/// Clients that were not deleted, each as often as it has secrets times groups, and once without.
#[diesel::dsl::auto_type(no_type_alias)]
fn living_with_secrets() -> _ {
    let all = clients::table.left_join(client_secrets::table).left_join(group_clients::table);
    all.filter(clients::deleted_at.is_null())
}

impl Clients for Transaction<'_> {
    fn client(&mut self, id: Id) -> Result<Option<ClientRecord>, Fault> {
        let it = living_with_secrets().filter(clients::id.eq(id.to_string()));
        record(self.ask(|c| kept!(it.select(WithSecret::as_select())).load(c))?)
    }

    fn client_named(&mut self, client_id: &ClientId) -> Result<Option<ClientRecord>, Fault> {
        let it = living_with_secrets().filter(clients::client_id.eq(client_id.as_str()));
        record(self.ask(|c| kept!(it.select(WithSecret::as_select())).load(c))?)
    }

    fn clients(
        &mut self,
        filter: &ClientFilter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Client>, Fault> {
        // The empty text comes before every identifier.
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let page = filtered(filter).filter(clients::id.gt(after)).order(clients::id).limit(limit);
        let rows: Vec<Row> =
            self.ask(|c| page.select((Registration::as_select(), Columns::as_select())).load(c))?;
        let mut groups = self.groups_of_clients(&rows)?;
        let adopt = |row: Row| {
            let groups = groups.remove(row.0.id()).unwrap_or_default();
            client(row, groups)
        };
        rows.into_iter().map(adopt).collect()
    }

    fn hold_client(&mut self, id: Id) -> Result<bool, Fault> {
        let row = clients::table.find(id.to_string()).select(clients::generation);
        self.hold(row)
    }

    fn insert_client(&mut self, client: &Client) -> Result<(), Fault> {
        let row = (Registration::of(client), Columns::of(client));
        self.change(|c| diesel::insert_into(clients::table).values(row).execute(c))?;
        self.put_into_groups(&client.id.to_string(), &client.groups)?;
        self.record_change(Changed::Client(client.id), Voids::Nothing)
    }

    fn update_client(&mut self, client: &Client) -> Result<bool, Fault> {
        let id = client.id.to_string();
        let before = self.client(client.id)?;
        let living = clients::table.filter(clients::id.eq(&id).and(clients::deleted_at.is_null()));
        if !self.touches(|c| diesel::update(living).set(Columns::of(client)).execute(c))? {
            return Ok(false);
        }
        self.take_out_of_groups(&id)?;
        self.put_into_groups(&id, &client.groups)?;
        let is_same = before.is_some_and(|before| before.client.is_the_same_to_tokens(client));
        let voids = if is_same { Voids::Nothing } else { Voids::tokens_of(&client.client_id) };
        self.record_change(Changed::Client(client.id), voids)?;
        Ok(true)
    }

    fn delete_client(&mut self, id: Id, now: Seconds) -> Result<bool, Fault> {
        let text = id.to_string();
        let before = self.client(id)?;
        let living = clients::table.filter(clients::id.eq(&text).and(clients::deleted_at.is_null()));
        if !self.touches(|c| diesel::update(living).set(clients::deleted_at.eq(now.0)).execute(c))? {
            return Ok(false);
        }
        let secrets = client_secrets::table.filter(client_secrets::client.eq(&text));
        let mut used: Vec<String> = self.ask(|c| secrets.select(client_secrets::id).load(c))?;
        used.push(text.clone());
        self.forget_uses(&used)?;
        self.change(|c| diesel::delete(secrets).execute(c))?;
        self.delete_api_tokens_of(ApiTokenOwner::Client(id))?;
        self.delete_registered_auths_of(&text)?;
        self.forget_activity(&text)?;
        self.take_out_of_groups(&text)?;
        self.release_users(&text)?;
        self.forget_introspection_client(&text)?;
        let voids = before.map_or(Voids::Everything, |before| Voids::tokens_of(before.client.client_id));
        self.record_change(Changed::Client(id), voids)?;
        Ok(true)
    }

    fn insert_client_secret(&mut self, secret: &ClientSecret) -> Result<(), Fault> {
        // The foreign key would be content with a tombstone.
        self.must_live(secret.client, "client_secrets.client")?;
        let row = SecretRow::of(secret);
        self.change(|c| diesel::insert_into(client_secrets::table).values(row).execute(c))?;
        self.record_change(Changed::Client(secret.client), Voids::Nothing)
    }

    fn expire_client_secret(&mut self, id: Id, expires_at: Seconds) -> Result<bool, Fault> {
        let id = id.to_string();
        let client = self.holder(&id)?;
        let end = client_secrets::expires_at.eq(expires_at.0);
        let found = self.touches(|c| diesel::update(client_secrets::table.find(&id)).set(end).execute(c))?;
        if let Some(client) = client.filter(|_| found) {
            self.record_change(Changed::Client(client), Voids::Nothing)?;
        }
        Ok(found)
    }

    fn revoke_client_secret(&mut self, id: Id, reason: &str, now: Seconds) -> Result<bool, Fault> {
        let id = id.to_string();
        let client = self.holder(&id)?;
        let good =
            client_secrets::expires_at.is_null().or(client_secrets::expires_at.gt(now.0).assume_not_null());
        let good = client_secrets::table.filter(client_secrets::id.eq(&id).and(good));
        let ended = (client_secrets::expires_at.eq(now.0), client_secrets::inactive_reason.eq(reason));
        let found = self.touches(|c| diesel::update(good).set(ended).execute(c))?;
        if let Some(client) = client.filter(|_| found) {
            self.record_change(Changed::Client(client), Voids::Nothing)?;
        }
        Ok(found)
    }

    fn sweep_client_secrets(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let ended = client_secrets::table.filter(client_secrets::inactive_reason.is_not_null());
        let ended = ended.filter(client_secrets::expires_at.lt(before.0)).order(client_secrets::expires_at);
        let ids: Vec<String> = self.ask(|c| ended.select(client_secrets::id).limit(limit).load(c))?;
        self.forget_uses(&ids)?;
        // What has ended long ago proves nothing wherever it is still held: no change to anybody.
        self.change(|c| {
            diesel::delete(client_secrets::table.filter(client_secrets::id.eq_any(&ids))).execute(c)
        })
    }

    fn client_secret_of(&mut self, digest: &Digest) -> Result<Option<ClientSecret>, Fault> {
        let it = client_secrets::table.filter(client_secrets::digest.eq(digest.0.as_slice()));
        let row: Option<SecretRow> =
            self.ask(|c| kept!(it.select(SecretRow::as_select())).get_result(c).optional())?;
        row.as_ref().map(SecretRow::secret).transpose()
    }

    fn delete_client_secret(&mut self, id: Id) -> Result<bool, Fault> {
        let id = id.to_string();
        let client = self.holder(&id)?;
        let found = self.touches(|c| diesel::delete(client_secrets::table.find(&id)).execute(c))?;
        self.forget_uses(std::slice::from_ref(&id))?;
        if let Some(client) = client.filter(|_| found) {
            self.record_change(Changed::Client(client), Voids::Nothing)?;
        }
        Ok(found)
    }

    fn redigest_client_secret(
        &mut self,
        id: Id,
        old: &Digest,
        new: (PepperVersion, &Digest),
    ) -> Result<bool, Fault> {
        let id = id.to_string();
        let client = self.holder(&id)?;
        let same = client_secrets::table
            .filter(client_secrets::id.eq(&id).and(client_secrets::digest.eq(old.0.as_slice())));
        let values = (client_secrets::pepper.eq(new.0.0), client_secrets::digest.eq(new.1.0.as_slice()));
        let found = self.touches(|c| diesel::update(same).set(values).execute(c))?;
        if let Some(client) = client.filter(|_| found) {
            self.record_change(Changed::Client(client), Voids::Nothing)?;
        }
        Ok(found)
    }
}

impl Transaction<'_> {
    /// Refuses a reference to a client that is not there, or no longer.
    pub(crate) fn must_live(&mut self, client: Id, constraint: &str) -> Result<(), Fault> {
        let living = clients::table.find(client.to_string()).filter(clients::deleted_at.is_null());
        let found: Option<String> = self.ask(|c| living.select(clients::id).get_result(c).optional())?;
        found.map(drop).ok_or_else(|| Fault::Constraint { constraint: constraint.to_owned() })
    }

    /// The groups of the clients on a page, in one question: those between its first and its last.
    fn groups_of_clients(&mut self, page: &[Row]) -> Result<HashMap<String, Vec<Id>>, Fault> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(HashMap::new()) };
        let places = group_clients::table.filter(group_clients::client.between(first.0.id(), last.0.id()));
        let places = places.order((group_clients::client, group_clients::group_id));
        let places: Vec<Place> = self.ask(|c| places.select(Place::as_select()).load(c))?;
        let mut groups = HashMap::<_, Vec<Id>>::new();
        for place in places {
            let group = place.group()?;
            groups.entry(place.client).or_default().push(group);
        }
        Ok(groups)
    }

    fn put_into_groups(&mut self, client: &str, groups: &[Id]) -> Result<(), Fault> {
        for group in groups {
            let row = Place { client: client.to_owned(), group_id: group.to_string() };
            self.change(|c| diesel::insert_into(group_clients::table).values(row).execute(c))?;
        }
        Ok(())
    }

    fn take_out_of_groups(&mut self, client: &str) -> Result<(), Fault> {
        let places = group_clients::table.filter(group_clients::client.eq(client));
        self.change(|c| diesel::delete(places).execute(c)).map(drop)
    }

    /// Lets those go who belong to a client, which changes them.
    fn release_users(&mut self, client: &str) -> Result<(), Fault> {
        let places = user_clients::table.filter(user_clients::client.eq(client));
        let users: Vec<String> =
            self.ask(|c| places.select(user_clients::user_id).order(user_clients::user_id).load(c))?;
        self.change(|c| diesel::delete(places).execute(c))?;
        for user in &users {
            self.record_change(
                Changed::User(columns::read("user_clients.user_id", user)?),
                Voids::tokens_of(user),
            )?;
        }
        Ok(())
    }

    /// The client that holds a secret.
    fn holder(&mut self, secret: &str) -> Result<Option<Id>, Fault> {
        let client: Option<String> = self.ask(|c| {
            client_secrets::table.find(secret).select(client_secrets::client).get_result(c).optional()
        })?;
        columns::read_optional("client_secrets.client", client.as_deref())
    }

    /// Takes a client out of the lists of those that may introspect; the APIs it leaves have changed.
    fn forget_introspection_client(&mut self, client: &str) -> Result<(), Fault> {
        let entries = api_introspection_clients::table.filter(api_introspection_clients::client.eq(client));
        let apis: Vec<String> = self.ask(|c| entries.select(api_introspection_clients::api).load(c))?;
        self.change(|c| diesel::delete(entries).execute(c))?;
        for api in &apis {
            self.record_change(
                Changed::Api(columns::read("api_introspection_clients.api", api)?),
                Voids::Nothing,
            )?;
        }
        Ok(())
    }
}

/// The living clients that a filter lets through.
pub(crate) fn filtered<'a>(filter: &ClientFilter) -> clients::BoxedQuery<'a, MultiBackend> {
    let mut page = clients::table.filter(clients::deleted_at.is_null()).into_boxed::<MultiBackend>();
    if let Some(status) = filter.status {
        page = page.filter(clients::status.eq(status.as_str()));
    }
    if let Some(organization) = filter.organization {
        page = page.filter(clients::organization.eq(organization.to_string()));
    }
    if let Some(group) = filter.group {
        let places = group_clients::table.filter(group_clients::group_id.eq(group.to_string()));
        page = page.filter(clients::id.eq_any(places.select(group_clients::client)));
    }
    match filter.kind {
        None => page,
        Some(ClientKind::Application) => page.filter(clients::kind.eq(APPLICATION)),
        Some(ClientKind::Account) => page.filter(clients::kind.eq(SERVICE)),
        Some(ClientKind::AccountOf(AccountOwner::User(user))) => {
            page.filter(clients::owner_user.eq(user.to_string()))
        }
        Some(ClientKind::AccountOf(AccountOwner::Organization(organization))) => {
            let its = clients::organization.eq(organization.to_string());
            page.filter(clients::kind.eq(SERVICE)).filter(clients::owner_user.is_null()).filter(its)
        }
    }
}
