//! The feed of changes: numbers, the noun and record that each stands for, and what each means to tokens. Owns the numbering; what a
//! cache does with it is core's business.

use crate::kept::kept;
use crate::schema::{changes, last_revision, old_changes};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::store::Revision;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::changes::{Change, Changed, Changes, Voids};
use doorward_protocol::time::Seconds;

#[derive(Queryable, Selectable)]
#[diesel(table_name = changes)]
struct Row {
    revision: i64,
    noun: String,
    record: Option<String>,
    voids: String,
    changed_at: i64,
    mark: String,
}

/// A new row: its mark is drawn by the database.
#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct NewRow {
    revision: i64,
    noun: &'static str,
    record: Option<String>,
    voids: String,
}

/// How it is written that a change means nothing to any token, and that it may mean something to all.
const NOTHING: &str = "";
const EVERYTHING: &str = "*";

impl Transaction<'_> {
    /// Records that something cached was changed, and what that means to tokens. Called by the change itself, so that no caller can forget it. It is
    /// numbered when the transaction ends.
    pub(crate) fn record_change(&mut self, changed: Changed, voids: Voids) -> Result<(), Fault> {
        self.unnumbered.push((changed, voids));
        Ok(())
    }

    /// The counter's row is locked until the commit, so numbers become visible in their order; as the last thing before it,
    /// so that nobody waits for more than a commit, and nobody who holds the counter waits for anything else.
    pub(crate) fn number(&mut self, now: Option<Seconds>) -> Result<Revision, Fault> {
        let unnumbered = std::mem::take(&mut self.unnumbered);
        if unnumbered.is_empty() {
            return self.last_revision();
        }
        let count = i64::try_from(unnumbered.len()).map_err(Fault::broken)?;
        self.change(|c| {
            let next = last_revision::revision.eq(last_revision::revision + count);
            kept!(diesel::update(last_revision::table).set(next)).execute(c)
        })?;
        let last = self.last_revision()?;
        let first = last.0 - count + 1;
        for (revision, (changed, voids)) in (first..).zip(unnumbered) {
            self.insert_change(&NewRow::new(revision, changed, voids), now)?;
        }
        Ok(last)
    }

    /// By the database's own clock where nobody says when.
    fn insert_change(&mut self, row: &NewRow, now: Option<Seconds>) -> Result<(), Fault> {
        let inserted = match now {
            Some(now) => self.change(|c| {
                let row = (row, changes::changed_at.eq(now.0));
                kept!(diesel::insert_into(changes::table).values(row)).execute(c)
            }),
            None => self.change(|c| kept!(diesel::insert_into(changes::table).values(row)).execute(c)),
        };
        inserted.map(drop)
    }
}

impl Changes for Transaction<'_> {
    fn last_revision(&mut self) -> Result<Revision, Fault> {
        self.ask(|c| kept!(last_revision::table.select(last_revision::revision)).get_result(c)).map(Revision)
    }

    fn number_changes(&mut self, now: Seconds) -> Result<Revision, Fault> {
        self.number(Some(now))
    }

    fn hold_changes(&mut self) -> Result<(), Fault> {
        self.hold(last_revision::table.select(last_revision::revision)).map(drop)
    }

    fn changes_after(&mut self, revision: Revision, limit: i64) -> Result<Vec<Change>, Fault> {
        let rows: Vec<Row> = self.ask(|c| {
            changes::table
                .filter(changes::revision.gt(revision.0))
                .order(changes::revision)
                .limit(limit)
                .select(Row::as_select())
                .load(c)
        })?;
        Ok(rows.into_iter().map(Row::change).collect())
    }

    fn oldest_revision(&mut self) -> Result<Revision, Fault> {
        let oldest = self
            .ask(|c| changes::table.select(changes::revision).order(changes::revision).first(c).optional())?;
        match oldest {
            Some(oldest) => Ok(Revision(oldest)),
            None => Ok(Revision(self.last_revision()?.0 + 1)),
        }
    }

    fn sweep_changes(&mut self, up_to: Revision, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let revision = old_changes.field(changes::revision);
        let is_old = revision.le(up_to.0).and(old_changes.field(changes::changed_at).lt(before.0));
        let old = old_changes.select(revision).filter(is_old).order(revision).limit(limit);
        self.change(|c| diesel::delete(changes::table.filter(changes::revision.eq_any(old))).execute(c))
    }
}

impl NewRow {
    fn new(revision: i64, changed: Changed, voids: Voids) -> Self {
        let (noun, record) = match changed {
            Changed::Client(id) => ("client", Some(id)),
            Changed::Api(id) => ("api", Some(id)),
            Changed::SigningKeys => ("signing_keys", None),
            Changed::RevokedJwt(jti) => ("revoked_jwt", Some(jti)),
            Changed::User(id) => ("user", Some(id)),
            Changed::Organization(id) => ("organization", Some(id)),
            Changed::Group(id) => ("group", Some(id)),
            Changed::RevokedFamily(id) => ("revoked_family", Some(id)),
            Changed::ApiToken(id) => ("api_token", Some(id)),
            // Nobody makes such a change; told on, it stays what it is to every reader.
            Changed::Unknown => ("unknown", None),
        };
        let voids = match voids {
            Voids::Nothing => NOTHING.to_owned(),
            Voids::TokensOf(name) => name,
            Voids::Everything => EVERYTHING.to_owned(),
        };
        Self { revision, noun, record: record.map(|id| id.to_string()), voids }
    }
}

impl Row {
    fn change(self) -> Change {
        Change {
            revision: Revision(self.revision),
            changed: self.changed(),
            voids: match self.voids.as_str() {
                NOTHING => Voids::Nothing,
                EVERYTHING => Voids::Everything,
                _ => Voids::TokensOf(self.voids),
            },
            changed_at: Seconds(self.changed_at),
            mark: self.mark,
        }
    }

    /// What cannot be read is a change all the same, and must not hide those after it: a later release may write nouns
    /// that this one does not know.
    fn changed(&self) -> Changed {
        let record = self.record.as_deref().map(str::parse).transpose();
        match (self.noun.as_str(), record) {
            ("client", Ok(Some(id))) => Changed::Client(id),
            ("api", Ok(Some(id))) => Changed::Api(id),
            ("signing_keys", Ok(None)) => Changed::SigningKeys,
            ("revoked_jwt", Ok(Some(jti))) => Changed::RevokedJwt(jti),
            ("user", Ok(Some(id))) => Changed::User(id),
            ("organization", Ok(Some(id))) => Changed::Organization(id),
            ("group", Ok(Some(id))) => Changed::Group(id),
            ("revoked_family", Ok(Some(id))) => Changed::RevokedFamily(id),
            ("api_token", Ok(Some(id))) => Changed::ApiToken(id),
            _ => Changed::Unknown,
        }
    }
}
