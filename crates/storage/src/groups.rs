//! Groups, and who is in them, as rows.

use crate::columns;
use crate::schema::{group_clients, group_members, groups};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::identity::group::Group;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::store::tx::people::Groups;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = groups, treat_none_as_default_value = false)]
struct Row {
    id: String,
    name: String,
    organization: Option<String>,
    permissions: String,
    created_at: i64,
    updated_at: i64,
}

/// A user's place in a group.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = group_members)]
pub(crate) struct Member {
    pub(crate) user_id: String,
    pub(crate) group_id: String,
}

impl Member {
    pub(crate) fn group(&self) -> Result<Id, Fault> {
        columns::read("group_members.group_id", &self.group_id)
    }
}

impl Groups for Transaction<'_> {
    fn groups(&mut self) -> Result<Vec<Group>, Fault> {
        let rows: Vec<Row> =
            self.ask(|c| groups::table.order(groups::id).select(Row::as_select()).load(c))?;
        rows.into_iter().map(Row::group).collect()
    }

    fn insert_group(&mut self, group: &Group) -> Result<(), Fault> {
        let row = Row::of(group);
        self.change(|c| diesel::insert_into(groups::table).values(row).execute(c))?;
        self.record_change(Changed::Group(group.id), Voids::Nothing)
    }

    fn update_group(&mut self, group: &Group) -> Result<bool, Fault> {
        let row = groups::table.filter(groups::id.eq(group.id.to_string()));
        let Row { name, organization, permissions, updated_at, .. } = Row::of(group);
        let values = (
            groups::name.eq(name),
            groups::organization.eq(organization),
            groups::permissions.eq(permissions),
            groups::updated_at.eq(updated_at),
        );
        let found = self.touches(|c| diesel::update(row).set(values).execute(c))?;
        if found {
            self.record_change(Changed::Group(group.id), Voids::Nothing)?;
        }
        Ok(found)
    }

    fn delete_group(&mut self, id: Id) -> Result<bool, Fault> {
        let text = id.to_string();
        self.empty_group(&text)?;
        let found = self.touches(|c| diesel::delete(groups::table.find(&text)).execute(c))?;
        if found {
            self.record_change(Changed::Group(id), Voids::Nothing)?;
        }
        Ok(found)
    }
}

impl Transaction<'_> {
    /// Takes everybody out of a group, which changes them.
    fn empty_group(&mut self, group: &str) -> Result<(), Fault> {
        let places = group_members::table.filter(group_members::group_id.eq(group));
        let users: Vec<String> =
            self.ask(|c| places.select(group_members::user_id).order(group_members::user_id).load(c))?;
        self.change(|c| diesel::delete(places).execute(c))?;
        let places = group_clients::table.filter(group_clients::group_id.eq(group));
        let clients: Vec<String> =
            self.ask(|c| places.select(group_clients::client).order(group_clients::client).load(c))?;
        self.change(|c| diesel::delete(places).execute(c))?;
        for user in &users {
            self.record_change(Changed::User(columns::read("group_members.user_id", user)?), Voids::Nothing)?;
        }
        for client in &clients {
            self.record_change(
                Changed::Client(columns::read("group_clients.client", client)?),
                Voids::Nothing,
            )?;
        }
        Ok(())
    }

    /// Puts a user into groups.
    pub(crate) fn join_groups(&mut self, user: &str, groups: &[Id]) -> Result<(), Fault> {
        for group in groups {
            let row = Member { user_id: user.to_owned(), group_id: group.to_string() };
            self.change(|c| diesel::insert_into(group_members::table).values(row).execute(c))?;
        }
        Ok(())
    }

    /// Takes a user out of all groups.
    pub(crate) fn leave_groups(&mut self, user: &str) -> Result<(), Fault> {
        let places = group_members::table.filter(group_members::user_id.eq(user));
        self.change(|c| diesel::delete(places).execute(c)).map(drop)
    }
}

impl Row {
    fn of(group: &Group) -> Self {
        Self {
            id: group.id.to_string(),
            name: group.name.clone(),
            organization: group.organization.map(|organization| organization.to_string()),
            permissions: columns::write_permissions(group.permissions),
            created_at: group.created_at.0,
            updated_at: group.updated_at.0,
        }
    }

    fn group(self) -> Result<Group, Fault> {
        Ok(Group {
            id: columns::read("groups.id", &self.id)?,
            name: self.name,
            organization: columns::read_optional("groups.organization", self.organization.as_deref())?,
            permissions: columns::read_permissions("groups.permissions", &self.permissions)?,
            created_at: Seconds(self.created_at),
            updated_at: Seconds(self.updated_at),
        })
    }
}
