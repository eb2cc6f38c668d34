//! Managing what people belong to: groups and organizations.

use crate::house::House;
use crate::management::{conflicts, pointers};
use crate::people::{deeds, events};
use doorward_core::manage::{Refused, groups, organizations, users};
use doorward_protocol::words::Status;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::calls::by_operator;

/// A change of a group's name.
fn group_named(name: &str) -> impl Fn(&mut groups::Members) -> Result<(), Refused> + Send + 'static {
    let name = name.to_owned();
    move |members| {
        members.name.clone_from(&name);
        Ok(())
    }
}

#[test]
fn groups_are_named_by_name_or_identifier_and_built_in_ones_are_there_when_named() {
    let house = House::default();
    let context = house.server.context();
    let own = block_on(groups::create(groups::Members::named("Croquet"), &by_operator(&context), &context))
        .unwrap();
    let members = users::Members {
        groups: vec!["Administrators".into(), own.id.to_string(), "Croquet".into()],
        ..users::Members::named("queen")
    };
    let queen = block_on(users::create(members, None, &by_operator(&context), &context)).unwrap();
    let administrators = block_on(groups::show("Administrators", &by_operator(&context), &context)).unwrap();
    let mut expected = [own.id, administrators.id];
    expected.sort();
    assert_eq!(queen.groups, expected, "each once");
    let ensured = block_on(groups::ensure("Administrators", &by_operator(&context), &context)).unwrap();
    assert_eq!(ensured, administrators);
    assert_eq!(block_on(groups::ensure("Croquet", &by_operator(&context), &context)).unwrap(), own);
    assert_eq!(
        pointers(block_on(groups::ensure("Chess", &by_operator(&context), &context))),
        ["there is no such group"]
    );
    assert_eq!(block_on(groups::list(&by_operator(&context), &context)).unwrap().len(), 2);
    assert_eq!(
        deeds(&house),
        ["group.created group", "user.created user"],
        "a group that comes into being by being named is part of what named it"
    );
    let made = events(&house).into_iter().find(|event| event.action == "user.created").unwrap();
    assert!(made.objects.contains(&format!("group:{}", administrators.id)), "{}", made.objects);
}

#[test]
fn a_groups_name_is_its_own_and_its_members_leave_with_it() {
    let house = House::default();
    let context = house.server.context();
    let create =
        |name: &str| block_on(groups::create(groups::Members::named(name), &by_operator(&context), &context));
    let croquet = create("Croquet").unwrap();
    create("Chess").unwrap();
    assert_eq!(pointers(create("Croquet")), ["/name"]);
    assert_eq!(pointers(create(" ")), ["/name"]);
    assert_eq!(pointers(create(&id(7).to_string())), ["/name"]);
    let rename = |from: &str, to: &str| {
        let named = group_named(to);
        pointers(block_on(groups::update(from, &by_operator(&context), &context, named)))
    };
    assert_eq!(rename("Croquet", "Chess"), ["/name"]);
    assert!(rename("Croquet", "Cricket").is_empty());
    assert_eq!(block_on(groups::show("Cricket", &by_operator(&context), &context)).unwrap().id, croquet.id);
    let members = users::Members { groups: vec!["Cricket".into()], ..users::Members::named("alice") };
    let alice = block_on(users::create(members, None, &by_operator(&context), &context)).unwrap();
    assert_eq!(block_on(house.server.cache().user(alice.id)).unwrap().unwrap().groups, [croquet.id]);
    block_on(groups::delete("Cricket", &by_operator(&context), &context)).unwrap();
    assert!(block_on(house.server.cache().user(alice.id)).unwrap().unwrap().groups.is_empty());
}

#[test]
fn what_is_built_in_stays_as_it_is() {
    let house = House::default();
    let context = house.server.context();
    for name in [groups::ADMINISTRATORS, groups::MEMBERS, groups::AUDITORS] {
        block_on(groups::ensure(name, &by_operator(&context), &context)).unwrap();
        let renamed = block_on(groups::update(name, &by_operator(&context), &context, group_named("Other")));
        assert!(conflicts(renamed));
        assert!(conflicts(block_on(groups::delete(name, &by_operator(&context), &context))));
    }
}

/// What one of these names means is known before there is such a group: nobody may be first, and make it mean something else.
#[test]
fn no_other_group_takes_a_name_that_is_built_in() {
    let house = House::default();
    let context = house.server.context();
    block_on(groups::create(groups::Members::named("Chess"), &by_operator(&context), &context)).unwrap();
    for name in [groups::ADMINISTRATORS, groups::MEMBERS, groups::AUDITORS] {
        let members = groups::Members::named(name);
        assert_eq!(pointers(block_on(groups::create(members, &by_operator(&context), &context))), ["/name"]);
        let renamed = block_on(groups::update("Chess", &by_operator(&context), &context, group_named(name)));
        assert_eq!(pointers(renamed), ["/name"]);
    }
    assert_eq!(block_on(groups::list(&by_operator(&context), &context)).unwrap().len(), 1);
}

#[test]
fn an_organizations_name_is_its_own_and_it_stays_while_somebody_belongs_to_it() {
    let house = House::default();
    let context = house.server.context();
    let create = |name: &str| {
        block_on(organizations::create(organizations::Members::named(name), &by_operator(&context), &context))
    };
    let wonderland = create("Wonderland").unwrap();
    create("Looking-glass").unwrap();
    assert_eq!(pointers(create("Wonderland")), ["/name"]);
    assert_eq!(pointers(create("")), ["/name"]);
    assert_eq!(pointers(create(&id(7).to_string())), ["/name"]);
    let rename = |from: &str, to: &str| {
        let to = to.to_owned();
        let named = move |members: &mut organizations::Members| {
            members.name.clone_from(&to);
            Ok(())
        };
        pointers(block_on(organizations::update(from, &by_operator(&context), &context, named)))
    };
    assert_eq!(rename("Wonderland", "Looking-glass"), ["/name"]);
    assert!(rename("Wonderland", "Wonderland").is_empty());
    assert!(rename(&wonderland.id.to_string(), "Garden").is_empty());
    let members = users::Members { organization: Some("Garden".into()), ..users::Members::named("alice") };
    let alice = block_on(users::create(members, None, &by_operator(&context), &context)).unwrap();
    assert_eq!(alice.organization, Some(wonderland.id));
    let delete = || block_on(organizations::delete("Garden", &by_operator(&context), &context));
    assert!(conflicts(delete()));
    block_on(users::delete("alice", &by_operator(&context), &context)).unwrap();
    delete().unwrap();
    assert_eq!(
        pointers(block_on(organizations::show("Garden", &by_operator(&context), &context))),
        ["there is no such organization"]
    );
    assert_eq!(block_on(organizations::list(&by_operator(&context), &context)).unwrap().len(), 1);
}

#[test]
fn an_organization_is_switched_off_and_on() {
    let house = House::default();
    let context = house.server.context();
    let wonderland = block_on(organizations::create(
        organizations::Members::named("Wonderland"),
        &by_operator(&context),
        &context,
    ))
    .unwrap();
    let set = |status| {
        block_on(organizations::set_status("Wonderland", status, &by_operator(&context), &context)).unwrap()
    };
    assert!(house.server.cache().admits(Some(wonderland.id)));
    assert_eq!(set(Status::Inactive).status, Status::Inactive);
    assert!(!house.server.cache().admits(Some(wonderland.id)));
    set(Status::Inactive);
    set(Status::Active);
    assert!(house.server.cache().admits(Some(wonderland.id)));
    let expected = ["organization.created", "organization.disabled", "organization.enabled"];
    assert_eq!(deeds(&house), expected.map(|action| format!("{action} organization")));
}
