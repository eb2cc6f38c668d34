//! Uses of API accounts that have not been written down yet: how often at which API, and from where. Owns what is counted for an
//! account between two flushes, and its bounds; when it is written, is the floor above's business.
//!
//! Whatever was noted of one account stands in one place, under one lock: noting a use that is like one before allocates nothing.

use crate::client::activity::{AccountUses, Day, DayUses, LastAddress, MOST_ADDRESSES};
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Parts with a lock each, so that threads seldom meet.
const PARTS: usize = 32;
/// Accounts that may be used between two flushes.
const MOST: usize = 20_000;
/// APIs, each on one day, at which one account may be used between two flushes.
const MOST_DAYS: usize = 1_000;

type Part = HashMap<Id, Noted>;

/// What was noted of one account.
#[derive(Debug, Default)]
struct Noted {
    days: HashMap<(Day, Id), i64>,
    addresses: Vec<LastAddress>,
}

/// Uses of accounts that have been noted and not written down.
#[derive(Debug)]
pub(super) struct OfAccounts([Mutex<Part>; PARTS]);

impl Default for OfAccounts {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl OfAccounts {
    /// Notes a use. Tells whether there was room for it.
    pub(super) fn note(&self, account: Id, api: Id, now: Seconds, address: Option<IpAddr>) -> bool {
        let counted = DayUses { day: Day::of(now), api, uses: 1 };
        let address = address.map(|address| LastAddress { address, last_used_at: now });
        self.add(account, &[counted], address.as_slice())
    }

    /// Takes everything that has been noted, in the order of the accounts.
    pub(super) fn take(&self) -> Vec<AccountUses> {
        let take =
            |part: &Mutex<Part>| std::mem::take(&mut *part.lock().unwrap_or_else(PoisonError::into_inner));
        let mut taken: Vec<_> =
            self.0.iter().flat_map(take).map(|(account, noted)| noted.of(account)).collect();
        taken.sort_by_key(|one| one.account);
        taken
    }

    /// Notes again what was taken and not written.
    pub(super) fn note_again(&self, uses: &AccountUses) {
        self.add(uses.account, &uses.days, &uses.addresses);
    }

    fn add(&self, account: Id, days: &[DayUses], addresses: &[LastAddress]) -> bool {
        // The lowest bits of an identifier are random.
        let part = &self.0[(account.number() % PARTS as u128) as usize];
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        if part.len() >= MOST / PARTS && !part.contains_key(&account) {
            return false;
        }
        let noted = part.entry(account).or_default();
        addresses.iter().for_each(|address| noted.from(*address));
        days.iter().all(|day| noted.count(*day))
    }
}

impl Noted {
    fn count(&mut self, DayUses { day, api, uses }: DayUses) -> bool {
        let room = self.days.len() < MOST_DAYS;
        match self.days.get_mut(&(day, api)) {
            Some(count) => *count += uses,
            None if room => drop(self.days.insert((day, api), uses)),
            None => return false,
        }
        true
    }

    /// The latest addresses are kept: no more are than will be.
    fn from(&mut self, LastAddress { address, last_used_at }: LastAddress) {
        if let Some(known) = self.addresses.iter_mut().find(|known| known.address == address) {
            known.last_used_at = known.last_used_at.max(last_used_at);
            return;
        }
        if self.addresses.len() < MOST_ADDRESSES {
            return self.addresses.push(LastAddress { address, last_used_at });
        }
        let oldest = self.addresses.iter_mut().min_by_key(|known| known.last_used_at);
        if let Some(oldest) = oldest.filter(|oldest| oldest.last_used_at <= last_used_at) {
            *oldest = LastAddress { address, last_used_at };
        }
    }

    fn of(self, account: Id) -> AccountUses {
        let days = self.days.into_iter().map(|((day, api), uses)| DayUses { day, api, uses }).collect();
        AccountUses { account, days, addresses: self.addresses }
    }
}
