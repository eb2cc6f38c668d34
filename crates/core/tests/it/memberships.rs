//! Managing what people belong to: groups and organizations.

use crate::house::House;
use crate::management::pointers;
use crate::people::deeds;
use doorward_core::manage::by::By;
use doorward_core::manage::{groups, organizations, users};
use doorward_protocol::words::Status;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;

#[test]
fn groups_are_named_by_name_or_identifier_and_built_in_ones_are_there_when_named() {
    let house = House::default();
    let context = house.server.context();
    let own = block_on(groups::create("Croquet", By::OPERATOR, &context)).unwrap();
    let members = users::Members {
        groups: vec!["Administrators".into(), own.id.to_string(), "Croquet".into()],
        ..users::Members::named("queen")
    };
    let queen = block_on(users::create(members, None, By::OPERATOR, &context)).unwrap();
    let administrators = block_on(groups::show("Administrators", &context)).unwrap();
    let mut expected = [own.id, administrators.id];
    expected.sort();
    assert_eq!(queen.groups, expected, "each once");
    let ensured = block_on(groups::ensure("Administrators", By::OPERATOR, &context)).unwrap();
    assert_eq!(ensured, administrators);
    assert_eq!(block_on(groups::ensure("Croquet", By::OPERATOR, &context)).unwrap(), own);
    assert_eq!(
        pointers(block_on(groups::ensure("Chess", By::OPERATOR, &context))),
        ["there is no such group"]
    );
    assert_eq!(block_on(groups::list(&context)).unwrap().len(), 2);
    assert_eq!(
        deeds(&house),
        ["group.created group", "group.created group", "user.created user"].map(str::to_owned)
    );
}

#[test]
fn a_groups_name_is_its_own_and_its_members_leave_with_it() {
    let house = House::default();
    let context = house.server.context();
    let create = |name: &str| block_on(groups::create(name, By::OPERATOR, &context));
    let croquet = create("Croquet").unwrap();
    create("Chess").unwrap();
    assert_eq!(pointers(create("Croquet")), ["/name"]);
    assert_eq!(pointers(create(" ")), ["/name"]);
    assert_eq!(pointers(create(&id(7).to_string())), ["/name"]);
    let rename = |from: &str, to: &str| pointers(block_on(groups::rename(from, to, By::OPERATOR, &context)));
    assert_eq!(rename("Croquet", "Chess"), ["/name"]);
    assert!(rename("Croquet", "Cricket").is_empty());
    assert_eq!(block_on(groups::show("Cricket", &context)).unwrap().id, croquet.id);
    let members = users::Members { groups: vec!["Cricket".into()], ..users::Members::named("alice") };
    let alice = block_on(users::create(members, None, By::OPERATOR, &context)).unwrap();
    assert_eq!(block_on(house.server.cache().user(alice.id)).unwrap().unwrap().groups, [croquet.id]);
    block_on(groups::delete("Cricket", By::OPERATOR, &context)).unwrap();
    assert!(block_on(house.server.cache().user(alice.id)).unwrap().unwrap().groups.is_empty());
}

#[test]
fn what_is_built_in_stays_as_it_is() {
    let house = House::default();
    let context = house.server.context();
    for name in [groups::ADMINISTRATORS, groups::MEMBERS, groups::AUDITORS] {
        block_on(groups::ensure(name, By::OPERATOR, &context)).unwrap();
        assert_eq!(pointers(block_on(groups::rename(name, "Other", By::OPERATOR, &context))), ["/name"]);
        assert_eq!(pointers(block_on(groups::delete(name, By::OPERATOR, &context))), ["/name"]);
    }
}

#[test]
fn an_organizations_name_is_its_own_and_it_stays_while_somebody_belongs_to_it() {
    let house = House::default();
    let context = house.server.context();
    let create = |name: &str| block_on(organizations::create(name, By::OPERATOR, &context));
    let wonderland = create("Wonderland").unwrap();
    create("Looking-glass").unwrap();
    assert_eq!(pointers(create("Wonderland")), ["/name"]);
    assert_eq!(pointers(create("")), ["/name"]);
    assert_eq!(pointers(create(&id(7).to_string())), ["/name"]);
    let rename =
        |from: &str, to: &str| pointers(block_on(organizations::rename(from, to, By::OPERATOR, &context)));
    assert_eq!(rename("Wonderland", "Looking-glass"), ["/name"]);
    assert!(rename("Wonderland", "Wonderland").is_empty());
    assert!(rename(&wonderland.id.to_string(), "Garden").is_empty());
    let members = users::Members { organization: Some("Garden".into()), ..users::Members::named("alice") };
    let alice = block_on(users::create(members, None, By::OPERATOR, &context)).unwrap();
    assert_eq!(alice.organization, Some(wonderland.id));
    let delete = || pointers(block_on(organizations::delete("Garden", By::OPERATOR, &context)));
    assert_eq!(delete(), ["/organization_id"]);
    block_on(users::delete("alice", By::OPERATOR, &context)).unwrap();
    assert!(delete().is_empty());
    assert_eq!(
        pointers(block_on(organizations::show("Garden", &context))),
        ["there is no such organization"]
    );
    assert_eq!(block_on(organizations::list(&context)).unwrap().len(), 1);
}

#[test]
fn an_organization_is_switched_off_and_on() {
    let house = House::default();
    let context = house.server.context();
    let wonderland = block_on(organizations::create("Wonderland", By::OPERATOR, &context)).unwrap();
    let set =
        |status| block_on(organizations::set_status("Wonderland", status, By::OPERATOR, &context)).unwrap();
    assert!(house.server.cache().admits(Some(wonderland.id)));
    assert_eq!(set(Status::Inactive).status, Status::Inactive);
    assert!(!house.server.cache().admits(Some(wonderland.id)));
    set(Status::Inactive);
    set(Status::Active);
    assert!(house.server.cache().admits(Some(wonderland.id)));
    let expected = ["organization.created", "organization.disabled", "organization.enabled"];
    assert_eq!(deeds(&house), expected.map(|action| format!("{action} organization")));
}
