//! Managing sessions: see where somebody is signed in, end one. Owns what ends with it; beginning a session is a step of `endpoint`, the record
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
        let organization = users::organization(found.user, tx)?;
        call.sees(organization, "session")?;
        call.finds(&found)?;
        if tx.end_session(session, now)? {
            tx.revoke_families_of_session(session, now)?;
            call.within(organization).record(
                "session.ended",
                &[("session", session), ("user", found.user)],
                tx,
            )?;
        }
        Ok(())
    };
    context.cache.write(end).await
}

/// A page of a user's sessions, over or not, in the order of their identifiers (about that of their beginning), after the given one.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(
    user: &str,
    after: Option<Id>,
    limit: i64,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<Session>, Stop<Refused>> {
    call.needs(Permission::SessionsRead)?;
    let user = users::known(user, call, context).await?.id;
    Ok(context.cache.store().read(move |tx| tx.sessions_of(user, after, limit)).await?)
}

/// The session with this identifier, straight from the store.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(session: Id, call: &Call, context: &Context<'_>) -> Result<Session, Stop<Refused>> {
    call.needs(Permission::SessionsRead)?;
    let show = move |tx: &mut dyn Tx| {
        let Some(session) = tx.session(session)? else { return Ok(None) };
        Ok(Some((users::organization(session.user, tx)?, session)))
    };
    let (organization, session) = context.cache.store().snapshot(show).await?.ok_or_else(not_found)?;
    call.sees(organization, "session")?;
    Ok(session)
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
