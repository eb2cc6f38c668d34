//! The last administrator stays, whichever way they would have to go.

use crate::house::House;
use crate::management::pointers;
use crate::people::secret;
use doorward_core::manage::api_tokens::access::{Named, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::apis::MANAGEMENT;
use doorward_core::manage::call::{Call, Tag};
use doorward_core::manage::groups::ADMINISTRATORS;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::{Refused, api_tokens, clients, groups, organizations, setup_links, users};
use doorward_core::store::fault::Stop;
use doorward_core::ticket::setup_link::LIFETIME;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::words::{Level, Status, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::calls::by_operator;
use std::sync::Barrier;
use std::thread;

const STAYS: [&str; 1] = ["this would leave nobody who may do everything: make another administrator first"];

/// Somebody in a group, with a password or without.
fn member(house: &House, name: &str, group: &str, organization: Option<&str>, password: bool) {
    let context = house.server.context();
    let organization = organization.map(str::to_owned);
    let members =
        users::Members { organization, groups: vec![group.to_owned()], ..users::Members::named(name) };
    let password = password.then(|| secret("tidy kettle moss"));
    block_on(users::create(members, password.as_ref(), &by_operator(&context), &context)).unwrap();
}

fn set_status(house: &House, name: &str, status: UserStatus) -> Result<(), Stop<Refused>> {
    let context = house.server.context();
    block_on(users::set_status(name, status, &by_operator(&context), &context)).map(drop)
}

fn change(
    house: &House,
    name: &str,
    change: impl Fn(&mut users::Members) + Send + 'static,
) -> Result<(), Stop<Refused>> {
    let context = house.server.context();
    let change = move |members: &mut users::Members| {
        change(members);
        Ok(())
    };
    block_on(users::update(name, &by_operator(&context), &context, change)).map(drop)
}

fn group(house: &House, name: &str, permissions: Permissions) {
    let context = house.server.context();
    let members = groups::Members { permissions, ..groups::Members::named(name) };
    block_on(groups::create(members, &by_operator(&context), &context)).unwrap();
}

/// An API token with a level at the management API.
fn token(house: &House, owner: &str, level: Level) -> String {
    let context = house.server.context();
    let reach = Reach::Named(vec![Named { api: MANAGEMENT.to_owned(), level }]);
    let members = api_tokens::Members { reach, ..api_tokens::Members::named("ops") };
    let call = by_operator(&context);
    block_on(api_tokens::create(owner, members, Expiry::default(), &call, &context))
        .unwrap()
        .shown
        .token
        .id
        .to_string()
}

fn shop(house: &House) {
    let context = house.server.context();
    let members = clients::Members::named("Shop");
    block_on(clients::create(Some("shop"), members, &by_operator(&context), &context)).unwrap();
}

#[test]
fn the_last_administrator_is_not_removed_disabled_or_taken_out() {
    let house = House::default();
    let context = house.server.context();
    block_on(organizations::create(organizations::Members::named("A"), &by_operator(&context), &context))
        .unwrap();
    member(&house, "ada", ADMINISTRATORS, None, true);
    // Somebody who cannot sign in, is bounded, or may not everything, is no help.
    member(&house, "without-password", ADMINISTRATORS, None, false);
    member(&house, "bounded", ADMINISTRATORS, Some("A"), true);
    group(
        &house,
        "Nearly all",
        Permissions::all().without([Permission::AuditEventsRead].into_iter().collect()),
    );
    member(&house, "nearly", "Nearly all", None, true);
    let delete = || block_on(users::delete("ada", &by_operator(&context), &context));
    let out: [&dyn Fn() -> Result<(), Stop<Refused>>; 5] = [
        &delete,
        &|| set_status(&house, "ada", UserStatus::Disabled),
        &|| change(&house, "ada", |members| members.groups.clear()),
        &|| change(&house, "ada", |members| members.organization = Some("A".into())),
        &|| change(&house, "ada", |members| members.status = UserStatus::Disabled),
    ];
    for out in out {
        assert_eq!(pointers(out()), STAYS);
    }
    assert!(change(&house, "ada", |members| members.name = "Ada".into()).is_ok(), "all else may change");
    for (name, kind) in [("without-password", "of no help"), ("bounded", "of no help"), ("nearly", "none")] {
        assert!(set_status(&house, name, UserStatus::Disabled).is_ok(), "{name} is {kind}");
    }
    member(&house, "bea", ADMINISTRATORS, None, true);
    assert!(delete().is_ok(), "another is left");
}

#[test]
fn the_group_that_makes_the_last_administrator_keeps_its_permissions() {
    let house = House::default();
    let context = house.server.context();
    group(&house, "Everything", Permissions::all());
    group(&house, "Nothing much", Permissions::reading());
    member(&house, "ada", "Everything", None, true);
    let narrow = |name: &str| {
        let narrow = |members: &mut groups::Members| {
            members.permissions = Permissions::default();
            Ok(())
        };
        block_on(groups::update(name, &by_operator(&context), &context, narrow)).map(drop)
    };
    let delete = |name: &str| block_on(groups::delete(name, &by_operator(&context), &context));
    assert_eq!(pointers(narrow("Everything")), STAYS);
    assert_eq!(pointers(delete("Everything")), STAYS);
    assert!(narrow("Nothing much").is_ok() && delete("Nothing much").is_ok());
    member(&house, "bea", ADMINISTRATORS, None, true);
    assert!(narrow("Everything").is_ok() && delete("Everything").is_ok());
}

/// Where everybody belongs to an organization, the last one who may do everything within it is the last one there is.
#[test]
fn the_organization_of_the_last_administrator_is_not_switched_off() {
    let house = House::default();
    let context = house.server.context();
    block_on(organizations::create(organizations::Members::named("A"), &by_operator(&context), &context))
        .unwrap();
    member(&house, "ada", ADMINISTRATORS, Some("A"), true);
    let switch =
        || block_on(organizations::set_status("A", Status::Inactive, &by_operator(&context), &context));
    assert_eq!(pointers(switch()), STAYS);
    assert_eq!(pointers(set_status(&house, "ada", UserStatus::Disabled)), STAYS);
    member(&house, "bea", ADMINISTRATORS, None, true);
    assert!(switch().is_ok());
}

/// An administrator who has just been made gets in by a set-up link, and a script by an API token.
#[test]
fn whoever_gets_in_by_a_link_or_a_token_is_an_administrator_like_others() {
    let house = House::default();
    let context = house.server.context();
    let remove = |name: &str| pointers(set_status(&house, name, UserStatus::Disabled));
    member(&house, "linked", ADMINISTRATORS, None, false);
    block_on(setup_links::create("linked", &by_operator(&context), &context)).unwrap();
    member(&house, "outside", ADMINISTRATORS, None, false);
    assert_eq!(remove("linked"), STAYS, "the other one does not get in");
    assert_eq!(pointers(change(&house, "linked", |members| members.groups.clear())), STAYS);
    member(&house, "script", ADMINISTRATORS, None, false);
    token(&house, "script", Level::Read);
    assert_eq!(remove("linked"), STAYS, "who may only look is of no help");
    token(&house, "script", Level::Full);
    assert!(remove("linked").is_empty(), "another one gets in");
    assert_eq!(remove("script"), STAYS);
    shop(&house);
    let under_client = change(&house, "script", |members| members.clients = vec!["shop".into()]);
    assert_eq!(pointers(under_client), STAYS, "through a client, nobody manages anything");
}

/// What somebody gets in by comes to its end.
#[test]
fn a_way_in_counts_as_long_as_it_is_open() {
    let house = House::default();
    let remove = |name: &str| pointers(set_status(&house, name, UserStatus::Disabled));
    let link = |name: &str| {
        let context = house.server.context();
        block_on(setup_links::create(name, &by_operator(&context), &context)).unwrap();
    };
    for name in ["ada", "bea"] {
        member(&house, name, ADMINISTRATORS, None, false);
    }
    link("ada");
    house.clock.advance(LIFETIME);
    link("bea");
    assert_eq!(remove("bea"), STAYS, "the other link has ended");
    assert!(remove("ada").is_empty());
    house.clock.advance(LIFETIME);
    assert_eq!(remove("bea"), STAYS, "nobody gets in, and she is the last for whom a link can be made");
}

/// The last one of all stays, by whichever way they would get in; what they hold does not: a leak does not wait.
#[test]
fn where_nobody_gets_in_the_last_who_may_do_everything_stays() {
    let house = House::default();
    let context = house.server.context();
    member(&house, "ada", ADMINISTRATORS, None, false);
    let id = token(&house, "ada", Level::Full);
    assert!(block_on(api_tokens::revoke(&id, None, &by_operator(&context), &context)).is_ok());
    assert_eq!(pointers(set_status(&house, "ada", UserStatus::Disabled)), STAYS);
    assert_eq!(pointers(block_on(users::delete("ada", &by_operator(&context), &context))), STAYS);
    member(&house, "bea", ADMINISTRATORS, None, false);
    assert!(set_status(&house, "ada", UserStatus::Disabled).is_ok(), "another is left");
}

/// A server that nobody administers yet can be changed all the same.
#[test]
fn where_there_is_no_administrator_nothing_is_in_the_way() {
    let house = House::default();
    group(&house, "Nothing much", Permissions::reading());
    member(&house, "ada", "Nothing much", None, true);
    assert!(set_status(&house, "ada", UserStatus::Disabled).is_ok());
}

#[test]
fn of_two_who_remove_the_last_two_at_once_one_does() {
    let house = House::default();
    let rounds = if std::env::var_os("DOORWARD_LONG_TESTS").is_some() { 20 } else { 4 };
    member(&house, "ada", ADMINISTRATORS, None, true);
    member(&house, "bea", ADMINISTRATORS, None, true);
    for round in 0..rounds {
        let together = Barrier::new(2);
        let done = thread::scope(|scope| {
            let (house, together) = (&house, &together);
            let remove = |name: &'static str| {
                scope.spawn(move || {
                    together.wait();
                    pointers(set_status(house, name, UserStatus::Disabled))
                })
            };
            ["ada", "bea"].map(remove).map(|one| one.join().unwrap())
        });
        let removed = done.iter().filter(|refused| refused.is_empty()).count();
        assert_eq!(removed, 1, "round {round}: {done:?}");
        assert!(done.iter().all(|refused| refused.is_empty() || refused == &STAYS), "{done:?}");
        for name in ["ada", "bea"] {
            set_status(&house, name, UserStatus::Active).unwrap();
        }
    }
}

/// A hash costs 20 ms of a core, and its place is somebody else's sign-in: only who may set the password gets that far.
#[test]
fn whoever_may_not_set_a_password_costs_no_hash() {
    let house = House::default();
    let context = house.server.context();
    member(&house, "chief", ADMINISTRATORS, None, false);
    let _places: Vec<_> = std::iter::from_fn(|| context.hashing.place().ok()).collect();
    let set =
        |call: &Call| block_on(users::set_password("chief", &secret("another kettle moss"), call, &context));
    let weaker = Permissions::all().without([Permission::SigningKeysRotate].into_iter().collect());
    let weaker = Permit::of(Actor::User(id(3)), weaker, None, None);
    let weaker = Call::by(weaker, &context).unwrap();
    assert!(matches!(set(&weaker), Err(Stop::Refuse(Refused::Exceeds))));
    let elsewhere = by_operator(&context).expecting(Some(Tag(0)));
    assert!(matches!(set(&elsewhere), Err(Stop::Refuse(Refused::Changed))));
    assert!(matches!(set(&by_operator(&context)), Err(Stop::Fault(_))), "there is no place for another hash");
}
