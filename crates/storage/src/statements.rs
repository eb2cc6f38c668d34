//! What was signed about the chain of events, as rows.

use crate::schema::{audit_statements, old_statements};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::audit::statement::{Kind, Statement};
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::audit::Statements;
use doorward_protocol::time::Seconds;

type Row = (i64, i64, String);

impl Statements for Transaction<'_> {
    fn insert_statement(&mut self, statement: &Statement) -> Result<(), Fault> {
        self.spend()?;
        let row = (
            audit_statements::kind.eq(statement.kind.word()),
            audit_statements::seq.eq(statement.seq),
            audit_statements::issued_at.eq(statement.issued_at.0),
            audit_statements::statement.eq(&statement.text),
        );
        self.change(|c| diesel::insert_into(audit_statements::table).values(row).execute(c)).map(drop)
    }

    fn statements(&mut self, kind: Kind, from: i64, limit: i64) -> Result<Vec<Statement>, Fault> {
        let of = audit_statements::kind.eq(kind.word()).and(audit_statements::seq.ge(from));
        let page = audit_statements::table.filter(of).order(audit_statements::seq).limit(limit);
        let columns = (audit_statements::seq, audit_statements::issued_at, audit_statements::statement);
        let rows: Vec<Row> = self.ask(|c| page.select(columns).load(c))?;
        Ok(rows.into_iter().map(|row| read(kind, row)).collect())
    }

    fn last_statement(&mut self, kind: Kind, up_to: Seconds) -> Result<Option<Statement>, Fault> {
        let of = audit_statements::kind.eq(kind.word()).and(audit_statements::issued_at.le(up_to.0));
        let last = audit_statements::table.filter(of).order(audit_statements::seq.desc());
        let columns = (audit_statements::seq, audit_statements::issued_at, audit_statements::statement);
        let row: Option<Row> = self.ask(|c| last.select(columns).first(c).optional())?;
        Ok(row.map(|row| read(kind, row)))
    }

    fn sweep_checkpoints(&mut self, below: i64, limit: i64) -> Result<usize, Fault> {
        let (kind, seq) =
            (old_statements.field(audit_statements::kind), old_statements.field(audit_statements::seq));
        let over = old_statements.select(seq).filter(kind.eq(Kind::Checkpoint.word()).and(seq.lt(below)));
        let over = over.order(seq).limit(limit);
        let rows = audit_statements::table
            .filter(audit_statements::kind.eq(Kind::Checkpoint.word()))
            .filter(audit_statements::seq.eq_any(over));
        self.change(|c| diesel::delete(rows).execute(c))
    }
}

fn read(kind: Kind, (seq, issued_at, text): Row) -> Statement {
    Statement { kind, seq, issued_at: Seconds(issued_at), text }
}
