//! Who belongs to what: clients in groups, users under clients, groups of organizations; and lists of those who do.

use super::ask::{read, violation, write};
use crate::builders::people::{group, organization, session, user};
use crate::builders::{client, client_secret, id};
use crate::frozen_clock::START;
use doorward_core::client::Client;
use doorward_core::identity::group::Group;
use doorward_core::identity::user::User;
use doorward_core::store::Store;
use doorward_core::store::tx::changes::Changed;
use doorward_core::store::tx::filter::{ClientFilter, UserFilter};
use doorward_protocol::id::Id;
use doorward_protocol::words::{Status, UserStatus};
use std::sync::Arc;

fn with_groups(store: &Arc<dyn Store>) {
    write(store, |tx| [21, 22, 23].into_iter().try_for_each(|number| tx.insert_group(&group(number))));
}

fn in_groups(number: u32, groups: &[u32]) -> Client {
    let groups: Vec<_> = groups.iter().copied().map(id).collect();
    client(number).with_groups(&groups).build()
}

fn groups_of(store: &Arc<dyn Store>, number: u32) -> Vec<Id> {
    read(store, move |tx| tx.client(id(number))).expect("it is there").client.groups
}

/// The numbers of records, which are below a hundred.
fn numbers(ids: impl IntoIterator<Item = Id>) -> Vec<u32> {
    let number = |one| (1..100).find(|number| id(*number) == one).expect("a test numbers its records so");
    ids.into_iter().map(number).collect()
}

/// A client's groups come with it and with its secrets, each once, however it is asked for.
pub fn a_client_stands_in_groups_beside_its_secrets(store: &Arc<dyn Store>) {
    with_groups(store);
    write(store, |tx| {
        tx.insert_client(&in_groups(1, &[21, 23]))?;
        tx.insert_client(&in_groups(2, &[22]))?;
        (10..=12).try_for_each(|number| tx.insert_client_secret(&client_secret(number, id(1))))
    });
    let by_id = read(store, |tx| tx.client(id(1))).expect("it is there");
    assert_eq!((by_id.client.groups.clone(), by_id.secrets.len()), (vec![id(21), id(23)], 3));
    let named = read(store, |tx| tx.client_named(&"client-1".parse().expect("letters")));
    assert_eq!(named, Some(by_id));
    let listed = read(store, |tx| tx.clients(&ClientFilter::default(), None, 10));
    assert_eq!(listed, [in_groups(1, &[21, 23]), in_groups(2, &[22])]);

    assert!(write(store, |tx| tx.update_client(&in_groups(1, &[22]))));
    assert_eq!(groups_of(store, 1), [id(22)]);
    violation(store, |tx| tx.update_client(&in_groups(1, &[29])));
    violation(store, |tx| tx.insert_client(&in_groups(3, &[29])));
}

/// A group that goes is left by its clients, which are told of; a client that goes leaves its groups.
pub fn a_deleted_group_is_left_by_its_clients(store: &Arc<dyn Store>) {
    with_groups(store);
    write(store, |tx| {
        tx.insert_client(&in_groups(1, &[21, 22]))?;
        tx.insert_client(&in_groups(2, &[21]))
    });
    let before = read(store, |tx| tx.last_revision());
    assert!(write(store, |tx| tx.delete_group(id(21))));
    assert_eq!((groups_of(store, 1), groups_of(store, 2)), (vec![id(22)], vec![]));
    let changes = read(store, move |tx| tx.changes_after(before, 10));
    let changed: Vec<_> = changes.into_iter().map(|change| change.changed).collect();
    assert_eq!(changed, [Changed::Client(id(1)), Changed::Client(id(2)), Changed::Group(id(21))]);
    assert!(write(store, |tx| tx.delete_client(id(1), START)));
    assert!(write(store, |tx| tx.delete_group(id(22))), "nobody is in it");
}

/// Users belong to clients that are there, and are told of when one goes.
pub fn users_belong_to_clients_until_these_go(store: &Arc<dyn Store>) {
    let under =
        |number, clients: &[u32]| User { clients: clients.iter().copied().map(id).collect(), ..user(number) };
    write(store, |tx| (1..=3).try_for_each(|number| tx.insert_client(&client(number).build())));
    let (first, second) = (under(51, &[1, 2]), under(52, &[2]));
    let inserted = [first.clone(), second.clone()];
    write(store, move |tx| inserted.iter().try_for_each(|user| tx.insert_user(user)));
    assert_eq!(read(store, |tx| tx.user(id(51))), Some(first.clone()));
    assert_eq!(read(store, |tx| tx.users(&UserFilter::default(), None, 10)), [first, second]);

    let moved = under(51, &[2, 3]);
    assert!(write(store, move |tx| tx.update_user(&moved)));
    assert_eq!(read(store, |tx| tx.user(id(51))), Some(under(51, &[2, 3])));
    let before = read(store, |tx| tx.last_revision());
    assert!(write(store, |tx| tx.delete_client(id(2), START)));
    assert_eq!(read(store, |tx| tx.user(id(51))), Some(under(51, &[3])));
    assert_eq!(read(store, |tx| tx.user(id(52))), Some(user(52)));
    let changes = read(store, move |tx| tx.changes_after(before, 10));
    let changed: Vec<_> = changes.into_iter().map(|change| change.changed).collect();
    assert_eq!(changed, [Changed::User(id(51)), Changed::User(id(52)), Changed::Client(id(2))]);

    for gone in [2, 4] {
        let user = under(53, &[gone]);
        violation(store, move |tx| tx.insert_user(&user));
    }
    assert!(write(store, |tx| tx.delete_user(id(51))));
    assert!(write(store, |tx| tx.delete_client(id(3), START)));
}

/// A user's groups and clients come with them, each once, although there are several of both; nobody else's do.
pub fn a_user_stands_in_groups_and_under_clients(store: &Arc<dyn Store>) {
    with_groups(store);
    let placed = |number, groups: &[u32]| User {
        groups: groups.iter().copied().map(id).collect(),
        clients: vec![id(1), id(2)],
        ..user(number)
    };
    let users = [placed(51, &[21, 22, 23]), placed(52, &[22]), placed(53, &[])];
    let inserted = users.clone();
    write(store, move |tx| {
        [1, 2].into_iter().try_for_each(|number| tx.insert_client(&client(number).build()))?;
        inserted.iter().try_for_each(|user| tx.insert_user(user))
    });
    for user in users {
        assert_eq!(read(store, move |tx| tx.user(user.id)), Some(user));
    }
}

/// A group's organization must be there, and stays while the group is.
pub fn a_group_belongs_to_an_organization_that_is_there(store: &Arc<dyn Store>) {
    let of = |number| Group { organization: Some(id(number)), ..group(21) };
    violation(store, move |tx| tx.insert_group(&of(9)));
    write(store, move |tx| {
        tx.insert_organization(&organization(9))?;
        tx.insert_group(&of(9))
    });
    violation(store, |tx| tx.delete_organization(id(9)));
    violation(store, move |tx| tx.update_group(&of(8)));
    assert!(write(store, |tx| tx.update_group(&group(21))));
    assert!(write(store, |tx| tx.delete_organization(id(9))));
}

/// Lists hold those who are asked for, in order, page by page.
pub fn clients_and_users_are_listed_by_what_they_belong_to(store: &Arc<dyn Store>) {
    with_groups(store);
    write(store, |tx| {
        tx.insert_organization(&organization(9))?;
        for number in 1..=6 {
            let groups = if number % 2 == 0 { vec![id(21)] } else { vec![id(22)] };
            let organization = (number > 2).then_some(id(9));
            let status = if number > 4 { Status::Inactive } else { Status::Active };
            let made = client(number).with_groups(&groups).with_status(status).build();
            tx.insert_client(&Client { organization, ..made })?;
            let status = if number > 4 { UserStatus::Disabled } else { UserStatus::Active };
            let clients = if number == 5 { vec![] } else { vec![id(1)] };
            tx.insert_user(&User { groups, organization, status, clients, ..user(50 + number) })?;
        }
        tx.insert_user(&User { source: String::from("intranet"), username: user(51).username, ..user(57) })?;
        tx.delete_client(id(6), START)
    });
    let (group, organization) = (Some(id(21)), Some(id(9)));
    let clients = |filter: ClientFilter, after: Option<u32>| {
        let page = read(store, move |tx| tx.clients(&filter, after.map(id), 2));
        numbers(page.into_iter().map(|client| client.id))
    };
    let all = ClientFilter::default;
    assert_eq!(clients(ClientFilter { group, ..all() }, None), [2, 4]);
    assert_eq!(clients(ClientFilter { group, ..all() }, Some(2)), [4], "the sixth was deleted");
    assert_eq!(clients(ClientFilter { organization, ..all() }, None), [3, 4]);
    assert_eq!(clients(ClientFilter { organization, ..all() }, Some(4)), [5]);
    assert_eq!(clients(ClientFilter { status: Some(Status::Inactive), ..all() }, None), [5]);
    assert_eq!(clients(ClientFilter { group, organization, ..all() }, None), [4]);

    let users = |filter: UserFilter, after: Option<u32>| {
        let page = read(store, move |tx| tx.users(&filter, after.map(id), 2));
        numbers(page.into_iter().map(|user| user.id))
    };
    let all = UserFilter::default;
    assert_eq!(users(UserFilter { group, ..all() }, Some(52)), [54, 56]);
    assert_eq!(users(UserFilter { organization, ..all() }, None), [53, 54]);
    assert_eq!(users(UserFilter { status: Some(UserStatus::Disabled), ..all() }, None), [55, 56]);
    assert_eq!(users(UserFilter { client: Some(id(1)), ..all() }, Some(53)), [54, 56]);
    assert!(users(UserFilter { client: Some(id(2)), ..all() }, None).is_empty());
    let username = Some(String::from("user-51"));
    assert_eq!(users(UserFilter { username, ..all() }, None), [51, 57], "a name may come from two sources");
}

/// Somebody's sessions are listed, over or not, and nobody else's.
pub fn sessions_of_a_user_are_listed_page_by_page(store: &Arc<dyn Store>) {
    write(store, |tx| {
        [4, 1, 3].into_iter().try_for_each(|number| tx.insert_session(&session(number, id(2))))?;
        tx.insert_session(&session(5, id(6)))?;
        tx.end_session(id(3), START)
    });
    let page = |after: Option<u32>| {
        let page = read(store, move |tx| tx.sessions_of(id(2), after.map(id), 2));
        numbers(page.into_iter().map(|session| session.id))
    };
    assert_eq!((page(None), page(Some(3)), page(Some(4))), (vec![1, 3], vec![4], vec![]));
    let first = read(store, |tx| tx.sessions_of(id(6), None, 2));
    assert_eq!(first, [session(5, id(6))]);
}
