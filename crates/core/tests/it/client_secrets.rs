//! A client changes from one secret to another: how many it has, and when the old ones end.

use crate::house::{Actor, House};
use crate::management::pointers;
use crate::people::events;
use doorward_core::manage::clients::secrets::{self, LONGEST_OVERLAP, Made};
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

const NO_OVERLAP: Lifetime = Lifetime::seconds(0);

fn rotate(house: &House, client: &Actor, overlap: Lifetime) -> Made {
    let context = house.server.context();
    block_on(secrets::rotate(&client.client_id, overlap, &by_operator(&context), &context)).ok().unwrap()
}

fn create(house: &House, client: &Actor) -> Vec<String> {
    let context = house.server.context();
    pointers(block_on(secrets::create(&client.client_id, &by_operator(&context), &context)))
}

/// The last four letters of those that are good, in the order of the alphabet: within a second, they have no other.
fn good(house: &House, client: &Actor) -> Vec<String> {
    let context = house.server.context();
    let listed = block_on(secrets::list(&client.client_id, &by_operator(&context), &context)).unwrap();
    let mut letters: Vec<_> = listed.into_iter().map(|(secret, _)| secret.last_four).collect();
    letters.sort();
    letters
}

fn with(client: &Actor, made: &Made) -> Actor {
    Actor { client_id: client.client_id.clone(), secret: Some(made.text.expose().to_owned()) }
}

#[test]
fn a_new_secret_ends_the_old_ones_at_once_where_no_overlap_is_asked_for() {
    let house = House::default();
    let client = house.client("orders:read");
    let made = rotate(&house, &client, NO_OVERLAP);
    assert!(house.token(&client, "scope=orders:read").is_err());
    assert!(house.token(&with(&client, &made), "scope=orders:read").is_ok());
    assert_eq!(good(&house, &client), std::slice::from_ref(&made.secret.last_four));
    let told = events(&house).into_iter().find(|event| event.action == "client.secret.rotated").unwrap();
    let objects: Vec<_> = told.objects.split(' ').map(|one| one.split(':').next().unwrap()).collect();
    assert_eq!(objects, ["client", "client_secret", "client_secret"]);
}

#[test]
fn an_old_secret_goes_on_beside_the_new_one_for_as_long_as_is_said() {
    let house = House::default();
    let client = house.client("orders:read");
    let made = rotate(&house, &client, Lifetime::minutes(5));
    assert_eq!(good(&house, &client).len(), 2);
    assert!(house.token(&client, "scope=orders:read").is_ok());
    assert!(house.token(&with(&client, &made), "scope=orders:read").is_ok());
    house.advance(Lifetime::minutes(5));
    assert_eq!(good(&house, &client), std::slice::from_ref(&made.secret.last_four));
    let again = rotate(&house, &client, Lifetime::minutes(5));
    let last = rotate(&house, &client, Lifetime::minutes(10));
    let mut expected = [last.secret.last_four.clone(), again.secret.last_four.clone()];
    expected.sort();
    assert_eq!(good(&house, &client), expected);
    assert!(house.token(&with(&client, &made), "scope=orders:read").is_err(), "two at most");
}

#[test]
fn an_overlap_has_its_bounds() {
    let house = House::default();
    let client = house.client("orders:read");
    let context = house.server.context();
    for overlap in [Lifetime::seconds(LONGEST_OVERLAP.0 + 1), Lifetime(-1)] {
        let call = by_operator(&context);
        let rotated = block_on(secrets::rotate(&client.client_id, overlap, &call, &context));
        assert_eq!(pointers(rotated), ["/overlap_seconds"]);
    }
    assert!(house.token(&client, "scope=orders:read").is_ok(), "nothing has ended");
}

#[test]
fn a_client_has_two_secrets_at_most_and_a_public_one_none() {
    let house = House::default();
    let client = house.client("orders:read");
    assert!(create(&house, &client).is_empty());
    assert_eq!(create(&house, &client), ["it has two secrets: replace them, or delete one first"]);
    assert!(create(&house, &house.public_client())[0].starts_with("a public client has no secret"));
}

#[test]
fn a_secret_that_was_taken_away_proves_nothing() {
    let house = House::default();
    let (client, other) = (house.client("orders:read"), house.client("orders:read"));
    let context = house.server.context();
    let listed = block_on(secrets::list(&client.client_id, &by_operator(&context), &context)).unwrap();
    let delete = |of: &Actor| {
        let (secret, call) = (listed[0].0.id, by_operator(&context));
        pointers(block_on(secrets::delete(&of.client_id, secret, &call, &context)))
    };
    assert_eq!(delete(&other), ["there is no such client secret"], "another client's");
    assert!(delete(&client).is_empty());
    assert!(house.token(&client, "scope=orders:read").is_err());
    assert_eq!(delete(&client), ["there is no such client secret"]);
}
