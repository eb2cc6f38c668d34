//! What requests read from memory: all APIs and keys as immutable snapshots, clients as a bounded cache, and the signed
//! tokens that were taken back. Owns what is held and handed out: every change goes through [`Cache::write`], which applies
//! it before anybody is answered; how changes are learned of stands in `follow`.
//!
//! Records are cached, never decisions. What is found here is as fresh as the last revision applied: on the writing node
//! the change itself, elsewhere at most one polling interval old.

pub mod api_tokens;
mod delta;
mod follow;
pub mod remembered;
pub mod waiting;
mod weight;

use crate::access::api::Apis;
use crate::cache::remembered::Remembered;
use crate::cache::waiting::Waiting;
use crate::client::{Client, ClientRecord, built_in};
use crate::clock::Clock;
use crate::identity::group::Group;
use crate::identity::organization::Organization;
use crate::identity::user::User;
use crate::issuer::Issuer;
use crate::keys::keyring::{Keyring, KeyringError};
use crate::keys::seal::Sealer;
use crate::settings::Memory;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::{Mode, Revision, Store, Verdict};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::time::{Lifetime, Seconds};
use moka::sync::Cache as Bounded;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

/// How long a change in passing is not tried again, and how many are remembered.
const PASSING: (Duration, u64) = (Duration::from_secs(60), 10_000);

/// The store, with what was read from it.
pub struct Cache {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    sealer: Sealer,
    issuer: Issuer,
    /// How long revoked families have to be known: longer than any access token lives.
    family_memory: Lifetime,
    /// A name is given once and never again, but by a database that has forgotten whom it had given it to: where nobody is
    /// behind it, it is looked for once more.
    names: Bounded<ClientId, Id>,
    clients: Bounded<Id, Arc<ClientRecord>>,
    users: Bounded<Id, Arc<User>>,
    api_tokens: api_tokens::KeptTokens,
    /// What was changed in passing a moment ago.
    passing: Bounded<Id, ()>,
    /// How many keyrings there have been, by which tokens that were verified know theirs. Not by its revision, to which a
    /// database may come for the second time with other keys.
    keyrings: AtomicI64,
    held: RwLock<Held>,
    /// Whether the last attempt to learn of changes failed.
    behind: AtomicBool,
    /// When what is held was last known to be true.
    true_at: AtomicI64,
    waiting: Waiting,
}

/// What is replaced as a whole, with the moment that it is true at.
struct Held {
    moment: Moment,
    /// How often the database had become another one when all was read.
    databases: u64,
    apis: Arc<Apis>,
    keyring: Arc<Keyring>,
    organizations: Arc<HashMap<Id, Organization>>,
    groups: Arc<HashMap<Id, Group>>,
    revoked: HashMap<Id, Seconds>,
    /// Families of tokens that were revoked, and when: kept for as long as an access token of theirs could live.
    revoked_families: HashMap<Id, Seconds>,
    remembered: Remembered,
}

/// Which state of the store something is true at. A database that was restored, or is a standby that had not heard all, may
/// come to a revision for the second time: what was read before that is of another reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    reading: u64,
    applied: Revision,
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
        (longest_access, family_memory): (Lifetime, Lifetime),
        memory: Memory,
    ) -> Result<Self, CacheError> {
        let (now, databases) = (clock.now(), store.changes_of_database());
        let all = store.snapshot(move |tx| delta::everything(now - family_memory, tx)).await?;
        let (keyring, errors) = Keyring::open(0, all.keys.unwrap_or_default(), &sealer, &issuer, now, None);
        if let Some(error) = errors.into_iter().next() {
            return Err(error.into());
        }
        let mut held = Held {
            moment: Moment { reading: 0, applied: all.revision },
            databases,
            apis: Arc::new(Apis::new(all.apis.unwrap_or_default())),
            keyring: Arc::new(keyring),
            organizations: Arc::new(by_id(all.organizations.unwrap_or_default(), |one| one.id)),
            groups: Arc::new(by_id(all.groups.unwrap_or_default(), |one| one.id)),
            revoked: all.revoked.into_iter().map(|token| (token.jti, token.expires_at)).collect(),
            revoked_families: all.families.into_iter().map(|one| (one.id, one.revoked_at)).collect(),
            remembered: Remembered::nothing(longest_access),
        };
        held.remembered.anew(&all.changes, all.revision, now);
        held.remember(all.changes);
        let weigh =
            |_: &Id, record: &Arc<ClientRecord>| u32::try_from(weight::of_client(record)).unwrap_or(u32::MAX);
        let weigh_user = |_: &Id, user: &Arc<User>| u32::try_from(weight::of_user(user)).unwrap_or(u32::MAX);
        Ok(Self {
            store,
            clock,
            sealer,
            issuer,
            family_memory,
            names: Bounded::new(memory.clients / weight::BARE as u64),
            clients: Bounded::builder().weigher(weigh).max_capacity(memory.clients).build(),
            users: Bounded::builder().weigher(weigh_user).max_capacity(memory.users).build(),
            api_tokens: api_tokens::KeptTokens::new(memory.api_tokens),
            passing: Bounded::builder().time_to_live(PASSING.0).max_capacity(PASSING.1).build(),
            keyrings: AtomicI64::new(0),
            held: RwLock::new(held),
            behind: AtomicBool::new(false),
            true_at: AtomicI64::new(now.0),
            waiting: Waiting::default(),
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
        self.held().moment.applied
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

    /// All organizations.
    #[must_use]
    pub fn organizations(&self) -> Arc<HashMap<Id, Organization>> {
        Arc::clone(&self.held().organizations)
    }

    /// All groups.
    #[must_use]
    pub fn groups(&self) -> Arc<HashMap<Id, Group>> {
        Arc::clone(&self.held().groups)
    }

    /// Whether users and clients of this organization take part: those of none do, those of one that is switched off or
    /// gone do not.
    #[must_use]
    pub fn admits(&self, organization: Option<Id>) -> bool {
        organization.is_none_or(|id| self.held().organizations.get(&id).is_some_and(Organization::is_active))
    }

    /// Whether a client takes part: it is in use, and its organization is. An API account does as long as its owner does, too, and its
    /// organization, if it has one, has API access.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn takes_part(&self, client: &Client) -> Result<bool, Fault> {
        if !client.is_active() || client.has_ended(self.clock.now()) || !self.admits(client.organization) {
            return Ok(false);
        }
        let Some(owner) = client.account_of else { return Ok(true) };
        if !self.has_api_access(client.organization) {
            return Ok(false);
        }
        let Some(user) = owner.user() else { return Ok(true) };
        Ok(self.user(user).await?.is_some_and(|user| user.is_active()))
    }

    /// Whether the API accounts of this organization work; those of nobody's organization do.
    fn has_api_access(&self, organization: Option<Id>) -> bool {
        organization
            .is_none_or(|id| self.held().organizations.get(&id).is_some_and(Organization::has_api_access))
    }

    /// Whether something made in this generation of a user is still good: they are in use, and their organization is.
    #[must_use]
    pub fn holds(&self, user: &User, generation: i64) -> bool {
        user.standing().holds(generation) && self.admits(user.organization)
    }

    /// Whether a signed token was taken back.
    #[must_use]
    pub fn is_revoked(&self, jti: Id) -> bool {
        self.held().revoked.contains_key(&jti)
    }

    /// Whether the family of a token was revoked within the time that its access tokens live.
    #[must_use]
    pub fn is_family_revoked(&self, family: Id) -> bool {
        self.held().revoked_families.contains_key(&family)
    }

    /// The client behind a public name.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn client_named(&self, client_id: &ClientId) -> Result<Option<Arc<ClientRecord>>, Fault> {
        if client_id.as_str() == built_in::CLIENT_ID {
            return Ok(built_in::record());
        }
        if let Some(id) = self.names.get(client_id)
            && let Some(record) = self.client(id).await?
        {
            return Ok(Some(record));
        }
        let name = client_id.clone();
        let record = self.ask_client(move |tx| tx.client_named(&name)).await?;
        if let Some(record) = &record {
            self.names.insert(client_id.clone(), record.client.id);
        }
        Ok(record)
    }

    /// The client behind a public name, if it takes part.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn client_taking_part(&self, client_id: &ClientId) -> Result<Option<Arc<ClientRecord>>, Fault> {
        let Some(record) = self.client_named(client_id).await? else { return Ok(None) };
        Ok(if self.takes_part(&record.client).await? { Some(record) } else { None })
    }

    /// The client with an internal identifier.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn client(&self, id: Id) -> Result<Option<Arc<ClientRecord>>, Fault> {
        if let Some(record) = self.clients.get(&id) {
            return Ok(Some(record));
        }
        self.ask_client(move |tx| tx.client(id)).await
    }

    async fn ask_client(
        &self,
        question: impl FnMut(&mut dyn Tx) -> Result<Option<ClientRecord>, Fault> + Send + 'static,
    ) -> Result<Option<Arc<ClientRecord>>, Fault> {
        metrics::counter!("doorward_clients_read_total").increment(1);
        let before = self.held().moment;
        let Some(record) = self.store.read(question).await?.map(Arc::new) else { return Ok(None) };
        let held = self.held();
        // Kept only if no change was applied since before the question: the answer may be older than that change. The
        // lock is held over the insertion, so that a change applied right after it finds (and removes) this record.
        if held.moment == before {
            self.clients.insert(record.client.id, Arc::clone(&record));
        }
        Ok(Some(record))
    }

    /// The user with this identifier.
    ///
    /// # Errors
    /// [`Fault`] when the store does not answer.
    pub async fn user(&self, id: Id) -> Result<Option<Arc<User>>, Fault> {
        if let Some(user) = self.users.get(&id) {
            return Ok(Some(user));
        }
        let before = self.held().moment;
        let Some(user) = self.store.read(move |tx| tx.user(id)).await?.map(Arc::new) else {
            return Ok(None);
        };
        let held = self.held();
        // As for clients: kept only if nothing was applied in between.
        if held.moment == before {
            self.users.insert(id, Arc::clone(&user));
        }
        Ok(Some(user))
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
        let (mut decide, clock) = (decide, Arc::clone(&self.clock));
        let job = move |tx: &mut dyn Tx| with_revision(decide(tx), tx, &*clock);
        let (result, seen) = match self.store.write(job).await? {
            Ok((value, seen)) => (Ok(value), seen),
            Err((refusal, seen)) => (Err(Stop::Refuse(refusal)), seen),
        };
        // Nearly always nothing has changed since the last time, and nobody needs to be asked for that.
        if seen != Some(self.applied()) || self.is_outdated() {
            let caught_up = self.catch_up().await;
            caught_up
                .map_err(|error| Fault::unavailable(format!("a change was made but not applied: {error}")))?;
        }
        result
    }

    /// Changes what is not urgent, such as a hash that is to be renewed, and does not wait for it: a database that hangs must
    /// not keep those waiting who do not need it. Of what is about the same record, one change a minute is made at most.
    pub fn write_in_passing(
        &self,
        about: Id,
        mut change: impl FnMut(&mut dyn Tx) -> Result<(), Fault> + Send + 'static,
    ) {
        if self.passing.contains_key(&about) {
            return;
        }
        self.passing.insert(about, ());
        let clock = Arc::clone(&self.clock);
        let job = move |tx: &mut dyn Tx| {
            change(tx).inspect_err(|fault| tracing::warn!(%fault, %about, "a renewal failed"))?;
            tx.number_changes(clock.now())?;
            Ok(Verdict::Commit)
        };
        // Done whether its end is waited for or not.
        drop(self.store.run(Mode::Write, Box::new(job)));
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        // Nothing that holds this lock for writing can panic half-way through a change of several fields.
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer, and the revision up to which its transaction may have seen what has changed, its own changes included; none
/// where that cannot be told any more, after a refused row.
#[expect(clippy::type_complexity, reason = "it is what a closure answers, twice with the same companion")]
fn with_revision<T, R>(
    decided: Result<T, Stop<R>>,
    tx: &mut dyn Tx,
    clock: &dyn Clock,
) -> Result<(T, Option<Revision>), Stop<(R, Option<Revision>)>> {
    match decided {
        Ok(value) => Ok((value, Some(tx.number_changes(clock.now())?))),
        Err(Stop::RefuseAndCommit(refusal)) => {
            Err(Stop::RefuseAndCommit((refusal, Some(tx.number_changes(clock.now())?))))
        }
        // What is undone has no number.
        Err(Stop::Refuse(refusal)) => Err(Stop::Refuse((refusal, tx.last_revision().ok()))),
        Err(Stop::Fault(fault)) => Err(Stop::Fault(fault)),
    }
}

fn by_id<T>(all: Vec<T>, id: impl Fn(&T) -> Id) -> HashMap<Id, T> {
    all.into_iter().map(|one| (id(&one), one)).collect()
}
