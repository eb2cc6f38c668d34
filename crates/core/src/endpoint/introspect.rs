//! Introspection (RFC 7662): an API asks what a token means. Owns who may ask about which token; whoever may not learns
//! exactly as much as about a token that does not exist.

use crate::access::api::Api;
use crate::client::authenticate::AuthenticatedClient;
use crate::client::{Client, ClientRecord};
use crate::context::{Context, FormRequest};
use crate::endpoint::client;
use crate::identity::user::User;
use crate::store::fault::{Fault, Stop};
use crate::token::recognise::{Kind, kind};
use crate::token::{OpaqueToken, Person};
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
    let token = request.params.required("token")?;
    let active = active(token, |holder, api| may_ask(&caller, holder, api), context).await?;
    Ok(active.map_or(Introspection::Inactive, |token| Introspection::Active(Box::new(token))))
}

/// What a token means to somebody who may ask about it, which is judged by its holder and its API.
pub(crate) async fn active(
    token: &str,
    may_ask: impl Fn(&Client, Option<&Arc<Api>>) -> bool,
    context: &Context<'_>,
) -> Result<Option<ActiveToken>, Fault> {
    match kind(token) {
        Kind::Opaque => opaque(token, may_ask, context).await,
        Kind::Signed => signed(token, may_ask, context).await,
        Kind::Refresh | Kind::Foreign => Ok(None),
    }
}

async fn opaque(
    token: &str,
    may_ask: impl Fn(&Client, Option<&Arc<Api>>) -> bool,
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
    if !may_ask(holder, api) || !is_live(holder, token.client_generation, context) {
        return Ok(None);
    }
    let (mut person, mut family) = (None, None);
    if let Some(of) = token.person {
        person = live_person(of, context).await?;
        if person.is_none() {
            return Ok(None);
        }
        // What is not read from the token is read from its family, which also has the last word on it.
        family = context.cache.store().read(move |tx| tx.family(of.family)).await?;
        if family.as_ref().is_none_or(|family| family.revoked_at.is_some()) {
            return Ok(None);
        }
    }
    Ok(Some(ActiveToken {
        aud: api.map_or_else(|| context.settings.issuer.to_string(), |api| api.identifier.to_string()),
        client_id: Some(holder.client_id.clone()),
        sub: person.as_ref().map_or_else(|| holder.client_id.to_string(), |person| person.id.to_string()),
        iss: context.settings.issuer.to_string(),
        scope: token.scope,
        exp: token.expires_at,
        iat: token.issued_at,
        jti: token.jti,
        username: person.map(|person| person.username.to_string()),
        auth_time: family.as_ref().map(|family| family.authentication.auth_time),
        acr: family.map(|family| family.authentication.acr),
        access: vec![],
        allowed_ips: vec![],
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

async fn signed(
    token: &str,
    may_ask: impl Fn(&Client, Option<&Arc<Api>>) -> bool,
    context: &Context<'_>,
) -> Result<Option<ActiveToken>, Fault> {
    let Some(claims) = recognised(token, context).await? else { return Ok(None) };
    let apis = context.cache.apis();
    let api = apis.by_identifier(&claims.aud);
    if api.is_none() && claims.aud != context.settings.issuer.as_str() {
        return Ok(None);
    }
    // Registered anew under the same identifier, it is another API: what was minted for the one before is not for it.
    if api.is_some_and(|api| claims.iat < api.created_at) {
        return Ok(None);
    }
    let Some(live) = live(&claims, context).await? else { return Ok(None) };
    Ok(may_ask(&live.client.client, api).then(|| described(&claims, live.person.as_deref())))
}

/// Those whom a signed token speaks for, all of them in use.
pub(crate) struct Live {
    client: Arc<ClientRecord>,
    /// The person, where one takes part.
    pub(crate) person: Option<Arc<User>>,
}

/// Whom a signed token speaks for; `None` when it has been taken back, in whatever way.
pub(crate) async fn live(claims: &AccessTokenClaims, context: &Context<'_>) -> Result<Option<Live>, Fault> {
    if context.cache.is_revoked(claims.jti) {
        return Ok(None);
    }
    let Some(client) = context.cache.client_named(&claims.client_id).await? else { return Ok(None) };
    if !i64::try_from(claims.generation).is_ok_and(|generation| is_live(&client.client, generation, context))
    {
        return Ok(None);
    }
    let Some(person) = claimed_person(claims) else {
        return Ok(claims.person.is_none().then_some(Live { client, person: None }));
    };
    let person = live_person(person, context).await?;
    Ok(person.map(|person| Live { client, person: Some(person) }))
}

/// The person that the claims name.
fn claimed_person(claims: &AccessTokenClaims) -> Option<Person> {
    let person = claims.person.as_ref()?;
    Some(Person {
        user: claims.sub.parse().ok()?,
        user_generation: i64::try_from(person.user_gen).ok()?,
        family: person.grant,
    })
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

fn described(claims: &AccessTokenClaims, person: Option<&User>) -> ActiveToken {
    ActiveToken {
        // Our own signature stands under it: a scope that does not parse was never minted, and none is the safe reading.
        scope: claims.scope.parse().unwrap_or_default(),
        client_id: Some(claims.client_id.clone()),
        sub: claims.sub.clone(),
        aud: claims.aud.clone(),
        iss: claims.iss.clone(),
        exp: claims.exp,
        iat: claims.iat,
        jti: claims.jti,
        username: person.map(|person| person.username.to_string()),
        auth_time: claims.person.as_ref().map(|person| person.auth_time),
        acr: claims.person.as_ref().map(|person| person.acr.clone()),
        access: claims.access.clone(),
        allowed_ips: claims.allowed_ips.clone(),
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
fn is_live(holder: &Client, generation: i64, context: &Context<'_>) -> bool {
    holder.generation == generation && context.cache.takes_part(holder)
}

/// The person that a token speaks for, if they are in use, and nothing has voided the token's family.
pub(crate) async fn live_person(person: Person, context: &Context<'_>) -> Result<Option<Arc<User>>, Fault> {
    if context.cache.is_family_revoked(person.family) {
        return Ok(None);
    }
    let user = context.cache.user(person.user).await?;
    Ok(user.filter(|user| context.cache.holds(user, person.user_generation)))
}
