//! Registered APIs, as rows: one for the API, one for each scope it understands, each place where it is reached and each client that
//! may introspect.

use crate::columns;
use crate::schema::apis::{api_introspection_clients, api_locations, api_scopes, apis};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::access::api::{Api, ApiScope};
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Apis;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_protocol::access::level::{Levels, Rule};
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use std::collections::HashMap;

/// What never changes.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = apis)]
struct Registration {
    id: String,
    created_at: i64,
}

/// What an update replaces.
#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = apis, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Columns {
    identifier: String,
    name: String,
    description: String,
    documentation_url: Option<String>,
    status: String,
    token_format: String,
    signing_algorithm: Option<String>,
    access_token_lifetime: Option<i64>,
    max_token_lifetime: Option<i64>,
    read_methods: String,
    read_paths: String,
    read_scopes: String,
    full_methods: String,
    full_paths: String,
    full_scopes: String,
    by_any_scope: bool,
    preflight: String,
    credentials: String,
    updated_at: i64,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_scopes)]
struct ScopeRow {
    api: String,
    ordinal: i32,
    name: String,
    description: String,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_locations)]
struct LocationRow {
    api: String,
    ordinal: i32,
    location: String,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_introspection_clients)]
struct IntrospectionClientRow {
    api: String,
    ordinal: i32,
    client: String,
}

type Row = (Registration, Columns);

impl Apis for Transaction<'_> {
    fn apis(&mut self) -> Result<Vec<Api>, Fault> {
        let rows: Vec<Row> = self.ask(|c| {
            apis::table.order(apis::id).select((Registration::as_select(), Columns::as_select())).load(c)
        })?;
        let in_order = (api_scopes::api, api_scopes::ordinal);
        let scopes = self.ask(|c| api_scopes::table.order(in_order).select(ScopeRow::as_select()).load(c))?;
        let in_order = (api_locations::api, api_locations::ordinal);
        let locations = api_locations::table.order(in_order).select(LocationRow::as_select());
        let locations = self.ask(|c| locations.load(c))?;
        let in_order = (api_introspection_clients::api, api_introspection_clients::ordinal);
        let clients =
            api_introspection_clients::table.order(in_order).select(IntrospectionClientRow::as_select());
        let clients = self.ask(|c| clients.load(c))?;
        let mut children = Children::sorted(scopes, locations, clients);
        rows.into_iter().map(|row| children.adopted_by(row)).collect()
    }

    fn api(&mut self, id: Id) -> Result<Option<Api>, Fault> {
        let id = id.to_string();
        let row = apis::table.find(&id).select((Registration::as_select(), Columns::as_select()));
        let Some(row) = self.ask(|c| row.get_result::<Row>(c).optional())? else { return Ok(None) };
        let scopes = api_scopes::table.filter(api_scopes::api.eq(&id)).order(api_scopes::ordinal);
        let scopes = self.ask(|c| scopes.select(ScopeRow::as_select()).load(c))?;
        let locations = api_locations::table.filter(api_locations::api.eq(&id)).order(api_locations::ordinal);
        let locations = self.ask(|c| locations.select(LocationRow::as_select()).load(c))?;
        let clients = api_introspection_clients::table.filter(api_introspection_clients::api.eq(&id));
        let clients =
            clients.order(api_introspection_clients::ordinal).select(IntrospectionClientRow::as_select());
        let clients = self.ask(|c| clients.load(c))?;
        Children::sorted(scopes, locations, clients).adopted_by(row).map(Some)
    }

    fn hold_api(&mut self, id: Id) -> Result<bool, Fault> {
        let row = apis::table.find(id.to_string()).select(apis::updated_at);
        self.hold(row)
    }

    fn insert_api(&mut self, api: &Api) -> Result<(), Fault> {
        let row = (Registration { id: api.id.to_string(), created_at: api.created_at.0 }, Columns::of(api));
        self.change(|c| diesel::insert_into(apis::table).values(row).execute(c))?;
        self.insert_children(api)?;
        self.record_change(Changed::Api(api.id), Voids::Nothing)
    }

    fn update_api(&mut self, api: &Api) -> Result<bool, Fault> {
        let id = api.id.to_string();
        let before = self.api(api.id)?;
        let row = apis::table.filter(apis::id.eq(&id));
        if !self.touches(|c| diesel::update(row).set(Columns::of(api)).execute(c))? {
            return Ok(false);
        }
        self.delete_children(&id)?;
        self.insert_children(api)?;
        let is_same = before.is_some_and(|before| before.is_the_same_to_tokens(api));
        let voids = if is_same { Voids::Nothing } else { Voids::tokens_of(&api.identifier) };
        self.record_change(Changed::Api(api.id), voids)?;
        Ok(true)
    }

    fn delete_api(&mut self, id: Id) -> Result<bool, Fault> {
        let text = id.to_string();
        let before = self.api(id)?;
        self.delete_children(&text)?;
        let found = self.touches(|c| diesel::delete(apis::table.find(&text)).execute(c))?;
        if found {
            let voids = before.map_or(Voids::Everything, |before| Voids::tokens_of(before.identifier));
            self.record_change(Changed::Api(id), voids)?;
        }
        Ok(found)
    }
}

impl Transaction<'_> {
    fn insert_children(&mut self, api: &Api) -> Result<(), Fault> {
        for (ordinal, scope) in (0..).zip(&api.scopes) {
            let row = ScopeRow {
                api: api.id.to_string(),
                ordinal,
                name: scope.name.clone(),
                description: scope.description.clone(),
            };
            self.change(|c| diesel::insert_into(api_scopes::table).values(row).execute(c))?;
        }
        for (ordinal, location) in (0..).zip(&api.locations) {
            let row = LocationRow { api: api.id.to_string(), ordinal, location: location.to_string() };
            self.change(|c| diesel::insert_into(api_locations::table).values(row).execute(c))?;
        }
        for (ordinal, client) in (0..).zip(&api.introspection_clients) {
            // The foreign key would be content with a tombstone.
            self.must_live(*client, "api_introspection_clients.client")?;
            let row = IntrospectionClientRow { api: api.id.to_string(), ordinal, client: client.to_string() };
            self.change(|c| diesel::insert_into(api_introspection_clients::table).values(row).execute(c))?;
        }
        Ok(())
    }

    fn delete_children(&mut self, api: &str) -> Result<(), Fault> {
        self.change(|c| diesel::delete(api_scopes::table.filter(api_scopes::api.eq(api))).execute(c))?;
        self.change(|c| diesel::delete(api_locations::table.filter(api_locations::api.eq(api))).execute(c))?;
        let clients = api_introspection_clients::table.filter(api_introspection_clients::api.eq(api));
        self.change(|c| diesel::delete(clients).execute(c)).map(drop)
    }
}

impl Columns {
    fn of(api: &Api) -> Self {
        Self {
            identifier: api.identifier.to_string(),
            name: api.name.clone(),
            description: api.description.clone(),
            documentation_url: api.documentation_url.clone(),
            status: api.status.to_string(),
            token_format: api.token_format.to_string(),
            signing_algorithm: api.signing_algorithm.map(|algorithm| algorithm.to_string()),
            access_token_lifetime: api.access_token_lifetime.map(|lifetime| lifetime.0),
            max_token_lifetime: api.max_token_lifetime.map(|lifetime| lifetime.0),
            read_methods: columns::write_list(' ', &api.levels.read.methods),
            read_paths: columns::write_list('\n', &api.levels.read.paths),
            read_scopes: api.levels.read.scopes.to_string(),
            full_methods: columns::write_list(' ', &api.levels.full.methods),
            full_paths: columns::write_list('\n', &api.levels.full.paths),
            full_scopes: api.levels.full.scopes.to_string(),
            by_any_scope: api.levels.by_any_scope,
            preflight: api.preflight.to_string(),
            credentials: columns::write_list(' ', &api.credentials),
            updated_at: api.updated_at.0,
        }
    }

    fn levels(&self) -> Result<Levels, Fault> {
        Ok(Levels {
            read: Rule {
                methods: columns::read_list("apis.read_methods", ' ', &self.read_methods)?,
                paths: columns::read_list("apis.read_paths", '\n', &self.read_paths)?,
                scopes: columns::read("apis.read_scopes", &self.read_scopes)?,
            },
            full: Rule {
                methods: columns::read_list("apis.full_methods", ' ', &self.full_methods)?,
                paths: columns::read_list("apis.full_paths", '\n', &self.full_paths)?,
                scopes: columns::read("apis.full_scopes", &self.full_scopes)?,
            },
            by_any_scope: self.by_any_scope,
        })
    }
}

/// The rows that hang on APIs, by the API's identifier.
#[derive(Default)]
struct Children {
    scopes: HashMap<String, Vec<ApiScope>>,
    locations: HashMap<String, Vec<String>>,
    clients: HashMap<String, Vec<String>>,
}

impl Children {
    fn sorted(
        scopes: Vec<ScopeRow>,
        locations: Vec<LocationRow>,
        clients: Vec<IntrospectionClientRow>,
    ) -> Self {
        let mut children = Self::default();
        for row in locations {
            children.locations.entry(row.api).or_default().push(row.location);
        }
        for row in scopes {
            let scope = ApiScope { name: row.name, description: row.description };
            children.scopes.entry(row.api).or_default().push(scope);
        }
        for row in clients {
            children.clients.entry(row.api).or_default().push(row.client);
        }
        children
    }

    fn adopted_by(&mut self, (registration, columns): Row) -> Result<Api, Fault> {
        let clients = self.clients.remove(&registration.id).unwrap_or_default();
        let clients = clients.iter().map(|client| columns::read("api_introspection_clients.client", client));
        let locations = self.locations.remove(&registration.id).unwrap_or_default();
        let locations = locations.iter().map(|text| columns::read("api_locations.location", text));
        let levels = columns.levels()?;
        Ok(Api {
            id: columns::read("apis.id", &registration.id)?,
            identifier: columns::read("apis.identifier", &columns.identifier)?,
            status: columns::read("apis.status", &columns.status)?,
            scopes: self.scopes.remove(&registration.id).unwrap_or_default(),
            token_format: columns::read("apis.token_format", &columns.token_format)?,
            signing_algorithm: columns::read_optional(
                "apis.signing_algorithm",
                columns.signing_algorithm.as_deref(),
            )?,
            access_token_lifetime: columns.access_token_lifetime.map(Lifetime),
            max_token_lifetime: columns.max_token_lifetime.map(Lifetime),
            levels,
            preflight: columns::read("apis.preflight", &columns.preflight)?,
            credentials: columns::read_list("apis.credentials", ' ', &columns.credentials)?,
            locations: locations.collect::<Result<_, _>>()?,
            introspection_clients: clients.collect::<Result<_, _>>()?,
            created_at: Seconds(registration.created_at),
            updated_at: Seconds(columns.updated_at),
            name: columns.name,
            description: columns.description,
            documentation_url: columns.documentation_url,
        })
    }
}
