//! Facts about this installation, a name and a value each.

use crate::schema::settings;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Settings;

impl Settings for Transaction<'_> {
    fn setting(&mut self, name: &str) -> Result<Option<String>, Fault> {
        self.ask(|c| settings::table.find(name).select(settings::value).get_result(c).optional())
    }

    fn insert_setting(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let row = (settings::name.eq(name), settings::value.eq(value));
        self.change(|c| diesel::insert_into(settings::table).values(row).execute(c)).map(drop)
    }
}
