//! The granted scope: what exactly a token will say. Owns the narrowing of scope and lifetime; it is the only place that
//! makes a [`GrantedScope`], and minting takes nothing else. Which audience a scope leads to is `access::audience`'s rule.

use crate::access::api::{Api, Apis};
use crate::access::audience::{self, Allowed, AskedScope, Audience};
use crate::access::exchanged::Exchanged;
use crate::client::authenticate::AuthenticatedClient;
use crate::client::{Client, ClientRecord};
use crate::identity::authentication::Authentication;
use crate::settings::Settings;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::network::Network;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::{Lifetime, Seconds};
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
    /// The person on whose behalf, and what they allowed.
    pub behalf: Option<Behalf>,
    /// The API token that it is exchanged for.
    pub exchanged: Option<Exchanged>,
}

/// What a person has allowed a client to do on their behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behalf {
    /// The person.
    pub user: Id,
    /// Their generation when they did: what was allowed before everything of theirs became void is void.
    pub user_generation: i64,
    /// The family of the tokens that follow.
    pub family: Id,
    /// How they had signed in.
    pub authentication: Authentication,
    /// Everything they allowed: the server's own scopes and those of one API.
    pub scope: Scope,
    /// That API.
    pub api: Option<Id>,
}

/// The content of a token that may be minted.
pub struct GrantedScope {
    client: Arc<ClientRecord>,
    subject: String,
    audience: Audience,
    scope: Scope,
    lifetime: Lifetime,
    algorithm: Algorithm,
    behalf: Option<Behalf>,
    exchanged: Option<Exchanged>,
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

    /// The person it speaks for, where one takes part.
    #[must_use]
    pub const fn behalf(&self) -> Option<&Behalf> {
        self.behalf.as_ref()
    }

    /// The API token it is exchanged for, where it is.
    #[must_use]
    pub const fn exchanged(&self) -> Option<&Exchanged> {
        self.exchanged.as_ref()
    }

    /// From where it may be used.
    #[must_use]
    pub fn allowed_ips(&self) -> &[Network] {
        self.exchanged.as_ref().map_or(&self.client().allowed_ips, |exchanged| &exchanged.allowed_ips)
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

    /// In which form it is minted: the server itself reads JWTs, and what a token was exchanged for is written into one.
    #[must_use]
    pub fn format(&self) -> TokenFormat {
        match &self.audience {
            Audience::Api(api) if self.exchanged.is_none() => api.token_format,
            Audience::Api(_) | Audience::Issuer => TokenFormat::Jwt,
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
    now: Seconds,
) -> Result<GrantedScope, OAuthError> {
    let Entitlement { client, subject, scope, resource, behalf, exchanged } = entitlement;
    let explicit = matches!(scope, AskedScope::Explicit(_));
    let resource = resource.as_deref();
    let issuer = settings.issuer.as_str();
    let (audience, scope) = match (&behalf, &exchanged) {
        (_, Some(exchanged)) => (Audience::Api(Arc::clone(&exchanged.api)), exchanged.scope.clone()),
        (None, None) => audience::of_client(scope, resource, apis)?,
        (Some(behalf), None) => {
            let still = behalf.scope.within(&client.record().client.scopes);
            let allowed = Allowed { scope: &behalf.scope, still, api: behalf.api };
            audience::within(scope, &allowed, resource, issuer, apis)?
        }
    };
    let client = Arc::clone(client.record());
    let scope = match (&audience, &exchanged) {
        (Audience::Api(api), None) => audience::within_level(scope, explicit, &client.client, api)?,
        _ => scope,
    };
    // Whoever verifies it by itself has to see in it when what it rests on ends by itself: the API token, and the client.
    let longest = exchanged.as_ref().map(|exchanged| exchanged.longest);
    let ends = client.client.expires_at.map(|end| end - now);
    let lifetime =
        [longest, ends].into_iter().flatten().fold(lifetime(&client.client, &audience, settings), Ord::min);
    Ok(GrantedScope {
        lifetime,
        algorithm: algorithm(&audience, settings),
        subject,
        client,
        audience,
        scope,
        behalf,
        exchanged,
    })
}

/// How long an access token for this audience lives, for a page that has to tell.
#[must_use]
pub fn access_token_lifetime(client: &Client, api: Option<&Arc<Api>>, settings: &Settings) -> Lifetime {
    let audience = api.map_or(Audience::Issuer, |api| Audience::Api(Arc::clone(api)));
    lifetime(client, &audience, settings)
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
