//! Rows as diesel reads them: each owns the bytes it came in, and its fields borrow them.

use std::num::NonZeroU32;
use std::ops::Range;
use std::vec;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::pg::{Pg, PgValue, TypeOidLookup};
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};

use crate::value::Received;

/// All rows of an answer, one after the other. They have all arrived already.
pub struct PgCursor {
    rows: vec::IntoIter<tokio_postgres::Row>,
}

impl PgCursor {
    pub(crate) fn new(rows: Vec<tokio_postgres::Row>) -> Self {
        Self { rows: rows.into_iter() }
    }
}

impl Iterator for PgCursor {
    type Item = QueryResult<PgRow>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next().map(|row| Ok(PgRow { row }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

/// One row of an answer.
pub struct PgRow {
    row: tokio_postgres::Row,
}

impl RowSealed for PgRow {}

impl<'a> Row<'a, Pg> for PgRow {
    type Field<'f>
        = PgField<'f>
    where
        'a: 'f,
        Self: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        self.row.len()
    }

    fn get<'b, I>(&'b self, idx: I) -> Option<Self::Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        let column = self.idx(idx)?;
        Some(PgField { row: &self.row, column })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

impl RowIndex<usize> for PgRow {
    fn idx(&self, idx: usize) -> Option<usize> {
        (idx < self.row.len()).then_some(idx)
    }
}

impl<'a> RowIndex<&'a str> for PgRow {
    fn idx(&self, name: &'a str) -> Option<usize> {
        self.row.columns().iter().position(|column| column.name() == name)
    }
}

/// One value of a row, or NULL.
pub struct PgField<'a> {
    row: &'a tokio_postgres::Row,
    column: usize,
}

impl<'a> Field<'a, Pg> for PgField<'a> {
    fn field_name(&self) -> Option<&str> {
        self.row.columns().get(self.column).map(tokio_postgres::Column::name)
    }

    fn value(&self) -> Option<<Pg as Backend>::RawValue<'_>> {
        // The column exists, since `PgRow::get` looked; and any type is accepted as bytes.
        let Received(bytes) = self.row.try_get::<_, Option<Received<'_>>>(self.column).ok().flatten()?;
        Some(PgValue::new(bytes, self))
    }
}

/// OIDs of types are never zero; should a server send one, it is the OID of `unknown`.
impl TypeOidLookup for PgField<'_> {
    fn lookup(&self) -> NonZeroU32 {
        const UNKNOWN: NonZeroU32 = NonZeroU32::new(705).expect("705 is not zero");
        let column = self.row.columns().get(self.column);
        column.and_then(|column| NonZeroU32::new(column.type_().oid())).unwrap_or(UNKNOWN)
    }
}
