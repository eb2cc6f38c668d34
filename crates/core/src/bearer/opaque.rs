//! Opaque access tokens that are presented. Owns finding the record behind a text, and what it rests on.

use crate::access::audience::Audience;
use crate::bearer::{Bearer, signed};
use crate::context::Context;
use crate::store::fault::Fault;
use crate::token::OpaqueToken;
use doorward_protocol::words::Level;
use std::sync::Arc;

/// What an opaque token stands for, if it is good now.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn presented(token: &str, context: &Context<'_>) -> Result<Option<Bearer>, Fault> {
    let Some(token) = found(token, context).await? else { return Ok(None) };
    if token.revoked_at.is_some() || token.expires_at <= context.now {
        return Ok(None);
    }
    let apis = context.cache.apis();
    let audience = match token.api.map(|id| apis.by_id(id)) {
        None => Audience::Issuer,
        Some(Some(api)) => Audience::Api(Arc::clone(api)),
        Some(None) => return Ok(None),
    };
    let Some(holder) = context.cache.client(token.client).await? else { return Ok(None) };
    if !signed::is_live(&holder.client, token.client_generation, context).await? {
        return Ok(None);
    }
    let (mut user, mut family) = (None, None);
    if let Some(of) = token.person {
        user = signed::live_person(of, context).await?;
        if user.is_none() {
            return Ok(None);
        }
        // What is not read from the token is read from its family, which also has the last word on it.
        family = context.cache.store().read(move |tx| tx.family(of.family)).await?;
        if family.as_ref().is_none_or(|family| family.revoked_at.is_some()) {
            return Ok(None);
        }
    }
    let subject =
        user.as_ref().map_or_else(|| holder.client.client_id.to_string(), |user| user.id.to_string());
    Ok(Some(Bearer {
        jti: token.jti,
        subject,
        client: Some(holder),
        user,
        api_token: None,
        api_token_ends: None,
        audience: Some(audience),
        scope: token.scope,
        most: Level::Full,
        allowed_ips: vec![],
        issued_at: token.issued_at,
        expires_at: token.expires_at,
        authentication: family.map(|family| (family.authentication.auth_time, family.authentication.acr)),
    }))
}

/// The record behind a token's text: its hash is looked up under each pepper in use, newest first.
pub(crate) async fn found(token: &str, context: &Context<'_>) -> Result<Option<OpaqueToken>, Fault> {
    for digest in context.peppers.digests(token) {
        let found = context.cache.store().read(move |tx| tx.opaque_token(&digest)).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
