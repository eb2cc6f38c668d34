//! The protected API: what decides, for one API, whether a request's token is good. Owns the order of things, from the
//! header to [`Access`] or [`Refusal`]; each step is a module's of its own.

use crate::access::{Access, Form, Token};
use crate::authorization_server::AuthorizationServer;
use crate::bearer;
use crate::builder::Builder;
use crate::clock::Clock;
use crate::metadata::Document;
use crate::needed::{self, NoGuard};
use crate::opaque::OpaqueTokens;
use crate::protect::Protect;
use crate::refusal::{Reason, Refusal};
use crate::signed::SignedTokens;
use doorward_protocol::scope::Scope;
use doorward_protocol::token_text::{self, TokenType};
use std::fmt;
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
    pub(crate) server: Arc<AuthorizationServer>,
    pub(crate) clock: Arc<dyn Clock>,
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
            Ok(token) => self.in_time(token).await,
            Err(reason) => Err(reason),
        };
        match verified {
            Ok(token) => Ok(Access::new(token, self.0.metadata_url.clone())),
            Err(reason) => Err(Refusal::new(reason, self.0.metadata_url.clone())),
        }
    }

    /// One bound for all that a token may have to wait for.
    async fn in_time(&self, text: &str) -> Result<Arc<Token>, Reason> {
        let server = &self.0.checks.server;
        server.errands.in_time(self.token(text)).await.unwrap_or_else(|| {
            tracing::warn!(issuer = server.issuer.text, "an access token could not be judged in time");
            Err(Reason::Unavailable)
        })
    }

    /// Tells the forms apart. What has our prefix but is not whole, or is another kind of token, is refused unasked.
    async fn token(&self, text: &str) -> Result<Arc<Token>, Reason> {
        let checks = &self.0.checks;
        let now = checks.clock.now();
        if text.bytes().filter(|byte| *byte == b'.').count() == 2 {
            return checks.signed.verify(text, &checks.server, now).await;
        }
        let form = match token_text::read(text) {
            Ok(TokenType::AccessToken) => Form::Opaque,
            Ok(TokenType::PersonalAccessToken | TokenType::ApiAccountToken) => Form::ApiToken,
            _ => return Err(Reason::Invalid),
        };
        checks.opaque.verify((text, form), &checks.server, now).await
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
