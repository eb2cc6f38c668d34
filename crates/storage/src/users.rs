//! Users, as rows. Owns what goes with a user who is deleted; their groups are `groups`' business, the clients they belong to
//! `user_clients`'.

use crate::columns;
use crate::connection::MultiBackend;
use crate::groups::Member;
use crate::kept::kept;
use crate::schema::credentials::access_requests;
use crate::schema::{consents, group_members, passwords, setup_links, user_clients, users};
use crate::transaction::Transaction;
use crate::user_clients::Place;
use diesel::prelude::*;
use doorward_core::identity::user::{Standing, User};
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::store::tx::filter::UserFilter;
use doorward_core::store::tx::people::Users;
use doorward_core::token::api_token::ApiTokenOwner;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::collections::HashMap;

/// What never changes.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = users)]
struct Registration {
    id: String,
    source: String,
    created_at: i64,
}

/// What an update replaces.
#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = users, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Columns {
    external_id: String,
    username: String,
    name: String,
    email: Option<String>,
    email_verified: bool,
    contact: Option<String>,
    status: String,
    organization: Option<String>,
    generation: i64,
    token_generation: i64,
    updated_at: i64,
}

type Row = (Registration, Columns);

/// A user with one of their groups and one of their clients, or with none: asked for together, because one who is not in memory is
/// asked for on the way to a decision, and each question to a server is a way there and back. They are in few of either.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct WithPlaces {
    #[diesel(embed)]
    registration: Registration,
    #[diesel(embed)]
    columns: Columns,
    #[diesel(embed)]
    member: Option<Member>,
    #[diesel(embed)]
    place: Option<Place>,
}

/// Users, each as often as they are in groups times under clients, and once without.
#[diesel::dsl::auto_type(no_type_alias)]
fn users_with_places() -> _ {
    users::table.left_join(group_members::table).left_join(user_clients::table)
}

impl Users for Transaction<'_> {
    fn user(&mut self, id: Id) -> Result<Option<User>, Fault> {
        let it = users_with_places().filter(users::id.eq(id.to_string()));
        WithPlaces::together(self.ask(|c| kept!(it.select(WithPlaces::as_select())).load(c))?)
    }

    fn user_standing(&mut self, id: Id) -> Result<Option<Standing>, Fault> {
        let row = users::table.find(id.to_string());
        let row =
            row.select((users::status, users::generation, users::token_generation, users::organization));
        let row: Option<(String, i64, i64, Option<String>)> =
            self.ask(|c| kept!(row).get_result(c).optional())?;
        let Some((status, generation, token_generation, organization)) = row else { return Ok(None) };
        Ok(Some(Standing {
            status: columns::read("users.status", &status)?,
            generation,
            token_generation,
            organization: columns::read_optional("users.organization", organization.as_deref())?,
        }))
    }

    fn user_known_as(&mut self, source: &str, external_id: &str) -> Result<Option<Id>, Fault> {
        let known = users::table.filter(users::source.eq(source).and(users::external_id.eq(external_id)));
        let id: Option<String> = self.ask(|c| known.select(users::id).get_result(c).optional())?;
        columns::read_optional("users.id", id.as_deref())
    }

    fn users(&mut self, filter: &UserFilter, after: Option<Id>, limit: i64) -> Result<Vec<User>, Fault> {
        // The empty text comes before every identifier.
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let page = filtered(filter).filter(users::id.gt(after)).order(users::id).limit(limit);
        let rows: Vec<Row> =
            self.ask(|c| page.select((Registration::as_select(), Columns::as_select())).load(c))?;
        let (mut groups, mut clients) = (self.groups_of_page(&rows)?, self.clients_of_page(&rows)?);
        let adopt = |row: Row| {
            let groups = groups.remove(&row.0.id).unwrap_or_default();
            let clients = clients.remove(&row.0.id).unwrap_or_default();
            user(row, groups, clients)
        };
        rows.into_iter().map(adopt).collect()
    }

    fn hold_user(&mut self, id: Id) -> Result<bool, Fault> {
        let row = users::table.find(id.to_string()).select(users::generation);
        self.hold(row)
    }

    fn insert_user(&mut self, user: &User) -> Result<(), Fault> {
        let id = user.id.to_string();
        let registration =
            Registration { id: id.clone(), source: user.source.clone(), created_at: user.created_at.0 };
        let row = (registration, Columns::of(user));
        self.change(|c| diesel::insert_into(users::table).values(row).execute(c))?;
        self.join_groups(&id, &user.groups)?;
        self.join_clients(&id, &user.clients)?;
        self.record_change(Changed::User(user.id), Voids::Nothing)
    }

    fn update_user(&mut self, user: &User) -> Result<bool, Fault> {
        let id = user.id.to_string();
        let Some(before) = self.user(user.id)? else { return Ok(false) };
        let row = users::table.filter(users::id.eq(&id));
        if !self.touches(|c| diesel::update(row).set(Columns::of(user)).execute(c))? {
            return Ok(false);
        }
        // Users are updated more often than they change groups.
        if before.groups != user.groups {
            self.leave_groups(&id)?;
            self.join_groups(&id, &user.groups)?;
        }
        if before.clients != user.clients {
            self.leave_clients(&id)?;
            self.join_clients(&id, &user.clients)?;
        }
        let is_same = before.is_the_same_to_tokens(user);
        let voids = if is_same { Voids::Nothing } else { Voids::tokens_of(user.id) };
        self.record_change(Changed::User(user.id), voids)?;
        if before.status != user.status {
            self.void_tokens_of_accounts_of(user.id)?;
        }
        Ok(true)
    }

    fn delete_user(&mut self, id: Id) -> Result<bool, Fault> {
        let text = id.to_string();
        self.change(|c| diesel::delete(passwords::table.find(&text)).execute(c))?;
        self.change(|c| {
            diesel::delete(setup_links::table.filter(setup_links::user_id.eq(&text))).execute(c)
        })?;
        self.change(|c| diesel::delete(consents::table.filter(consents::user_id.eq(&text))).execute(c))?;
        self.change(|c| {
            diesel::delete(access_requests::table.filter(access_requests::user_id.eq(&text))).execute(c)
        })?;
        self.delete_api_tokens_of(ApiTokenOwner::User(id))?;
        self.leave_groups(&text)?;
        self.leave_clients(&text)?;
        let found = self.touches(|c| diesel::delete(users::table.find(&text)).execute(c))?;
        if found {
            self.record_change(Changed::User(id), Voids::tokens_of(id))?;
            // They are left to nobody, and good for nothing.
            self.void_tokens_of_accounts_of(id)?;
        }
        Ok(found)
    }
}

impl Transaction<'_> {
    /// The groups of the users on a page, in one question: those between its first and its last.
    fn groups_of_page(&mut self, page: &[Row]) -> Result<HashMap<String, Vec<Id>>, Fault> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(HashMap::new()) };
        let places = group_members::table.filter(group_members::user_id.between(&first.0.id, &last.0.id));
        let places = places.order((group_members::user_id, group_members::group_id));
        let members: Vec<Member> = self.ask(|c| places.select(Member::as_select()).load(c))?;
        let mut groups = HashMap::<_, Vec<Id>>::new();
        for member in members {
            let group = member.group()?;
            groups.entry(member.user_id).or_default().push(group);
        }
        Ok(groups)
    }

    /// The same for the clients they belong to.
    fn clients_of_page(&mut self, page: &[Row]) -> Result<HashMap<String, Vec<Id>>, Fault> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(HashMap::new()) };
        self.clients_between(&first.0.id, &last.0.id)
    }
}

/// The users that a filter lets through.
pub(crate) fn filtered<'a>(filter: &UserFilter) -> users::BoxedQuery<'a, MultiBackend> {
    let mut page = users::table.into_boxed::<MultiBackend>();
    if let Some(status) = filter.status {
        page = page.filter(users::status.eq(status.as_str()));
    }
    if let Some(organization) = filter.organization {
        page = page.filter(users::organization.eq(organization.to_string()));
    }
    if let Some(group) = filter.group {
        let places = group_members::table.filter(group_members::group_id.eq(group.to_string()));
        page = page.filter(users::id.eq_any(places.select(group_members::user_id)));
    }
    if let Some(client) = filter.client {
        let places = user_clients::table.filter(user_clients::client.eq(client.to_string()));
        page = page.filter(users::id.eq_any(places.select(user_clients::user_id)));
    }
    if let Some(username) = &filter.username {
        page = page.filter(users::username.eq(username.clone()));
    }
    page
}

impl WithPlaces {
    /// One user from all their rows.
    fn together(rows: Vec<Self>) -> Result<Option<User>, Fault> {
        let groups = rows.iter().filter_map(|row| row.member.as_ref()).map(Member::group);
        let groups = in_order(groups.collect::<Result<_, _>>()?);
        let clients = rows.iter().filter_map(|row| row.place.as_ref()).map(Place::client);
        let clients = in_order(clients.collect::<Result<_, _>>()?);
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        user((row.registration, row.columns), groups, clients).map(Some)
    }
}

fn in_order(mut ids: Vec<Id>) -> Vec<Id> {
    ids.sort();
    ids.dedup();
    ids
}

impl Columns {
    fn of(user: &User) -> Self {
        Self {
            external_id: user.external_id.clone(),
            username: user.username.to_string(),
            name: user.name.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            contact: user.contact.clone(),
            status: user.status.to_string(),
            organization: user.organization.map(|organization| organization.to_string()),
            generation: user.generation,
            token_generation: user.token_generation,
            updated_at: user.updated_at.0,
        }
    }
}

/// The record behind a row.
fn user((registration, columns): Row, groups: Vec<Id>, clients: Vec<Id>) -> Result<User, Fault> {
    Ok(User {
        id: columns::read("users.id", &registration.id)?,
        source: registration.source,
        external_id: columns.external_id,
        username: columns::read("users.username", &columns.username)?,
        name: columns.name,
        email: columns.email,
        email_verified: columns.email_verified,
        contact: columns.contact,
        status: columns::read("users.status", &columns.status)?,
        organization: columns::read_optional("users.organization", columns.organization.as_deref())?,
        groups,
        clients,
        generation: columns.generation,
        token_generation: columns.token_generation,
        created_at: Seconds(registration.created_at),
        updated_at: Seconds(columns.updated_at),
    })
}
