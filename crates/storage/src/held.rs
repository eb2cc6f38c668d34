//! Questions that hold the row they find until the transaction ends. Owns the one clause that diesel does not write through a
//! connection of several backends; a file has one writer, who holds everything.

use crate::connection::{AnyConnection, MultiBackend};
use diesel::QueryResult;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;

/// A question for a row.
pub(crate) struct Held<S>(pub(crate) S);

impl<S: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Held<S> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.0.walk_ast(pass.reborrow())?;
        #[cfg(feature = "postgres")]
        if matches!(pass.backend(), MultiBackend::Postgres(_)) {
            // Rows that refer to this one by their foreign keys may come and go.
            pass.push_sql(" FOR NO KEY UPDATE");
        }
        Ok(())
    }
}

/// Another statement than the same question without the clause, and seldom put: told apart by its text.
impl<S> QueryId for Held<S> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: Query> Query for Held<S> {
    type SqlType = S::SqlType;
}

impl<S> RunQueryDsl<AnyConnection> for Held<S> {}
