//! The prepared statements that a connection keeps, up to a number: the one that was used longest ago makes room. A
//! statement that is dropped here is closed on the server with the next request.

use std::collections::HashMap;

use diesel::connection::statement_cache::StatementCacheKey;
use diesel::pg::Pg;
use tokio_postgres::Statement;

/// Statements by diesel's key: the query's type where that settles its text, else the text and the types of its binds.
pub(crate) struct Statements {
    kept: HashMap<StatementCacheKey<Pg>, Kept>,
    capacity: usize,
    /// Counts uses, so that the oldest can be told.
    uses: u64,
    /// The last one that is not kept.
    passing: Option<Statement>,
}

struct Kept {
    statement: Statement,
    used: u64,
}

impl Statements {
    /// An empty collection.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { kept: HashMap::new(), capacity, uses: 0, passing: None }
    }

    /// Whether anything may be kept at all.
    pub(crate) fn keeps(&self) -> bool {
        self.capacity > 0
    }

    /// How many may be kept from now on; if there are more, all go.
    pub(crate) fn limit(&mut self, capacity: usize) {
        self.capacity = capacity;
        if self.kept.len() > capacity {
            self.kept.clear();
        }
    }

    /// The statement kept under the key.
    pub(crate) fn find(&mut self, key: &StatementCacheKey<Pg>) -> Option<Statement> {
        self.uses += 1;
        let kept = self.kept.get_mut(key)?;
        kept.used = self.uses;
        Some(kept.statement.clone())
    }

    /// Lets the oldest go if there is no room for one more. Done before one more is prepared, so that the server never
    /// holds more than the limit.
    pub(crate) fn make_room(&mut self) {
        if self.kept.len() < self.capacity {
            return;
        }
        let oldest = self.kept.values().map(|kept| kept.used).min();
        self.kept.retain(|_, kept| Some(kept.used) != oldest);
    }

    /// Keeps a statement.
    pub(crate) fn keep(&mut self, key: StatementCacheKey<Pg>, statement: Statement) {
        self.uses += 1;
        self.kept.insert(key, Kept { statement, used: self.uses });
    }

    /// Lets the last statement go that was not kept. Done before the next request and not after its own: a connection that
    /// ends with something still to be said does not say good-bye.
    pub(crate) fn let_pass(&mut self) {
        self.passing = None;
    }

    /// Holds a statement that is not kept.
    pub(crate) fn pass(&mut self, statement: Statement) {
        self.passing = Some(statement);
    }

    /// Lets a statement go that the server no longer accepts.
    pub(crate) fn forget(&mut self, key: &StatementCacheKey<Pg>) {
        self.kept.remove(key);
    }
}
