//! Managing sessions: ending one. Owns what ends with it; beginning a session is a step of `endpoint`, the record
//! `identity`'s.

use crate::context::Context;
use crate::identity::session::Session;
use crate::manage::call::Call;
use crate::manage::permit::Actor;
use crate::manage::{Refused, users};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;

/// Ends a session, and every token that began in it and was not to outlive it (OpenID Connect Core §11). One that has ended
/// already stays so.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn end(session: Id, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let owner = in_person(call);
    if owner.is_none() {
        call.needs(Permission::SessionsWrite)?;
    }
    let (now, call) = (context.now, call.clone());
    let end = move |tx: &mut dyn Tx| {
        // At somebody's own pages, nobody else's session is there for them.
        let theirs = |session: &Session| owner.is_none_or(|owner| owner == session.user);
        let found = tx.session(session)?.filter(theirs).ok_or_else(not_found)?;
        call.sees(users::organization(found.user, tx)?, "session")?;
        if tx.end_session(session, now)? {
            tx.revoke_families_of_session(session, now)?;
            call.record("session.ended", &[("session", session), ("user", found.user)], tx)?;
        }
        Ok(())
    };
    context.cache.write(end).await
}

const fn in_person(call: &Call) -> Option<Id> {
    match call.permit().actor() {
        Actor::InPerson(user) => Some(user),
        Actor::Operator | Actor::User(_) | Actor::Client(_) => None,
    }
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "session" })
}
