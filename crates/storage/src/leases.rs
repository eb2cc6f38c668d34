//! Leases, as rows: one for each kind of work.

use crate::columns;
use crate::schema::leases;
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Leases;
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};

impl Leases for Transaction<'_> {
    fn lease(&mut self, name: &str) -> Result<Option<(Id, Seconds)>, Fault> {
        let row = leases::table.find(name).select((leases::holder, leases::expires_at));
        let row: Option<(String, i64)> = self.ask(|c| row.get_result(c).optional())?;
        row.map(|(holder, at)| Ok((columns::read("leases.holder", &holder)?, Seconds(at)))).transpose()
    }

    fn take_lease(&mut self, name: &str, holder: Id, now: Seconds, until: Seconds) -> Result<bool, Fault> {
        let holder = holder.to_string();
        let longest = now + Lifetime(2 * (until - now).0);
        let over = leases::expires_at.le(now.0).or(leases::expires_at.gt(longest.0));
        let free = leases::table.filter(leases::name.eq(name).and(leases::holder.eq(&holder).or(over)));
        let values = (leases::holder.eq(&holder), leases::expires_at.eq(until.0));
        if self.touches(|c| diesel::update(free).set(values).execute(c))? {
            return Ok(true);
        }
        if self.lease(name)?.is_some() {
            return Ok(false);
        }
        let row = (leases::name.eq(name), leases::holder.eq(&holder), leases::expires_at.eq(until.0));
        self.change(|c| diesel::insert_into(leases::table).values(row).execute(c))
            .map_err(Fault::into_race)?;
        Ok(true)
    }
}
