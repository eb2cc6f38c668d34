//! Organizations, as rows. Owns that one is not deleted under its users and clients.

use crate::columns;
use crate::schema::{clients, organizations};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::identity::organization::Organization;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Changed;
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
        self.record_change(Changed::Organization(organization.id))
    }

    fn update_organization(&mut self, organization: &Organization) -> Result<bool, Fault> {
        let row = organizations::table.filter(organizations::id.eq(organization.id.to_string()));
        let values = (
            organizations::name.eq(&organization.name),
            organizations::status.eq(organization.status.as_str()),
            organizations::api_access.eq(organization.api_access.as_str()),
            organizations::updated_at.eq(organization.updated_at.0),
        );
        let found = self.touches(|c| diesel::update(row).set(values).execute(c))?;
        if found {
            self.record_change(Changed::Organization(organization.id))?;
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
            self.record_change(Changed::Organization(id))?;
        }
        Ok(found)
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
