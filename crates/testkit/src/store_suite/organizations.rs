//! Organizations and groups.

use super::ask::{read, violation, write};
use crate::builders::people::{group, organization, user};
use crate::builders::{client, id};
use crate::frozen_clock::START;
use doorward_core::identity::group::Group;
use doorward_core::identity::organization::Organization;
use doorward_core::identity::user::User;
use doorward_core::store::Store;
use doorward_protocol::permission::Permission;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{ApiAccess, Status};
use std::sync::Arc;

/// An organization in which no field has its default.
fn odd_organization(number: u32) -> Organization {
    Organization {
        name: String::from("Ö'dd & Söns"),
        api_access: ApiAccess::Disabled,
        api_access_shut: true,
        status: Status::Inactive,
        updated_at: START + Lifetime(1),
        ..organization(number)
    }
}

/// Every field survives.
pub fn an_organization_comes_back_with_every_field(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_organization(&organization(2)));
    write(store, |tx| tx.insert_organization(&odd_organization(1)));
    assert_eq!(read(store, |tx| tx.organization(id(1))), Some(odd_organization(1)));
    assert_eq!(read(store, |tx| tx.organizations()), [odd_organization(1), organization(2)]);
    assert_eq!(read(store, |tx| tx.organization(id(3))), None);
    for (number, api_access) in [(4, ApiAccess::Requested), (5, ApiAccess::Enabled)] {
        let moved = Organization { api_access, ..organization(number) };
        let written = moved.clone();
        write(store, move |tx| tx.insert_organization(&written));
        assert_eq!(read(store, move |tx| tx.organization(id(number))), Some(moved));
    }
}

/// An update leaves the day it was made.
pub fn an_update_replaces_an_organization(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_organization(&organization(1)));
    let odd = Organization { created_at: START + Lifetime(1000), ..odd_organization(1) };
    assert!(write(store, move |tx| tx.update_organization(&odd)));
    assert_eq!(read(store, |tx| tx.organization(id(1))), Some(odd_organization(1)));
    assert!(!write(store, |tx| tx.update_organization(&organization(2))), "there is no such organization");
}

/// An organization does not vanish under its users and clients; what is left of a deleted client keeps nothing.
pub fn an_organization_is_deleted_once_nobody_belongs_to_it(store: &Arc<dyn Store>) {
    write(store, |tx| {
        tx.insert_organization(&organization(9))?;
        tx.insert_organization(&organization(8))?;
        tx.insert_user(&User { organization: Some(id(9)), ..user(1) })?;
        tx.insert_client(&client(2).with_organization(id(9)).build())
    });
    violation(store, |tx| tx.delete_organization(id(9)));
    write(store, |tx| tx.update_user(&user(1)));
    violation(store, |tx| tx.delete_organization(id(9)));
    write(store, |tx| tx.delete_client(id(2), START));
    assert!(write(store, |tx| tx.delete_organization(id(9))));
    assert!(!write(store, |tx| tx.delete_organization(id(9))), "it was deleted already");
    assert_eq!(read(store, |tx| tx.organizations()), [organization(8)]);
    violation(store, |tx| tx.insert_client(&client(3).with_organization(id(9)).build()));
    violation(store, |tx| tx.insert_client(&client(4).with_client_id("client-2").build()));
}

/// Every field survives, and an update leaves the day it was made.
pub fn a_group_comes_back_and_is_renamed(store: &Arc<dyn Store>) {
    write(store, |tx| tx.insert_group(&group(2)));
    write(store, |tx| tx.insert_group(&group(1)));
    assert_eq!(read(store, |tx| tx.groups()), [group(1), group(2)]);
    let later = START + Lifetime(1);
    let permissions = [Permission::UsersRead, Permission::ApiTokensSelf].into_iter().collect();
    let renamed = Group { name: String::from("Türsteher"), permissions, updated_at: later, ..group(1) };
    let change = Group { created_at: later, ..renamed.clone() };
    assert!(write(store, move |tx| tx.update_group(&change)));
    assert_eq!(read(store, |tx| tx.groups()), [renamed, group(2)]);
    assert!(!write(store, |tx| tx.update_group(&group(3))), "there is no such group");
}

/// A group's name is what tokens say: two groups of one name would be one to every API.
pub fn a_groups_name_is_taken_once(store: &Arc<dyn Store>) {
    write(store, |tx| (1..=2).try_for_each(|number| tx.insert_group(&group(number))));
    let constraint = violation(store, |tx| tx.insert_group(&Group { name: group(1).name, ..group(3) }));
    assert!(constraint.contains("name"), "{constraint}");
    let constraint = violation(store, |tx| tx.update_group(&Group { name: group(1).name, ..group(2) }));
    assert!(constraint.contains("name"), "{constraint}");
    assert_eq!(read(store, |tx| tx.groups()), [group(1), group(2)]);
}

/// Nobody stays in a group that is gone.
pub fn a_deleted_group_is_left_by_its_members(store: &Arc<dyn Store>) {
    write(store, |tx| {
        (21..=22).try_for_each(|number| tx.insert_group(&group(number)))?;
        tx.insert_user(&User { groups: vec![id(21), id(22)], ..user(1) })?;
        tx.insert_user(&User { groups: vec![id(22)], ..user(2) })
    });
    assert!(write(store, |tx| tx.delete_group(id(21))));
    assert!(!write(store, |tx| tx.delete_group(id(21))), "it was deleted already");
    assert_eq!(read(store, |tx| tx.groups()), [group(22)]);
    for number in [1, 2] {
        let user = read(store, move |tx| tx.user(id(number))).expect("they are there");
        assert_eq!(user.groups, [id(22)]);
    }
}
