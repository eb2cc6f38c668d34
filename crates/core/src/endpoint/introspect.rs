//! Introspection (RFC 7662): an API asks what a token means. Owns who may ask about which token; whoever may not learns
//! exactly as much as about a token that does not exist.

use crate::access::api::Api;
use crate::client::Client;
use crate::client::authenticate::AuthenticatedClient;
use crate::context::{Context, FormRequest};
use crate::endpoint::client;
use crate::store::fault::{Fault, Stop};
use crate::token::OpaqueToken;
use crate::token::recognise::{Kind, kind};
use doorward_protocol::error::OAuthError;
use doorward_protocol::introspection::{ActiveToken, Introspection};
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::jose::verifier::Unverified;
use std::sync::Arc;

/// Answers an introspection request.
///
/// # Errors
/// `invalid_client` for a caller that does not authenticate (RFC 7662 §2.3), `invalid_request` without a token.
pub async fn introspect(
    request: &FormRequest<'_>,
    context: &Context<'_>,
) -> Result<Introspection, Stop<OAuthError>> {
    let caller = client::authenticated(request, context).await?;
    if !caller.is_confidential() {
        // RFC 7662 §4: an open endpoint would let anybody scan for tokens.
        return Err(Stop::Refuse(
            OAuthError::invalid_client().with_description("only a client with credentials may introspect"),
        ));
    }
    let token = request.params.required("token").map_err(Stop::Refuse)?;
    let active = match kind(token) {
        Kind::Opaque => opaque(token, &caller, context).await?,
        Kind::Signed => signed(token, &caller, context).await?,
        Kind::Foreign => None,
    };
    Ok(active.map_or(Introspection::Inactive, Introspection::Active))
}

async fn opaque(
    token: &str,
    caller: &AuthenticatedClient,
    context: &Context<'_>,
) -> Result<Option<ActiveToken>, Fault> {
    let Some(token) = found(token, context).await? else { return Ok(None) };
    if token.revoked_at.is_some() || token.expires_at <= context.now {
        return Ok(None);
    }
    let apis = context.cache.apis();
    let api = match token.api.map(|id| apis.by_id(id)) {
        None => None,
        Some(Some(api)) => Some(api),
        Some(None) => return Ok(None),
    };
    let Some(holder) = context.cache.client(token.client).await? else { return Ok(None) };
    let holder = &holder.client;
    if !may_ask(caller, holder, api) || !is_live(holder, token.client_generation) {
        return Ok(None);
    }
    Ok(Some(ActiveToken {
        aud: api.map_or_else(|| context.settings.issuer.to_string(), |api| api.identifier.to_string()),
        client_id: holder.client_id.clone(),
        sub: holder.client_id.to_string(),
        iss: context.settings.issuer.to_string(),
        scope: token.scope,
        exp: token.expires_at,
        iat: token.issued_at,
        jti: token.jti,
    }))
}

/// The record behind a token's text: its hash is looked up under each pepper in use, newest first.
pub(crate) async fn found(token: &str, context: &Context<'_>) -> Result<Option<OpaqueToken>, Fault> {
    for (_, digest) in context.peppers.digests(token) {
        let found = context.cache.store().read(move |tx| tx.opaque_token(&digest)).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn signed(
    token: &str,
    caller: &AuthenticatedClient,
    context: &Context<'_>,
) -> Result<Option<ActiveToken>, Fault> {
    let Some(claims) = recognised(token, context).await? else { return Ok(None) };
    if context.cache.is_revoked(claims.jti) {
        return Ok(None);
    }
    let apis = context.cache.apis();
    let api = apis.by_identifier(&claims.aud);
    if api.is_none() && claims.aud != context.settings.issuer.as_str() {
        return Ok(None);
    }
    // Registered anew under the same identifier, it is another API: what was minted for the one before is not for it.
    if api.is_some_and(|api| claims.iat < api.created_at) {
        return Ok(None);
    }
    let Some(holder) = context.cache.client_named(&claims.client_id).await? else { return Ok(None) };
    let holder = &holder.client;
    let live = i64::try_from(claims.generation).is_ok_and(|generation| is_live(holder, generation));
    Ok((live && may_ask(caller, holder, api)).then(|| described(&claims)))
}

/// The claims of a signed token of ours. A key that is not known here may have been made elsewhere a moment ago.
pub(crate) async fn recognised(
    token: &str,
    context: &Context<'_>,
) -> Result<Option<Arc<AccessTokenClaims>>, Fault> {
    let recognise = || context.seen.claims(token, &context.cache.keyring(), context.now);
    let mut claims = recognise();
    if claims == Err(Unverified::UnknownKey) {
        context.cache.catch_up().await.map_err(Fault::unavailable)?;
        claims = recognise();
    }
    Ok(claims.inspect_err(|reason| tracing::debug!(%reason, "a signed token was not recognised")).ok())
}

fn described(claims: &AccessTokenClaims) -> ActiveToken {
    ActiveToken {
        // Our own signature stands under it: a scope that does not parse was never minted, and none is the safe reading.
        scope: claims.scope.parse().unwrap_or_default(),
        client_id: claims.client_id.clone(),
        sub: claims.sub.clone(),
        aud: claims.aud.clone(),
        iss: claims.iss.clone(),
        exp: claims.exp,
        iat: claims.iat,
        jti: claims.jti,
    }
}

/// The token's own client may ask, and whoever its API names, provided that the API is in use.
fn may_ask(caller: &AuthenticatedClient, holder: &Client, api: Option<&Arc<Api>>) -> bool {
    let asking = caller.record().client.id;
    match api {
        Some(api) if !api.is_active() => false,
        Some(api) => asking == holder.id || api.introspection_clients.contains(&asking),
        None => asking == holder.id,
    }
}

/// Whether the client that holds the token is in use, and the token not older than its last general revocation.
fn is_live(holder: &Client, generation: i64) -> bool {
    holder.is_active() && holder.generation == generation
}
