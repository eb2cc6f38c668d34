//! The protected API: what decides, for one API, whether a request's token is good. Owns the order of things, from the
//! header to [`Access`] or [`Refusal`]; each step is a module's of its own.

use crate::access::{Access, Form, Token};
use crate::asked::Asked;
use crate::authorization_server::AuthorizationServer;
use crate::bearer;
use crate::builder::Builder;
use crate::clock::Clock;
use crate::feed::Feed;
use crate::feed::heard::Standing;
use crate::guard::{Admitted, Guard};
use crate::judge;
use crate::metadata::Document;
use crate::needed::{self, NoGuard};
use crate::opaque::OpaqueTokens;
use crate::protect::Protect;
use crate::refusal::{Reason, Refusal};
use crate::signed::SignedTokens;
use doorward_protocol::access::decision::Origin;
use doorward_protocol::client_address::Proxies;
use doorward_protocol::scope::Scope;
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::Preflight;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// An API that trusts the tokens of one authorization server. A clone is the same API, with the same memory.
#[derive(Clone)]
pub struct ProtectedApi(Arc<Inner>);

struct Inner {
    resource: String,
    checks: Checks,
    document: Option<Document>,
    metadata_url: Option<Arc<str>>,
}

/// What tokens are checked with.
pub(crate) struct Checks {
    pub(crate) signed: SignedTokens,
    pub(crate) opaque: Arc<OpaqueTokens>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) server: Arc<AuthorizationServer>,
    pub(crate) proxies: Proxies,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Whether what the feed says has to be known, or counts as far as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heed {
    InTouch,
    AsFarAsHeard,
}

impl ProtectedApi {
    /// An API that is registered at this issuer under this identifier, its resource URI (RFC 8707 §2), which is the `aud`
    /// of its tokens. Both are compared to the last character.
    pub fn builder(issuer: impl Into<String>, resource: impl Into<String>) -> Builder {
        Builder::new(issuer.into(), resource.into())
    }

    pub(crate) fn new(resource: String, checks: Checks, document: Option<Document>) -> Self {
        let metadata_url = document.as_ref().map(|document| Arc::from(document.url.as_str()));
        Self(Arc::new(Inner { resource, checks, document, metadata_url }))
    }

    /// Lets nobody through without a good token for this API, whatever its scope: middleware for either framework.
    #[must_use]
    pub fn protect(&self) -> Protect {
        Protect::new(self.clone(), Scope::default())
    }

    /// Lets nobody through whose token lacks one of these scopes, separated by spaces: middleware for either framework.
    ///
    /// # Errors
    /// [`NoGuard`] for a text that is no scope, or names none.
    pub fn require(&self, scope: &str) -> Result<Protect, NoGuard> {
        Ok(Protect::new(self.clone(), needed::scope(scope)?))
    }

    /// Lets nobody through but those whose token's level lets them do what they ask for, from where they are: middleware for either
    /// framework, which decides as the authorization server would.
    #[must_use]
    pub fn guard(&self) -> Guard {
        Guard::new(self.clone())
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.0.checks.proxies
    }

    /// What a request may do, by the values of all its `Authorization` headers. It may be awaited under any
    /// executor.
    ///
    /// # Errors
    /// [`Refusal`], to answer with.
    pub async fn verify<'a>(
        &self,
        authorization: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Access, Refusal> {
        let verified = match bearer::token(authorization) {
            Ok(token) => self.in_time(self.token(token, Heed::AsFarAsHeard)).await,
            Err(reason) => Err(reason),
        };
        match verified {
            Ok(token) => Ok(Access::new(token, self.0.metadata_url.clone())),
            Err(reason) => Err(Refusal::new(reason, self.0.metadata_url.clone())),
        }
    }

    /// Whether a request may go on. What no token would help with is found out first, as it is by the authorization server.
    pub(crate) async fn decide(&self, asked: &Asked<'_>) -> Result<Admitted, Refusal> {
        let admitted = match self.origin(asked) {
            Ok(_) if asked.is_preflight() => self.preflight(asked).await,
            Ok(origin) => self.judged(asked, origin).await,
            Err(reason) => Err(reason),
        };
        admitted.map_err(|reason| Refusal::new(reason, self.0.metadata_url.clone()))
    }

    /// Where a request comes from that has one reading, and goes to an API that takes part, as far as was heard.
    fn origin(&self, asked: &Asked<'_>) -> Result<Origin, Reason> {
        let registered = self.0.checks.feed.registered();
        judge::place(asked, registered.as_ref().map(Option::as_deref))?;
        judge::origin(asked, &self.0.checks.proxies)
    }

    async fn judged(&self, asked: &Asked<'_>, origin: Origin) -> Result<Admitted, Reason> {
        let checks = &self.0.checks;
        let text = bearer::token(asked.authorization.iter().copied())?;
        let token = self.in_time(self.token(text, Heed::InTouch)).await?;
        let api = checks.feed.registered().flatten();
        let level = judge::judge(&token, asked, origin, api.as_deref(), checks.clock.now())?;
        Ok(Admitted::With(Access::by(token, level, self.0.metadata_url.clone())))
    }

    /// A browser's question, which brings no token with it: where the API does not let such pass, it is told to bring one.
    async fn preflight(&self, asked: &Asked<'_>) -> Result<Admitted, Reason> {
        self.in_time(self.in_touch()).await?;
        let origin = self.origin(asked)?;
        let api = self.0.checks.feed.registered().flatten();
        if api.is_some_and(|api| api.preflight == Preflight::Allow) {
            return Ok(Admitted::Preflight);
        }
        self.judged(asked, origin).await
    }

    /// One bound for all that a request may have to wait for.
    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Reason>>) -> Result<T, Reason> {
        let server = &self.0.checks.server;
        server.errands.in_time(work).await.unwrap_or_else(|| {
            tracing::warn!(issuer = server.issuer.text, "an access token could not be judged in time");
            Err(Reason::Unavailable)
        })
    }

    async fn in_touch(&self) -> Result<(), Reason> {
        let checks = &self.0.checks;
        checks.feed.follow(&checks.server, &checks.clock);
        checks.feed.in_touch(&*checks.clock).await.map_err(|_| {
            let issuer = &checks.server.issuer.text;
            tracing::warn!(issuer, "a request cannot be decided on: the feed of revocations is not heard");
            Reason::Unavailable
        })
    }

    /// Tells the forms apart. What has our prefix but is not whole, or is another kind of token, is refused unasked.
    async fn token(&self, text: &str, heed: Heed) -> Result<Arc<Token>, Reason> {
        let checks = &self.0.checks;
        let now = checks.clock.now();
        if text.bytes().filter(|byte| *byte == b'.').count() == 2 {
            let mut seen = checks.signed.verify(text, &checks.server, now).await?;
            self.heed(heed).await?;
            // What was heard meanwhile may be that its key is not to be trusted.
            if !checks.server.is_of(seen.generation) {
                seen = checks.signed.verify(text, &checks.server, now).await?;
            }
            let token = Arc::clone(&seen.token);
            return match checks.feed.standing(&token) {
                Standing::Good => Ok(token),
                Standing::Changed(_) => checks.opaque.verify((text, Form::Signed), &checks.server, now).await,
                Standing::Revoked => Err(Reason::Invalid),
            };
        }
        let form = match token_text::read(text) {
            Ok(TokenType::AccessToken) => Form::Opaque,
            Ok(TokenType::PersonalAccessToken | TokenType::ApiAccountToken) => Form::ApiToken,
            _ => return Err(Reason::Invalid),
        };
        let token = checks.opaque.verify((text, form), &checks.server, now).await?;
        self.heed(heed).await?;
        if checks.feed.standing(&token) == Standing::Revoked { Err(Reason::Invalid) } else { Ok(token) }
    }

    async fn heed(&self, heed: Heed) -> Result<(), Reason> {
        let checks = &self.0.checks;
        match heed {
            Heed::InTouch => self.in_touch().await,
            Heed::AsFarAsHeard => {
                checks.feed.follow(&checks.server, &checks.clock);
                Ok(())
            }
        }
    }

    /// The API's identifier.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.0.resource
    }

    /// RFC 9728 §3.1: the path at which the API's metadata are expected, if it has any.
    #[must_use]
    pub fn metadata_path(&self) -> Option<&str> {
        self.0.document.as_ref().map(|document| document.path.as_str())
    }

    /// RFC 9728 §3.2: the API's metadata as JSON, if it has any.
    #[must_use]
    pub fn metadata_json(&self) -> Option<&str> {
        self.0.document.as_ref().map(|document| document.json.as_str())
    }
}

impl fmt::Debug for ProtectedApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectedApi")
            .field("resource", &self.0.resource)
            .field("issuer", &self.0.checks.server.issuer.text)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use doorward_testkit::block_on::block_on;
    use std::time::Duration;

    /// RFC 9110 §15.6.4: whatever a request waits for, it does so no longer than its patience, signed token or opaque.
    #[test]
    fn a_request_does_not_wait_for_what_never_ends() {
        let settings = Settings { patience: Duration::from_millis(1), ..Settings::default() };
        let builder = ProtectedApi::builder("http://127.0.0.1:1", "https://orders.example");
        let api = builder.introspect_as("orders", "secret").settings(settings).build().unwrap();
        let _busy = api.0.checks.server.busy();
        let opaque = token_text::write(TokenType::AccessToken, &[7; 32]);
        for token in ["a.b.c", opaque.expose()] {
            let refused = block_on(api.verify([format!("Bearer {token}").as_bytes()])).unwrap_err();
            assert_eq!(refused.status(), 503);
        }
    }
}
