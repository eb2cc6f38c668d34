//! Managing consents: what a person has allowed, and taking it back. Owns what taking back voids; giving a consent is a step of
//! `endpoint`, the record `access`'s.

use crate::access::consent::Consent;
use crate::context::Context;
use crate::manage::Refused;
use crate::manage::by::By;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::id::Id;

/// What a user allows now, in the order in which it was first allowed.
///
/// # Errors
/// A fault of the store.
pub async fn list(user: Id, context: &Context<'_>) -> Result<Vec<Consent>, Fault> {
    let mut consents = context.cache.store().read(move |tx| tx.consents_of(user)).await?;
    consents.retain(|consent| consent.revoked_at.is_none());
    Ok(consents)
}

/// Takes a consent of a user back: the client has to ask anew, and every token that rests on it is void. One that was taken
/// back already stays so.
///
/// # Errors
/// [`Refused::NotFound`] when the user has no such consent, or a fault of the store.
pub async fn revoke(user: Id, consent: Id, by: By, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    let (now, event) = (context.now, by.event("consent.revoked", context)?);
    let revoke = move |tx: &mut dyn Tx| {
        let consents = tx.consents_of(user)?;
        let consent = consents.iter().find(|known| known.id == consent).ok_or_else(not_found)?;
        if tx.revoke_consent(consent.id, now)? {
            tx.revoke_families_of_consent(consent.id, now)?;
            let mut event = event.about("consent", consent.id);
            event.client = Some(consent.client);
            tx.insert_event(&event)?;
        }
        Ok(())
    };
    context.cache.write(revoke).await
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "consent" })
}
