//! Requests for API access.

use super::ask::{read, try_write, violation, write};
use super::races::{ROUNDS, THREADS, winners};
use crate::builders::credentials::{access, access_request, api_token, approved_request, last_use, networks};
use crate::builders::people::user;
use crate::builders::{client, client_secret, id};
use crate::frozen_clock::START;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::client::AccountOwner;
use doorward_core::store::Store;
use doorward_core::store::tx::filter::AccessRequestFilter;
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner};
use doorward_core::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AccessRequestStatus, Level};
use std::sync::{Arc, Barrier};
use std::thread;

fn list(store: &Arc<dyn Store>, filter: AccessRequestFilter) -> Vec<Id> {
    let found = read(store, move |tx| tx.access_requests(&filter, None, 100));
    found.into_iter().map(|request| request.id).collect()
}

fn of_status(status: AccessRequestStatus, now: Seconds) -> AccessRequestFilter {
    AccessRequestFilter { status: Some((status, now)), ..AccessRequestFilter::default() }
}

/// Every field survives; what was asked, no decision changes.
pub fn an_access_request_comes_back_with_every_field(store: &Arc<dyn Store>) {
    let plain = access_request(10);
    let odd = AccessRequest {
        user: id(3),
        organization: Some(id(5)),
        message: String::from("Grüße\n'; --"),
        wished: access(&[(id(8), Level::Full), (id(7), Level::Read)]).named,
        access: access(&[(id(8), Level::Read)]).named,
        allowed_ips: networks(&["10.0.0.0/8", "2001:db8::/32"]),
        expires_at: Some(Seconds(i64::MAX)),
        decided_by_user: None,
        decided_by_client: Some(id(9)),
        decided_at: Some(START + Lifetime(1)),
        reason: String::from("no"),
        note: String::from("a note"),
        reviewed_at: Some(START + Lifetime(2)),
        updated_at: START + Lifetime(3),
        ..approved_request(11, 12)
    };
    let (first, second) = (plain.clone(), odd.clone());
    write(store, move |tx| {
        tx.insert_access_request(&second)?;
        tx.insert_access_request(&first)
    });
    assert_eq!(read(store, |tx| tx.access_request(id(10))), Some(plain.clone()));
    assert_eq!(read(store, |tx| tx.access_request(id(11))), Some(odd.clone()));
    assert_eq!(read(store, |tx| tx.access_request(id(12))), None);
    assert_eq!(read(store, |tx| tx.last_access_request(id(3))), Some(odd));
    assert_eq!(read(store, |tx| tx.last_access_request(id(4))), None);
    let later = AccessRequest { status: AccessRequestStatus::Denied, ..access_request(13) };
    let inserted = later.clone();
    write(store, move |tx| tx.insert_access_request(&inserted));
    assert_eq!(read(store, |tx| tx.last_access_request(id(2))), Some(later));
}

/// A second open one is refused by the store itself; one that was decided does not stand in the way.
pub fn somebody_has_one_open_access_request_for_each_organization(store: &Arc<dyn Store>) {
    let elsewhere = |number| AccessRequest { organization: Some(id(5)), ..access_request(number) };
    write(store, move |tx| {
        tx.insert_access_request(&access_request(10))?;
        tx.insert_access_request(&elsewhere(11))?;
        tx.insert_access_request(&AccessRequest { user: id(3), ..access_request(12) })?;
        tx.insert_access_request(&approved_request(13, 20))
    });
    let constraint = violation(store, |tx| tx.insert_access_request(&access_request(14)));
    assert!(constraint.contains("access_requests_open"), "{constraint}");
    violation(store, move |tx| tx.insert_access_request(&elsewhere(15)));
    let denied = AccessRequest { status: AccessRequestStatus::Denied, ..access_request(10) };
    assert!(write(store, move |tx| tx.decide_access_request(&access_request(10), &denied)));
    write(store, |tx| tx.insert_access_request(&access_request(14)));
}

/// A decision is made on what was read, once; it replaces what was decided, and nothing of what was asked.
pub fn an_access_request_is_decided_once_as_it_was_read(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_access_request(&access_request(10)));
    let approved = approved_request(10, 20);
    let forged = AccessRequest { message: String::from("another"), user: id(9), ..approved.clone() };
    assert!(write(store, move |tx| tx.decide_access_request(&access_request(10), &forged)));
    assert_eq!(read(store, |tx| tx.access_request(id(10))), Some(approved.clone()));
    let denied = AccessRequest { status: AccessRequestStatus::Denied, ..access_request(10) };
    assert!(!write(store, move |tx| tx.decide_access_request(&access_request(10), &denied)));
    let renewed = AccessRequest { updated_at: START + Lifetime(1), expires_at: None, ..approved.clone() };
    let (before, after) = (approved.clone(), renewed.clone());
    assert!(write(store, move |tx| tx.decide_access_request(&before, &after)));
    assert!(!write(store, move |tx| tx.decide_access_request(&approved, &approved)), "read before");
    assert_eq!(read(store, |tx| tx.access_request(id(10))), Some(renewed));
}

/// Each filter lets through what it says; a page goes on where the one before it ended.
pub fn access_requests_are_listed_page_by_page(store: &Arc<dyn Store>) {
    let now = START + Lifetime::days(1);
    let all = [
        access_request(10),
        AccessRequest { organization: Some(id(5)), user: id(3), ..access_request(11) },
        approved_request(12, 20),
        AccessRequest { expires_at: Some(now), ..approved_request(13, 21) },
        AccessRequest { expires_at: None, ..approved_request(14, 22) },
        AccessRequest { status: AccessRequestStatus::Revoked, ..approved_request(15, 23) },
    ];
    write(store, move |tx| all.iter().try_for_each(|request| tx.insert_access_request(request)));
    let everything = AccessRequestFilter::default();
    let page = read(store, move |tx| tx.access_requests(&everything, Some(id(10)), 2));
    assert_eq!(page.iter().map(|request| request.id).collect::<Vec<_>>(), [11, 12].map(id));
    let of_user = AccessRequestFilter { user: Some(id(3)), ..AccessRequestFilter::default() };
    assert_eq!(list(store, of_user), [id(11)]);
    let here = AccessRequestFilter { organization: Some(id(5)), ..AccessRequestFilter::default() };
    assert_eq!(list(store, here), [id(11)]);
    assert_eq!(list(store, of_status(AccessRequestStatus::Requested, now)), [10, 11].map(id));
    assert_eq!(list(store, of_status(AccessRequestStatus::Approved, now)), [12, 14].map(id));
    assert_eq!(list(store, of_status(AccessRequestStatus::Expired, now)), [id(13)]);
    assert_eq!(list(store, of_status(AccessRequestStatus::Revoked, now)), [id(15)]);
    assert_eq!(list(store, of_status(AccessRequestStatus::Denied, now)), []);
}

/// The review list: what was approved some time ago, and is not used by token or by secret, or that nobody has looked at.
pub fn approvals_that_nobody_uses_or_looks_at_are_found(store: &Arc<dyn Store>) {
    let since = START + Lifetime::days(30);
    let account = |number| client(number).for_account_of(AccountOwner::User(id(2)));
    let token = |number: u32, account: u32| ApiToken {
        owner: ApiTokenOwner::Client(id(account)),
        ..api_token(number)
    };
    let used = |number: u32, at: Seconds| LastUse { used_at: at, ..last_use(id(number)) };
    let recent = Some(since + Lifetime(1));
    write(store, move |tx| {
        for number in 20..24 {
            tx.insert_client(&account(number).build())?;
            tx.insert_access_request(&approved_request(number - 10, number))?;
        }
        let fresh = AccessRequest { decided_at: recent, reviewed_at: recent, ..approved_request(14, 24) };
        tx.insert_access_request(&fresh)?;
        tx.insert_api_token(&token(31, 21))?;
        tx.insert_api_token(&token(32, 22))?;
        tx.insert_client_secret(&client_secret(33, id(23)))?;
        tx.record_uses(&[used(31, since + Lifetime(-1)), used(32, since), used(33, since)])
    });
    let unused =
        AccessRequestFilter { unused_since: Some(since), ..of_status(AccessRequestStatus::Approved, since) };
    assert_eq!(list(store, unused), [10, 11].map(id));
    let unreviewed = AccessRequestFilter {
        unreviewed_since: Some(since),
        ..of_status(AccessRequestStatus::Approved, since)
    };
    assert_eq!(list(store, unreviewed), [10, 11, 12, 13].map(id));
}

/// Nobody's request is left of whom nothing else is.
pub fn access_requests_go_with_whoever_asked(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_user(&user(2))?;
        tx.insert_access_request(&access_request(10))?;
        tx.insert_access_request(&AccessRequest { user: id(3), ..access_request(11) })
    });
    assert!(write(store, |tx| tx.delete_user(id(2))));
    assert_eq!(list(store, AccessRequestFilter::default()), [id(11)]);
}

/// Somebody who asks many times at once has one open request: the store says so, not whoever looked before.
pub fn one_of_many_open_access_requests_is_made(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        let start = Barrier::new(THREADS as usize);
        let made = thread::scope(|scope| {
            let ask = |thread: u32| {
                let start = &start;
                move || {
                    start.wait();
                    let request = AccessRequest {
                        user: id(5_000 + round),
                        ..access_request(10_000 + round * THREADS + thread)
                    };
                    try_write(store, move |tx| tx.insert_access_request(&request)).is_ok()
                }
            };
            let racers: Vec<_> = (0..THREADS).map(|thread| scope.spawn(ask(thread))).collect();
            racers.into_iter().map(|racer| racer.join().expect("no panic")).filter(|made| *made).count()
        });
        assert_eq!(made, 1, "round {round}");
    }
}

/// Of many who decide about a request at once, one has decided.
pub fn an_access_request_is_decided_by_exactly_one_of_many(store: &Arc<dyn Store>) {
    for round in 0..ROUNDS {
        let open = AccessRequest { user: id(5_000 + round), ..access_request(round) };
        let inserted = open.clone();
        write(store, move |tx| tx.insert_access_request(&inserted));
        let wins = winners(store, move |tx| {
            let open = AccessRequest { user: id(5_000 + round), ..access_request(round) };
            tx.decide_access_request(&open, &approved_request(round, round))
        });
        assert_eq!(wins, 1, "round {round}");
    }
}
