//! Whoever is bounded by an organization: what is there for them, and what they may do with it.

use crate::house::{House, ORDERS};
use crate::management::pointers;
use crate::people::events;
use doorward_core::manage::call::{Call, Tag};
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::{Refused, apis, clients, groups, organizations, users};
use doorward_core::store::tx::filter::UserFilter;
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Status;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::calls::by_operator;

/// An organization of this name, and somebody of this name in it.
fn peopled(house: &House, name: &str) -> Id {
    let context = house.server.context();
    let members = organizations::Members::named(name);
    let made = block_on(organizations::create(members, &by_operator(&context), &context)).unwrap();
    let organization = Some(made.id.to_string());
    let members = users::Members { organization, ..users::Members::named(name) };
    block_on(users::create(members, None, &by_operator(&context), &context)).unwrap();
    made.id
}

/// A call by somebody who may do everything there.
fn within(organization: Id, house: &House) -> Call {
    let permit = Permit::of(Actor::User(id(3)), Permissions::all(), Some(organization), None);
    Call::by(permit, &house.server.context()).unwrap()
}

#[test]
fn what_belongs_elsewhere_is_not_there() {
    let house = House::default();
    let (acme, _) = (peopled(&house, "acme"), peopled(&house, "other"));
    let context = house.server.context();
    let seen =
        block_on(users::list(&UserFilter::default(), None, 10, &within(acme, &house), &context)).unwrap();
    assert_eq!(seen.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(), ["acme"]);
    let show = |name| pointers(block_on(users::show(name, &within(acme, &house), &context)));
    assert_eq!((show("acme"), show("other")), (vec![], vec!["there is no such user".to_owned()]));
    let organizations = block_on(organizations::list(&within(acme, &house), &context)).unwrap();
    assert_eq!(organizations.iter().map(|one| one.id).collect::<Vec<_>>(), [acme]);
    let elsewhere = users::Members { organization: Some("other".into()), ..users::Members::named("new") };
    let made = block_on(users::create(elsewhere, None, &within(acme, &house), &context));
    assert_eq!(pointers(made), ["/organization_id"]);
}

#[test]
fn what_is_made_belongs_to_its_makers_organization() {
    let house = House::default();
    let acme = peopled(&house, "acme");
    let context = house.server.context();
    let user = block_on(users::create(users::Members::named("new"), None, &within(acme, &house), &context));
    assert_eq!(user.unwrap().organization, Some(acme));
    let client =
        block_on(clients::create(None, clients::Members::named("new"), &within(acme, &house), &context));
    assert_eq!(client.ok().unwrap().client.organization, Some(acme));
    let group = block_on(groups::create(groups::Members::named("new"), &within(acme, &house), &context));
    assert_eq!(group.unwrap().organization, Some(acme));
    let leave = |members: &mut users::Members| {
        members.organization = None;
        Ok(())
    };
    let left = block_on(users::update("new", &within(acme, &house), &context, leave));
    assert_eq!(pointers(left), ["/organization_id"]);
}

#[test]
fn what_belongs_to_nobody_is_seen_and_not_changed() {
    let house = House::default();
    let acme = peopled(&house, "acme");
    let context = house.server.context();
    let own = "this belongs to no organization, and so is not yours to change";
    let apis = block_on(apis::list(&within(acme, &house), &context)).unwrap();
    assert_eq!(apis.len(), 3, "two of the house's, and the management API");
    let switched = block_on(apis::set_status(ORDERS, Status::Inactive, &within(acme, &house), &context));
    assert_eq!(pointers(switched), [own]);
    let everybodys =
        block_on(groups::create(groups::Members::named("Everybody's"), &by_operator(&context), &context));
    everybodys.unwrap();
    let deleted = block_on(groups::delete("Everybody's", &within(acme, &house), &context));
    assert_eq!(pointers(deleted), [own]);
    let join = |members: &mut users::Members| {
        members.groups = vec!["Everybody's".into()];
        Ok(())
    };
    assert!(block_on(users::update("acme", &within(acme, &house), &context, join)).is_ok());
}

#[test]
fn a_group_of_an_organization_takes_only_who_belongs_there() {
    let house = House::default();
    let (acme, _) = (peopled(&house, "acme"), peopled(&house, "other"));
    let context = house.server.context();
    let group = block_on(groups::create(groups::Members::named("Ours"), &within(acme, &house), &context));
    group.unwrap();
    let join = |members: &mut users::Members| {
        members.groups = vec!["Ours".into()];
        Ok(())
    };
    let joined = |name| pointers(block_on(users::update(name, &by_operator(&context), &context, join)));
    assert_eq!((joined("acme"), joined("other")), (vec![], vec!["/groups/0".to_owned()]));
    let free = |members: &mut groups::Members| {
        members.organization = None;
        Ok(())
    };
    let freed = block_on(groups::update("Ours", &by_operator(&context), &context, free));
    assert_eq!(pointers(freed), ["/organization_id"], "somebody is in it");
}

/// A client that somebody comes through limits what they can do: who does not even see it does not lift that.
#[test]
fn nobody_is_taken_away_from_a_client_that_is_not_there_for_whoever_does_it() {
    let house = House::default();
    let acme = peopled(&house, "acme");
    let context = house.server.context();
    let shop = clients::Members::named("Shop");
    let shop = block_on(clients::create(Some("shop"), shop, &by_operator(&context), &context)).ok().unwrap();
    let join = |members: &mut users::Members| {
        members.clients = vec!["shop".into()];
        Ok(())
    };
    let joined = |call| block_on(users::update("acme", &call, &context, join));
    assert_eq!(pointers(joined(within(acme, &house))), ["/clients/0"]);
    joined(by_operator(&context)).unwrap();
    let leave = |members: &mut users::Members| {
        members.clients.clear();
        Ok(())
    };
    let left = block_on(users::update("acme", &within(acme, &house), &context, leave));
    assert_eq!(pointers(left), ["there is no such client"]);
    let rename = |members: &mut users::Members| {
        members.name = "Somebody".into();
        Ok(())
    };
    let renamed = block_on(users::update("acme", &within(acme, &house), &context, rename)).unwrap();
    assert_eq!(renamed.clients, [shop.client.id]);
}

/// RFC 9110 §13.1.1: a change of what is no longer as it was seen is not made.
#[test]
fn what_has_changed_since_it_was_seen_is_not_changed() {
    let house = House::default();
    let context = house.server.context();
    let api = block_on(apis::show(ORDERS, &by_operator(&context), &context)).unwrap();
    let rename = |call: Call| {
        let rename = |members: &mut apis::Members| -> Result<(), Refused> {
            members.name.push('!');
            Ok(())
        };
        pointers(block_on(apis::update(ORDERS, &call, &context, rename)))
    };
    let seen = || by_operator(&context).expecting(Some(Tag::of(&api)));
    assert!(rename(seen()).is_empty());
    assert_eq!(rename(seen()), ["it has been changed since you read it"]);
    let deleted = block_on(apis::delete(ORDERS, &seen(), &context));
    assert_eq!(pointers(deleted), ["it has been changed since you read it"]);
}

/// Every change is told once, and what changes nothing is not told.
#[test]
fn apis_and_clients_leave_one_event_for_each_change() {
    let house = House::default();
    let context = house.server.context();
    block_on(clients::create(
        Some("shop"),
        clients::Members::named("Shop"),
        &by_operator(&context),
        &context,
    ))
    .ok()
    .unwrap();
    for status in [Status::Active, Status::Inactive, Status::Inactive] {
        block_on(clients::set_status("shop", status, &by_operator(&context), &context)).unwrap();
        block_on(apis::set_status(ORDERS, status, &by_operator(&context), &context)).unwrap();
    }
    block_on(clients::update("shop", &by_operator(&context), &context, |_| Ok(()))).unwrap();
    block_on(apis::delete(ORDERS, &by_operator(&context), &context)).unwrap();
    let mut told: Vec<_> = events(&house).into_iter().map(|event| event.action).collect();
    told.sort();
    assert_eq!(told, ["api.deleted", "api.disabled", "client.created", "client.disabled"]);
}

/// A shorter life would end every token there, an introspection client would hear of all of them.
#[test]
fn the_management_api_is_changed_by_those_who_may_do_everything() {
    let house = House::default();
    let context = house.server.context();
    let change = |permissions| {
        let permit = Permit::of(Actor::User(id(3)), permissions, None, None);
        let shorter = |members: &mut apis::Members| {
            members.max_token_lifetime = Some(Lifetime::days(1));
            Ok(())
        };
        let call = Call::by(permit, &context).unwrap();
        pointers(block_on(apis::update("management", &call, &context, shorter)))
    };
    let writing = [Permission::ApisRead, Permission::ApisWrite].into_iter().collect();
    assert_eq!(change(writing), ["this would let you act as somebody who may do more than you"]);
    assert!(change(Permissions::all()).is_empty());
}
