//! API tokens as they are found by what somebody presents, here and on other nodes.

use crate::house::{House, in_a_moment};
use doorward_core::cache::api_tokens::Presented;
use doorward_core::identity::group::Group;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::random::SystemRandom;
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::token::api_token::{ApiToken, PreviousValue, Value};
use doorward_protocol::permission::Permissions;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::{api_token, previous_value};
use doorward_testkit::builders::people::group;
use doorward_testkit::builders::{client, id};
use doorward_testkit::frozen_clock::START;
use std::sync::Arc;

const VALUE: &str = "dw_pat_one";
const NEXT: &str = "dw_pat_two";

fn change<T: Send + 'static>(
    house: &House,
    change: impl Fn(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
) -> T {
    let changed = house.server.cache().write(move |tx| change(tx).map_err(Stop::<Fault>::Fault));
    block_on(changed).unwrap()
}

fn find(house: &House, value: &str) -> Option<Presented> {
    let context = house.server.context();
    block_on(context.cache.api_token(value, context.peppers)).unwrap()
}

/// The token with this value.
fn token(house: &House, value: &str) -> ApiToken {
    let (pepper, digest) = house.server.context().peppers.digest(value);
    ApiToken { digest, pepper, ..api_token(1) }
}

fn insert(house: &House, value: &str) -> ApiToken {
    let made = token(house, value);
    let inserted = made.clone();
    change(house, move |tx| tx.insert_api_token(&inserted));
    made
}

/// ARCHITECTURE.md §2.12: records are cached, and each is as fresh as the last change.
#[test]
fn a_changed_token_is_another_at_once_here_and_soon_elsewhere() {
    let here = House::default();
    let there = here.another();
    let made = insert(&here, VALUE);
    block_on(there.server.cache().catch_up()).unwrap();
    for house in [&here, &there] {
        assert_eq!(*find(house, VALUE).unwrap().token, made.standing());
    }
    assert!(change(&here, |tx| tx.revoke_api_token(id(1), "revoked", START)));
    assert!(find(&here, VALUE).unwrap().token.is_revoked);
    block_on(there.server.cache().catch_up()).unwrap();
    assert!(find(&there, VALUE).unwrap().token.is_revoked);
    assert!(find(&here, NEXT).is_none());
}

/// ARCHITECTURE.md §2.12: what was asked before is not asked again until it changes itself.
#[test]
fn a_token_is_not_read_again_before_it_changes() {
    let house = House::default();
    insert(&house, VALUE);
    let first = find(&house, VALUE).unwrap();
    let another = ApiToken { id: id(2), ..token(&house, NEXT) };
    change(&house, move |tx| tx.insert_api_token(&another));
    assert_eq!(find(&house, NEXT).unwrap().token.id, id(2));
    assert!(Arc::ptr_eq(&first.token, &find(&house, VALUE).unwrap().token));
    assert!(change(&house, |tx| tx.revoke_api_token(id(1), "revoked", START)));
    assert!(!Arc::ptr_eq(&first.token, &find(&house, VALUE).unwrap().token));
}

/// ARCHITECTURE.md §2.12: what is kept is bounded by bytes, and what finds no room is found all the same, each by its own value alone.
#[test]
fn tokens_that_find_no_room_in_memory_are_read() {
    let house = House::default().another_set(|settings| settings.memory.api_tokens = 64 << 10);
    let all: Vec<_> = (1..=600).map(|number| (format!("dw_pat_{number}"), number)).collect();
    for (value, number) in &all {
        let made = ApiToken { id: id(*number), ..token(&house, value) };
        change(&house, move |tx| tx.insert_api_token(&made));
    }
    let find_all = || all.iter().map(|(value, _)| find(&house, value).unwrap().token).collect::<Vec<_>>();
    let (first, second) = (find_all(), find_all());
    for (token, (_, number)) in first.iter().chain(&second).zip(all.iter().chain(&all)) {
        assert_eq!(token.id, id(*number));
    }
    let kept = first.iter().zip(&second).filter(|(one, other)| Arc::ptr_eq(one, other)).count();
    assert!(kept < 150, "64 KiB are room for some hundred, and {kept} were kept");
}

/// A token that is regenerated is known by both its values, and tells them apart; an older one it has never had.
#[test]
fn a_regenerated_token_tells_its_values_apart() {
    let house = House::default();
    let made = insert(&house, VALUE);
    assert_eq!(find(&house, VALUE).unwrap().value, Value::Current);
    let previous = PreviousValue { digest: made.digest, pepper: made.pepper, ..previous_value(0) };
    let regenerated = ApiToken { previous: Some(previous), ..token(&house, NEXT) };
    assert!(change(&house, move |tx| tx.update_api_token(&regenerated)));
    assert_eq!(find(&house, NEXT).unwrap().value, Value::Current);
    assert_eq!(find(&house, VALUE).unwrap().value, Value::Previous);
    assert_eq!(find(&house, VALUE).unwrap().token.id, id(1));

    let without = ApiToken { previous: None, ..token(&house, NEXT) };
    assert!(change(&house, move |tx| tx.update_api_token(&without)));
    assert!(find(&house, VALUE).is_none());
}

/// A pepper can be retired once each token was used under the next one.
#[test]
fn a_token_under_an_older_pepper_is_found_and_renewed() {
    let before = House::default();
    insert(&before, VALUE);
    let next = before.master.with_next_version(&SystemRandom::default()).unwrap();
    let after = before.another_with(next.to_text().expose()).unwrap();
    assert_eq!(find(&after, VALUE).unwrap().token.pepper, PepperVersion(1));
    in_a_moment("the renewal", || {
        let found = block_on(after.server.cache().store().read(|tx| tx.api_token(id(1))));
        found.unwrap().unwrap().pepper == PepperVersion(2)
    });
    block_on(after.server.cache().catch_up()).unwrap();
    let found = find(&after, VALUE).unwrap();
    assert_eq!((found.value, found.token.pepper), (Value::Current, PepperVersion(2)));
}

/// What a group may do is read from memory, and who is in it, wherever it was changed.
#[test]
fn groups_of_clients_and_their_permissions_reach_the_other_node() {
    let here = House::default();
    let there = here.another();
    change(&here, |tx| {
        tx.insert_group(&group(21))?;
        tx.insert_client(&client(1).with_groups(&[id(21)]).build())
    });
    let groups = |house: &House| {
        block_on(house.server.cache().catch_up()).unwrap();
        let record = block_on(house.server.cache().client(id(1))).unwrap().unwrap();
        let known = house.server.cache().groups();
        record.client.groups.iter().map(|id| known[id].permissions).collect::<Vec<_>>()
    };
    assert_eq!(groups(&there), [Permissions::default()]);
    change(&here, |tx| tx.update_group(&Group { permissions: Permissions::all(), ..group(21) }));
    assert_eq!((groups(&here), groups(&there)), (vec![Permissions::all()], vec![Permissions::all()]));
    assert!(change(&here, |tx| tx.delete_group(id(21))));
    assert_eq!((groups(&here), groups(&there)), (vec![], vec![]));
}
