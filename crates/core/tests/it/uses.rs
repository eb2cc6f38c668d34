//! Uses of credentials, noted in memory and written down later.

use crate::house::House;
use doorward_core::client::AccountOwner;
use doorward_core::client::activity::{Activity, Day, DayUses, LastAddress};
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::store::{Job, Mode, Running, Store, sealed};
use doorward_core::token::last_use::LastUse;
use doorward_core::uses::Uses;
use doorward_protocol::id::Id;
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::{api_token, last_use};
use doorward_testkit::builders::{client, id};
use doorward_testkit::frozen_clock::START;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A database that takes no writes for a while.
pub(crate) struct Away {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) is_away: Arc<AtomicBool>,
}

impl sealed::Sealed for Away {}

impl Store for Away {
    fn run(&self, mode: Mode, job: Job) -> Running {
        if mode == Mode::Write && self.is_away.load(Ordering::SeqCst) {
            return Box::pin(async { Err(Fault::unavailable("the disk is gone")) });
        }
        self.store.run(mode, job)
    }
}

fn with_tokens(house: &House, numbers: std::ops::Range<u32>) {
    let insert = move |tx: &mut dyn doorward_core::store::tx::Tx| {
        let mut numbers = numbers.clone();
        numbers.try_for_each(|number| tx.insert_api_token(&api_token(number))).map_err(Stop::<()>::Fault)
    };
    block_on(house.server.cache().store().write(insert)).unwrap().unwrap();
}

fn recorded(house: &House, credential: Id) -> Option<LastUse> {
    block_on(house.server.cache().store().read(move |tx| tx.last_use(credential))).unwrap()
}

/// Only the last of many uses is written, and none is before it is flushed.
#[test]
fn the_last_use_is_written_down_when_it_is_flushed() {
    let house = House::default();
    with_tokens(&house, 1..3);
    let uses = house.server.context().uses;
    uses.note(id(1), START + Lifetime(2), None);
    uses.note(id(1), START + Lifetime(1), Some([192, 0, 2, 9].into()));
    uses.note(id(2), START, Some([192, 0, 2, 7].into()));
    assert_eq!(recorded(&house, id(1)), None);
    block_on(house.server.record_uses()).unwrap();
    assert_eq!(recorded(&house, id(1)).unwrap().used_at, START + Lifetime(2), "an earlier one came later");
    assert_eq!(recorded(&house, id(2)), Some(last_use(id(2))));
}

/// A use from an unknown address counts, and does not make one forget where the use before came from: here, and where that is written
/// down already.
#[test]
fn a_use_from_nowhere_leaves_the_address_that_is_known() {
    let house = House::default();
    with_tokens(&house, 1..3);
    let uses = house.server.context().uses;
    uses.note(id(1), START, Some([192, 0, 2, 7].into()));
    uses.note(id(1), START + Lifetime(1), None);
    uses.note(id(2), START + Lifetime(1), None);
    uses.note(id(2), START, Some([192, 0, 2, 7].into()));
    block_on(house.server.record_uses()).unwrap();
    for number in [1, 2] {
        let expected = LastUse { used_at: START + Lifetime(1), ..last_use(id(number)) };
        assert_eq!(recorded(&house, id(number)), Some(expected));
        uses.note(id(number), START + Lifetime(2), None);
    }
    block_on(house.server.record_uses()).unwrap();
    for number in [1, 2] {
        let expected = LastUse { used_at: START + Lifetime(2), ..last_use(id(number)) };
        assert_eq!(recorded(&house, id(number)), Some(expected));
    }
}

/// Nothing stays of what was deleted before its use was written.
#[test]
fn what_is_gone_leaves_no_last_use() {
    let house = House::default();
    house.server.context().uses.note(id(1), START, None);
    block_on(house.server.record_uses()).unwrap();
    assert_eq!(recorded(&house, id(1)), None);
}

/// More than one transaction's worth is written all the same.
#[test]
fn many_uses_are_written_in_steps() {
    let house = House::default();
    with_tokens(&house, 0..450);
    let uses = house.server.context().uses;
    thread::scope(|scope| {
        for part in 0..3 {
            scope.spawn(move || {
                (part * 150..(part + 1) * 150).for_each(|number| uses.note(id(number), START, None));
            });
        }
    });
    block_on(house.server.record_uses()).unwrap();
    let ids: Vec<_> = (0..450).map(id).collect();
    let all = block_on(house.server.cache().store().read(move |tx| tx.last_uses(&ids))).unwrap();
    assert_eq!(all.len(), 450);
}

/// A fault of the database costs no use: it is written when the database is back.
#[test]
fn what_a_fault_keeps_from_the_database_is_written_later() {
    let is_away = Arc::new(AtomicBool::new(false));
    let house = House::behind(|store| Arc::new(Away { store, is_away: Arc::clone(&is_away) }));
    with_tokens(&house, 1..2);
    house.server.context().uses.note(id(1), START, Some([192, 0, 2, 7].into()));
    is_away.store(true, Ordering::SeqCst);
    assert!(block_on(house.server.record_uses()).is_err());
    is_away.store(false, Ordering::SeqCst);
    assert_eq!(recorded(&house, id(1)), None);
    block_on(house.server.record_uses()).unwrap();
    assert_eq!(recorded(&house, id(1)), Some(last_use(id(1))));
}

/// What is noted between two flushes takes a bounded part of memory; who is noted already stays so.
#[test]
fn no_more_is_noted_than_there_is_room_for() {
    let house = House::default();
    with_tokens(&house, 0..400);
    // A place in each of the parts.
    let uses = Uses::of_at_most(32);
    (0..400).for_each(|number| uses.note(id(number), START, None));
    (0..400).for_each(|number| uses.note(id(number), START + Lifetime(1), None));
    block_on(uses.flush(house.server.cache().store())).unwrap();
    let ids: Vec<_> = (0..400).map(id).collect();
    let all = block_on(house.server.cache().store().read(move |tx| tx.last_uses(&ids))).unwrap();
    assert_eq!(all.len(), 32);
    assert!(all.iter().all(|one| one.used_at == START + Lifetime(1)));
}

fn with_an_account(house: &House) {
    let account = client(1).for_account_of(AccountOwner::User(id(5))).build();
    let insert = move |tx: &mut dyn Tx| tx.insert_client(&account).map_err(Stop::<()>::Fault);
    block_on(house.server.cache().store().write(insert)).unwrap().unwrap();
}

fn done(house: &House) -> Activity {
    block_on(house.server.cache().store().read(|tx| tx.account_activity(id(1), Day(0), 10_000))).unwrap()
}

/// What an API account does is counted by day and API; only the sum is written, and what a fault keeps from it later.
#[test]
fn uses_of_an_account_are_counted_and_written_when_they_are_flushed() {
    let is_away = Arc::new(AtomicBool::new(false));
    let house = House::behind(|store| Arc::new(Away { store, is_away: Arc::clone(&is_away) }));
    with_an_account(&house);
    let uses = house.server.context().uses;
    let (first, second): (IpAddr, IpAddr) = ([192, 0, 2, 7].into(), [192, 0, 2, 8].into());
    uses.note_account(id(1), id(8), START, Some(first));
    uses.note_account(id(1), id(8), START + Lifetime(1), Some(second));
    uses.note_account(id(1), id(9), START + Lifetime(1), None);
    uses.note_account(id(1), id(8), START + Lifetime::days(1), Some(first));
    assert_eq!(done(&house), Activity::default());
    is_away.store(true, Ordering::SeqCst);
    assert!(block_on(house.server.record_uses()).is_err());
    is_away.store(false, Ordering::SeqCst);
    uses.note_account(id(1), id(8), START, None);
    block_on(house.server.record_uses()).unwrap();
    block_on(house.server.record_uses()).unwrap();
    let (today, tomorrow) = (Day::of(START), Day::of(START + Lifetime::days(1)));
    let expected = [(tomorrow, 8, 1), (today, 9, 1), (today, 8, 3)];
    assert_eq!(done(&house).days, expected.map(|(day, api, uses)| DayUses { day, api: id(api), uses }));
    let expected = [(first, Lifetime::days(1)), (second, Lifetime(1))];
    let expected = expected.map(|(address, after)| LastAddress { address, last_used_at: START + after });
    assert_eq!(done(&house).addresses, expected);
}

/// What is noted of one account between two flushes is bounded: its latest addresses, and so many APIs.
#[test]
fn no_more_is_noted_of_an_account_than_there_is_room_for() {
    let house = House::default();
    with_an_account(&house);
    let uses = house.server.context().uses;
    for number in 0..1_100 {
        let address = [192, 0, 2, u8::try_from(number % 250).unwrap()].into();
        uses.note_account(id(1), id(number), START + Lifetime(number.into()), Some(address));
    }
    block_on(house.server.record_uses()).unwrap();
    let done = done(&house);
    assert_eq!((done.days.len(), done.addresses.len()), (1_000, 20));
    assert_eq!(done.addresses[19].last_used_at, START + Lifetime(1_080));
}
