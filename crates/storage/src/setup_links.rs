//! Set-up links, as rows.

use crate::columns;
use crate::schema::{old_links, setup_links};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::people::SetupLinks;
use doorward_core::ticket::setup_link::SetupLink;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = setup_links, treat_none_as_default_value = false)]
struct Row {
    digest: Vec<u8>,
    pepper: i32,
    user_id: String,
    user_generation: i64,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

impl SetupLinks for Transaction<'_> {
    fn setup_link(&mut self, digest: &Digest) -> Result<Option<SetupLink>, Fault> {
        let row = setup_links::table.find(digest.0.as_slice()).select(Row::as_select());
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(|row| row.link()).transpose()
    }

    fn unused_setup_links(&mut self, user: Id, after: Seconds) -> Result<Vec<SetupLink>, Fault> {
        let of_user = setup_links::table.filter(setup_links::user_id.eq(user.to_string()));
        let unused = of_user.filter(setup_links::used_at.is_null().and(setup_links::expires_at.gt(after.0)));
        let unused = unused.order(setup_links::digest).select(Row::as_select());
        self.ask(|c| unused.load::<Row>(c))?.iter().map(Row::link).collect()
    }

    fn insert_setup_link(&mut self, link: &SetupLink) -> Result<(), Fault> {
        let row = Row::of(link);
        self.change(|c| diesel::insert_into(setup_links::table).values(row).execute(c)).map(drop)
    }

    fn use_setup_link(&mut self, digest: &Digest, now: Seconds) -> Result<bool, Fault> {
        let unused = setup_links::digest.eq(digest.0.as_slice()).and(setup_links::used_at.is_null());
        let unused = setup_links::table.filter(unused);
        self.touches(|c| diesel::update(unused).set(setup_links::used_at.eq(now.0)).execute(c))
    }

    fn sweep_setup_links(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let expires_at = old_links.field(setup_links::expires_at);
        let old = old_links.select(old_links.field(setup_links::digest)).filter(expires_at.lt(before.0));
        let old = old.order(expires_at).limit(limit);
        self.change(|c| diesel::delete(setup_links::table.filter(setup_links::digest.eq_any(old))).execute(c))
    }
}

impl Row {
    fn of(link: &SetupLink) -> Self {
        Self {
            digest: link.digest.0.to_vec(),
            pepper: link.pepper.0,
            user_id: link.user.to_string(),
            user_generation: link.user_generation,
            created_at: link.created_at.0,
            expires_at: link.expires_at.0,
            used_at: link.used_at.map(|at| at.0),
        }
    }

    fn link(&self) -> Result<SetupLink, Fault> {
        Ok(SetupLink {
            digest: columns::read_digest("setup_links.digest", &self.digest)?,
            pepper: PepperVersion(self.pepper),
            user: columns::read("setup_links.user_id", &self.user_id)?,
            user_generation: self.user_generation,
            created_at: Seconds(self.created_at),
            expires_at: Seconds(self.expires_at),
            used_at: self.used_at.map(Seconds),
        })
    }
}
