//! The chain of events, as columns of their rows, and its head. Owns that whatever stands in a row is read back as it is, also where
//! no server wrote it: what is wrong with it is for whoever looks the chain through.

use crate::events::Row;
use crate::schema::apis::apis;
use crate::schema::{audit_statements, chain_head, clients, events, old_events, organizations, users};
use crate::transaction::Transaction;
use diesel::dsl::{exists, min, select};
use diesel::prelude::*;
use doorward_core::audit::chain::{Found, Head, Origin, Place};
use doorward_core::keys::audit::Mac;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::audit::Chain;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

/// The one row of its table.
const HEAD: &str = "head";

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
struct Beside {
    mac: Option<Vec<u8>>,
    mac_version: Option<i32>,
    seq: Option<i64>,
    link: Option<Vec<u8>>,
    link_version: Option<i32>,
    origin: Option<String>,
}

#[derive(Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = chain_head)]
struct HeadRow {
    seq: i64,
    link: Vec<u8>,
    link_version: i32,
    attested_since: i64,
    mac: Vec<u8>,
    mac_version: i32,
}

impl Chain for Transaction<'_> {
    fn unchained(&mut self, after: Option<&str>, limit: i64) -> Result<Vec<Found>, Fault> {
        let page = events::table.filter(events::seq.is_null()).order(events::id).limit(limit);
        let page = page.select((Row::as_select(), Beside::as_select()));
        let rows: Vec<(Row, Beside)> = match after {
            Some(after) => {
                let page = page.filter(events::id.gt(after));
                self.ask(|c| page.load(c))?
            }
            None => self.ask(|c| page.load(c))?,
        };
        Ok(rows.into_iter().map(found).collect())
    }

    fn waiting_for_the_chain(&mut self) -> Result<(i64, Option<Seconds>), Fault> {
        let waiting = events::table.filter(events::seq.is_null());
        let count: i64 = self.ask(|c| waiting.count().get_result(c))?;
        let oldest = waiting.order(events::id).select(events::at);
        let oldest: Option<i64> = self.ask(|c| oldest.first(c).optional())?;
        Ok((count, oldest.map(Seconds)))
    }

    fn chained(&mut self, from: i64, limit: i64) -> Result<Vec<Found>, Fault> {
        let page = events::table.filter(events::seq.ge(from)).order(events::seq).limit(limit);
        let page = page.select((Row::as_select(), Beside::as_select()));
        let rows: Vec<(Row, Beside)> = self.ask(|c| page.load(c))?;
        Ok(rows.into_iter().map(found).collect())
    }

    fn last_in_chain(&mut self) -> Result<Option<i64>, Fault> {
        let last = events::table.filter(events::seq.is_not_null()).order(events::seq.desc());
        let last: Option<Option<i64>> = self.ask(|c| last.select(events::seq).first(c).optional())?;
        Ok(last.flatten())
    }

    fn left_of_a_chain(&mut self) -> Result<bool, Fault> {
        let stated = select(exists(audit_statements::table.select(audit_statements::seq)));
        let sealed = events::mac.is_not_null().or(events::seq.is_not_null());
        let chained = select(exists(events::table.filter(sealed)));
        Ok(self.ask(|c| stated.get_result(c))? || self.ask(|c| chained.get_result(c))?)
    }

    fn first_object(&mut self) -> Result<Option<String>, Fault> {
        let lowest: [Option<String>; 4] = [
            self.ask(|c| organizations::table.select(min(organizations::id)).first(c))?,
            self.ask(|c| users::table.select(min(users::id)).first(c))?,
            self.ask(|c| clients::table.select(min(clients::id)).first(c))?,
            self.ask(|c| apis::table.select(min(apis::id)).first(c))?,
        ];
        Ok(lowest.into_iter().flatten().min())
    }

    fn chain_head(&mut self) -> Result<Option<Head>, Fault> {
        let row = chain_head::table.find(HEAD).select(HeadRow::as_select());
        let row: Option<HeadRow> = self.ask(|c| row.get_result(c).optional())?;
        Ok(row.map(HeadRow::head))
    }

    fn insert_chain_head(&mut self, head: &Head) -> Result<(), Fault> {
        self.spend()?;
        let row = (chain_head::name.eq(HEAD), HeadRow::of(head));
        self.change(|c| diesel::insert_into(chain_head::table).values(row).execute(c)).map(drop)
    }

    fn move_chain_head(&mut self, before: &Head, after: &Head) -> Result<bool, Fault> {
        // What is taken back while the disk is full leaves its event; its number can wait.
        self.spend()?;
        let stands = chain_head::seq.eq(before.seq).and(chain_head::link.eq(before.link.digest.0.to_vec()));
        let row = chain_head::table.filter(chain_head::name.eq(HEAD).and(stands));
        let after = HeadRow::of(after);
        self.touches(|c| diesel::update(row).set(after).execute(c))
    }

    fn place_in_chain(&mut self, place: &Place) -> Result<bool, Fault> {
        let row = events::table.filter(events::id.eq(&place.id).and(events::seq.is_null()));
        let values = (
            events::seq.eq(place.seq),
            events::link.eq(place.link.digest.0.to_vec()),
            events::link_version.eq(place.link.version),
            events::origin.eq(word(place.origin)),
        );
        let Some((mac, about)) = &place.adopted else {
            return self.touches(|c| diesel::update(row).set(values).execute(c));
        };
        let seal = (
            events::mac.eq(mac.digest.0.to_vec()),
            events::mac_version.eq(mac.version),
            events::about.eq(about),
        );
        self.touches(|c| diesel::update(row).set((values, seal)).execute(c))
    }

    fn sweep_chain(&mut self, up_to: i64, limit: i64) -> Result<usize, Fault> {
        let seq = old_events.field(events::seq);
        let ids =
            old_events.select(old_events.field(events::id)).filter(seq.le(up_to)).order(seq).limit(limit);
        let rows = events::table.filter(events::id.eq_any(ids));
        self.change(|c| diesel::delete(rows).execute(c))
    }
}

fn found((row, beside): (Row, Beside)) -> Found {
    Found {
        written: row.written(),
        mac: mac(beside.mac, beside.mac_version),
        seq: beside.seq,
        link: mac(beside.link, beside.link_version),
        origin: beside.origin.as_deref().and_then(origin),
    }
}

/// What has another length than ours is none.
fn mac(digest: Option<Vec<u8>>, version: Option<i32>) -> Option<Mac> {
    Some(Mac { version: version?, digest: Digest(digest?.try_into().ok()?) })
}

const fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Recorded => "recorded",
        Origin::Adopted => "adopted",
        Origin::Unsealed => "unsealed",
    }
}

fn origin(word_found: &str) -> Option<Origin> {
    [Origin::Recorded, Origin::Adopted, Origin::Unsealed].into_iter().find(|known| word(*known) == word_found)
}

impl HeadRow {
    fn of(head: &Head) -> Self {
        Self {
            seq: head.seq,
            link: head.link.digest.0.to_vec(),
            link_version: head.link.version,
            attested_since: head.attested_since.0,
            mac: head.mac.digest.0.to_vec(),
            mac_version: head.mac.version,
        }
    }

    /// A hash that has another length than ours is wrong, and nothing else: as many zeros are, too.
    fn head(self) -> Head {
        let digest = |bytes: Vec<u8>| Digest(bytes.try_into().unwrap_or([0; 32]));
        Head {
            seq: self.seq,
            link: Mac { version: self.link_version, digest: digest(self.link) },
            attested_since: Seconds(self.attested_since),
            mac: Mac { version: self.mac_version, digest: digest(self.mac) },
        }
    }
}
