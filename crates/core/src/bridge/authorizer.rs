//! oxide-auth's authorizer: our codes. Owns what is checked before an approval on the program's own page is recorded. Looking
//! a code up does not use it: it is redeemed by the issuer, in the same transaction that begins what follows from it.

use crate::access::audience::{self, AskedScope, Audience};
use crate::access::consent::Consent;
use crate::bridge::approval::{Approval, denied};
use crate::bridge::binding::UNBOUND;
use crate::bridge::wait::wait;
use crate::bridge::{Bridge, client, extensions, instant, left_by_us, speaks_openid};
use crate::client::Client;
use crate::client::redirect::match_redirect;
use crate::context::Context;
use crate::grant::authorization_code;
use crate::identity::authentication::Authentication;
use crate::identity::session::Session;
use crate::identity::user::{User, Username};
use crate::kernel;
use crate::store::fault::{Fault, Stop};
use crate::ticket::code::{self, Code, CodeBinding};
use crate::token::mint;
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::id::ClientId;
use doorward_protocol::pkce::Challenge;
use doorward_protocol::secret::Secret;
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::{ConsentMode, GrantType};
use oxide_auth::primitives::authorizer::Authorizer;
use oxide_auth::primitives::grant::Grant;
use url::Url;

impl Authorizer for Bridge {
    fn authorize(&mut self, grant: Grant) -> Result<String, ()> {
        let approved = wait(self.approved(&grant));
        self.told(approved).map(|code| code.expose().to_owned())
    }

    fn extract(&mut self, code: &str) -> Result<Option<Grant>, ()> {
        let found = wait(self.found(code));
        self.told(found)
    }
}

impl Bridge {
    /// RFC 6749 §4.1.2: a code, durable before it leaves.
    async fn approved(&self, grant: &Grant) -> Result<Secret, Stop<OAuthError>> {
        let context = self.server.context();
        let record = client(&grant.client_id, &context).await?;
        if !record.client.may_use(GrantType::AuthorizationCode) {
            return Err(unauthorized());
        }
        self.is_nobodys_client(&grant.owner_id, &context).await?;
        let (text, approval) = self.approval(grant, &record.client, &context)?;
        context.cache.write(move |tx| approval.record(tx)).await?;
        metrics::counter!("doorward_codes_issued_total").increment(1);
        Ok(text)
    }

    /// RFC 9068 §5: to a program, a client's token is one whose owner is called as the client is.
    async fn is_nobodys_client(&self, owner: &str, context: &Context<'_>) -> Result<(), Stop<OAuthError>> {
        let Ok(client_id) = owner.parse::<ClientId>() else { return Ok(()) };
        match context.cache.client_named(&client_id).await? {
            None => Ok(()),
            Some(_) => Err(denied("the owner is called as a client is")),
        }
    }

    fn approval(
        &self,
        grant: &Grant,
        client: &Client,
        context: &Context<'_>,
    ) -> Result<(Secret, Approval), Stop<OAuthError>> {
        let scope = kernel::permitted(Some(kernel::from_oxide(&grant.scope)?), client)?;
        let (audience, scope) =
            audience::of_client(AskedScope::Explicit(scope), None, &context.cache.apis())?;
        let api = match audience {
            Audience::Api(api) => Some(api.id),
            Audience::Issuer => None,
        };
        let random = context.random.secret().map_err(Fault::broken)?;
        let (text, pepper, digest) = mint::secret(TokenType::AuthorizationCode, &random, context.peppers);
        let now = context.now;
        let user = self.newcomer(&grant.owner_id, context)?;
        let session = self.session(&user, context)?;
        let consent = Consent {
            id: context.new_id()?,
            user: user.id,
            client: client.id,
            api,
            scope: scope.clone(),
            generation: 0,
            created_at: now,
            updated_at: now,
            revoked_at: None,
        };
        let given = context.event("consent.given")?.about("client", client.id).of_client(client.id);
        let code = Code {
            digest,
            pepper,
            family: context.new_id()?,
            client: client.id,
            client_generation: client.generation,
            user: user.id,
            user_generation: user.generation,
            session: session.id,
            consent: None,
            redirect_uri: redirect_uri(&grant.redirect_uri, client)?,
            redirect_uri_given: true,
            binding: binding(left_by_us(&grant.extensions).as_deref(), client)?,
            scope,
            api,
            nonce: None,
            authentication: session.authentication.clone(),
            issued_at: now,
            expires_at: now + code::LIFETIME,
            used_at: None,
        };
        let asks = client.consent == ConsentMode::Explicit;
        let begun = context.event("session.begun")?.about("session", session.id);
        let made = self.is_own_source();
        Ok((text, Approval { user, made, session, consent, asks, code, begun, given }))
    }

    /// The owner, as they are written down if nobody knows them yet.
    fn newcomer(&self, owner: &str, context: &Context<'_>) -> Result<User, Stop<OAuthError>> {
        let username: Username =
            owner.parse().map_err(|_| denied("the owner's name cannot be a user name"))?;
        Ok(User::blank(context.new_id()?, (&self.source, owner), username, context.now))
    }

    /// The program's sessions are its own business, so an approval is a session by itself, in no browser; it lasts as long as
    /// refresh tokens may, and ends when the person's sessions are ended here.
    fn session(&self, user: &User, context: &Context<'_>) -> Result<Session, Fault> {
        let random = context.random.secret().map_err(Fault::broken)?;
        let (_, pepper, digest) = mint::secret(TokenType::Session, &random, context.peppers);
        let lasts = context.settings.session_absolute.max(context.settings.refresh.absolute);
        Ok(Session {
            id: context.new_id()?,
            digest,
            pepper,
            user: user.id,
            user_generation: user.generation,
            // How the person has proved who they are is not told.
            authentication: Authentication { auth_time: context.now, amr: vec![], acr: "0".to_owned() },
            seen_at: context.now,
            expires_at: context.now + lasts,
            ended_at: None,
        })
    }

    async fn found(&self, text: &str) -> Result<Option<Grant>, Stop<OAuthError>> {
        if token_text::read(text) != Ok(TokenType::AuthorizationCode) {
            return Ok(None);
        }
        let context = self.server.context();
        let digests: Vec<_> = context.peppers.digests(text).collect();
        let code = context.cache.store().read(move |tx| authorization_code::found(&digests, tx)).await?;
        let Some(code) = code.filter(|code| !speaks_openid(&code.scope)) else { return Ok(None) };
        let client = context.cache.client(code.client).await?;
        let owner = context.cache.user(code.user).await?.and_then(|user| self.owner(&user));
        let (Some(client), Some(owner_id)) = (client, owner) else { return Ok(None) };
        let bound = match &code.binding {
            CodeBinding::S256(challenge) => challenge.as_str(),
            CodeBinding::ConfidentialOnly => UNBOUND,
        };
        Ok(Some(Grant {
            owner_id,
            client_id: client.client.client_id.to_string(),
            scope: kernel::to_oxide(&code.scope)?,
            redirect_uri: code.redirect_uri.parse().map_err(Fault::broken)?,
            until: instant(code.expires_at),
            extensions: extensions(Some(format!("{text} {bound}"))),
        }))
    }
}

/// oxide-auth hands on the URL as a parser writes it; kept is the one that was registered, or the port that was asked for.
fn redirect_uri(url: &Url, client: &Client) -> Result<String, OAuthError> {
    let public = !client.is_confidential();
    if let Some(target) = match_redirect(url.as_str(), &client.redirect_uris, public) {
        return Ok(target.as_str().to_owned());
    }
    let registered = client.redirect_uris.iter().map(ToString::to_string);
    let mut same = registered.filter(|text| text.parse::<Url>().is_ok_and(|registered| registered == *url));
    same.next().ok_or_else(|| OAuthError::invalid_request("there is no redirect URI to send a code to"))
}

fn binding(kept: Option<&str>, client: &Client) -> Result<CodeBinding, OAuthError> {
    match kept {
        Some(UNBOUND) if !client.needs_pkce() => Some(CodeBinding::ConfidentialOnly),
        Some(text) => Challenge::stored(text).map(CodeBinding::S256),
        None => None,
    }
    .ok_or_else(|| {
        OAuthError::invalid_request("the flow lacks the extension of the bridge, or its challenge")
    })
}

fn unauthorized() -> Stop<OAuthError> {
    let what = "the client is not registered for authorization_code";
    Stop::Refuse(OAuthError::new(ErrorCode::UnauthorizedClient, what))
}
