//! Introspection (RFC 7662): an API asks what a token means, and perhaps whether one request may be made with it. Owns who may ask
//! about which token, and what they are told: whoever may not ask learns exactly as much as about a token that does not exist.

use crate::access::api::Api;
use crate::access::audience::Audience;
use crate::bearer::judged::Refusal;
use crate::bearer::{self, Bearer};
use crate::client::authenticate::AuthenticatedClient;
use crate::context::{Context, FormRequest};
use crate::endpoint::client;
use crate::endpoint::described::Described;
use crate::store::fault::Stop;
use doorward_protocol::access::decision::Reason;
use doorward_protocol::access::level::LevelAt;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::introspection::{ActiveToken, Introspection};
use doorward_protocol::scope::Scope;
use doorward_protocol::words::Level;
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
    let described = Described::read(&request.params)?;
    let Some(bearer) = bearer::presented(token, context).await? else { return Ok(Introspection::Inactive) };
    match place(&bearer, &caller, described.resource.as_deref(), context)? {
        Place::Api(api) => Ok(at(&bearer, &api, &described, context)),
        Place::Issuer => Ok(meaning(&bearer, None, context)),
        Place::Nowhere => Ok(Introspection::Inactive),
    }
}

/// What a token means at one API, to the API itself.
///
/// # Errors
/// [`Fault`](crate::store::fault::Fault) when the store does not answer.
#[cfg(feature = "oxide-auth-bridge")]
pub(crate) async fn active(
    token: &str,
    identifier: &str,
    context: &Context<'_>,
) -> Result<Option<ActiveToken>, crate::store::fault::Fault> {
    let Some(bearer) = bearer::presented(token, context).await? else { return Ok(None) };
    let apis = context.cache.apis();
    let Some(api) = apis.by_identifier(identifier).filter(|api| api.is_active() && bearer.is_for(api)) else {
        return Ok(None);
    };
    match at(&bearer, api, &Described::default(), context) {
        Introspection::Active(token) => Ok(Some(*token)),
        Introspection::Inactive | Introspection::Refused { .. } => Ok(None),
    }
}

/// Where a token is asked about.
enum Place {
    Api(Arc<Api>),
    /// At the server itself.
    Issuer,
    /// Where the caller has no business.
    Nowhere,
}

/// The token's own client may ask, and whoever its API names, provided that the API is in use. A token that is for several APIs is
/// asked about at the caller's where it is good: at the one that is named, where there are several.
fn place(
    bearer: &Bearer,
    caller: &AuthenticatedClient,
    resource: Option<&str>,
    context: &Context<'_>,
) -> Result<Place, OAuthError> {
    let asking = caller.record().client.id;
    let is_holder = bearer.client.as_ref().is_some_and(|record| record.client.id == asking);
    let is_meant = |api: &Api| resource.is_none_or(|resource| resource == api.identifier.as_str());
    Ok(match &bearer.audience {
        Some(Audience::Api(api)) if !api.is_active() || !is_meant(api) => Place::Nowhere,
        Some(Audience::Api(api)) if is_holder || api.introspection_clients.contains(&asking) => {
            Place::Api(Arc::clone(api))
        }
        Some(Audience::Issuer) if is_holder && resource.is_none() => Place::Issuer,
        Some(_) => Place::Nowhere,
        None => {
            let apis = context.cache.apis();
            // That it would have to be named tells nothing of a token that is no good at any of them.
            let is_good = |api: &Arc<Api>| is_meant(api) && bearer.is_good_at(api, context);
            let mut apis = apis.asked_about_by(asking).filter(|api| is_good(api));
            match (apis.next(), apis.next()) {
                (Some(api), None) => Place::Api(Arc::clone(api)),
                (None, _) => Place::Nowhere,
                (Some(_), Some(_)) => {
                    return Err(OAuthError::invalid_request(
                        "this client asks for several APIs: name one by the parameter 'resource'",
                    ));
                }
            }
        }
    })
}

/// What a token means at an API. Where the request that it came with is described, it is judged; else the API does that, by what it
/// is told here.
fn at(bearer: &Bearer, api: &Arc<Api>, described: &Described<'_>, context: &Context<'_>) -> Introspection {
    let level = match bearer.decide(api, &described.asked(), context) {
        Ok(_) if described.is_odd() => return refused(bearer, Reason::OddRequest, api, described, context),
        Ok(allowed) => allowed.level,
        // A scope may mean something at an API, although it reaches no level there.
        Err(Reason::LevelTooSmall { held: Level::None, .. })
            if bearer.is_good_at(api, context) && !described.names_a_request() =>
        {
            Level::None
        }
        Err(reason) => return refused(bearer, reason, api, described, context),
    };
    bearer.was_used(api, described.client_ip(), context);
    meaning(bearer, Some((api, level)), context)
}

/// RFC 7662 §2.2: a token that is no good here is inactive, without a word. One that is, but not for the request that was described,
/// is so to callers that know no more; to those that do, it makes the difference between 401 and 403.
fn refused(
    bearer: &Bearer,
    reason: Reason,
    api: &Api,
    described: &Described<'_>,
    context: &Context<'_>,
) -> Introspection {
    match bearer.was_refused(reason, api, described.client_ip(), context) {
        Refusal::TooSmall(scope) => Introspection::Refused { error: ErrorCode::InsufficientScope, scope },
        Refusal::Denied(_) => {
            Introspection::Refused { error: ErrorCode::AccessDenied, scope: Scope::default() }
        }
        Refusal::NotGood => Introspection::Inactive,
    }
}

/// A token that may be used from nowhere is not good.
fn meaning(bearer: &Bearer, at: Option<(&Arc<Api>, Level)>, context: &Context<'_>) -> Introspection {
    let Some(allowed_ips) = bearer.common_networks() else { return Introspection::Inactive };
    let issuer = context.settings.issuer.as_str();
    let (auth_time, acr) = bearer.authentication.clone().unzip();
    Introspection::Active(Box::new(ActiveToken {
        scope: at.map_or_else(|| bearer.scope.clone(), |(api, level)| bearer.scope(api, level)),
        client_id: bearer.client.as_ref().map(|record| record.client.client_id.clone()),
        sub: bearer.subject.clone(),
        aud: at.map_or_else(|| issuer.to_owned(), |(api, _)| api.identifier.to_string()),
        iss: issuer.to_owned(),
        exp: at.map_or(bearer.expires_at, |(api, _)| bearer.expires_at(api)),
        iat: bearer.issued_at,
        jti: bearer.jti,
        username: bearer.user.as_ref().map(|user| user.username.to_string()),
        auth_time,
        acr,
        access: at.and_then(|(api, level)| level_at(bearer, api, level)).into_iter().collect(),
        allowed_ips,
    }))
}

/// At an API that maps no scopes to levels, a level is known only where the token carries one.
fn level_at(bearer: &Bearer, api: &Api, level: Level) -> Option<LevelAt> {
    let is_known = api.maps_scopes() || bearer.api_token.is_some();
    is_known.then(|| LevelAt { api: api.identifier.to_string(), level })
}
