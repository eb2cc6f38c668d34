//! Organizations, as rows. Owns that one is not deleted under its users and clients.

use crate::columns;
use crate::schema::{clients, organizations, users};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::identity::organization::Organization;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::store::tx::people::Organizations;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = organizations)]
struct Row {
    id: String,
    name: String,
    status: String,
    api_access: String,
    created_at: i64,
    updated_at: i64,
}

impl Organizations for Transaction<'_> {
    fn organizations(&mut self) -> Result<Vec<Organization>, Fault> {
        let all = organizations::table.order(organizations::id).select(Row::as_select());
        let rows: Vec<Row> = self.ask(|c| all.load(c))?;
        rows.into_iter().map(Row::organization).collect()
    }

    fn organization(&mut self, id: Id) -> Result<Option<Organization>, Fault> {
        let row = organizations::table.find(id.to_string()).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(Row::organization).transpose()
    }

    fn insert_organization(&mut self, organization: &Organization) -> Result<(), Fault> {
        let row = Row::of(organization);
        self.change(|c| diesel::insert_into(organizations::table).values(row).execute(c))?;
        self.record_change(Changed::Organization(organization.id), Voids::Nothing)
    }

    fn update_organization(&mut self, organization: &Organization) -> Result<bool, Fault> {
        let before = self.organization(organization.id)?;
        let row = organizations::table.filter(organizations::id.eq(organization.id.to_string()));
        let values = (
            organizations::name.eq(&organization.name),
            organizations::status.eq(organization.status.as_str()),
            organizations::api_access.eq(organization.api_access.as_str()),
            organizations::updated_at.eq(organization.updated_at.0),
        );
        let found = self.touches(|c| diesel::update(row).set(values).execute(c))?;
        if found {
            let is_same = before.is_some_and(|before| before.is_the_same_to_tokens(organization));
            let voids = if is_same { Voids::Nothing } else { self.void_tokens_of_members(organization.id)? };
            self.record_change(Changed::Organization(organization.id), voids)?;
        }
        Ok(found)
    }

    fn delete_organization(&mut self, id: Id) -> Result<bool, Fault> {
        let text = id.to_string();
        // What is left of a deleted client belongs to nobody, and must not keep its organization for ever.
        let tombstones =
            clients::table.filter(clients::organization.eq(&text).and(clients::deleted_at.is_not_null()));
        self.change(|c| diesel::update(tombstones).set(clients::organization.eq(None::<String>)).execute(c))?;
        let found = self.touches(|c| diesel::delete(organizations::table.find(&text)).execute(c))?;
        if found {
            // Nobody belongs to it any more.
            self.record_change(Changed::Organization(id), Voids::Nothing)?;
        }
        Ok(found)
    }
}

/// Of more members than these, each would be a change of its own for every node to follow; then it is one that counts for all.
const MOST_MEMBERS: i64 = 500;

impl Transaction<'_> {
    /// Records for each member of an organization that what rests on them has changed; where there are too many, tells that it
    /// has for everybody.
    fn void_tokens_of_members(&mut self, organization: Id) -> Result<Voids, Fault> {
        let organization = organization.to_string();
        let members = users::table.filter(users::organization.eq(&organization)).select(users::id);
        let members: Vec<String> = self.ask(|c| members.limit(MOST_MEMBERS + 1).load(c))?;
        let programs = clients::table.filter(clients::organization.eq(&organization));
        let programs =
            programs.filter(clients::deleted_at.is_null()).select((clients::id, clients::client_id));
        let programs: Vec<(String, String)> = self.ask(|c| programs.limit(MOST_MEMBERS + 1).load(c))?;
        if i64::try_from(members.len() + programs.len()).is_ok_and(|count| count > MOST_MEMBERS) {
            return Ok(Voids::Everything);
        }
        for user in &members {
            self.record_change(Changed::User(columns::read("users.id", user)?), Voids::tokens_of(user))?;
        }
        for (id, client_id) in &programs {
            self.record_change(
                Changed::Client(columns::read("clients.id", id)?),
                Voids::tokens_of(client_id),
            )?;
        }
        Ok(Voids::Nothing)
    }
}

impl Row {
    fn of(organization: &Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.clone(),
            status: organization.status.to_string(),
            api_access: organization.api_access.to_string(),
            created_at: organization.created_at.0,
            updated_at: organization.updated_at.0,
        }
    }

    fn organization(self) -> Result<Organization, Fault> {
        Ok(Organization {
            id: columns::read("organizations.id", &self.id)?,
            name: self.name,
            status: columns::read("organizations.status", &self.status)?,
            api_access: columns::read("organizations.api_access", &self.api_access)?,
            created_at: Seconds(self.created_at),
            updated_at: Seconds(self.updated_at),
        })
    }
}
