//! Statements that are kept: built into text once, prepared once. Owns what diesel leaves undone on a hot path: it keeps no
//! UPDATE prepared, and through a connection of several backends it writes a statement's text anew at every use.

use crate::connection::{AnyConnection, MultiBackend};
use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::internal::derives::multiconnection::AstPassHelper;
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sqlite::{Sqlite, SqliteQueryBuilder};
use std::sync::OnceLock;

/// Keeps a statement. It must be of one text whatever its values are: no list of values, no optional part.
macro_rules! kept {
    ($statement:expr) => {{
        static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        $crate::kept::Kept::new($statement, &TEXT)
    }};
}
pub(crate) use kept;

type Builder = <MultiBackend as Backend>::QueryBuilder;

/// A statement with the place where its text is kept; see [`kept!`].
pub(crate) struct Kept<S> {
    statement: S,
    text: &'static OnceLock<String>,
}

impl<S> Kept<S> {
    pub(crate) const fn new(statement: S, text: &'static OnceLock<String>) -> Self {
        Self { statement, text }
    }
}

impl<S: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Kept<S> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if pass.bind_collector().is_some() || pass.debug_binds().is_some() {
            return self.statement.walk_ast(pass);
        }
        pass.push_sql(self.text()?);
        Ok(())
    }
}

impl<S: QueryFragment<MultiBackend>> Kept<S> {
    fn text(&self) -> QueryResult<&'static str> {
        if let Some(text) = self.text.get() {
            debug_assert_eq!(written(&self.statement)?, *text, "a kept statement has one text");
            return Ok(text);
        }
        let text = written(&self.statement)?;
        Ok(self.text.get_or_init(|| text))
    }
}

/// The text, in the words of the one backend there is.
fn written(statement: &impl QueryFragment<MultiBackend>) -> QueryResult<String> {
    let mut text = Builder::Sqlite(SqliteQueryBuilder::default());
    statement.to_sql(&mut text, &MultiBackend::Sqlite(Sqlite))?;
    Ok(text.finish())
}

/// What diesel tells statements apart by is as good for kept ones; those without it are told apart by their text.
impl<S: QueryId> QueryId for Kept<S> {
    type QueryId = S::QueryId;

    const HAS_STATIC_QUERY_ID: bool = S::HAS_STATIC_QUERY_ID;
}

impl<S: Query> Query for Kept<S> {
    type SqlType = S::SqlType;
}

impl<S> RunQueryDsl<AnyConnection> for Kept<S> {}

/// Words without values, kept prepared.
pub(crate) struct Words(pub(crate) &'static str);

impl QueryFragment<Sqlite> for Words {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

impl QueryId for Words {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
