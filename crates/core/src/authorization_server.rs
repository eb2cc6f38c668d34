//! The authorization server: one method per endpoint, over a store. Owns the parts that requests share and the building
//! of them; this is what an embedder holds, and what the HTTP floor calls.

use crate::cache::{Cache, CacheError};
use crate::client::attempts::Attempts;
use crate::clock::{Clock, SystemClock};
use crate::context::{Context, FormRequest};
use crate::endpoint;
use crate::issuer::Issuer;
use crate::keys::master::MasterKey;
use crate::keys::pepper::Peppers;
use crate::keys::seal::Sealer;
use crate::manage::installation::{self, ForeignMasterKey};
use crate::random::{Random, SystemRandom};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::fault::{Fault, Stop};
use crate::token::recognise::SeenTokens;
use doorward_protocol::error::OAuthError;
use doorward_protocol::introspection::Introspection;
use doorward_protocol::jose::probe::{self, Unproven};
use doorward_protocol::jose::provider;
use doorward_protocol::token::TokenResponse;
use std::sync::Arc;

/// Signed tokens remembered as good, in bytes.
const SEEN_BYTES: u64 = 16 * 1024 * 1024;

/// An OAuth 2.1 authorization server over a store.
pub struct AuthorizationServer {
    settings: Settings,
    cache: Cache,
    peppers: Peppers,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    attempts: Attempts,
    seen: SeenTokens,
    metadata: String,
}

/// Puts an [`AuthorizationServer`] together.
pub struct Builder {
    settings: Settings,
    store: Arc<dyn Store>,
    master: MasterKey,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// Why a server could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The store did not answer, or what it holds cannot be used with this master key.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] Fault),
    /// The master key belongs to another database.
    #[error(transparent)]
    MasterKey(#[from] ForeignMasterKey),
    /// The process's JOSE provider cannot do what one of the signing keys needs.
    #[error("the process's JOSE provider cannot be used: {0}")]
    Provider(#[from] Unproven),
}

impl Builder {
    /// Replaces the defaults of the issuer.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Tells the time otherwise than by the machine's clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Draws randomness otherwise than from the operating system.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Reads the store and proves that its signing keys work.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn build(self) -> Result<AuthorizationServer, BuildError> {
        provider::install();
        let traces = installation::check(&self.master, &*self.store).await??;
        let sealer = Sealer::new(&self.master);
        let cache = Cache::fill(
            self.store,
            Arc::clone(&self.clock),
            Sealer::new(&self.master),
            self.settings.issuer.clone(),
        )
        .await?;
        for key in cache.keyring().keys() {
            probe::prove(key)?;
        }
        // Only now: a key that opens what is sealed here belongs here, and a foreign one leaves nothing behind.
        installation::leave(traces, cache.store()).await?;
        Ok(AuthorizationServer {
            metadata: endpoint::metadata::document(&self.settings),
            attempts: Attempts::new(self.settings.failed_authentications_per_minute),
            peppers: Peppers::new(&self.master),
            sealer,
            seen: SeenTokens::new(SEEN_BYTES),
            settings: self.settings,
            clock: self.clock,
            random: self.random,
            cache,
        })
    }
}

impl AuthorizationServer {
    /// Begins with an issuer, a store that is migrated, and the master key of its installation.
    #[must_use]
    pub fn builder(issuer: Issuer, store: Arc<dyn Store>, master: MasterKey) -> Builder {
        Builder {
            settings: Settings::new(issuer),
            store,
            master,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::default()),
        }
    }

    /// The token endpoint (RFC 6749 §3.2).
    ///
    /// # Errors
    /// A refusal in the form of RFC 6749 §5.2, or a fault.
    pub async fn token(&self, request: &FormRequest<'_>) -> Result<TokenResponse, Stop<OAuthError>> {
        endpoint::token::token(request, &self.context()).await
    }

    /// The introspection endpoint (RFC 7662 §2).
    ///
    /// # Errors
    /// A refusal in the form of RFC 6749 §5.2, or a fault.
    pub async fn introspect(&self, request: &FormRequest<'_>) -> Result<Introspection, Stop<OAuthError>> {
        endpoint::introspect::introspect(request, &self.context()).await
    }

    /// The revocation endpoint (RFC 7009 §2).
    ///
    /// # Errors
    /// A refusal in the form of RFC 6749 §5.2, or a fault.
    pub async fn revoke(&self, request: &FormRequest<'_>) -> Result<(), Stop<OAuthError>> {
        endpoint::revoke::revoke(request, &self.context()).await
    }

    /// The metadata document (RFC 8414 §3.2), in JSON; it does not change while the server runs.
    #[must_use]
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The published key set (RFC 7517 §5), in JSON.
    #[must_use]
    pub fn jwks(&self) -> String {
        self.cache.keyring().jwks().to_owned()
    }

    /// What the operator has set.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The store and what was read from it.
    #[must_use]
    pub const fn cache(&self) -> &Cache {
        &self.cache
    }

    /// What private keys are sealed with.
    #[must_use]
    pub const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// One request's view of the server, with the instant at which it came.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.clock.now(),
            revision: self.cache.applied(),
            settings: &self.settings,
            cache: &self.cache,
            peppers: &self.peppers,
            random: &*self.random,
            attempts: &self.attempts,
            seen: &self.seen,
        }
    }
}
