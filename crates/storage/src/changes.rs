//! The feed of changes: numbers, and the noun and record that each stands for. Owns the numbering; what a cache does with
//! it is core's business.

use crate::kept::kept;
use crate::schema::{changes, last_revision, old_changes};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::store::Revision;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::{Changed, Changes};

#[derive(Insertable, Queryable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct Row {
    revision: i64,
    noun: String,
    record: Option<String>,
}

impl Transaction<'_> {
    /// Records that something cached was changed. Called by the change itself, so that no caller can forget it. It is
    /// numbered when the transaction ends.
    pub(crate) fn record_change(&mut self, changed: Changed) -> Result<(), Fault> {
        self.unnumbered.push(changed);
        Ok(())
    }

    /// The counter's row is locked until the commit, so numbers become visible in their order; as the last thing before it,
    /// so that nobody waits for more than a commit, and nobody who holds the counter waits for anything else.
    fn number(&mut self, unnumbered: Vec<Changed>) -> Result<Revision, Fault> {
        let count = i64::try_from(unnumbered.len()).map_err(Fault::broken)?;
        self.change(|c| {
            let next = last_revision::revision.eq(last_revision::revision + count);
            kept!(diesel::update(last_revision::table).set(next)).execute(c)
        })?;
        let last = self.last_revision()?;
        let first = last.0 - count + 1;
        for (revision, changed) in (first..).zip(unnumbered) {
            let row = Row::new(Revision(revision), changed);
            self.change(|c| kept!(diesel::insert_into(changes::table).values(&row)).execute(c))?;
        }
        Ok(last)
    }
}

impl Changes for Transaction<'_> {
    fn last_revision(&mut self) -> Result<Revision, Fault> {
        self.ask(|c| kept!(last_revision::table.select(last_revision::revision)).get_result(c)).map(Revision)
    }

    fn number_changes(&mut self) -> Result<Revision, Fault> {
        match std::mem::take(&mut self.unnumbered) {
            unnumbered if unnumbered.is_empty() => self.last_revision(),
            unnumbered => self.number(unnumbered),
        }
    }

    fn hold_changes(&mut self) -> Result<(), Fault> {
        self.hold(last_revision::table.select(last_revision::revision)).map(drop)
    }

    fn changes_after(&mut self, revision: Revision, limit: i64) -> Result<Vec<(Revision, Changed)>, Fault> {
        let rows: Vec<Row> = self.ask(|c| {
            changes::table
                .filter(changes::revision.gt(revision.0))
                .order(changes::revision)
                .limit(limit)
                .load(c)
        })?;
        Ok(rows.iter().map(|row| (Revision(row.revision), row.changed())).collect())
    }

    fn oldest_revision(&mut self) -> Result<Revision, Fault> {
        let oldest = self
            .ask(|c| changes::table.select(changes::revision).order(changes::revision).first(c).optional())?;
        match oldest {
            Some(oldest) => Ok(Revision(oldest)),
            None => Ok(Revision(self.last_revision()?.0 + 1)),
        }
    }

    fn sweep_changes(&mut self, up_to: Revision, limit: i64) -> Result<usize, Fault> {
        let revision = old_changes.field(changes::revision);
        let old = old_changes.select(revision).filter(revision.le(up_to.0)).order(revision).limit(limit);
        self.change(|c| diesel::delete(changes::table.filter(changes::revision.eq_any(old))).execute(c))
    }
}

impl Row {
    fn new(revision: Revision, changed: Changed) -> Self {
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
        Self { revision: revision.0, noun: noun.to_owned(), record: record.map(|id| id.to_string()) }
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
