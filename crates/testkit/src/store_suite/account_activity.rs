//! What API accounts have done: uses by day and API, and the latest addresses.

use super::ask::{read, write};
use crate::builders::{client, id};
use crate::frozen_clock::START;
use doorward_core::client::AccountOwner;
use doorward_core::client::activity::{AccountUses, Activity, Day, DayUses, LastAddress, MOST_ADDRESSES};
use doorward_core::store::Store;
use doorward_protocol::time::{Lifetime, Seconds};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Barrier};
use std::thread;

fn day_uses(day: i64, api: u32, uses: i64) -> DayUses {
    DayUses { day: Day(day), api: id(api), uses }
}

fn from(last: u8, at: i64) -> LastAddress {
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, last));
    LastAddress { address, last_used_at: START + Lifetime(at) }
}

fn uses(account: u32, days: &[DayUses], addresses: &[LastAddress]) -> AccountUses {
    AccountUses { account: id(account), days: days.to_vec(), addresses: addresses.to_vec() }
}

fn with_accounts(store: &Arc<dyn Store>) {
    write(store, |tx| {
        let mut numbers = 1..=2;
        numbers.try_for_each(|number| {
            tx.insert_client(&client(number).for_account_of(AccountOwner::User(id(5))).build())
        })
    });
}

fn known(store: &Arc<dyn Store>, account: u32, since: i64, limit: i64) -> Activity {
    read(store, move |tx| tx.account_activity(id(account), Day(since), limit))
}

/// Uses add up, each account's for itself; those of the latest days are told of first.
pub fn uses_of_an_account_add_up_by_day_and_api(store: &Arc<dyn Store>) {
    with_accounts(store);
    let first = [
        uses(2, &[day_uses(10, 8, 7)], &[]),
        uses(1, &[day_uses(10, 8, 1), day_uses(10, 9, 2), day_uses(11, 8, 3)], &[from(1, 0)]),
        uses(3, &[day_uses(10, 8, 7)], &[from(1, 0)]),
    ];
    write(store, move |tx| tx.record_account_uses(&first));
    let later = [uses(1, &[day_uses(11, 8, 4), day_uses(9, 8, 5)], &[from(2, 1), from(1, 2)])];
    write(store, move |tx| tx.record_account_uses(&later));
    let all = known(store, 1, 0, 100);
    assert_eq!(all.days, [day_uses(11, 8, 7), day_uses(10, 9, 2), day_uses(10, 8, 1), day_uses(9, 8, 5)]);
    assert_eq!(all.addresses, [from(1, 2), from(2, 1)]);
    assert_eq!(known(store, 1, 10, 2).days, [day_uses(11, 8, 7), day_uses(10, 9, 2)]);
    assert_eq!(known(store, 1, 11, 100).days, [day_uses(11, 8, 7)]);
    assert_eq!(known(store, 2, 0, 100).days, [day_uses(10, 8, 7)]);
    assert_eq!(known(store, 3, 0, 100), Activity::default(), "there is no such account");
}

/// The latest addresses stay, and one that is told of late does not look newer than it is.
pub fn the_latest_addresses_of_an_account_are_kept(store: &Arc<dyn Store>) {
    with_accounts(store);
    for number in 0..=20 {
        write(store, move |tx| tx.record_account_uses(&[uses(1, &[], &[from(number, number.into())])]));
    }
    let late = [uses(1, &[], &[from(20, 3), from(0, 0)])];
    write(store, move |tx| tx.record_account_uses(&late));
    let expected: Vec<_> = (1..=20).rev().map(|number| from(number, number.into())).collect();
    let addresses = known(store, 1, 0, 1).addresses;
    assert_eq!((addresses.len(), addresses), (MOST_ADDRESSES, expected));
}

/// What an account has done goes with it, and nothing of it comes later.
pub fn the_activity_of_an_account_goes_with_it(store: &Arc<dyn Store>) {
    with_accounts(store);
    let both = [1, 2].map(|account| uses(account, &[day_uses(10, 8, 1)], &[from(1, 0)]));
    let again = both.clone();
    write(store, move |tx| tx.record_account_uses(&both));
    assert!(write(store, |tx| tx.delete_client(id(1), START)));
    assert_eq!(known(store, 1, 0, 100), Activity::default());
    write(store, move |tx| tx.record_account_uses(&again));
    assert_eq!(known(store, 1, 0, 100), Activity::default(), "a tombstone is not used");
    assert_eq!(known(store, 2, 0, 100).days, [day_uses(10, 8, 2)]);
}

/// What is too old goes a few accounts at a time.
pub fn old_activity_is_swept_in_bounded_steps(store: &Arc<dyn Store>) {
    with_accounts(store);
    let old = |account| {
        let days = [day_uses(10, 8, 1), day_uses(10, 9, 1), day_uses(11, 8, 1), day_uses(12, 8, 1)];
        uses(account, &days, &[from(1, 0), from(2, 5)])
    };
    write(store, move |tx| tx.record_account_uses(&[old(1), old(2)]));
    let before = Seconds(12 * 86_400 + 5);
    let mut steps = 0;
    while write(store, move |tx| tx.sweep_account_uses(before, 1)) > 0 {
        steps += 1;
    }
    assert!(steps > 2, "{steps} steps");
    for account in [1, 2] {
        assert_eq!(known(store, account, 0, 100).days, [day_uses(12, 8, 1)]);
    }
    assert_eq!(known(store, 1, 0, 100).addresses, [from(2, 5), from(1, 0)]);
    let before = START + Lifetime(5);
    assert!(write(store, move |tx| tx.sweep_account_uses(before, 10)) >= 2);
    assert_eq!(known(store, 1, 0, 100).addresses, [from(2, 5)]);
}

/// Nodes that write down uses at the same time lose none.
pub fn uses_of_an_account_that_many_record_add_up(store: &Arc<dyn Store>) {
    with_accounts(store);
    let together = Barrier::new(4);
    thread::scope(|scope| {
        for number in 0..4 {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                for round in 0..5 {
                    let days = [day_uses(10, 8, 1), day_uses(10 + round, 9, 1)];
                    let one =
                        [2, 1].map(|account| uses(account, &days, &[from(number, round), from(9, round)]));
                    write(store, move |tx| tx.record_account_uses(&one));
                }
            });
        }
    });
    for account in [1, 2] {
        let activity = known(store, account, 0, 100);
        assert_eq!(activity.days.iter().map(|one| one.uses).sum::<i64>(), 40);
        assert_eq!(activity.addresses.len(), 5);
    }
}
