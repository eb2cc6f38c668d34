//! Organizations, as rows. Owns that one is not deleted under its users and clients.

use crate::clients;
use crate::columns;
use crate::schema::{self, organizations, users};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::client::AccountOwner;
use doorward_core::identity::organization::Organization;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::store::tx::filter::{ClientFilter, ClientKind};
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
    api_access_shut: bool,
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
            organizations::api_access_shut.eq(organization.api_access_shut),
            organizations::updated_at.eq(organization.updated_at.0),
        );
        let found = self.touches(|c| diesel::update(row).set(values).execute(c))?;
        if found {
            let is_same = before.as_ref().is_some_and(|before| before.is_the_same_to_tokens(organization));
            let has_same_access =
                before.is_some_and(|before| before.has_api_access() == organization.has_api_access());
            let voids = match (is_same, has_same_access) {
                (true, true) => Voids::Nothing,
                (true, false) => self.void_tokens_of_accounts(organization.id)?,
                (false, _) => self.void_tokens_of_members(organization.id)?,
            };
            self.record_change(Changed::Organization(organization.id), voids)?;
        }
        Ok(found)
    }

    fn delete_organization(&mut self, id: Id) -> Result<bool, Fault> {
        let text = id.to_string();
        // What is left of a deleted client belongs to nobody, and must not keep its organization for ever.
        let its = schema::clients::organization.eq(&text).and(schema::clients::deleted_at.is_not_null());
        let (tombstones, nobody) =
            (schema::clients::table.filter(its), schema::clients::organization.eq(None::<String>));
        self.change(|c| diesel::update(tombstones).set(nobody).execute(c))?;
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
        let members = users::table.filter(users::organization.eq(organization.to_string())).select(users::id);
        let members: Vec<String> = self.ask(|c| members.limit(MOST_MEMBERS + 1).load(c))?;
        let filter = ClientFilter { organization: Some(organization), ..ClientFilter::default() };
        let programs = self.programs(&filter)?;
        if i64::try_from(members.len() + programs.len()).is_ok_and(|count| count > MOST_MEMBERS) {
            return Ok(Voids::Everything);
        }
        for user in &members {
            self.record_change(Changed::User(columns::read("users.id", user)?), Voids::tokens_of(user))?;
        }
        self.void_tokens_of_programs(&programs)?;
        Ok(Voids::Nothing)
    }

    /// The same for its API accounts alone, and those of its people.
    fn void_tokens_of_accounts(&mut self, organization: Id) -> Result<Voids, Fault> {
        let kind = Some(ClientKind::Account);
        let filter = ClientFilter { organization: Some(organization), kind, ..ClientFilter::default() };
        let accounts = self.programs(&filter)?;
        if i64::try_from(accounts.len()).is_ok_and(|count| count > MOST_MEMBERS) {
            return Ok(Voids::Everything);
        }
        self.void_tokens_of_programs(&accounts)?;
        Ok(Voids::Nothing)
    }

    /// Records for each API account of a user that what rests on them has changed: there are few.
    pub(crate) fn void_tokens_of_accounts_of(&mut self, user: Id) -> Result<(), Fault> {
        let kind = Some(ClientKind::AccountOf(AccountOwner::User(user)));
        let accounts = self.programs(&ClientFilter { kind, ..ClientFilter::default() })?;
        self.void_tokens_of_programs(&accounts)
    }

    fn programs(&mut self, filter: &ClientFilter) -> Result<Vec<(String, String)>, Fault> {
        let programs = clients::filtered(filter).select((schema::clients::id, schema::clients::client_id));
        self.ask(|c| programs.limit(MOST_MEMBERS + 1).load(c))
    }

    fn void_tokens_of_programs(&mut self, programs: &[(String, String)]) -> Result<(), Fault> {
        for (id, client_id) in programs {
            self.record_change(
                Changed::Client(columns::read("clients.id", id)?),
                Voids::tokens_of(client_id),
            )?;
        }
        Ok(())
    }
}

impl Row {
    fn of(organization: &Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.clone(),
            status: organization.status.to_string(),
            api_access: organization.api_access.to_string(),
            api_access_shut: organization.api_access_shut,
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
            api_access_shut: self.api_access_shut,
            created_at: Seconds(self.created_at),
            updated_at: Seconds(self.updated_at),
        })
    }
}
