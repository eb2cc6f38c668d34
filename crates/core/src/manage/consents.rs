//! Managing consents: what a person has allowed, and taking it back. Owns what taking back voids; giving a consent is a step of
//! `endpoint`, the record `access`'s.

use crate::access::consent::Consent;
use crate::context::Context;
use crate::manage::call::Call;
use crate::manage::{Refused, users};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;

/// What a user allows now, in the order in which it was first allowed.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(user: Id, call: &Call, context: &Context<'_>) -> Result<Vec<Consent>, Stop<Refused>> {
    call.needs_or_is(Permission::ConsentsRead, user)?;
    let read = move |tx: &mut dyn Tx| Ok((users::organization(user, tx)?, tx.consents_of(user)?));
    let (organization, mut consents) = context.cache.store().snapshot(read).await?;
    call.sees(organization, "user")?;
    consents.retain(|consent| consent.revoked_at.is_none());
    Ok(consents)
}

/// Takes a consent of a user back: the client has to ask anew, and every token that rests on it is void. One that was taken
/// back already stays so.
///
/// # Errors
/// [`Refused::NotFound`] when the user has no such consent, or a fault of the store.
pub async fn revoke(user: Id, consent: Id, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs_or_is(Permission::ConsentsWrite, user)?;
    let (now, call) = (context.now, call.clone());
    let revoke = move |tx: &mut dyn Tx| {
        call.sees(users::organization(user, tx)?, "user")?;
        let consents = tx.consents_of(user)?;
        let consent = consents.iter().find(|known| known.id == consent).ok_or_else(not_found)?;
        call.finds(consent)?;
        if tx.revoke_consent(consent.id, now)? {
            tx.revoke_families_of_consent(consent.id, now)?;
            let objects = [("consent", consent.id), ("user", user), ("client", consent.client)];
            call.record("consent.revoked", &objects, tx)?;
        }
        Ok(())
    };
    context.cache.write(revoke).await
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "consent" })
}
