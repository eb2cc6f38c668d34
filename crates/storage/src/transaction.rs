//! A transaction under way: what a closure gets to see. Owns the memory of trouble that the closure may have swallowed, and
//! of whether there is anything to undo; the questions themselves stand with their nouns.

use crate::connection::AnyConnection;
use crate::trouble::{Met, Trouble};
use diesel::QueryResult;
use doorward_core::store::fault::Fault;

/// A connection lent to one closure.
pub(crate) struct Transaction<'a> {
    connection: &'a mut AnyConnection,
    economy: Economy,
    changed: bool,
    trouble: Option<Trouble>,
}

/// Whether there is room for what can be done without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Economy {
    /// There is.
    Plenty,
    /// The database lives on its ballast: what takes back, deletes or sweeps is written, new tokens are not.
    Ballast,
}

impl<'a> Transaction<'a> {
    /// Lends the connection.
    pub(crate) fn new(connection: &'a mut AnyConnection, economy: Economy) -> Self {
        Self { connection, economy, changed: false, trouble: None }
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

    /// After trouble nothing more is asked: SQLite may have rolled back everything, and the next statement would commit
    /// by itself.
    fn put<T>(&mut self, statement: impl FnOnce(&mut AnyConnection) -> QueryResult<T>) -> Result<T, Fault> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.fault());
        }
        statement(self.connection).map_err(|error| match error.into() {
            Met::Constraint(constraint) => Fault::Constraint { constraint },
            Met::Trouble(trouble) => self.trouble.insert(trouble).fault(),
        })
    }

    /// Refuses what the database can do without while it lives on its ballast.
    pub(crate) fn spend(&self) -> Result<(), Fault> {
        match self.economy {
            Economy::Plenty => Ok(()),
            Economy::Ballast => Err(Fault::unavailable("the disk is full; only what takes back is written")),
        }
    }

    /// The error that makes this transaction worthless, whatever the closure made of it; without one, whether there is
    /// anything to undo.
    pub(crate) fn end(self) -> Result<bool, Trouble> {
        self.trouble.map_or(Ok(self.changed), Err)
    }
}
