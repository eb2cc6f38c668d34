//! Setting up a protected API. Owns what must be named, and the checks that need no network: whether the authorization server
//! answers is found out when the first token comes, so that an API starts without it.

use crate::address::{Issuer, UnusableUrl, safe};
use crate::authorization_server::AuthorizationServer;
use crate::clock::{Clock, SystemClock};
use crate::errands::Errands;
use crate::feed::Feed;
use crate::fetch::Fetch;
use crate::metadata::Metadata;
use crate::opaque::{OpaqueTokens, basic};
use crate::protected_api::{Checks, ProtectedApi};
use crate::settings::Settings;
use crate::signed::SignedTokens;
use crate::trust::{self, Untrusting};
use doorward_protocol::client_address::Proxies;
use doorward_protocol::secret::Secret;
use std::sync::Arc;

/// Sets up a [`ProtectedApi`].
#[must_use]
pub struct Builder {
    issuer: String,
    resource: String,
    introspector: Option<(String, Secret)>,
    metadata: Option<Metadata>,
    settings: Settings,
    trusted_origins: Vec<String>,
    roots: Vec<Vec<u8>>,
    clock: Arc<dyn Clock>,
}

/// What stands in the way of a protected API.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The issuer, or a trusted origin, is none that can be asked.
    #[error(transparent)]
    Url(#[from] UnusableUrl),
    /// RFC 8707 §2: the API's identifier is an absolute URI without fragment.
    #[error("{0:?} is no identifier of an API")]
    Resource(String),
    /// RFC 9728 §1.2: only an identifier that is an https URL has a place for metadata.
    #[error("the API's identifier has no place for metadata: {0}")]
    NoPlaceForMetadata(UnusableUrl),
    /// The client credentials do not fit into a header.
    #[error("the client credentials for introspection cannot be used")]
    Credentials,
    /// A setting makes no sense.
    #[error("a setting makes no sense: {0}")]
    Setting(&'static str),
    /// TLS cannot be spoken.
    #[error(transparent)]
    Tls(#[from] Untrusting),
    /// The machine has no thread left on which the authorization server could be asked.
    #[error("no thread to ask the authorization server on: {0}")]
    Thread(std::io::Error),
}

impl Builder {
    pub(crate) fn new(issuer: String, resource: String) -> Self {
        Self {
            issuer,
            resource,
            introspector: None,
            metadata: None,
            settings: Settings::default(),
            trusted_origins: vec![],
            roots: vec![],
            clock: Arc::new(SystemClock),
        }
    }

    /// The client by which the API asks about opaque tokens and API tokens; without one they are refused, and so are signed ones that
    /// rest on something that has changed since. It has to be among the API's introspection clients.
    pub fn introspect_as(self, client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self { introspector: Some((client_id.into(), Secret::new(client_secret.into()))), ..self }
    }

    /// RFC 9728: what the API tells about itself. Every challenge then leads to it, so it has to be served, too: see
    /// `metadata` of the framework's module.
    pub fn metadata(self, metadata: Metadata) -> Self {
        Self { metadata: Some(metadata), ..self }
    }

    /// Other settings than the defaults.
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// An origin, besides the issuer's, at which the issuer's metadata may place its endpoints.
    pub fn trust_origin(mut self, origin: impl Into<String>) -> Self {
        self.trusted_origins.push(origin.into());
        self
    }

    /// A root certificate (or several), in PEM, that TLS trusts besides those of this machine.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Another clock than the machine's.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The protected API. Nothing is asked yet.
    ///
    /// # Errors
    /// [`BuildError`], with the first thing that is wrong.
    pub fn build(self) -> Result<ProtectedApi, BuildError> {
        if let Some(fault) = self.settings.fault() {
            return Err(BuildError::Setting(fault));
        }
        let issuer = Issuer::parse(&self.issuer)?;
        let trusted = self.trusted_origins.iter().map(|text| safe(text)).collect::<Result<Vec<_>, _>>()?;
        let is_identifier = url::Url::parse(&self.resource).is_ok_and(|url| url.fragment().is_none());
        if !is_identifier || !self.resource.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(BuildError::Resource(self.resource));
        }
        let document = self.metadata.map(|metadata| metadata.document(&self.resource, &self.issuer));
        let document = document.transpose().map_err(BuildError::NoPlaceForMetadata)?;
        let credentials = self
            .introspector
            .map(|(client_id, secret)| basic(&client_id, &secret).ok_or(BuildError::Credentials));
        let feed = Arc::new(Feed::new(&self.resource, &self.settings));
        let credentials = credentials.transpose()?;
        let opaque = OpaqueTokens::new(&self.resource, credentials, Arc::clone(&feed), &self.settings);
        let uses_tls = trusted.iter().chain([&issuer.url]).any(|url| url.scheme() == "https");
        let fetch = Fetch::new(trust::configuration(uses_tls, &self.roots)?, self.settings.question());
        let errands = Errands::start(self.settings.patience).map_err(BuildError::Thread)?;
        let checks = Checks {
            signed: SignedTokens::new(&self.resource, self.settings.memory),
            opaque: Arc::new(opaque),
            feed,
            server: Arc::new(AuthorizationServer::new(issuer, trusted, (fetch, errands), &self.settings)),
            proxies: Proxies::new(self.settings.trusted_proxies, self.settings.client_address_header),
            clock: self.clock,
        };
        Ok(ProtectedApi::new(self.resource, checks, document))
    }
}
