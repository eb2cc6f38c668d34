//! Managing sessions: ending one. Owns what ends with it; beginning a session is a step of `endpoint`, the record
//! `identity`'s.

use crate::context::Context;
use crate::manage::Refused;
use crate::manage::by::By;
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use doorward_protocol::id::Id;

/// Ends a session, and every token that began in it and was not to outlive it (OpenID Connect Core §11). One that has ended
/// already stays so.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn end(session: Id, by: By, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let (now, event) = (context.now, by.event("session.ended", context)?.about("session", session));
    let end = move |tx: &mut dyn Tx| {
        tx.session(session)?.ok_or(Stop::Refuse(Refused::NotFound { noun: "session" }))?;
        if tx.end_session(session, now)? {
            tx.revoke_families_of_session(session, now)?;
            tx.insert_event(&event)?;
        }
        Ok(())
    };
    context.cache.write(end).await
}
