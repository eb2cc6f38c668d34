//! A transaction under way: what a closure gets to see. Owns the memory of what went wrong and the closure may have
//! swallowed, and of whether there is anything to undo; the questions themselves stand with their nouns.

use crate::connection::AnyConnection;
use crate::held::Held;
use crate::trouble::{Kind, Met, Trouble};
use diesel::QueryResult;
use diesel::prelude::*;
use diesel::query_dsl::methods::LoadQuery;
use doorward_core::store::Verdict;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::changes::{Changed, Voids};

/// A connection lent to one closure.
pub(crate) struct Transaction<'a> {
    connection: &'a mut AnyConnection,
    allowed: Allowed,
    changed: bool,
    /// What has changed of that which is cached, and has no number in the feed yet.
    pub(crate) unnumbered: Vec<(Changed, Voids)>,
    met: Option<Met>,
}

/// What a closure may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Nothing: it asks.
    Questions,
    /// Everything.
    Changes,
    /// What takes back, deletes or sweeps, but no new tokens: the database lives on its ballast.
    #[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "servers have no ballast"))]
    Savings,
}

/// How a transaction stands when its closure has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// There is something to undo.
    pub(crate) changed: bool,
    /// The constraint that refused a row.
    pub(crate) refused: Option<String>,
}

impl Outcome {
    /// What becomes of the closure's verdict: one that overlooked that a row was refused has not said what it would keep.
    pub(crate) fn judge(&self, verdict: Result<Verdict, Fault>) -> Result<Verdict, Fault> {
        match (&self.refused, verdict) {
            (Some(constraint), Ok(Verdict::Commit)) => {
                Err(Fault::Constraint { constraint: constraint.clone() })
            }
            (_, verdict) => verdict,
        }
    }
}

impl<'a> Transaction<'a> {
    /// Lends the connection.
    pub(crate) fn new(connection: &'a mut AnyConnection, allowed: Allowed) -> Self {
        Self { connection, allowed, changed: false, unnumbered: Vec::new(), met: None }
    }

    /// Puts a question to the database. Debug builds hold us to that; no request decides which of the two methods a statement
    /// of ours is put by, and release builds do not ask.
    pub(crate) fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut AnyConnection) -> QueryResult<T>,
    ) -> Result<T, Fault> {
        #[cfg(debug_assertions)]
        let before = self.connection.changed_rows();
        let answer = self.put(question);
        #[cfg(debug_assertions)]
        assert_eq!(self.connection.changed_rows(), before, "a question changes nothing");
        answer
    }

    /// Makes a change, and tells how many rows it touched.
    pub(crate) fn change(
        &mut self,
        change: impl FnOnce(&mut AnyConnection) -> QueryResult<usize>,
    ) -> Result<usize, Fault> {
        if self.allowed == Allowed::Questions {
            let trouble = Trouble::new(Kind::Broken, "a question tried to change something");
            self.met.get_or_insert(Met::Trouble(trouble));
        }
        let rows = self.put(change)?;
        self.changed |= rows > 0;
        Ok(rows)
    }

    /// Makes a change that touches one row at most, and tells whether it did.
    pub(crate) fn touches(
        &mut self,
        change: impl FnOnce(&mut AnyConnection) -> QueryResult<usize>,
    ) -> Result<bool, Fault> {
        Ok(self.change(change)? > 0)
    }

    /// Keeps a row as it is until the transaction ends, but for what this one changes. Tells whether it is there.
    pub(crate) fn hold<S>(&mut self, row: S) -> Result<bool, Fault>
    where
        Held<S>: LoadQuery<'static, AnyConnection, i64>,
    {
        self.held(row).map(|found| found.is_some())
    }

    /// The same, with what stands in the row, asked for in one go.
    pub(crate) fn held<S, R>(&mut self, row: S) -> Result<Option<R>, Fault>
    where
        Held<S>: LoadQuery<'static, AnyConnection, R>,
    {
        self.ask(|c| Held(row).get_result::<R>(c).optional())
    }

    /// After the first error nothing more is asked: SQLite may have rolled back everything, and the next statement would
    /// commit by itself; PostgreSQL takes none until the transaction ends.
    fn put<T>(&mut self, statement: impl FnOnce(&mut AnyConnection) -> QueryResult<T>) -> Result<T, Fault> {
        if let Some(met) = &self.met {
            return Err(met.fault());
        }
        statement(self.connection).map_err(|error| self.met.insert(self.connection.judge(&error)).fault())
    }

    /// Refuses what the database can do without while it lives on its ballast.
    pub(crate) fn spend(&self) -> Result<(), Fault> {
        match self.allowed {
            Allowed::Questions | Allowed::Changes => Ok(()),
            Allowed::Savings => Err(Fault::unavailable("the disk is full; only what takes back is written")),
        }
    }

    /// The error that makes this transaction worthless, whatever the closure made of it; without one, how it stands.
    pub(crate) fn end(mut self, keeps: bool) -> Result<Outcome, Trouble> {
        if keeps && self.met.is_none() && !self.unnumbered.is_empty() {
            // What goes wrong is met.
            drop(self.number(None));
        }
        let refused = match self.met {
            Some(Met::Trouble(trouble)) => return Err(trouble),
            Some(Met::Constraint(constraint)) => Some(constraint),
            None => None,
        };
        Ok(Outcome { changed: self.changed, refused })
    }
}
