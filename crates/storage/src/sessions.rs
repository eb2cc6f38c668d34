//! Sessions, as rows.

use crate::columns;
use crate::kept::kept;
use crate::schema::{old_sessions, sessions};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::identity::session::Session;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::people::Sessions;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
struct Row {
    id: String,
    digest: Vec<u8>,
    pepper: i32,
    user_id: String,
    user_generation: i64,
    auth_time: i64,
    amr: String,
    acr: String,
    seen_at: i64,
    expires_at: i64,
    ended_at: Option<i64>,
}

impl Sessions for Transaction<'_> {
    fn session_of(&mut self, digest: &Digest) -> Result<Option<Session>, Fault> {
        let row = sessions::table.filter(sessions::digest.eq(digest.0.as_slice()));
        let row = kept!(row.select(Row::as_select()));
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(|row| row.session()).transpose()
    }

    fn session(&mut self, id: Id) -> Result<Option<Session>, Fault> {
        let row = kept!(sessions::table.find(id.to_string()).select(Row::as_select()));
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(|row| row.session()).transpose()
    }

    fn sessions_of(&mut self, user: Id, after: Option<Id>, limit: i64) -> Result<Vec<Session>, Fault> {
        // The empty text comes before every identifier.
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        let page = sessions::table.filter(sessions::user_id.eq(user.to_string()).and(sessions::id.gt(after)));
        let page = page.order(sessions::id).limit(limit).select(Row::as_select());
        self.ask(|c| page.load::<Row>(c))?.iter().map(Row::session).collect()
    }

    fn insert_session(&mut self, session: &Session) -> Result<(), Fault> {
        self.spend()?;
        let row = Row::of(session);
        self.change(|c| diesel::insert_into(sessions::table).values(row).execute(c)).map(drop)
    }

    fn touch_session(&mut self, id: Id, now: Seconds) -> Result<bool, Fault> {
        let going = sessions::table.filter(sessions::id.eq(id.to_string()).and(sessions::ended_at.is_null()));
        self.touches(|c| kept!(diesel::update(going).set(sessions::seen_at.eq(now.0))).execute(c))
    }

    fn end_session(&mut self, id: Id, now: Seconds) -> Result<bool, Fault> {
        let going = sessions::table.filter(sessions::id.eq(id.to_string()).and(sessions::ended_at.is_null()));
        self.touches(|c| diesel::update(going).set(sessions::ended_at.eq(now.0)).execute(c))
    }

    fn sweep_sessions(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let expires_at = old_sessions.field(sessions::expires_at);
        let old = old_sessions.select(old_sessions.field(sessions::id)).filter(expires_at.lt(before.0));
        let old = old.order(expires_at).limit(limit);
        self.change(|c| diesel::delete(sessions::table.filter(sessions::id.eq_any(old))).execute(c))
    }
}

impl Row {
    fn of(session: &Session) -> Self {
        Self {
            id: session.id.to_string(),
            digest: session.digest.0.to_vec(),
            pepper: session.pepper.0,
            user_id: session.user.to_string(),
            user_generation: session.user_generation,
            auth_time: session.authentication.auth_time.0,
            amr: columns::write_amr(&session.authentication),
            acr: session.authentication.acr.clone(),
            seen_at: session.seen_at.0,
            expires_at: session.expires_at.0,
            ended_at: session.ended_at.map(|at| at.0),
        }
    }

    fn session(&self) -> Result<Session, Fault> {
        Ok(Session {
            id: columns::read("sessions.id", &self.id)?,
            digest: columns::read_digest("sessions.digest", &self.digest)?,
            pepper: PepperVersion(self.pepper),
            user: columns::read("sessions.user_id", &self.user_id)?,
            user_generation: self.user_generation,
            authentication: columns::read_authentication(
                self.auth_time,
                ("sessions.amr", &self.amr),
                &self.acr,
            )?,
            seen_at: Seconds(self.seen_at),
            expires_at: Seconds(self.expires_at),
            ended_at: self.ended_at.map(Seconds),
        })
    }
}
