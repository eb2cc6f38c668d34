//! Token exchange (RFC 8693): an API token for a short-lived access token that is for one API, so that the long secret reaches no
//! API. Owns what such a request has to say, and whether whoever sends it may use the API token; what comes of it is narrowed in
//! `access::exchanged`.
//!
//! A person exchanges a token of theirs through no client at all (then it is the one that is built in), or through one; who belongs
//! to clients, through one of these. An API account exchanges its own, and proves who it is by its secret.

use crate::access::api::Api;
use crate::access::audience::AskedScope;
use crate::access::exchanged::{self, Exchanged};
use crate::access::granted::Entitlement;
use crate::bearer::Bearer;
use crate::bearer::api_token::{self, Live, Owner};
use crate::client::Client;
use crate::client::authenticate::AuthenticatedClient;
use crate::context::{Caller, Context};
use crate::grant::{self, Grant, Proof, TokenRequest};
use crate::store::fault::Stop;
use crate::token::recognise::{Kind, kind};
use doorward_protocol::access::decision::{Origin, admits};
use doorward_protocol::error::OAuthError;
use doorward_protocol::network;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::token::ACCESS_TOKEN_TYPE;
use doorward_protocol::words::{GrantType, Level};
use std::sync::Arc;

/// RFC 8693.
pub struct TokenExchange;

impl Grant for TokenExchange {
    fn grant_type(&self) -> GrantType {
        GrantType::TokenExchange
    }

    /// RFC 8693 §2.1: the request's parameters.
    fn prove(&self, request: &TokenRequest<'_>, _: &Context<'_>) -> Result<Proof, Stop<OAuthError>> {
        let params = request.params;
        understood(params)?;
        Ok(Proof::Presented(Box::new(SubjectToken {
            token: Secret::new(params.required("subject_token")?.to_owned()),
            resource: grant::resource(params)?.ok_or_else(no_resource)?,
            scope: params.value("scope").map(scope).transpose()?,
            client: request.client.clone(),
            caller: request.caller,
        })))
    }
}

/// What is not supported is refused, and not ignored: the answer would not be what was asked for.
fn understood(params: &Params<'_>) -> Result<(), OAuthError> {
    if params.required("subject_token_type")? != ACCESS_TOKEN_TYPE {
        return Err(OAuthError::invalid_request(
            "the only 'subject_token_type' is that of an access token: an API token",
        ));
    }
    if params.value("requested_token_type").is_some_and(|wanted| wanted != ACCESS_TOKEN_TYPE) {
        return Err(OAuthError::invalid_request(
            "the only 'requested_token_type' is that of an access token",
        ));
    }
    if params.value("actor_token").is_some() || params.value("actor_token_type").is_some() {
        return Err(OAuthError::invalid_request(
            "nobody acts for somebody else here: leave 'actor_token' out",
        ));
    }
    if params.value("audience").is_some() {
        return Err(OAuthError::invalid_target("APIs are named by 'resource', not by 'audience'"));
    }
    Ok(())
}

fn scope(text: &str) -> Result<Scope, OAuthError> {
    text.parse()
        .map_err(|error: doorward_protocol::scope::InvalidScope| OAuthError::invalid_scope(error.to_string()))
}

fn no_resource() -> OAuthError {
    OAuthError::invalid_request("the parameter 'resource' is missing: it names the API that the token is for")
}

/// A subject token, as it was presented.
pub struct SubjectToken {
    token: Secret,
    resource: String,
    scope: Option<Scope>,
    client: AuthenticatedClient,
    caller: Caller,
}

impl SubjectToken {
    /// What it entitles to.
    ///
    /// # Errors
    /// `invalid_request` where the API token is not good, or not through this client, or not from there (RFC 8693 §2.2.2), in one
    /// sentence for all; `invalid_target`, `invalid_scope`; a fault.
    pub async fn entitled(self, context: &Context<'_>) -> Result<Entitlement, Stop<OAuthError>> {
        let live = match kind(self.token.expose()) {
            Kind::ApiToken => api_token::presented(self.token.expose(), context).await?,
            // Anybody may send anything here: no database is asked about what cannot be one.
            _ => None,
        };
        let Some(live) = live else { return Err(self.refused(context)) };
        let Some(subject) = subject(&live.owner, &self.client.record().client) else {
            return Err(self.refused(context));
        };
        if !admits(&live.token.allowed_ips, self.origin()) {
            Bearer::from(live).came_from_elsewhere(self.caller.address, context);
            return Err(self.refused(context));
        }
        let apis = context.cache.apis();
        let api = apis.by_identifier(&self.resource).filter(|api| api.is_active()).ok_or_else(unknown)?;
        context.uses.note(live.token.id, context.now, self.caller.address);
        Ok(self.exchanged(&live, subject, api, context)?)
    }

    fn exchanged(
        self,
        live: &Live,
        subject: String,
        api: &Arc<Api>,
        context: &Context<'_>,
    ) -> Result<Entitlement, OAuthError> {
        let Live { token, expires_at, .. } = live;
        let client = &self.client.record().client;
        let ends_at = api
            .max_token_lifetime
            .map_or(*expires_at, |longest| (token.issued_at + longest).min(*expires_at));
        let held = match ends_at <= context.now {
            true => Level::None,
            false => token.access.at(api.id, api.is_management(&context.settings.issuer)),
        };
        let (level, scope) = exchanged::reach(held, client, self.scope.as_ref(), api)?;
        // Whoever asks is in both.
        let allowed_ips = network::common(&token.allowed_ips, &client.allowed_ips).ok_or_else(unknown)?;
        let exchanged = Exchanged {
            api_token: token.id,
            generation: live.generation(),
            api: Arc::clone(api),
            level,
            scope: scope.clone(),
            allowed_ips,
            longest: ends_at - context.now,
        };
        Ok(Entitlement {
            client: self.client,
            subject,
            scope: AskedScope::Explicit(scope),
            resource: Some(self.resource),
            behalf: None,
            exchanged: Some(exchanged),
        })
    }

    const fn origin(&self) -> Origin {
        match self.caller.address {
            Some(address) => Origin::At(address),
            None => Origin::Unknown,
        }
    }

    /// RFC 8693 §2.2.2: "the value of the error parameter MUST be the invalid_request error code". Whoever comes without a client and
    /// fails too often waits, as a client does that fails to authenticate.
    fn refused(&self, context: &Context<'_>) -> Stop<OAuthError> {
        let client = &self.client.record().client;
        if client.is_built_in() {
            let (name, address) = (client.client_id.as_str(), self.caller.address);
            if let Some(retry_after) = context.attempts.refused(name, address) {
                return Stop::Refuse(OAuthError::too_many_requests(retry_after));
            }
            context.attempts.failed(name, address);
        }
        Stop::Refuse(OAuthError::invalid_request(
            "the subject token is not an API token that is good here: it is unknown, has ended, was revoked, or may not be used in this way",
        ))
    }
}

/// Whom an API token speaks for that comes through this client: that of an API account comes through the account itself.
fn subject(owner: &Owner, client: &Client) -> Option<String> {
    match owner {
        Owner::User(user) => api_token::may_come_through(user, client).then(|| user.id.to_string()),
        Owner::Client(record) => (record.client.id == client.id).then(|| client.client_id.to_string()),
    }
}

fn unknown() -> OAuthError {
    OAuthError::invalid_target("the resource is not a registered and active API")
}
