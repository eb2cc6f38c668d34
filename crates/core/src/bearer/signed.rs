//! Signed access tokens that are presented. Owns what one rests on since it was signed: its client and person, or the API token
//! that it was exchanged for.

use crate::access::audience::Audience;
use crate::bearer::Bearer;
use crate::bearer::api_token::{self, Owner};
use crate::client::{Client, ClientRecord};
use crate::context::Context;
use crate::identity::user::User;
use crate::store::fault::Fault;
use crate::token::Person;
use crate::token::api_token::Standing;
use doorward_protocol::jose::claims::{AccessTokenClaims, ExchangedClaims};
use doorward_protocol::jose::verifier::Unverified;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;
use std::sync::Arc;

/// What a signed token stands for, if it is good now.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn presented(token: &str, context: &Context<'_>) -> Result<Option<Bearer>, Fault> {
    let Some(claims) = recognised(token, context).await? else { return Ok(None) };
    let Some(audience) = audience(&claims, context) else { return Ok(None) };
    let Some(live) = live(&claims, context).await? else { return Ok(None) };
    Ok(Some(Bearer {
        jti: claims.jti,
        subject: claims.sub.clone(),
        client: Some(live.client),
        user: live.person,
        api_token_ends: live.api_token.as_ref().map(|(_, ends)| *ends),
        api_token: live.api_token.map(|(token, _)| token),
        audience: Some(audience),
        // Our own signature stands under it: a scope that does not parse was never minted, and none is the safe reading.
        scope: claims.scope.parse().unwrap_or_default(),
        most: claims.access.first().map_or(Level::Full, |access| access.level),
        allowed_ips: claims.allowed_ips.clone(),
        issued_at: claims.iat,
        expires_at: claims.exp,
        authentication: claims.person.as_ref().map(|person| (person.auth_time, person.acr.clone())),
    }))
}

/// Whom it is for. Registered anew under the same identifier, an API is another one: what was minted for the one before is not for
/// it.
fn audience(claims: &AccessTokenClaims, context: &Context<'_>) -> Option<Audience> {
    match context.cache.apis().by_identifier(&claims.aud) {
        Some(api) if claims.iat < api.created_at => None,
        Some(api) => Some(Audience::Api(Arc::clone(api))),
        None => (claims.aud == context.settings.issuer.as_str()).then_some(Audience::Issuer),
    }
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

/// Those whom a signed token speaks for, all of them in use.
struct Live {
    client: Arc<ClientRecord>,
    /// The person, where one takes part.
    person: Option<Arc<User>>,
    /// The API token that it was exchanged for, and when the value of that ends.
    api_token: Option<(Arc<Standing>, Seconds)>,
}

/// Whom a signed token speaks for; `None` when it has been taken back, in whatever way.
async fn live(claims: &AccessTokenClaims, context: &Context<'_>) -> Result<Option<Live>, Fault> {
    if context.cache.is_revoked(claims.jti) {
        return Ok(None);
    }
    let Some(client) = context.cache.client_named(&claims.client_id).await? else { return Ok(None) };
    let Ok(generation) = i64::try_from(claims.generation) else { return Ok(None) };
    if !is_live(&client.client, generation, context).await? {
        return Ok(None);
    }
    if let Some(exchanged) = &claims.exchanged {
        return self::exchanged(*exchanged, client, context).await;
    }
    let Some(person) = claimed_person(claims) else {
        return Ok(claims.person.is_none().then_some(Live { client, person: None, api_token: None }));
    };
    let person = live_person(person, context).await?;
    Ok(person.map(|person| Live { client, person: Some(person), api_token: None }))
}

/// RFC 8693 §2.1: what was exchanged for an API token lives no longer than that one, by the value that was exchanged, and only as
/// long as its owner still comes that way.
async fn exchanged(
    exchanged: ExchangedClaims,
    client: Arc<ClientRecord>,
    context: &Context<'_>,
) -> Result<Option<Live>, Fault> {
    let Some(live) = api_token::named(exchanged.api_token, context).await? else { return Ok(None) };
    let generation = i64::try_from(exchanged.api_token_gen).unwrap_or(i64::MAX);
    let (person, may_come) = match &live.owner {
        Owner::User(user) => (Some(Arc::clone(user)), api_token::may_come_through(user, &client.client)),
        Owner::Client(account) => (None, account.client.id == client.client.id),
    };
    let ends = ends(&live.token, generation).filter(|ends| may_come && context.now < *ends);
    let Some(ends) = ends else { return Ok(None) };
    Ok(Some(Live { client, person, api_token: Some((live.token, ends)) }))
}

/// When a token's value of this generation ends: the current one, or the one right before.
fn ends(token: &Standing, generation: i64) -> Option<Seconds> {
    if generation == token.generation {
        return Some(token.expires_at);
    }
    let previous = token.previous.as_ref().filter(|_| generation.checked_add(1) == Some(token.generation));
    previous.map(|previous| previous.expires_at.min(token.expires_at))
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

/// Whether the client that holds a token is in use, and the token not older than its last general revocation.
pub(crate) async fn is_live(holder: &Client, generation: i64, context: &Context<'_>) -> Result<bool, Fault> {
    Ok(holder.generation == generation && context.cache.takes_part(holder).await?)
}

/// The person that a token speaks for, if they are in use, and nothing has voided the token's family.
pub(crate) async fn live_person(person: Person, context: &Context<'_>) -> Result<Option<Arc<User>>, Fault> {
    if context.cache.is_family_revoked(person.family) {
        return Ok(None);
    }
    let user = context.cache.user(person.user).await?;
    Ok(user.filter(|user| context.cache.holds(user, person.user_generation)))
}
