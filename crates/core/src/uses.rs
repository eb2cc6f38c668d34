//! Uses of credentials that have not been written down yet. Owns that a request notes one in memory, in no time and without waiting
//! for a database, and that they reach the database a moment later, many in one transaction; when, is the business of whoever runs
//! jobs.
//!
//! The last use of each credential counts, so what is noted takes a place per credential, not per request, and there is a bound: what
//! finds no place is not noted, and counted. A node that crashes forgets the uses of the last seconds. Those of API accounts are
//! counted, too: see `of_accounts`.

mod of_accounts;

use self::of_accounts::OfAccounts;
use crate::client::activity::AccountUses;
use crate::store::Store;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Parts with a lock each, so that threads seldom meet.
const PARTS: usize = 32;
/// Credentials that may be used between two flushes; some 100 bytes each.
const MOST: usize = 100_000;
/// Uses written in one transaction: few enough to be done within a commit's time.
const BATCH: usize = 200;
/// Accounts whose uses are written in one transaction: each takes a few rows.
const ACCOUNTS: usize = 50;

type Part = HashMap<Id, (Seconds, Option<IpAddr>)>;

/// Uses that have been noted and not written down.
#[derive(Debug)]
pub struct Uses {
    parts: [Mutex<Part>; PARTS],
    most_in_part: usize,
    of_accounts: OfAccounts,
    lost: AtomicU64,
}

impl Default for Uses {
    fn default() -> Self {
        Self::of_at_most(MOST)
    }
}

impl Uses {
    /// Room for about so many credentials between two flushes.
    #[must_use]
    pub fn of_at_most(credentials: usize) -> Self {
        let parts = std::array::from_fn(|_| Mutex::default());
        let most_in_part = credentials.div_ceil(PARTS);
        Self { parts, most_in_part, of_accounts: OfAccounts::default(), lost: AtomicU64::new(0) }
    }

    /// Notes that a credential (API token, client or client secret) is used.
    pub fn note(&self, id: Id, now: Seconds, address: Option<IpAddr>) {
        let mut part = self.part(id).lock().unwrap_or_else(PoisonError::into_inner);
        let room = part.len() < self.most_in_part;
        match part.entry(id) {
            Entry::Occupied(mut noted) => {
                let (last, known) = *noted.get();
                let address = if last <= now { address.or(known) } else { known.or(address) };
                noted.insert((last.max(now), address));
            }
            Entry::Vacant(place) if room => drop(place.insert((now, address))),
            Entry::Vacant(_) => drop(self.lost.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// Notes that an API account is used at an API, by whatever credential.
    pub fn note_account(&self, account: Id, api: Id, now: Seconds, address: Option<IpAddr>) {
        if !self.of_accounts.note(account, api, now, address) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes down what has been noted. What a fault keeps from it stays noted; where nobody knows whether a commit failed, uses of
    /// accounts may be counted twice.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn flush(&self, store: &dyn Store) -> Result<(), Fault> {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "more credentials were used at once than can be noted");
        }
        let again = |one: &LastUse| self.note(one.id, one.used_at, one.address);
        Taken { left: self.take(), again }.write(BATCH, store, |tx, uses| tx.record_uses(uses)).await?;
        let again = |one: &AccountUses| self.of_accounts.note_again(one);
        let of_accounts = Taken { left: self.of_accounts.take(), again };
        of_accounts.write(ACCOUNTS, store, |tx, uses| tx.record_account_uses(uses)).await
    }

    /// Everything that has been noted, in the order of the credentials.
    fn take(&self) -> Vec<LastUse> {
        let take =
            |part: &Mutex<Part>| std::mem::take(&mut *part.lock().unwrap_or_else(PoisonError::into_inner));
        let noted = self.parts.iter().flat_map(take);
        let mut noted: Vec<_> =
            noted.map(|(id, (used_at, address))| LastUse { id, used_at, address }).collect();
        // Those that lie beside one another are written in one transaction: of a million, several share a page.
        noted.sort_unstable_by_key(|one| one.id);
        noted
    }

    /// The lowest bits of an identifier are random.
    fn part(&self, id: Id) -> &Mutex<Part> {
        &self.parts[(id.number() % PARTS as u128) as usize]
    }
}

/// Uses on their way to the database: those left of them are noted again when it fails, or nobody waits any more.
struct Taken<T, A: Fn(&T)> {
    left: Vec<T>,
    again: A,
}

impl<T: Clone + Send + 'static, A: Fn(&T)> Taken<T, A> {
    /// Writes all of them, so many in a transaction.
    async fn write(
        mut self,
        batch: usize,
        store: &dyn Store,
        record: fn(&mut dyn Tx, &[T]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        while !self.left.is_empty() {
            let count = self.left.len().min(batch);
            let uses = self.left[..count].to_vec();
            let record = move |tx: &mut dyn Tx| record(tx, &uses).map_err(Stop::<Infallible>::Fault);
            store.write(record).await?.unwrap_or_else(|never| match never {});
            self.left.drain(..count);
        }
        Ok(())
    }
}

impl<T, A: Fn(&T)> Drop for Taken<T, A> {
    fn drop(&mut self) {
        self.left.iter().for_each(&self.again);
    }
}
