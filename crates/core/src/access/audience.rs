//! The audience: whom a token is for, one and never two. Owns the rule that leads from a scope and a named resource to it;
//! what the token may then say is narrowed in `granted`.
//!
//! The server's own scopes (those of OpenID Connect) belong to the issuer, all others to APIs. A person may allow both at
//! once; each access token is for one of them.

use crate::access::api::{Api, Apis};
use crate::client::Client;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::openid;
use doorward_protocol::scope::Scope;
use doorward_protocol::words::Level;
use std::sync::Arc;

/// A scope with its origin: one that was asked for is granted whole or refused, a default may be narrowed silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedScope {
    /// The request named it.
    Explicit(Scope),
    /// The request named none (RFC 6749 §3.3).
    Default(Scope),
}

/// Whom a token is for: one audience, never two.
#[derive(Clone, Debug)]
pub enum Audience {
    /// A registered API.
    Api(Arc<Api>),
    /// The server itself.
    Issuer,
}

/// What a person has allowed a client.
#[derive(Clone, Debug)]
pub struct Allowed<'a> {
    /// All of it: the server's own scopes and those of one API.
    pub scope: &'a Scope,
    /// What of it the client may still ask for.
    pub still: Scope,
    /// That API.
    pub api: Option<Id>,
}

/// What a person is asked to allow: the server's own scopes and those of one API.
#[derive(Clone, Debug)]
pub struct Reach {
    /// All of it.
    pub scope: Scope,
    /// The API that the rest of it belongs to.
    pub api: Option<Arc<Api>>,
}

/// Whom a client's token is for, where no person takes part.
///
/// # Errors
/// `invalid_target`, `invalid_scope`.
pub fn of_client(
    scope: AskedScope,
    resource: Option<&str>,
    apis: &Apis,
) -> Result<(Audience, Scope), OAuthError> {
    // A default may name what only people can allow.
    let scope = match scope {
        AskedScope::Default(scope) => AskedScope::Default(scope.without(openid::scope())),
        explicit @ AskedScope::Explicit(_) => explicit,
    };
    match resource {
        Some(resource) => at_resource(resource, scope, apis),
        None => by_scope(scope, apis),
    }
}

/// Whom a person's token is for: the API that they allowed the client to use, or the server itself. Where nothing is named,
/// it is the API if there is one: a default that has shrunk does not wander to somebody else.
///
/// # Errors
/// `invalid_scope` for more than is allowed (RFC 6749 §6), `invalid_target` for another resource.
pub fn within(
    asked: AskedScope,
    allowed: &Allowed<'_>,
    resource: Option<&str>,
    issuer: &str,
    apis: &Apis,
) -> Result<(Audience, Scope), OAuthError> {
    let (scope, explicit) = allowed.of(asked)?;
    let own = scope.within(openid::scope());
    let rest = scope.without(&own);
    let for_issuer = match resource {
        Some(resource) => resource == issuer,
        None => allowed.api.is_none() || (explicit && rest.is_empty() && !own.is_empty()),
    };
    if for_issuer {
        return at_issuer(own, allowed);
    }
    let api = allowed.api.and_then(|id| apis.by_id(id));
    let api = api.filter(|api| resource.is_none_or(|resource| resource == api.identifier.as_str()));
    let api = api.ok_or_else(no_part_of_it)?;
    if !api.is_active() {
        return Err(OAuthError::invalid_target("the API of this scope is switched off"));
    }
    let scope = rest.within(&api.scope());
    if scope.is_empty() || (explicit && scope != rest) {
        return Err(OAuthError::invalid_scope("what was asked for at this API is not granted any more"));
    }
    Ok((Audience::Api(Arc::clone(api)), scope))
}

/// What of a scope a client's level at an API lets it have. One that may only look has only the scopes that reading takes there.
///
/// # Errors
/// `invalid_target` where it has no access (RFC 8707 §2), `invalid_scope` where more was named, or nothing is left.
pub fn within_level(scope: Scope, explicit: bool, client: &Client, api: &Api) -> Result<Scope, OAuthError> {
    let within = match client.level_at(api.id) {
        Level::Full => return Ok(scope),
        Level::Read => scope.within(&api.levels.scope(Level::Read)),
        Level::None => return Err(OAuthError::invalid_target("the client has no access to this resource")),
    };
    if within.is_empty() || (explicit && within != scope) {
        return Err(OAuthError::invalid_scope("the client's level at this resource does not reach that far"));
    }
    Ok(within)
}

/// A token that says nothing is for those only who were allowed nothing from the start.
fn at_issuer(own: Scope, allowed: &Allowed<'_>) -> Result<(Audience, Scope), OAuthError> {
    if !own.is_empty() || allowed.scope.is_empty() {
        return Ok((Audience::Issuer, own));
    }
    if allowed.scope.within(openid::scope()).is_empty() {
        return Err(no_part_of_it());
    }
    Err(OAuthError::invalid_scope("what was asked for at the server itself is not granted any more"))
}

fn no_part_of_it() -> OAuthError {
    OAuthError::invalid_target("the resource was not part of the authorization")
}

impl Reach {
    /// What of it a client's level at the API lets it ask for.
    ///
    /// # Errors
    /// As for [`within_level`].
    pub fn within_level(self, explicit: bool, client: &Client) -> Result<Self, OAuthError> {
        let Some(api) = &self.api else { return Ok(self) };
        let own = self.scope.within(openid::scope());
        let rest = within_level(self.scope.without(&own), explicit, client, api)?;
        Ok(Self { scope: own.union(&rest), ..self })
    }
}

impl Allowed<'_> {
    /// What of it is asked for, and whether it was named.
    fn of(&self, asked: AskedScope) -> Result<(Scope, bool), OAuthError> {
        match asked {
            AskedScope::Explicit(scope) if scope.is_within(&self.still) => Ok((scope, true)),
            AskedScope::Explicit(_) => Err(OAuthError::invalid_scope("the scope exceeds what was granted")),
            AskedScope::Default(scope) => Ok((scope.within(&self.still), false)),
        }
    }
}

/// What an authorization request reaches for (RFC 6749 §4.1.1, RFC 8707 §2.1).
///
/// # Errors
/// `invalid_scope`, `invalid_target`.
pub fn reach(
    asked: AskedScope,
    resource: Option<&str>,
    issuer: &str,
    apis: &Apis,
) -> Result<Reach, OAuthError> {
    let (scope, explicit) = match asked {
        AskedScope::Explicit(scope) => (scope, true),
        AskedScope::Default(scope) => (scope, false),
    };
    let own = scope.within(openid::scope());
    let rest = scope.without(&own);
    let for_issuer = match resource {
        Some(resource) => resource == issuer,
        None => rest.is_empty(),
    };
    if for_issuer && explicit && !rest.is_empty() {
        return Err(OAuthError::invalid_scope("the resource does not have every scope that was asked for"));
    }
    if for_issuer {
        return Ok(Reach { scope: own, api: None });
    }
    let rest = if explicit { AskedScope::Explicit(rest) } else { AskedScope::Default(rest) };
    let (audience, rest) = match resource {
        Some(resource) => at_resource(resource, rest, apis)?,
        None => by_scope(rest, apis)?,
    };
    let api = match audience {
        Audience::Api(api) => Some(api),
        Audience::Issuer => None,
    };
    Ok(Reach { scope: own.union(&rest), api })
}

/// RFC 8707 §2.2: the token is for the resource that was asked for.
fn at_resource(resource: &str, scope: AskedScope, apis: &Apis) -> Result<(Audience, Scope), OAuthError> {
    let api = apis.by_identifier(resource).filter(|api| api.is_active());
    let api =
        api.ok_or_else(|| OAuthError::invalid_target("the resource is not a registered and active API"))?;
    let scope = match scope {
        AskedScope::Explicit(scope) if scope.is_within(&api.scope()) => scope,
        AskedScope::Explicit(_) => {
            return Err(OAuthError::invalid_scope(
                "the resource does not have every scope that was asked for",
            ));
        }
        AskedScope::Default(scope) => scope.within(&api.scope()),
    };
    if scope.is_empty() {
        // An API that checks no more than the audience must not let in a client that was given nothing at it.
        return Err(OAuthError::invalid_scope(
            "the client's default has no scope at this resource: ask for one",
        ));
    }
    Ok((Audience::Api(Arc::clone(api)), scope))
}

/// Without a resource, the scope tells the API: the only one that has all of it. A token without any scope is for the
/// server itself.
fn by_scope(scope: AskedScope, apis: &Apis) -> Result<(Audience, Scope), OAuthError> {
    let (AskedScope::Explicit(scope) | AskedScope::Default(scope)) = scope;
    let owned: Vec<Vec<&Arc<Api>>> = scope.tokens().map(|token| apis.owners(token).collect()).collect();
    if owned.iter().any(Vec::is_empty) {
        return Err(OAuthError::invalid_scope("no API has every scope that was asked for"));
    }
    let Some(first) = owned.first() else { return Ok((Audience::Issuer, scope)) };
    let has_all = |api: &&Arc<Api>| owned.iter().all(|owners| owners.iter().any(|owner| owner.id == api.id));
    let mut candidates = first.iter().copied().filter(has_all);
    match (candidates.next(), candidates.next()) {
        (Some(api), None) if api.is_active() => Ok((Audience::Api(Arc::clone(api)), scope)),
        (Some(_), None) => Err(OAuthError::invalid_target("the API of this scope is switched off")),
        (Some(_), Some(_)) => {
            Err(OAuthError::invalid_scope("several APIs have this scope: name one by 'resource'"))
        }
        (None, _) => Err(OAuthError::invalid_scope(
            "no single API has all of this scope: ask for one API's scopes at a time",
        )),
    }
}
