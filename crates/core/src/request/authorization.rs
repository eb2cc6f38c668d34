//! The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1). Owns what is read from it, and the checks in
//! their order: first whom it comes from and where its answer may go, and only then everything else.

use crate::access::audience::{self, AskedScope, Reach};
use crate::client::redirect::{RedirectTarget, match_redirect};
use crate::client::{Client, ClientRecord};
use crate::context::Context;
use crate::kernel;
use crate::request::answer::Reply;
use crate::store::fault::{Fault, Stop};
use crate::ticket::code::CodeBinding;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::id::ClientId;
use doorward_protocol::jose::claims::IdTokenHint;
use doorward_protocol::openid::{OPENID, Prompt};
use doorward_protocol::params::Params;
use doorward_protocol::pkce::Challenge;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{GrantType, ResponseMode};
use std::sync::Arc;

/// An authorization request, checked.
pub struct AuthorizationRequest {
    /// Who asks.
    pub client: Arc<ClientRecord>,
    /// How it is answered.
    pub reply: Reply,
    /// Whether it named its redirect URI.
    pub redirect_uri_given: bool,
    /// What ties the code to whoever began the request.
    pub binding: CodeBinding,
    /// What it reaches for.
    pub reach: Reach,
    /// OpenID Connect Core §3.1.2.1 `nonce`.
    pub nonce: Option<String>,
    /// OpenID Connect Core §3.1.2.1 `prompt`.
    pub prompt: Prompt,
    /// OpenID Connect Core §3.1.2.1 `max_age`.
    pub max_age: Option<Lifetime>,
    /// OpenID Connect Core §3.1.2.1 `login_hint`.
    pub login_hint: Option<String>,
    /// OpenID Connect Core §3.1.2.1 `id_token_hint`, verified.
    pub hint: Option<IdTokenHint>,
}

/// Why a request is not one.
pub enum Unfit {
    /// It cannot be trusted to say where an answer goes: a page of ours says what is wrong.
    Page(OAuthError),
    /// The client is told.
    Reply(Reply, OAuthError),
}

/// Reads a request and checks all of it.
///
/// # Errors
/// [`Unfit`], or a fault of the store.
pub async fn read(params: &Params<'_>, context: &Context<'_>) -> Result<AuthorizationRequest, Stop<Unfit>> {
    let page = |error| Stop::Refuse(Unfit::Page(error));
    params.required("client_id").map_err(page)?;
    let client = client(params, context).await?.ok_or_else(|| page(unknown_client()))?;
    let target = target(params, &client.client).map_err(page)?;
    let mode = params.value("response_mode").map_or(Ok(ResponseMode::Query), str::parse);
    let reply = Reply {
        target,
        mode: mode.as_ref().copied().unwrap_or(ResponseMode::Query),
        state: params.value("state").map(str::to_owned),
        issuer: context.settings.issuer.as_str().to_owned(),
    };
    let checked = mode
        .map_err(|_| OAuthError::invalid_request("'response_mode' is neither query nor form_post"))
        .and_then(|_| rest(params, &client.client, &reply.target, context));
    match checked {
        Ok(rest) => Ok(rest.of(client, reply, params)),
        Err(error) => Err(Stop::Refuse(Unfit::Reply(reply, error))),
    }
}

/// The client, if it takes part at all.
async fn client(params: &Params<'_>, context: &Context<'_>) -> Result<Option<Arc<ClientRecord>>, Fault> {
    let Some(client_id) = params.value("client_id").and_then(|text| text.parse::<ClientId>().ok()) else {
        return Ok(None);
    };
    context.cache.client_taking_part(&client_id).await
}

/// RFC 6749 §3.1.2.3: it may be left out where only one is registered; OpenID Connect Core §3.1.2.1 always wants it.
fn target(params: &Params<'_>, client: &Client) -> Result<RedirectTarget, OAuthError> {
    let public = !client.is_confidential();
    let asks_openid = params.value("scope").is_some_and(|scope| scope.split(' ').any(|word| word == OPENID));
    let requested = match (params.value("redirect_uri"), client.redirect_uris.as_slice()) {
        (Some(requested), _) => requested,
        (None, [only]) if !asks_openid => only.as_str(),
        (None, _) => return Err(OAuthError::invalid_request("the parameter 'redirect_uri' is missing")),
    };
    match_redirect(requested, &client.redirect_uris, public).ok_or_else(|| {
        OAuthError::invalid_request("the 'redirect_uri' is not one that this application has registered")
    })
}

fn unknown_client() -> OAuthError {
    OAuthError::invalid_request("the 'client_id' is not that of an application this server knows")
}

/// What is checked once it is known where an answer goes.
struct Rest {
    binding: CodeBinding,
    reach: Reach,
    prompt: Prompt,
    max_age: Option<Lifetime>,
    hint: Option<IdTokenHint>,
}

/// The checks, in order.
fn rest(
    params: &Params<'_>,
    client: &Client,
    target: &RedirectTarget,
    context: &Context<'_>,
) -> Result<Rest, OAuthError> {
    not_an_object(params)?;
    response_type(params)?;
    if !client.may_use(GrantType::AuthorizationCode) {
        return Err(OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "the client is not registered for authorization_code",
        ));
    }
    let binding = binding(params, client)?;
    let asked = kernel::authorization::negotiate(params, target, client)?;
    let resource = crate::grant::resource(params)?;
    let issuer = context.settings.issuer.as_str();
    let explicit = matches!(asked, AskedScope::Explicit(_));
    let reach = audience::reach(asked, resource.as_deref(), issuer, &context.cache.apis())?;
    let reach = reach.within_level(explicit, client)?;
    Ok(Rest {
        binding,
        reach,
        prompt: params.value("prompt").map_or(Ok(Prompt::default()), Prompt::parse)?,
        max_age: params.value("max_age").map(max_age).transpose()?,
        hint: params.value("id_token_hint").map(|hint| self::hint(hint, client, context)).transpose()?,
    })
}

impl Rest {
    fn of(self, client: Arc<ClientRecord>, reply: Reply, params: &Params<'_>) -> AuthorizationRequest {
        let owned = |name| params.value(name).map(str::to_owned);
        AuthorizationRequest {
            client,
            reply,
            redirect_uri_given: params.value("redirect_uri").is_some(),
            binding: self.binding,
            reach: self.reach,
            nonce: owned("nonce"),
            prompt: self.prompt,
            max_age: self.max_age,
            login_hint: owned("login_hint"),
            hint: self.hint,
        }
    }
}

/// OpenID Connect Core §3.1.2.6: what is not supported is refused by its own word, and not ignored: it may hold parameters
/// that mean something.
fn not_an_object(params: &Params<'_>) -> Result<(), OAuthError> {
    let unsupported = [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ];
    match unsupported.into_iter().find(|(name, _)| params.value(name).is_some()) {
        Some((name, code)) => Err(OAuthError::new(code, format!("the parameter '{name}' is not supported"))),
        None => Ok(()),
    }
}

/// RFC 9700 §2.1.2: no token in a front channel; there is `code` and nothing else.
fn response_type(params: &Params<'_>) -> Result<(), OAuthError> {
    match params.required("response_type")? {
        "code" => Ok(()),
        _ => Err(OAuthError::new(
            ErrorCode::UnsupportedResponseType,
            "the only response_type of this server is 'code'",
        )),
    }
}

/// RFC 7636 §4.4.1, RFC 9700 §2.1.1.
fn binding(params: &Params<'_>, client: &Client) -> Result<CodeBinding, OAuthError> {
    let challenge = Challenge::parse(params.value("code_challenge"), params.value("code_challenge_method"))?;
    match challenge {
        Some(challenge) => Ok(CodeBinding::S256(challenge)),
        None if client.needs_pkce() => Err(OAuthError::invalid_request(
            "the parameter 'code_challenge' is missing: this client needs PKCE with S256",
        )),
        None => Ok(CodeBinding::ConfidentialOnly),
    }
}

fn max_age(text: &str) -> Result<Lifetime, OAuthError> {
    let seconds = text.parse().ok().filter(|seconds| *seconds >= 0);
    seconds
        .map(Lifetime::seconds)
        .ok_or_else(|| OAuthError::invalid_request("'max_age' is a number of seconds"))
}

/// A hint that is not ours, or was for another client, is a mistake that had better be seen.
fn hint(text: &str, client: &Client, context: &Context<'_>) -> Result<IdTokenHint, OAuthError> {
    let hint = context.cache.keyring().hint(text);
    let hint = hint.inspect_err(|reason| tracing::debug!(%reason, "an id_token_hint was not recognised"));
    hint.ok()
        .filter(|hint| hint.aud == client.client_id)
        .ok_or_else(|| OAuthError::invalid_request("'id_token_hint' is not an ID token for this client"))
}
