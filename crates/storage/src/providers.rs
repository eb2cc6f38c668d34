//! Providers, as rows.

use crate::columns;
use crate::schema::vault::providers;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::vault::Providers;
use doorward_core::vault::provider::Provider;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = providers)]
struct Row {
    id: String,
    key: String,
    name: String,
    fields: String,
    presets: String,
    created_at: i64,
    updated_at: i64,
}

impl Providers for Transaction<'_> {
    fn providers(&mut self) -> Result<Vec<Provider>, Fault> {
        let rows: Vec<Row> =
            self.ask(|c| providers::table.order(providers::id).select(Row::as_select()).load(c))?;
        rows.into_iter().map(Row::provider).collect()
    }

    fn provider_named(&mut self, key: &str) -> Result<Option<Provider>, Fault> {
        let row = providers::table.filter(providers::key.eq(key)).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(Row::provider).transpose()
    }

    fn hold_provider(&mut self, key: &str) -> Result<bool, Fault> {
        self.hold(providers::table.filter(providers::key.eq(key.to_owned())).select(providers::updated_at))
    }

    fn insert_provider(&mut self, provider: &Provider) -> Result<(), Fault> {
        let row = Row::of(provider)?;
        self.change(|c| diesel::insert_into(providers::table).values(row).execute(c)).map(drop)
    }

    fn update_provider(&mut self, provider: &Provider) -> Result<bool, Fault> {
        let Row { id, name, fields, presets, updated_at, .. } = Row::of(provider)?;
        let values = (
            providers::name.eq(name),
            providers::fields.eq(fields),
            providers::presets.eq(presets),
            providers::updated_at.eq(updated_at),
        );
        let row = providers::table.filter(providers::id.eq(id));
        self.touches(|c| diesel::update(row).set(values).execute(c))
    }

    fn delete_provider(&mut self, id: Id) -> Result<bool, Fault> {
        let row = providers::table.filter(providers::id.eq(id.to_string()));
        self.touches(|c| diesel::delete(row).execute(c))
    }
}

impl Row {
    fn of(provider: &Provider) -> Result<Self, Fault> {
        Ok(Self {
            id: provider.id.to_string(),
            key: provider.key.clone(),
            name: provider.name.clone(),
            fields: columns::write_json(&provider.fields)?,
            presets: columns::write_json(&provider.presets)?,
            created_at: provider.created_at.0,
            updated_at: provider.updated_at.0,
        })
    }

    fn provider(self) -> Result<Provider, Fault> {
        Ok(Provider {
            id: columns::read("providers.id", &self.id)?,
            key: self.key,
            name: self.name,
            fields: columns::read_json("providers.fields", &self.fields)?,
            presets: columns::read_json("providers.presets", &self.presets)?,
            created_at: Seconds(self.created_at),
            updated_at: Seconds(self.updated_at),
        })
    }
}
