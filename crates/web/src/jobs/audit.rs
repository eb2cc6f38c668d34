//! The audit trail's turn: whoever holds the lease numbers what has happened, and states now and then where the chain stands. Owns
//! where a checkpoint goes outside of the database: into the log, and into a file if one is set.

use doorward_core::audit::statement::Kind;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::Context;
use doorward_core::lease;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Tx;
use doorward_core::trail::{chaining, checkpoint};
use doorward_protocol::time::Seconds;
use std::io::Write;
use std::path::Path;

/// Chains what has no number yet, batch by batch, and makes the checkpoint that is due.
///
/// # Errors
/// A fault of the store; a chain that was tampered with; a file that cannot be written.
pub(super) async fn chain(server: &AuthorizationServer) -> Result<(), Fault> {
    let context = server.context();
    waiting(&context).await?;
    if !lease::AUDIT.take(server.node(), &context).await? {
        return Ok(());
    }
    while chaining::chain(&server.context()).await? {
        tokio::task::yield_now().await;
    }
    if let Some(due) = checkpoint::due(&context).await? {
        // First to where no writer of the database reaches: one that is only there is true all the same.
        tracing::info!(target: "doorward::audit", seq = due.seq, checkpoint = due.text, "a checkpoint of the audit trail");
        if let Some(file) = context.settings.checkpoint_file.clone() {
            let text = due.text.clone();
            let kept = tokio::task::spawn_blocking(move || append(&file, &text)).await;
            kept.map_err(Fault::broken)?.map_err(Fault::unavailable)?;
        }
        checkpoint::record(&due, &context).await?;
    }
    Ok(())
}

async fn waiting(context: &Context<'_>) -> Result<(), Fault> {
    let read = |tx: &mut dyn Tx| {
        Ok((tx.waiting_for_the_chain()?, tx.last_statement(Kind::Checkpoint, Seconds(i64::MAX))?))
    };
    let ((count, oldest), checkpoint) = context.cache.store().snapshot(read).await?;
    let age = oldest.map_or(0, |oldest| (context.now - oldest).0.max(0));
    #[expect(clippy::cast_precision_loss, reason = "a gauge of seconds and of rows")]
    {
        metrics::gauge!("doorward_audit_unchained_events").set(count as f64);
        metrics::gauge!("doorward_audit_unchained_age_seconds").set(age as f64);
        let made = checkpoint.map_or(0, |checkpoint| checkpoint.issued_at.0);
        metrics::gauge!("doorward_audit_checkpoint_timestamp_seconds").set(made as f64);
    }
    Ok(())
}

fn append(file: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(format!("{text}\n").as_bytes())?;
    file.sync_data()
}
