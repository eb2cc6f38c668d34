//! Statements that are kept: built into text once, prepared once. Owns what diesel leaves undone on a hot path: it keeps no
//! UPDATE prepared, and through a connection of several backends it writes a statement's text anew at every use.

use crate::connection::{AnyConnection, MultiBackend};
use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::internal::derives::multiconnection::AstPassHelper;
#[cfg(feature = "postgres")]
use diesel::pg::PgQueryBuilder;
use diesel::query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
#[cfg(feature = "sqlite")]
use diesel::sqlite::{Sqlite, SqliteQueryBuilder};
use std::sync::OnceLock;

/// Keeps a statement. It must be of one text whatever its values are: no list of values, no optional part.
macro_rules! kept {
    ($statement:expr) => {{
        static TEXTS: $crate::kept::Texts = $crate::kept::Texts::new();
        $crate::kept::Kept::new($statement, &TEXTS)
    }};
}
pub(crate) use kept;

type Builder = <MultiBackend as Backend>::QueryBuilder;

/// A statement with the place where its texts are kept; see [`kept!`].
pub(crate) struct Kept<S> {
    statement: S,
    texts: &'static Texts,
}

/// The texts of one statement, each in the words of one backend, once it has been written.
pub(crate) struct Texts {
    #[cfg(feature = "sqlite")]
    sqlite: OnceLock<String>,
    #[cfg(feature = "postgres")]
    postgres: OnceLock<String>,
}

impl Texts {
    pub(crate) const fn new() -> Self {
        Self {
            #[cfg(feature = "sqlite")]
            sqlite: OnceLock::new(),
            #[cfg(feature = "postgres")]
            postgres: OnceLock::new(),
        }
    }

    const fn of(&self, backend: &MultiBackend) -> &OnceLock<String> {
        match backend {
            #[cfg(feature = "sqlite")]
            MultiBackend::Sqlite(_) => &self.sqlite,
            #[cfg(feature = "postgres")]
            MultiBackend::Postgres(_) => &self.postgres,
        }
    }
}

impl<S> Kept<S> {
    pub(crate) const fn new(statement: S, texts: &'static Texts) -> Self {
        Self { statement, texts }
    }
}

impl<S: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Kept<S> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if pass.bind_collector().is_some() || pass.debug_binds().is_some() {
            return self.statement.walk_ast(pass);
        }
        let text = self.text(pass.backend())?;
        pass.push_sql(text);
        Ok(())
    }
}

impl<S: QueryFragment<MultiBackend>> Kept<S> {
    fn text(&self, backend: &MultiBackend) -> QueryResult<&'static str> {
        let kept = self.texts.of(backend);
        if let Some(text) = kept.get() {
            debug_assert_eq!(written(&self.statement, backend)?, *text, "a kept statement has one text");
            return Ok(text);
        }
        let text = written(&self.statement, backend)?;
        Ok(kept.get_or_init(|| text))
    }
}

/// The text, in the words of a backend.
pub(crate) fn written(
    statement: &impl QueryFragment<MultiBackend>,
    backend: &MultiBackend,
) -> QueryResult<String> {
    let mut text = match backend {
        #[cfg(feature = "sqlite")]
        MultiBackend::Sqlite(_) => Builder::Sqlite(SqliteQueryBuilder::default()),
        #[cfg(feature = "postgres")]
        MultiBackend::Postgres(_) => Builder::Postgres(PgQueryBuilder::default()),
    };
    statement.to_sql(&mut text, backend)?;
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
#[cfg(feature = "sqlite")]
pub(crate) struct Words(pub(crate) &'static str);

#[cfg(feature = "sqlite")]
impl QueryFragment<Sqlite> for Words {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

#[cfg(feature = "sqlite")]
impl QueryId for Words {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
