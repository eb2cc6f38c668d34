//! What is known of the authorization server: its keys and its endpoints, as it published them. Owns when that
//! is read (in time, by one request for all who wait, and not from a server that has just failed to answer) and how long it
//! is believed; what is done with it is [`crate::signed`]'s, [`crate::opaque`]'s and [`crate::feed`]'s part.

mod published;

use crate::address::Issuer;
use crate::authorization_server::published::Published;
use crate::errands::Errands;
use crate::fetch::Fetch;
use crate::settings::{PAUSE, Settings};
use doorward_protocol::jose::verification_key::VerificationKey;
use doorward_protocol::jose::verifier::AccessTokenVerifier;
use doorward_protocol::revocation::verifier::RevocationsVerifier;
use doorward_protocol::time::{Lifetime, Seconds};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{Mutex, OwnedMutexGuard};
use url::Url;

/// As many revoked keys are remembered, the last ones: more than any server ever has.
const MOST_DISTRUSTED: usize = 1_000;

pub(crate) struct AuthorizationServer {
    pub(crate) issuer: Issuer,
    pub(crate) fetch: Arc<Fetch>,
    pub(crate) errands: Errands,
    trusted: Vec<Url>,
    leeway: Lifetime,
    outage: Lifetime,
    state: RwLock<State>,
    /// Held by the one who reads.
    turn: Arc<Mutex<()>>,
}

/// Nobody answers, and what was known is too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreachable;

/// What was published, ready to be used.
pub(crate) struct Known {
    /// Changes with the keys: what was verified with others must be verified anew.
    pub(crate) generation: u64,
    pub(crate) verifier: AccessTokenVerifier,
    /// The same keys, for what the server says of its tokens.
    pub(crate) revocations: RevocationsVerifier,
    pub(crate) introspection_endpoint: Option<Url>,
    pub(crate) revocations_endpoint: Option<Url>,
    keys: Vec<VerificationKey>,
    read_at: Seconds,
    kept: Lifetime,
}

#[derive(Clone, Default)]
struct State {
    known: Option<Arc<Known>>,
    /// Keys by which nothing is verified any more, wherever they are still published.
    distrusted: Arc<Vec<String>>,
    /// Attempts so far, by which those who waited for one see that it was made.
    attempts: u64,
    tried_at: Option<Seconds>,
    failed: Option<Failure>,
}

/// What came of the last attempt, when it was nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// No answer, or none that could be read.
    Outage,
    /// An answer that is not to be used. It gives no time to the keys of before: whoever is in the server's place has others.
    Astray,
}

impl AuthorizationServer {
    pub(crate) fn new(
        issuer: Issuer,
        trusted: Vec<Url>,
        (fetch, errands): (Fetch, Errands),
        settings: &Settings,
    ) -> Self {
        let (leeway, outage) = (settings.leeway, settings.outage);
        let (fetch, state, turn) = (Arc::new(fetch), RwLock::default(), Arc::default());
        Self { issuer, fetch, errands, trusted, leeway, outage, state, turn }
    }

    /// What is known now. A request waits only when nothing is, or when it is too old and there is hope for better.
    pub(crate) async fn known(self: &Arc<Self>, now: Seconds) -> Result<Arc<Known>, Unreachable> {
        let state = self.state();
        if let Some(known) = state.known.clone() {
            if known.is_fresh(now) {
                return Ok(known);
            }
            if self.is_believed(&known, state.failed, now) {
                self.renew_aside(&state, now);
                return Ok(known);
            }
        }
        if state.may_try(now) {
            self.renew(state.attempts, now).await;
        }
        let state = self.state();
        state.known.filter(|known| self.is_believed(known, state.failed, now)).ok_or(Unreachable)
    }

    /// What was read last, however long ago; what is read now, where nothing was.
    pub(crate) async fn at_hand(self: &Arc<Self>, now: Seconds) -> Option<Arc<Known>> {
        match self.state().known {
            Some(known) => Some(known),
            None => self.known(now).await.ok(),
        }
    }

    /// What is known after another look, for whoever misses a key in what was known before. In vain within a short time of
    /// the look before.
    pub(crate) async fn renewed(
        self: &Arc<Self>,
        before: &Arc<Known>,
        now: Seconds,
    ) -> Result<Arc<Known>, Unreachable> {
        let state = self.state();
        let is_the_same = state.known.as_ref().is_some_and(|known| Arc::ptr_eq(known, before));
        if is_the_same && state.has_paused(now) {
            self.renew(state.attempts, now).await;
        }
        let state = self.state();
        // A key that a server that does not answer may well have is nothing that a client could mend.
        state.known.filter(|_| state.failed.is_none()).ok_or(Unreachable)
    }

    /// Reads anew, for whoever has the server's own word that what is known may be no longer true.
    pub(crate) async fn read_again(self: &Arc<Self>, now: Seconds) -> Result<(), Unreachable> {
        self.renew(self.state().attempts, now).await;
        if self.state().failed.is_none() { Ok(()) } else { Err(Unreachable) }
    }

    /// Verifies nothing by these keys any more, also when they are read once more: from a node of the server that has not heard yet,
    /// or from a cache on the way.
    pub(crate) fn distrust(&self, kids: impl IntoIterator<Item = String>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let kids: Vec<_> = kids.into_iter().filter(|kid| !state.distrusted.contains(kid)).collect();
        if kids.is_empty() {
            return;
        }
        let mut distrusted = [state.distrusted.as_slice(), &kids].concat();
        distrusted.drain(..distrusted.len().saturating_sub(MOST_DISTRUSTED));
        state.distrusted = Arc::new(distrusted);
        let Some(before) = state.known.clone() else { return };
        let published = Published {
            keys: before.keys.clone(),
            introspection_endpoint: before.introspection_endpoint.clone(),
            revocations_endpoint: before.revocations_endpoint.clone(),
            kept: before.kept,
        };
        state.known = Some(Arc::new(self.with(published, &state.distrusted, Some(&before), before.read_at)));
    }

    /// Whether nothing was verified by other keys than those that are known now.
    pub(crate) fn is_of(&self, generation: u64) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.known.as_ref().is_some_and(|known| known.generation == generation)
    }

    /// While the server does not answer, what is known goes on to count for some time.
    fn is_believed(&self, known: &Known, failed: Option<Failure>, now: Seconds) -> bool {
        let age = known.age(now);
        let is_outage = failed == Some(Failure::Outage);
        age < known.kept || (is_outage && age < Lifetime(known.kept.0.saturating_add(self.outage.0)))
    }

    /// Reads without anybody waiting for it.
    fn renew_aside(self: &Arc<Self>, state: &State, now: Seconds) {
        let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() else { return };
        // Somebody may have read between our look and our turn.
        if self.state().attempts == state.attempts && state.may_try(now) {
            drop(self.errands.spawn(Arc::clone(self).read(turn, now)));
        }
    }

    /// Reads, or waits for another's reading. Of all who have seen the same number of attempts, one makes the next. The turn is
    /// taken, and the reading done, where no request can hold it up, and goes on when nobody waits for it any more.
    async fn renew(self: &Arc<Self>, attempts: u64, now: Seconds) {
        let server = Arc::clone(self);
        let reading = self.errands.spawn(async move {
            let turn = Arc::clone(&server.turn).lock_owned().await;
            if server.state().attempts == attempts {
                server.read(turn, now).await;
            }
        });
        // A task that did not come to its end has changed nothing.
        drop(reading.await);
    }

    async fn read(self: Arc<Self>, turn: OwnedMutexGuard<()>, now: Seconds) {
        let published = published::read(&self.issuer, &self.trusted, &self.fetch).await;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.attempts += 1;
        state.tried_at = Some(now);
        match published {
            Ok(published) => {
                if state.failed.take().is_some() {
                    tracing::info!(issuer = self.issuer.text, "the authorization server answers again");
                }
                let known = self.with(published, &state.distrusted, state.known.as_deref(), now);
                state.known = Some(Arc::new(known));
            }
            Err(reason) => {
                let failure = if reason.leads_astray() { Failure::Astray } else { Failure::Outage };
                if state.failed.replace(failure) != Some(failure) {
                    tracing::error!(issuer = self.issuer.text, %reason, "the authorization server's keys cannot be read");
                }
            }
        }
        drop(state);
        drop(turn);
    }

    fn with(
        &self,
        published: Published,
        distrusted: &[String],
        before: Option<&Known>,
        read_at: Seconds,
    ) -> Known {
        let mut keys = published.keys;
        keys.retain(|key| !distrusted.iter().any(|kid| kid == key.kid()));
        keys.sort_unstable_by(|a, b| a.kid().cmp(b.kid()));
        // A kid is its key's thumbprint, so the same names are the same keys.
        let is_the_same = |before: &Known| {
            before.keys.iter().map(VerificationKey::kid).eq(keys.iter().map(VerificationKey::kid))
        };
        let generation = match before {
            Some(before) if is_the_same(before) => before.generation,
            Some(before) => before.generation + 1,
            None => 0,
        };
        let revocations = RevocationsVerifier::new(self.issuer.text.as_str(), keys.clone());
        let verifier = AccessTokenVerifier::new(self.issuer.text.as_str(), keys.clone());
        Known {
            generation,
            verifier: verifier.with_leeway(self.leeway),
            revocations,
            introspection_endpoint: published.introspection_endpoint,
            revocations_endpoint: published.revocations_endpoint,
            keys,
            read_at,
            kept: published.kept,
        }
    }

    /// Somebody reads, and comes to no end.
    #[cfg(test)]
    pub(crate) fn busy(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).try_lock_owned().unwrap()
    }

    fn state(&self) -> State {
        // What is changed under the lock is assigned whole.
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Known {
    /// Before three quarters of its time are over there is no need to look for more.
    fn is_fresh(&self, now: Seconds) -> bool {
        self.age(now).0 < self.kept.0 * 3 / 4
    }

    /// A clock that was set back tells nothing about the age of what was read before.
    fn age(&self, now: Seconds) -> Lifetime {
        if now < self.read_at { Lifetime(i64::MAX) } else { now - self.read_at }
    }
}

impl State {
    /// A server that has just failed to answer is left alone for a while.
    fn may_try(&self, now: Seconds) -> bool {
        self.failed.is_none() || self.has_paused(now)
    }

    fn has_paused(&self, now: Seconds) -> bool {
        self.tried_at.is_none_or(|tried| now < tried || now - tried >= PAUSE)
    }
}
