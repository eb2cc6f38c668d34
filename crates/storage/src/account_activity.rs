//! What API accounts have done, as rows. Owns that nothing is recorded of an account that is no longer there, and that no more addresses
//! of one are kept than its owner is shown.

use crate::columns;
use crate::kept::kept;
use crate::schema::clients;
use crate::schema::credentials::{account_addresses, account_uses};
use crate::transaction::Transaction;
use diesel::dsl::exists;
use diesel::prelude::*;
use doorward_core::client::activity::{AccountUses, Activity, Day, DayUses, LastAddress, MOST_ADDRESSES};
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::credentials::AccountActivity;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = account_uses)]
struct DayRow {
    account: String,
    day: i64,
    api: String,
    uses: i64,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = account_addresses)]
struct AddressRow {
    account: String,
    address: String,
    last_used_at: i64,
}

impl AccountActivity for Transaction<'_> {
    fn account_activity(&mut self, account: Id, since: Day, limit: i64) -> Result<Activity, Fault> {
        let account = account.to_string();
        let days = account_uses::table.filter(account_uses::account.eq(&account));
        let days = days.filter(account_uses::day.ge(since.0)).limit(limit);
        let days = days.order((account_uses::day.desc(), account_uses::api.desc()));
        let days: Vec<DayRow> = self.ask(|c| days.select(DayRow::as_select()).load(c))?;
        let addresses = self.addresses(&account)?;
        Ok(Activity {
            days: days.iter().map(DayRow::uses).collect::<Result<_, _>>()?,
            addresses: addresses.iter().map(AddressRow::address).collect::<Result<_, _>>()?,
        })
    }

    fn record_account_uses(&mut self, uses: &[AccountUses]) -> Result<(), Fault> {
        self.spend()?;
        // In one order everywhere: two nodes that record the same rows do not wait for each other in a circle.
        let mut uses = uses.to_vec();
        uses.sort_by_key(|one| one.account);
        uses.iter_mut().try_for_each(|one| self.record_uses_of(one))
    }

    fn sweep_account_uses(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let oldest = account_uses::table.filter(account_uses::day.lt(Day::of(before).0));
        let oldest = oldest.order((account_uses::day, account_uses::account)).limit(limit);
        let oldest: Vec<(i64, String)> =
            self.ask(|c| oldest.select((account_uses::day, account_uses::account)).load(c))?;
        let mut swept = 0;
        for of_day in oldest.chunk_by(|one, other| one.0 == other.0) {
            let accounts = of_day.iter().map(|(_, account)| account);
            let old = account_uses::table.filter(account_uses::day.eq(of_day[0].0));
            let old = old.filter(account_uses::account.eq_any(accounts));
            swept += self.change(|c| diesel::delete(old).execute(c))?;
        }
        let old = account_addresses::table.filter(account_addresses::last_used_at.lt(before.0));
        let old = old.order(account_addresses::last_used_at).limit(limit);
        let old: Vec<String> = self.ask(|c| old.select(account_addresses::account).load(c))?;
        let old = account_addresses::table.filter(account_addresses::account.eq_any(old));
        let old = old.filter(account_addresses::last_used_at.lt(before.0));
        Ok(swept + self.change(|c| diesel::delete(old).execute(c))?)
    }
}

impl Transaction<'_> {
    fn record_uses_of(&mut self, uses: &mut AccountUses) -> Result<(), Fault> {
        let account = uses.account.to_string();
        let living = clients::table.filter(clients::id.eq(&account).and(clients::deleted_at.is_null()));
        if !self.ask(|c| kept!(diesel::select(exists(living))).get_result::<bool>(c))? {
            return Ok(());
        }
        uses.days.sort_by_key(|one| (one.day, one.api));
        uses.addresses.sort_by_key(|one| one.address);
        uses.days.iter().try_for_each(|one| self.add_uses(&account, one))?;
        let mut is_new = false;
        for one in &uses.addresses {
            is_new |= self.record_address(&account, one)?;
        }
        if is_new { self.forget_older_addresses(&account) } else { Ok(()) }
    }

    fn add_uses(&mut self, account: &str, DayUses { day, api, uses }: &DayUses) -> Result<(), Fault> {
        let api = api.to_string();
        let known = account_uses::account.eq(account).and(account_uses::day.eq(day.0));
        let known = account_uses::table.filter(known.and(account_uses::api.eq(&api)));
        let more = account_uses::uses.eq(account_uses::uses + *uses);
        if self.touches(|c| kept!(diesel::update(known).set(more)).execute(c))? {
            return Ok(());
        }
        let first = DayRow { account: account.to_owned(), day: day.0, api, uses: *uses };
        let first = diesel::insert_into(account_uses::table).values(first);
        self.change(|c| kept!(first).execute(c)).map_err(Fault::into_race).map(drop)
    }

    /// Tells whether it was not known.
    fn record_address(&mut self, account: &str, last: &LastAddress) -> Result<bool, Fault> {
        let address = last.address.to_string();
        let known = account_addresses::account.eq(account).and(account_addresses::address.eq(&address));
        let earlier = known.and(account_addresses::last_used_at.le(last.last_used_at.0));
        let earlier = account_addresses::table.filter(earlier);
        let at = account_addresses::last_used_at.eq(last.last_used_at.0);
        if self.touches(|c| kept!(diesel::update(earlier).set(at)).execute(c))? {
            return Ok(false);
        }
        let known = account_addresses::table.find((account, &address));
        if self.ask(|c| kept!(diesel::select(exists(known))).get_result::<bool>(c))? {
            return Ok(false);
        }
        let first = AddressRow { account: account.to_owned(), address, last_used_at: last.last_used_at.0 };
        let first = diesel::insert_into(account_addresses::table).values(first);
        self.change(|c| kept!(first).execute(c)).map_err(Fault::into_race)?;
        Ok(true)
    }

    /// The addresses of an account, the latest first.
    fn addresses(&mut self, account: &str) -> Result<Vec<AddressRow>, Fault> {
        let all = account_addresses::table.filter(account_addresses::account.eq(account));
        let all = all.order((account_addresses::last_used_at.desc(), account_addresses::address));
        self.ask(|c| all.select(AddressRow::as_select()).load(c))
    }

    fn forget_older_addresses(&mut self, account: &str) -> Result<(), Fault> {
        let all = self.addresses(account)?;
        let Some(older) = all.get(MOST_ADDRESSES..).filter(|older| !older.is_empty()) else { return Ok(()) };
        let older = account_addresses::address.eq_any(older.iter().map(|one| &one.address));
        let older = account_addresses::table.filter(account_addresses::account.eq(account).and(older));
        self.change(|c| diesel::delete(older).execute(c)).map(drop)
    }

    /// Forgets what an account has done that goes.
    pub(crate) fn forget_activity(&mut self, account: &str) -> Result<(), Fault> {
        let days = account_uses::table.filter(account_uses::account.eq(account));
        self.change(|c| diesel::delete(days).execute(c))?;
        let addresses = account_addresses::table.filter(account_addresses::account.eq(account));
        self.change(|c| diesel::delete(addresses).execute(c)).map(drop)
    }
}

impl DayRow {
    fn uses(&self) -> Result<DayUses, Fault> {
        let api = columns::read("account_uses.api", &self.api)?;
        Ok(DayUses { day: Day(self.day), api, uses: self.uses })
    }
}

impl AddressRow {
    fn address(&self) -> Result<LastAddress, Fault> {
        let address = columns::read("account_addresses.address", &self.address)?;
        Ok(LastAddress { address, last_used_at: Seconds(self.last_used_at) })
    }
}
