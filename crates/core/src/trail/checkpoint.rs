//! Checkpoints: now and then a signed statement of where the chain stands, for whoever keeps it where this database's writer does not
//! reach; and cuts: from which checkpoint on events are kept. Owns when; what is done with a checkpoint outside of the database is
//! the jobs' part.

use crate::audit::statement::{self, Kind, Statement};
use crate::context::Context;
use crate::keys::audit::Checked;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use crate::trail::write;
use doorward_protocol::time::{Lifetime, Seconds};

/// After so many events there is a checkpoint,
const EVENTS: i64 = 1000;
/// and after so long, if there was one.
const PERIOD: Lifetime = Lifetime::minutes(5);
/// The chain is cut so often at most.
const CUT_PERIOD: Lifetime = Lifetime::days(1);
/// Events removed in one transaction.
const BATCH: i64 = 200;

/// The checkpoint that is due, signed, not recorded yet: nobody has seen it.
///
/// # Errors
/// A fault of the store, or of the signature.
pub async fn due(context: &Context<'_>) -> Result<Option<Statement>, Fault> {
    let any = Seconds(i64::MAX);
    let read = move |tx: &mut dyn Tx| Ok((tx.chain_head()?, tx.last_statement(Kind::Checkpoint, any)?));
    let (head, last) = context.cache.store().snapshot(read).await?;
    let Some(head) = head.filter(|head| head.check(context.audit) == Checked::Good) else { return Ok(None) };
    // Only what one of the keys has signed keeps another one from being made.
    let said = last.and_then(|last| statement::read(Kind::Checkpoint, &last.text, context.audit));
    let last = said.map(|said| (said.seq, said.iat)).max(context.trail.checkpoint());
    let due = last.is_none_or(|(seq, issued_at)| {
        let news = head.seq.saturating_sub(seq);
        news >= EVENTS || news > 0 && issued_at + PERIOD <= context.now
    });
    if !due {
        return Ok(None);
    }
    let issuer = context.settings.issuer.as_str();
    Statement::checkpoint(&head, issuer, context.now, context.audit).map(Some).map_err(Fault::broken)
}

/// Records a checkpoint. Somebody else may have made one about the same number, which is as good.
///
/// # Errors
/// A fault of the store.
pub async fn record(checkpoint: &Statement, context: &Context<'_>) -> Result<(), Fault> {
    insert(checkpoint.clone(), context).await?;
    context.trail.note_checkpoint(checkpoint.seq, checkpoint.issued_at);
    Ok(())
}

/// Cuts the chain at the last checkpoint that is older than events are kept, where that is set, and removes a batch of what is before
/// it. Tells whether there may be more.
///
/// # Errors
/// A fault of the store, or of the signature.
pub async fn cut(context: &Context<'_>) -> Result<bool, Fault> {
    let Some(retention) = context.settings.audit_retention else { return Ok(false) };
    let old = context.now - retention;
    let read = move |tx: &mut dyn Tx| {
        let any = Seconds(i64::MAX);
        Ok((tx.last_statement(Kind::Checkpoint, old)?, tx.last_statement(Kind::Cut, any)?))
    };
    let (checkpoint, last) = context.cache.store().snapshot(read).await?;
    let rests = last.as_ref().is_some_and(|last| last.issued_at + CUT_PERIOD > context.now);
    let from = last.as_ref().map_or(0, |last| last.seq);
    let made = match checkpoint.filter(|checkpoint| checkpoint.seq > from && !rests) {
        Some(checkpoint) => made(&checkpoint, old, context).await?,
        None => None,
    };
    let Some(cut) = made.or(last) else { return Ok(false) };
    // Only what was said by one of the keys is acted on.
    let Some(said) = statement::read(Kind::Cut, &cut.text, context.audit) else { return Ok(false) };
    let sweep = move |tx: &mut dyn Tx| {
        tx.sweep_checkpoints(said.seq, BATCH)?;
        Ok(tx.sweep_chain(said.seq, BATCH)?)
    };
    let removed = write(sweep, context.cache.store()).await?;
    Ok(i64::try_from(removed).is_ok_and(|removed| removed >= BATCH))
}

/// A cut at a checkpoint, if the checkpoint is ours and as old as its row says.
async fn made(
    checkpoint: &Statement,
    old: Seconds,
    context: &Context<'_>,
) -> Result<Option<Statement>, Fault> {
    let said = statement::read(Kind::Checkpoint, &checkpoint.text, context.audit);
    let said = said.filter(|said| said.seq == checkpoint.seq && said.iat <= old);
    let Some(link) = said.and_then(|said| said.link()) else {
        tracing::error!(seq = checkpoint.seq, "a checkpoint of the audit trail is not ours");
        return Ok(None);
    };
    let (seq, issuer) = (checkpoint.seq, context.settings.issuer.as_str());
    let cut = Statement::of(Kind::Cut, (seq, link), issuer, context.now, context.audit);
    let cut = cut.map_err(Fault::broken)?;
    insert(cut.clone(), context).await?;
    tracing::info!(target: "doorward::audit", seq, cut = cut.text, "the audit trail was cut");
    Ok(Some(cut))
}

async fn insert(statement: Statement, context: &Context<'_>) -> Result<(), Fault> {
    let insert = move |tx: &mut dyn Tx| {
        // Asked first, because a refused row ends the transaction.
        let there = tx.statements(statement.kind, statement.seq, 1)?;
        if there.first().is_some_and(|there| there.seq == statement.seq) {
            return Ok(());
        }
        Ok(tx.insert_statement(&statement).map_err(Fault::into_race)?)
    };
    write(insert, context.cache.store()).await
}
