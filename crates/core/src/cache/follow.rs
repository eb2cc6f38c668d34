//! How the cache stays true: what has changed, here or elsewhere, is read and applied, and a database that has become another
//! one is read anew. Owns what may be overtaken by what; how the feed is read stands in `delta`.

use super::delta::{self, Delta, These};
use super::remembered::{Cursor, Recalled};
use super::{Cache, CacheError, Moment, by_id};
use crate::access::api::Apis;
use crate::keys::keyring::Keyring;
use crate::keys::signing_key::SigningKeyRecord;
use crate::store::Revision;
use crate::store::fault::Fault;
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use moka::sync::Cache as Bounded;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// What is known is asked for again after so long, where it has to be true of this moment and no job has done it.
const FRESH: Lifetime = Lifetime::seconds(1);

impl Cache {
    /// Applies what has changed since the last time, in this process or another. Cheap when nothing has.
    ///
    /// # Errors
    /// [`CacheError`]; what was held before stays in use.
    pub async fn catch_up(&self) -> Result<(), CacheError> {
        let now = self.clock.now();
        let result = self.follow().await;
        self.behind.store(result.is_err(), Ordering::Relaxed);
        if result.is_ok() {
            self.true_at.store(now.0, Ordering::Relaxed);
        }
        result
    }

    /// Whether this node does not know what others have changed: it acts on an older state, and should not be asked.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Relaxed)
    }

    /// Whether all that was changed until a moment ago is known here; where it may not be, it is asked for.
    ///
    /// # Errors
    /// [`CacheError`].
    pub async fn be_up_to_date(&self) -> Result<(), CacheError> {
        let age = self.clock.now() - Seconds(self.true_at.load(Ordering::Relaxed));
        let is_fresh = (Lifetime::default()..=FRESH).contains(&age);
        if is_fresh && !self.is_behind() { Ok(()) } else { self.catch_up().await }
    }

    /// What somebody does not know yet of what was taken back, who knows everything up to a cursor; where they have none,
    /// everything that still counts. A cursor that another node has given out a moment ago may be ahead of this one.
    ///
    /// # Errors
    /// [`CacheError`].
    pub async fn recall(&self, since: Option<&Cursor>) -> Result<Recalled, CacheError> {
        self.be_up_to_date().await?;
        if since.is_some_and(|cursor| self.held().is_ahead(cursor)) {
            self.catch_up().await?;
        }
        Ok(self.held().recall(since, self.clock.now()))
    }

    /// Whether the database has become another one since all was read.
    pub(super) fn is_outdated(&self) -> bool {
        self.store.changes_of_database() != self.held().databases
    }

    async fn follow(&self) -> Result<(), CacheError> {
        // Until nobody else has read everything anew in the meantime.
        while !self.follow_once().await? {}
        Ok(())
    }

    async fn follow_once(&self) -> Result<bool, CacheError> {
        let Moment { reading, applied } = self.held().moment;
        let last = self.store.read(|tx| tx.last_revision()).await?;
        // Asked after the question, which may have been the one to find out. A database never goes back behind what was read
        // from it: then, too, this is another one, and what it has in common with the former is not known.
        if last < applied || self.is_outdated() {
            let databases = self.store.changes_of_database();
            let everything = self.everything().await?;
            return Ok(self.apply(everything, reading, Some(databases)));
        }
        if last == applied {
            return Ok(true);
        }
        let delta = match self.store.snapshot(move |tx| delta::since(applied, tx)).await? {
            Some(delta) => delta,
            None => self.everything().await?,
        };
        Ok(self.apply(delta, reading, None))
    }

    async fn everything(&self) -> Result<Delta, Fault> {
        let families_after = self.clock.now() - self.family_memory;
        self.store.snapshot(move |tx| delta::everything(families_after, tx)).await
    }

    /// Applies what was learned in a certain reading, or, with the changes of database up to then, begins another one with it. Does
    /// nothing, and tells so, when another one has begun meanwhile.
    fn apply(&self, delta: Delta, reading: u64, anew: Option<u64>) -> bool {
        let keyring = delta.keys.map(|keys| self.reopen(keys));
        let apis = delta.apis.map(Apis::new).map(Arc::new);
        let organizations = delta.organizations.map(|all| Arc::new(by_id(all, |one| one.id)));
        let groups = delta.groups.map(|all| Arc::new(by_id(all, |one| one.id)));
        let now = self.clock.now();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.moment.reading != reading {
            return false;
        }
        if let Some(databases) = anew {
            held.databases = databases;
            held.moment = Moment { reading: reading + 1, applied: Revision(i64::MIN) };
            // What was issued until now may rest on what is not in this one.
            held.remembered.may_have_changed(now);
        }
        // Under the lock: a record read before is either refused by `client`, as the revision moves on, or found here.
        forget(&self.clients, &delta.clients);
        forget(&self.users, &delta.users);
        self.api_tokens.forget(&delta.api_tokens);
        // Beside what was known: what a lost database has told of revocations stays true.
        held.revoked_families.extend(delta.families.into_iter().map(|one| (one.id, one.revoked_at)));
        held.revoked.extend(delta.revoked.into_iter().map(|token| (token.jti, token.expires_at)));
        // Two catch-ups may overlap; the one that saw less must not undo the other.
        if held.moment.applied < delta.revision {
            held.moment.applied = delta.revision;
            if delta.is_whole {
                held.remembered.anew(&delta.changes, delta.revision, now);
            }
            held.remember(delta.changes);
            held.apis = apis.unwrap_or_else(|| Arc::clone(&held.apis));
            held.keyring = keyring.unwrap_or_else(|| Arc::clone(&held.keyring));
            held.organizations = organizations.unwrap_or_else(|| Arc::clone(&held.organizations));
            held.groups = groups.unwrap_or_else(|| Arc::clone(&held.groups));
        }
        drop(held);
        self.waiting.wake();
        true
    }

    /// A key that does not open must not keep the others, or a revocation, from being applied.
    fn reopen(&self, keys: Vec<SigningKeyRecord>) -> Arc<Keyring> {
        let (previous, now) = (self.keyring(), self.clock.now());
        let serial = self.keyrings.fetch_add(1, Ordering::Relaxed) + 1;
        let (keyring, errors) = Keyring::open(serial, keys, &self.sealer, &self.issuer, now, Some(&previous));
        for error in errors {
            tracing::error!(%error, "a signing key cannot be used; is this node's master key out of date?");
        }
        Arc::new(keyring)
    }

    /// Forgets signed tokens that have ended by themselves, and families whose access tokens must have. Called now and then;
    /// see `sweep`.
    pub fn forget_revoked(&self, before: Seconds) {
        let revoked_before = self.clock.now() - self.family_memory;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.revoked.retain(|_, expires_at| before <= *expires_at);
        held.revoked_families.retain(|_, revoked_at| revoked_before <= *revoked_at);
        held.remembered.forget(self.clock.now());
    }
}

fn forget<T: Send + Sync + Clone + 'static>(kept: &Bounded<Id, T>, changed: &These) {
    match changed {
        These::Ids(ids) => ids.iter().for_each(|id| kept.invalidate(id)),
        These::All => kept.invalidate_all(),
    }
}
