//! The granted scope: what exactly a token will say. Owns the audience rule and the narrowing of scope and lifetime; it is
//! the only place that makes a [`GrantedScope`], and minting takes nothing else.

use crate::access::api::{Api, Apis};
use crate::client::authenticate::AuthenticatedClient;
use crate::client::{Client, ClientRecord};
use crate::settings::Settings;
use doorward_protocol::error::OAuthError;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::TokenFormat;
use std::sync::Arc;

/// What a grant has proved: on whose behalf a token may be issued, and the most it may say.
pub struct Entitlement {
    /// The client that will hold the token.
    pub client: AuthenticatedClient,
    /// RFC 7519 §4.1.2: whom the token speaks for; the client itself where no person is involved (RFC 9068 §2.2).
    pub subject: String,
    /// What was asked for.
    pub scope: AskedScope,
    /// RFC 8707 §2: the resource named in the request.
    pub resource: Option<String>,
}

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

/// The content of a token that may be minted.
pub struct GrantedScope {
    client: Arc<ClientRecord>,
    subject: String,
    audience: Audience,
    scope: Scope,
    lifetime: Lifetime,
    algorithm: Algorithm,
}

impl GrantedScope {
    /// The client that will hold the token.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client.client
    }

    /// Whom the token speaks for.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whom the token is for.
    #[must_use]
    pub const fn audience(&self) -> &Audience {
        &self.audience
    }

    /// What it may do there.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How long.
    #[must_use]
    pub const fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// What it is signed with, if it is signed.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// In which form it is minted: the server itself reads JWTs.
    #[must_use]
    pub fn format(&self) -> TokenFormat {
        match &self.audience {
            Audience::Api(api) => api.token_format,
            Audience::Issuer => TokenFormat::Jwt,
        }
    }
}

/// Narrows an entitlement to one audience, and its scope to what that audience understands.
///
/// # Errors
/// `invalid_target` for a resource that is not a registered API (RFC 8707 §2), `invalid_scope` for a scope that the
/// audience does not have, or that no single API has (RFC 6749 §5.2).
pub fn granted(
    entitlement: Entitlement,
    apis: &Apis,
    settings: &Settings,
) -> Result<GrantedScope, OAuthError> {
    let (audience, scope) = match &entitlement.resource {
        Some(resource) => at_resource(resource, entitlement.scope, apis)?,
        None => by_scope(entitlement.scope, apis)?,
    };
    let client = Arc::clone(entitlement.client.record());
    Ok(GrantedScope {
        lifetime: lifetime(&client.client, &audience, settings),
        algorithm: algorithm(&audience, settings),
        subject: entitlement.subject,
        client,
        audience,
        scope,
    })
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

/// The shorter of what client and API allow; the server's default where neither says anything, its bound in any case.
fn lifetime(client: &Client, audience: &Audience, settings: &Settings) -> Lifetime {
    let api = match audience {
        Audience::Api(api) => api.access_token_lifetime,
        Audience::Issuer => None,
    };
    let asked = [client.access_token_lifetime, api].into_iter().flatten().min();
    asked.unwrap_or(settings.access_token_lifetime).min(settings.longest_access_token())
}

fn algorithm(audience: &Audience, settings: &Settings) -> Algorithm {
    match audience {
        Audience::Api(api) => api.signing_algorithm.unwrap_or(settings.signing_algorithm),
        Audience::Issuer => settings.signing_algorithm,
    }
}
