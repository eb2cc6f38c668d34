//! A query between diesel, which builds it, and the server, which answers it: its values, its types, the rows that come.

use std::any::TypeId;
use std::future::poll_fn;
use std::pin::pin;

use diesel::QueryResult;
use diesel::connection::statement_cache::QueryFragmentForCachedStatement;
use diesel::pg::{Pg, PgTypeMetadata};
use diesel::query_builder::bind_collector::RawBytesBindCollector;
use diesel::result::{DatabaseErrorKind, Error};
use futures_core::Stream;
use tokio_postgres::types::{Kind, Type};
use tokio_postgres::{Client, Row, RowStream, Statement};

use crate::value::Sent;

/// A query that was built, without its type: what follows is compiled once, not for each query.
pub(crate) struct Query<'a> {
    pub(crate) source: &'a dyn QueryFragmentForCachedStatement<Pg>,
    /// diesel's name for the query if its text follows from its type.
    pub(crate) id: Option<TypeId>,
    pub(crate) metadata: Vec<PgTypeMetadata>,
    pub(crate) types: Vec<Type>,
    values: Vec<Option<Vec<u8>>>,
}

impl<'a> Query<'a> {
    /// Puts together what diesel has built. Refuses what the protocol's lengths cannot carry: found out while a request is
    /// written, it would look like a broken connection.
    pub(crate) fn new(
        source: &'a dyn QueryFragmentForCachedStatement<Pg>,
        id: Option<TypeId>,
        binds: RawBytesBindCollector<Pg>,
    ) -> QueryResult<Self> {
        let RawBytesBindCollector { metadata, binds: values, .. } = binds;
        let types: QueryResult<_> = metadata.iter().map(type_of).collect();
        let size: usize = values.iter().flatten().map(Vec::len).sum();
        if values.len() > usize::from(u16::MAX) || size > MOST_BYTES {
            return Err(unsendable("the statement has more parameters or bytes than PostgreSQL takes"));
        }
        Ok(Self { source, id, metadata, types: types?, values })
    }

    /// Runs it as a statement that the server knows.
    pub(crate) async fn put(
        &self,
        client: &Client,
        statement: &Statement,
    ) -> Result<Answer, tokio_postgres::Error> {
        Answer::collect(client.query_raw(statement, self.values.iter().map(Sent)).await?).await
    }

    /// Runs it as a statement that the server forgets at once.
    pub(crate) async fn put_once(&self, client: &Client, sql: &str) -> Result<Answer, tokio_postgres::Error> {
        let typed = self.values.iter().map(Sent).zip(self.types.iter().cloned());
        Answer::collect(client.query_typed_raw(sql, typed).await?).await
    }
}

/// A message's length has 31 bits; the rest is for the statement's text and the protocol's own bytes.
const MOST_BYTES: usize = (i32::MAX as usize) - (64 << 20);

/// Refuses a text that the protocol cannot carry: it ends texts with a NUL.
pub(crate) fn sendable(sql: &str) -> QueryResult<()> {
    if sql.contains('\0') {
        return Err(std::ffi::CString::new(sql).map_or_else(Error::InvalidCString, |_| unsendable("NUL")));
    }
    if sql.len() > MOST_BYTES {
        Err(unsendable("the statement is longer than PostgreSQL takes"))
    } else {
        Ok(())
    }
}

fn unsendable(why: &str) -> Error {
    Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(why.to_owned()))
}

/// As diesel's own connection has it.
fn nothing_to_run() -> Error {
    Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new("Received an empty query".to_owned()))
}

/// For parameters only the OID is sent; zero leaves it to the server.
fn type_of(metadata: &PgTypeMetadata) -> QueryResult<Type> {
    let oid = metadata.oid().map_err(|error| Error::SerializationError(Box::new(error)))?;
    Ok(Type::from_oid(oid).unwrap_or_else(|| Type::new(String::new(), oid, Kind::Simple, String::new())))
}

/// What the server said to a query.
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    /// None if there was nothing to run.
    affected: Option<u64>,
}

impl Answer {
    /// Waits for all of it.
    async fn collect(stream: RowStream) -> Result<Self, tokio_postgres::Error> {
        let mut stream = pin!(stream);
        let mut rows = Vec::new();
        while let Some(row) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
            rows.push(row?);
        }
        Ok(Self { rows, affected: stream.rows_affected() })
    }

    /// How many rows were changed, or found.
    pub(crate) fn affected(&self) -> QueryResult<usize> {
        let affected = self.affected.ok_or_else(nothing_to_run)?;
        usize::try_from(affected).map_err(|error| Error::DeserializationError(Box::new(error)))
    }
}
