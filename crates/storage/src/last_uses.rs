//! When credentials were last used, as rows. Owns that nothing is recorded of what is no longer there.

use crate::columns;
use crate::held::Held;
use crate::kept::kept;
use crate::schema::credentials::{api_tokens, last_uses};
use crate::schema::{client_secrets, clients};
use crate::transaction::Transaction;
use diesel::dsl::exists;
use diesel::prelude::*;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::credentials::LastUses;
use doorward_core::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::collections::{BTreeMap, HashMap};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = last_uses, treat_none_as_default_value = false)]
struct Row {
    id: String,
    used_at: i64,
    address: Option<String>,
}

impl LastUses for Transaction<'_> {
    fn last_use(&mut self, id: Id) -> Result<Option<LastUse>, Fault> {
        let row = last_uses::table.find(id.to_string()).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(|row| row.last_use()).transpose()
    }

    fn last_uses(&mut self, ids: &[Id]) -> Result<Vec<LastUse>, Fault> {
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let rows = last_uses::table.filter(last_uses::id.eq_any(&ids)).select(Row::as_select());
        self.ask(|c| rows.load::<Row>(c))?.iter().map(Row::last_use).collect()
    }

    fn record_uses(&mut self, uses: &[LastUse]) -> Result<(), Fault> {
        self.spend()?;
        // In one order everywhere: two nodes that record the same rows do not wait for each other in a circle.
        let mut uses = uses.to_vec();
        uses.sort_by_key(|one| one.id);
        let firsts = self.renew_uses(&uses)?;
        firsts.iter().try_for_each(|one| self.record_first(one))
    }
}

impl Transaction<'_> {
    /// Replaces the uses that are known and not later: of those of one moment and address all at once, which is most of them. Tells
    /// which are the first.
    fn renew_uses(&mut self, uses: &[LastUse]) -> Result<Vec<LastUse>, Fault> {
        let ids: Vec<_> = uses.iter().map(|one| one.id.to_string()).collect();
        let known = last_uses::table.filter(last_uses::id.eq_any(ids)).order(last_uses::id);
        let known = Held(known.select((last_uses::id, last_uses::used_at)));
        let known: HashMap<String, i64> = self.ask(|c| known.load(c))?.into_iter().collect();
        let (mut firsts, mut alike) = (vec![], BTreeMap::<_, Vec<_>>::new());
        for one in uses {
            let Row { id, used_at, address } = Row::of(one);
            match known.get(&id) {
                None => firsts.push(*one),
                Some(before) if *before <= used_at => alike.entry((used_at, address)).or_default().push(id),
                Some(_) => {}
            }
        }
        for ((used_at, address), ids) in alike {
            let known = last_uses::table.filter(last_uses::id.eq_any(ids));
            let used_at = last_uses::used_at.eq(used_at);
            match address {
                Some(address) => {
                    let values = (used_at, last_uses::address.eq(address));
                    self.change(|c| diesel::update(known).set(values).execute(c))?;
                }
                None => drop(self.change(|c| diesel::update(known).set(used_at).execute(c))?),
            }
        }
        Ok(firsts)
    }

    /// Records the first use of a credential, if there is one of this name. Where another node records it meanwhile, all is done again.
    fn record_first(&mut self, last_use: &LastUse) -> Result<(), Fault> {
        let first = Row::of(last_use);
        if !self.is_credential(&first.id)? {
            return Ok(());
        }
        let first = diesel::insert_into(last_uses::table).values(first);
        self.change(|c| kept!(first).execute(c)).map_err(Fault::into_race).map(drop)
    }

    /// Whether there is a credential of this name.
    fn is_credential(&mut self, id: &str) -> Result<bool, Fault> {
        let token = exists(api_tokens::table.filter(api_tokens::id.eq(id)));
        let secret = exists(client_secrets::table.filter(client_secrets::id.eq(id)));
        let client = exists(clients::table.filter(clients::id.eq(id).and(clients::deleted_at.is_null())));
        self.ask(|c| diesel::select(token.or(secret).or(client)).get_result(c))
    }

    /// Forgets the last uses of what goes.
    pub(crate) fn forget_uses(&mut self, ids: &[String]) -> Result<(), Fault> {
        self.change(|c| diesel::delete(last_uses::table.filter(last_uses::id.eq_any(ids))).execute(c))
            .map(drop)
    }
}

impl Row {
    fn of(last_use: &LastUse) -> Self {
        Self {
            id: last_use.id.to_string(),
            used_at: last_use.used_at.0,
            address: last_use.address.map(|address| address.to_string()),
        }
    }

    fn last_use(&self) -> Result<LastUse, Fault> {
        Ok(LastUse {
            id: columns::read("last_uses.id", &self.id)?,
            used_at: Seconds(self.used_at),
            address: columns::read_optional("last_uses.address", self.address.as_deref())?,
        })
    }
}
