//! Uses of credentials, noted in memory and written down later.

use crate::house::House;
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::{Job, Mode, Running, Store, sealed};
use doorward_core::token::last_use::LastUse;
use doorward_core::uses::Uses;
use doorward_protocol::id::Id;
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::{api_token, last_use};
use doorward_testkit::builders::id;
use doorward_testkit::frozen_clock::START;
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
