//! Nobody gets more than they have, whatever is called, by whomever, with whatever: no credential that they make, replace or read, and
//! no place in a group, lets them or others do more than they may themselves.

mod deeds;
mod of_accounts;
mod of_the_vault;
mod of_tokens;
mod world;

use crate::house::House;
use deeds::{Choice, DEEDS, Outcome, WITHOUT_A_CALL};
use doorward_core::client::{AccountOwner, Client};
use doorward_core::identity::organization::Organization;
use doorward_core::identity::user::User;
use doorward_core::manage::api_tokens::access::Named;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::{
    Refused, access_requests, api_tokens, clients, groups, organizations, registered_auths, users,
};
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::words::{ApiAccess, Level};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::people::user;
use doorward_testkit::builders::{client, id, vault};
use doorward_testkit::calls::by_operator;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};
use world::{World, covers, permissions};

/// Two organizations, groups of each and of none, and somebody everywhere.
fn peopled() -> House {
    let house = House::default();
    let context = house.server.context();
    let call = || by_operator(&context);
    let mut places = vec![None];
    for name in ["A", "B"] {
        let made = block_on(organizations::create(organizations::Members::named(name), &call(), &context));
        places.push(Some(made.unwrap().id.to_string()));
    }
    let all = Permissions::all();
    for (number, organization) in places.into_iter().enumerate() {
        let kinds = [("none", Permissions::default()), ("reading", Permissions::reading()), ("all", all)];
        for (kind, permissions) in kinds {
            let name = format!("{kind}-{number}");
            let members = groups::Members {
                organization: organization.clone(),
                permissions,
                ..groups::Members::named(&name)
            };
            block_on(groups::create(members, &call(), &context)).unwrap();
            let (organization, groups) = (organization.clone(), vec![name.clone()]);
            let members = users::Members {
                organization: organization.clone(),
                groups: groups.clone(),
                ..users::Members::named(&name)
            };
            block_on(users::create(members, None, &call(), &context)).unwrap();
            let token = api_tokens::Members::named("a token");
            block_on(api_tokens::create(&name, token, Expiry::default(), &call(), &context)).unwrap();
            let access = vec![Named { api: crate::house::ORDERS.to_owned(), level: Level::Full }];
            let wish = access_requests::Wish { message: String::new(), access };
            block_on(access_requests::create(&name, wish, &call(), &context)).unwrap();
            let members = clients::Members { organization, groups, ..clients::Members::named(&name) };
            block_on(clients::create(Some(&format!("c-{name}")), members, &call(), &context)).unwrap();
        }
    }
    with_auths(&house);
    house
}

/// An API account in each organization, and one outside of all, each of somebody there, and with a registered auth. They may
/// do everything.
fn with_auths(house: &House) {
    let context = house.server.context();
    let places = block_on(organizations::list(&by_operator(&context), &context)).unwrap();
    let enabled = |place| Organization { api_access: ApiAccess::Enabled, ..place };
    let places: Vec<_> = places.into_iter().map(|place| Some(enabled(place))).chain([None]).collect();
    let groups = block_on(groups::list(&by_operator(&context), &context)).unwrap();
    let all = groups.iter().find(|group| group.name == "all-0").unwrap().id;
    let sealer = house.server.sealer();
    let write = move |tx: &mut dyn Tx| {
        tx.insert_provider(&vault::provider(2)).map_err(Stop::<Refused>::Fault)?;
        for (number, place) in (50..).zip(&places) {
            let organization = place.as_ref().map(|place| place.id);
            place.iter().try_for_each(|place| tx.update_organization(place).map(drop))?;
            let owner = User { organization, ..user(number + 100) };
            let account = client(number).for_account_of(AccountOwner::User(owner.id)).with_groups(&[all]);
            tx.insert_user(&owner)?;
            tx.insert_client(&Client { organization, ..account.build() })?;
        }
        Ok(())
    };
    block_on(context.cache.write(write)).unwrap();
    for number in 50..53 {
        let fields = [("password".to_owned(), registered_auths::Value::given("x"))].into();
        let members =
            registered_auths::Members { fields, ..registered_auths::Members::labelled(number.to_string()) };
        let (account, call) = (id(number).to_string(), by_operator(&context));
        block_on(registered_auths::create(&account, "provider-2", members, sealer, &call, &context)).unwrap();
    }
}

/// Numbers from which a call is made: which deed, by whom, to whom, with what.
type Draw = (usize, (u32, usize), [usize; 7], (Option<usize>, Vec<usize>), (u32, bool));

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    // Some may everything, some everything but for one thing, some this and that.
    let all = Permission::ALL.len();
    let permissions = prop_oneof![
        Just(u32::MAX),
        (0..all).prop_map(|lacking| !(1 << lacking)),
        (0..all).prop_map(|only| 1 << only),
        any::<u32>()
    ];
    let given = prop_oneof![Just(0), (0..all).prop_map(|only| 1 << only), any::<u32>()];
    let draw = (
        0..DEEDS.len(),
        (permissions, 0..6_usize),
        any::<[usize; 7]>(),
        (proptest::option::of(0..2_usize), proptest::collection::vec(any::<usize>(), 0..3)),
        (given, any::<bool>()),
    );
    proptest::collection::vec(draw, 60..61)
}

fn pick<T>(list: &[T], number: usize, of: impl Fn(&T) -> Id) -> Id {
    if list.is_empty() { id(7) } else { of(&list[number % list.len()]) }
}

fn chosen(draw: &Draw, world: &World, number: u32) -> (Permit, Choice) {
    let (_, (own, bounds), to, (into, joined), (given, on)) = draw;
    let places: Vec<_> = world.organizations.iter().map(|organization| organization.id).collect();
    let (is_account, bounds) = (*bounds >= 3, bounds % 3);
    let bounds = bounds.checked_sub(1).and_then(|at| places.get(at).copied());
    let choice = Choice {
        user: pick(&world.users, to[0], |user| user.id),
        client: pick(&world.clients, to[1], |record| record.client.id),
        group: pick(&world.groups, to[2], |group| group.id),
        organization: pick(&places, to[3], |id| *id),
        api: pick(&world.apis, to[4], |api| api.id),
        token: pick(&world.tokens, to[5], |token| token.id),
        auth: pick(&world.auths, to[6], |auth| auth.id),
        request: pick(&world.requests, to[3], |request| request.id),
        into: into.and_then(|at| places.get(at).copied()),
        joined: joined.iter().map(|at| pick(&world.groups, *at, |group| group.id)).collect(),
        permissions: permissions(*given),
        on: *on,
        number,
    };
    let actor = if is_account { account_of(bounds, world) } else { Actor::User(id(1)) };
    (Permit::of(actor, permissions(*own), bounds, None), choice)
}

/// An API account of there, by a token of its own; it may be gone by now.
fn account_of(organization: Option<Id>, world: &World) -> Actor {
    let is_there = |client: &Client| client.is_api_account() && client.organization == organization;
    let account = world.clients.iter().map(|record| &record.client).find(|client| is_there(client));
    Actor::Client(account.map_or(id(1), |account| account.id))
}

/// One call; tells whether it was carried out.
fn called(draw: &Draw, house: &House, number: u32) -> bool {
    let before = World::of(house);
    let (permit, choice) = chosen(draw, &before, number);
    let (name, deed) = DEEDS[draw.0];
    let context = house.server.context();
    let call = Call::by(permit, &context).unwrap();
    let Ok(outcome) = deed(&choice, &before, &call, &context) else {
        return false;
    };
    let after = World::of(house);
    let told = format!("{name} by {permit:?} with {choice:?}");
    let mut touched = before.changed(&after);
    touched.extend(after.changed(&before));
    match outcome {
        Outcome::Done => {}
        Outcome::HandedOut(whose) => touched.push(whose),
        Outcome::Seen(places) => assert!(places.iter().all(|place| permit.sees(*place)), "{told}"),
    }
    for whose in touched {
        for power in [before.power(whose), after.power(whose)].into_iter().flatten() {
            assert!(covers(&permit, &power), "{told}: acted on {power:?}");
        }
    }
    let edited = before.changed_groups(&after).chain(after.changed_groups(&before));
    for group in edited {
        let power = (group.permissions.iter().collect(), group.organization);
        // A built-in group comes into being with what it has always stood for, and gives it to those who are put into it.
        let comes_into_being = group.name == groups::AUDITORS;
        assert!(comes_into_being || covers(&permit, &power), "{told}: edited {group:?}");
    }
    let everybodys = before.apis == after.apis || permit.organization().is_none();
    assert!(everybodys, "{told}: changed an API");
    true
}

#[test]
fn nobody_gets_more_than_they_have() {
    let cases = if env::var_os("DOORWARD_LONG_TESTS").is_some() { 64 } else { 4 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let carried_out = std::cell::RefCell::new(BTreeSet::new());
    runner
        .run(&draws(), |draws| {
            let house = peopled();
            for (number, draw) in (1000..).zip(&draws) {
                if called(draw, &house, number) {
                    carried_out.borrow_mut().insert(DEEDS[draw.0].0);
                }
            }
            Ok(())
        })
        .unwrap();
    assert!(carried_out.borrow().len() > DEEDS.len() / 3, "too much is refused to show anything");
}

/// For every permission, a caller who holds all others: whatever takes that permission is refused to them, and whoever has it is
/// out of their reach.
#[test]
fn whoever_lacks_one_permission_reaches_nobody_who_has_it() {
    let house = peopled();
    let context = house.server.context();
    for lacking in Permission::ALL {
        let others = Permissions::all().without([*lacking].into_iter().collect());
        let permit = Permit::of(Actor::User(id(1)), others, None, None);
        let before = World::of(&house);
        let strong = before.users.iter().find(|user| user.username.as_str() == "all-0").unwrap().id;
        let client = before.clients.iter().find(|record| record.client.client_id.as_str() == "c-all-0");
        let client = client.unwrap().client.id;
        let group = before.groups.iter().find(|group| group.name == "all-0").unwrap().id;
        let choice = Choice {
            user: strong,
            client,
            group,
            organization: before.organizations[0].id,
            api: before.apis[0].id,
            token: before.tokens.iter().find(|token| token.user() == Some(strong)).unwrap().id,
            auth: before.auths[0].id,
            request: before.requests[0].id,
            into: None,
            joined: vec![group],
            permissions: Permissions::all(),
            on: false,
            number: 1,
        };
        for (name, deed) in DEEDS.iter() {
            let noun = name.split("::").next().unwrap();
            if !["users", "clients", "secrets", "groups", "setup_links", "api_tokens"].contains(&noun) {
                continue;
            }
            let call = Call::by(permit, &context).unwrap();
            let outcome = deed(&choice, &before, &call, &context);
            let looked = matches!(outcome, Ok(Outcome::Seen(_)) | Err(_)) || *name == "groups::ensure";
            assert!(looked, "{name} without {lacking}");
        }
        assert!(before.changed(&World::of(&house)).is_empty(), "without {lacking}");
    }
}

/// So that no function is forgotten: each that is public and awaits something is in the table, or is said to need no call.
#[test]
fn every_function_of_management_is_in_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manage");
    let mut found = BTreeSet::new();
    collect(&folder, &mut found);
    let known: BTreeSet<_> =
        DEEDS.iter().map(|(name, _)| *name).chain(WITHOUT_A_CALL.iter().copied()).collect();
    let known: BTreeSet<_> = known.into_iter().map(str::to_owned).collect();
    assert_eq!(found, known);
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let noun = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let functions = text.lines().filter_map(|line| line.strip_prefix("pub async fn "));
        let names = functions.map(|rest| rest.split(['(', '<']).next().unwrap());
        found.extend(names.map(|name| format!("{noun}::{name}")));
    }
}
