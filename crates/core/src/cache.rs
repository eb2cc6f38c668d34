//! What requests read from memory: all APIs and keys as immutable snapshots, clients as a bounded cache, and the signed
//! tokens that were taken back. Owns keeping them true: every change goes through [`Cache::write`], which applies it
//! before anybody is answered; changes of other processes are learned by [`Cache::catch_up`].
//!
//! Records are cached, never decisions. What is found here is as fresh as the last revision applied: on the writing node
//! the change itself, elsewhere at most one polling interval old.

use crate::access::api::Apis;
use crate::client::ClientRecord;
use crate::clock::Clock;
use crate::issuer::Issuer;
use crate::keys::keyring::{Keyring, KeyringError};
use crate::keys::seal::Sealer;
use crate::keys::signing_key::SigningKeyRecord;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::{Changed, Tx};
use crate::store::{Revision, Store};
use crate::token::RevokedJwt;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::time::Seconds;
use moka::sync::Cache as Bounded;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// Clients kept in memory, in bytes of their records.
const CLIENT_BYTES: u64 = 16 * 1024 * 1024;
/// Names kept in memory, each with the identifier behind it.
const CLIENT_NAMES: u64 = 100_000;
/// Changes read at a time; who is further behind reads everything anew.
const MOST_CHANGES: i64 = 1_000;

/// The store, with what was read from it.
pub struct Cache {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    sealer: Sealer,
    issuer: Issuer,
    /// A name is given once and never again, so what stands behind it never changes.
    names: Bounded<ClientId, Id>,
    clients: Bounded<Id, Arc<ClientRecord>>,
    held: RwLock<Held>,
    /// Whether the last attempt to learn of changes failed.
    behind: AtomicBool,
}

/// What is replaced as a whole, with the revision that it is true at.
struct Held {
    applied: Revision,
    apis: Arc<Apis>,
    keyring: Arc<Keyring>,
    revoked: HashMap<Id, Seconds>,
}

/// Why the cache could not be filled or brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] Fault),
    /// The signing keys cannot be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

/// All that is held as snapshots, read in one transaction.
struct Everything {
    revision: Revision,
    apis: Vec<crate::access::api::Api>,
    keys: Vec<SigningKeyRecord>,
    revoked: Vec<RevokedJwt>,
}

/// What has changed since a revision, read in one transaction.
struct Delta {
    revision: Revision,
    clients: Clients,
    apis: Option<Vec<crate::access::api::Api>>,
    keys: Option<Vec<SigningKeyRecord>>,
    revoked: Vec<RevokedJwt>,
}

/// The clients whose records are no longer true.
enum Clients {
    These(Vec<Id>),
    All,
}

impl Cache {
    /// Reads everything that is held in memory.
    ///
    /// # Errors
    /// [`CacheError`] when the store does not answer or the signing keys do not open.
    pub async fn fill(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        sealer: Sealer,
        issuer: Issuer,
    ) -> Result<Self, CacheError> {
        let now = clock.now();
        let all = store.snapshot(|tx| everything(tx)).await?;
        let (keyring, errors) = Keyring::open(all.revision.0, all.keys, &sealer, &issuer, now, None);
        if let Some(error) = errors.into_iter().next() {
            return Err(error.into());
        }
        let held = Held {
            applied: all.revision,
            apis: Arc::new(Apis::new(all.apis)),
            keyring: Arc::new(keyring),
            revoked: all.revoked.into_iter().map(|token| (token.jti, token.expires_at)).collect(),
        };
        let weigh = |_: &Id, record: &Arc<ClientRecord>| u32::try_from(weight(record)).unwrap_or(u32::MAX);
        Ok(Self {
            store,
            clock,
            sealer,
            issuer,
            names: Bounded::new(CLIENT_NAMES),
            clients: Bounded::builder().weigher(weigh).max_capacity(CLIENT_BYTES).build(),
            held: RwLock::new(held),
            behind: AtomicBool::new(false),
        })
    }

    /// The store, for questions whose answers are not kept.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The last revision applied: what is read from here afterwards is at least as fresh.
    #[must_use]
    pub fn applied(&self) -> Revision {
        self.held().applied
    }

    /// All APIs.
    #[must_use]
    pub fn apis(&self) -> Arc<Apis> {
        Arc::clone(&self.held().apis)
    }

    /// All signing keys.
    #[must_use]
    pub fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(&self.held().keyring)
    }

    /// Whether a signed token was taken back.
    #[must_use]
    pub fn is_revoked(&self, jti: Id) -> bool {
        self.held().revoked.contains_key(&jti)
    }

    /// The client behind a public name.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn client_named(&self, client_id: &ClientId) -> Result<Option<Arc<ClientRecord>>, Fault> {
        if let Some(id) = self.names.get(client_id) {
            return self.client(id).await;
        }
        let name = client_id.clone();
        let Some(id) = self.store.read(move |tx| tx.client_named(&name)).await? else { return Ok(None) };
        self.names.insert(client_id.clone(), id);
        self.client(id).await
    }

    /// The client with an internal identifier.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn client(&self, id: Id) -> Result<Option<Arc<ClientRecord>>, Fault> {
        if let Some(record) = self.clients.get(&id) {
            return Ok(Some(record));
        }
        let before = self.held().applied;
        let Some(record) = self.store.read(move |tx| tx.client(id)).await?.map(Arc::new) else {
            return Ok(None);
        };
        let held = self.held();
        // Kept only if no change was applied since before the question: the answer may be older than that change. The
        // lock is held over the insertion, so that a change applied right after it finds (and removes) this record.
        if held.applied == before {
            self.clients.insert(id, Arc::clone(&record));
        }
        Ok(Some(record))
    }

    /// Decides and records in one transaction, and applies all that has changed up to its end before answering: its own
    /// changes, and those of others that it may have seen. A revocation that finds its token revoked already, elsewhere or
    /// a moment ago, changes nothing, and must be in force here all the same when it is answered.
    ///
    /// # Errors
    /// [`Stop`]: the closure's refusal, or a fault of the store. When the state is durable but could not be applied here,
    /// that is a fault too: nobody may be told "done" by a node that would still act on an older one.
    pub async fn write<T, R>(
        &self,
        decide: impl FnMut(&mut dyn Tx) -> Result<T, Stop<R>> + Send + 'static,
    ) -> Result<T, Stop<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
    {
        let result = self.store.write(decide).await?;
        let caught_up = self.catch_up().await;
        caught_up
            .map_err(|error| Fault::unavailable(format!("a change was made but not applied: {error}")))?;
        result.map_err(Stop::Refuse)
    }

    /// Applies what has changed since the last time, in this process or another. Cheap when nothing has.
    ///
    /// # Errors
    /// [`CacheError`]; what was held before stays in use.
    pub async fn catch_up(&self) -> Result<(), CacheError> {
        let result = self.follow().await;
        self.behind.store(result.is_err(), Ordering::Relaxed);
        result
    }

    /// Whether this node does not know what others have changed: it acts on an older state, and should not be asked.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Relaxed)
    }

    async fn follow(&self) -> Result<(), CacheError> {
        let applied = self.applied();
        let last = self.store.read(|tx| tx.last_revision()).await?;
        if last <= applied {
            return Ok(());
        }
        let delta = match self.store.snapshot(move |tx| delta(tx, applied)).await? {
            Some(delta) => delta,
            None => self.store.snapshot(|tx| everything(tx)).await?.into(),
        };
        self.apply(delta);
        Ok(())
    }

    fn apply(&self, delta: Delta) {
        let keyring = delta.keys.map(|keys| self.reopen(delta.revision, keys));
        let apis = delta.apis.map(Apis::new).map(Arc::new);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: a record read before is either refused by `client`, as the revision moves on, or found here.
        match delta.clients {
            Clients::These(ids) => ids.iter().for_each(|id| self.clients.invalidate(id)),
            Clients::All => self.clients.invalidate_all(),
        }
        held.revoked.extend(delta.revoked.into_iter().map(|token| (token.jti, token.expires_at)));
        // Two catch-ups may overlap; the one that saw less must not undo the other.
        if held.applied < delta.revision {
            held.applied = delta.revision;
            held.apis = apis.unwrap_or_else(|| Arc::clone(&held.apis));
            held.keyring = keyring.unwrap_or_else(|| Arc::clone(&held.keyring));
        }
    }

    /// A key that does not open must not keep the others, or a revocation, from being applied.
    fn reopen(&self, revision: Revision, keys: Vec<SigningKeyRecord>) -> Arc<Keyring> {
        let (previous, now) = (self.keyring(), self.clock.now());
        let (keyring, errors) =
            Keyring::open(revision.0, keys, &self.sealer, &self.issuer, now, Some(&previous));
        for error in errors {
            tracing::error!(%error, "a signing key cannot be used; is this node's master key out of date?");
        }
        Arc::new(keyring)
    }

    /// Forgets signed tokens that have ended by themselves. Called now and then; see `sweep`.
    pub fn forget_revoked(&self, before: Seconds) {
        self.held
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .revoked
            .retain(|_, expires_at| before <= *expires_at);
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        // Nothing that holds this lock for writing can panic half-way through a change of several fields.
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Revoked tokens are read whether they have ended or not: what has is swept, and a clock may be wrong for a while.
fn everything(tx: &mut dyn Tx) -> Result<Everything, Fault> {
    Ok(Everything {
        revision: tx.last_revision()?,
        apis: tx.apis()?,
        keys: tx.signing_keys()?,
        revoked: tx.revoked_jwts()?,
    })
}

impl From<Everything> for Delta {
    fn from(all: Everything) -> Self {
        let Everything { revision, apis, keys, revoked } = all;
        Self { revision, clients: Clients::All, apis: Some(apis), keys: Some(keys), revoked }
    }
}

/// What has changed after `applied`; `None` when the feed does not reach back that far, would be long to follow, or tells
/// of something unknown.
fn delta(tx: &mut dyn Tx, applied: Revision) -> Result<Option<Delta>, Fault> {
    let oldest = tx.oldest_revision()?;
    let changes = tx.changes_after(applied, MOST_CHANGES)?;
    if oldest > Revision(applied.0 + 1) || i64::try_from(changes.len()).is_ok_and(|read| read == MOST_CHANGES)
    {
        return Ok(None);
    }
    let mut clients = vec![];
    let mut delta =
        Delta { revision: applied, clients: Clients::These(vec![]), apis: None, keys: None, revoked: vec![] };
    for (revision, changed) in changes {
        delta.revision = revision;
        match changed {
            Changed::Client(id) => clients.push(id),
            Changed::Api(_) if delta.apis.is_none() => delta.apis = Some(tx.apis()?),
            Changed::SigningKeys if delta.keys.is_none() => delta.keys = Some(tx.signing_keys()?),
            Changed::Api(_) | Changed::SigningKeys => {}
            Changed::RevokedJwt(jti) => delta.revoked.extend(tx.revoked_jwt(jti)?),
            Changed::Unknown => return Ok(None),
        }
    }
    delta.clients = Clients::These(clients);
    Ok(Some(delta))
}

fn weight(record: &ClientRecord) -> usize {
    let client = &record.client;
    let texts =
        [client.name.len(), client.description.len(), client.scopes.to_string().len()].iter().sum::<usize>();
    512 + texts
        + client.redirect_uris.iter().map(|uri| uri.as_str().len() + 32).sum::<usize>()
        + 128 * record.secrets.len()
}
