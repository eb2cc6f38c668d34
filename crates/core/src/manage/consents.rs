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

/// What the user of this name or identifier allows now.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn of(user: &str, call: &Call, context: &Context<'_>) -> Result<Vec<Consent>, Stop<Refused>> {
    call.needs(Permission::ConsentsRead)?;
    let user = users::known(user, call, context).await?;
    list(user.id, call, context).await
}

/// The consent with this identifier, straight from the store.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(consent: Id, call: &Call, context: &Context<'_>) -> Result<Consent, Stop<Refused>> {
    call.needs(Permission::ConsentsRead)?;
    found(consent, call, context).await
}

/// Takes a consent back, whoever gave it.
///
/// # Errors
/// As for [`revoke`].
pub async fn take_back(consent: Id, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs(Permission::ConsentsWrite)?;
    let consent = found(consent, call, context).await?;
    revoke(consent.user, consent.id, call, context).await
}

async fn found(consent: Id, call: &Call, context: &Context<'_>) -> Result<Consent, Stop<Refused>> {
    let find = move |tx: &mut dyn Tx| {
        let Some(consent) = tx.consent_with(consent)? else { return Ok(None) };
        Ok(Some((users::organization(consent.user, tx)?, consent)))
    };
    let (organization, consent) = context.cache.store().snapshot(find).await?.ok_or_else(not_found)?;
    call.sees(organization, "consent")?;
    Ok(consent)
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
        let organization = users::organization(user, tx)?;
        call.sees(organization, "user")?;
        let consents = tx.consents_of(user)?;
        let consent = consents.iter().find(|known| known.id == consent).ok_or_else(not_found)?;
        call.finds(consent)?;
        if tx.revoke_consent(consent.id, now)? {
            tx.revoke_families_of_consent(consent.id, now)?;
            let objects = [("consent", consent.id), ("user", user), ("client", consent.client)];
            call.within(organization).record("consent.revoked", &objects, tx)?;
        }
        Ok(())
    };
    context.cache.write(revoke).await
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "consent" })
}
