//! Putting an authorization server together: what the embedder gives, what is at its default, and the proof that store, master key
//! and signing keys belong together. Owns the order of these steps; what the server does then is its own file's.

use crate::audit::event_ids::EventIds;
use crate::audit::seen::Seen;
use crate::authorization_server::AuthorizationServer;
use crate::cache::{Cache, CacheError};
use crate::client::attempts::Attempts;
use crate::clock::{Clock, SystemClock};
use crate::endpoint;
use crate::endpoint::revocations::SignedAnswers;
use crate::identity::hashing::{HashingError, HashingPool};
use crate::identity::password::hash::Cost;
use crate::issuer::Issuer;
use crate::keys::audit::AuditKeys;
use crate::keys::master::MasterKey;
use crate::keys::pepper::Peppers;
use crate::keys::purpose::Purpose;
use crate::keys::seal::Sealer;
use crate::manage::installation::{self, ForeignMasterKey};
use crate::manage::management_api;
use crate::random::{Random, SystemRandom};
use crate::settings::Settings;
use crate::sign_in::SignIn;
use crate::sign_in::directory::Directory;
use crate::store::Store;
use crate::store::fault::Fault;
use crate::sweep::REVOCATION_GRACE;
use crate::token::recognise::SeenTokens;
use crate::trail::beginning;
use crate::uses::Uses;
use doorward_protocol::jose::probe::{self, Unproven};
use doorward_protocol::jose::provider;
use doorward_protocol::time::Lifetime;
use std::sync::Arc;

/// Puts an [`AuthorizationServer`] together.
pub struct Builder {
    settings: Settings,
    store: Arc<dyn Store>,
    master: MasterKey,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    sign_in: Option<Arc<dyn SignIn>>,
    only_looks: bool,
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
    /// The threads that hash passwords could not be started.
    #[error(transparent)]
    Hashing(#[from] HashingError),
}

impl Builder {
    pub(super) fn new(issuer: Issuer, store: Arc<dyn Store>, master: MasterKey) -> Self {
        Self {
            settings: Settings::new(issuer),
            store,
            master,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::default()),
            sign_in: None,
            only_looks: false,
        }
    }

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

    /// Lets people sign in otherwise than by the built-in directory.
    #[must_use]
    pub fn sign_in(mut self, sign_in: Arc<dyn SignIn>) -> Self {
        self.sign_in = Some(sign_in);
        self
    }

    /// Leaves nothing in the store that a first start leaves there: for whoever looks whether anything is missing.
    #[must_use]
    pub fn only_looking(mut self) -> Self {
        self.only_looks = true;
        self
    }

    /// Reads the store and proves that its signing keys work.
    ///
    /// # Errors
    /// [`BuildError`].
    pub async fn build(self) -> Result<AuthorizationServer, BuildError> {
        provider::install();
        let traces = installation::check(&self.master, &*self.store).await??;
        let sealer = Sealer::new(&self.master, Purpose::Seal);
        let longest_access = self.settings.longest_access_token();
        let cache = Cache::fill(
            self.store,
            Arc::clone(&self.clock),
            Sealer::new(&self.master, Purpose::Seal),
            self.settings.issuer.clone(),
            (longest_access, Lifetime(longest_access.0 + REVOCATION_GRACE.0)),
            self.settings.memory,
        )
        .await?;
        for key in cache.keyring().keys() {
            probe::prove(key)?;
        }
        let hashing = hashing(&self.settings, &*self.random)?;
        let audit = Arc::new(AuditKeys::new(&self.master));
        if !self.only_looks {
            let now = self.clock.now();
            // Only now: a key that opens what is sealed here belongs here, and a foreign one leaves nothing behind.
            installation::leave(traces, cache.store()).await??;
            beginning::begin(cache.store(), &audit, now).await?;
            management_api::ensure(&self.settings.issuer, &cache, &audit, &*self.random, now).await?;
        }
        Ok(AuthorizationServer {
            metadata: endpoint::metadata::document(&self.settings),
            attempts: Attempts::new(self.settings.failed_authentications_per_minute),
            hashing,
            sign_in: self.sign_in.unwrap_or_else(|| Arc::new(Directory::new(&self.settings.sign_in))),
            peppers: Arc::new(Peppers::new(&self.master)),
            audit,
            event_ids: EventIds::new(Arc::clone(&self.clock)),
            sealer,
            interactions: Sealer::new(&self.master, Purpose::Interaction),
            answers: Sealer::new(&self.master, Purpose::Answer),
            seen: SeenTokens::new(self.settings.memory.tokens),
            uses: Uses::default(),
            trail: Seen::default(),
            signed_answers: SignedAnswers::default(),
            settings: Arc::new(self.settings),
            node: self.random.id(self.clock.now()).map_err(Fault::broken)?,
            clock: self.clock,
            random: self.random,
            cache,
        })
    }
}

fn hashing(settings: &Settings, random: &dyn Random) -> Result<HashingPool, HashingError> {
    let set = &settings.sign_in;
    HashingPool::start(set.hashing_threads, Cost::new(set.hashing_memory, set.hashing_passes)?, random)
}
