//! Managing users: what may be registered, and what each change voids.

use crate::house::House;
use crate::management::pointers;
use crate::sign_in::sign_in;
use doorward_core::audit::event::Event;
use doorward_core::identity::user::User;
use doorward_core::manage::call::Call;
use doorward_core::manage::permit::{Actor, Permit};
use doorward_core::manage::{groups, setup_links, users};
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use doorward_core::store::tx::filter::UserFilter;
use doorward_protocol::permission::Permissions;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::UserStatus;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::id;
use doorward_testkit::calls::by_operator;
use std::convert::Infallible;

pub(crate) const PASSWORD: &str = "tidy kettle moss";

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// The user `alice`, with [`PASSWORD`].
pub(crate) fn alice(house: &House) -> User {
    let (members, password) = (users::Members::named("alice"), secret(PASSWORD));
    block_on(users::create(
        members,
        Some(&password),
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap()
}

fn user(house: &House, reference: &str) -> User {
    block_on(users::show(reference, &by_operator(&house.server.context()), &house.server.context())).unwrap()
}

/// Writes to the store, as whoever is not under test would.
pub(crate) fn record(house: &House, write: impl FnMut(&mut dyn Tx) -> Result<(), Fault> + Send + 'static) {
    let mut write = write;
    let write = move |tx: &mut dyn Tx| write(tx).map_err(Stop::<Infallible>::Fault);
    block_on(house.server.cache().write(write)).unwrap();
}

/// What happened, but for the making of the keys and APIs that a house begins with.
pub(crate) fn events(house: &House) -> Vec<Event> {
    let mut events = block_on(house.server.cache().store().read(|tx| tx.events(None, 1000))).unwrap();
    events.retain(|event| !["signing_key.rotated", "api.created"].contains(&event.action.as_str()));
    events
}

/// What was done, and to what kind of object, in the order of the alphabet: within a second, events have no other.
pub(crate) fn deeds(house: &House) -> Vec<String> {
    let deed = |event: Event| format!("{} {}", event.action, event.objects.split(':').next().unwrap_or(""));
    let mut deeds: Vec<_> = events(house).into_iter().map(deed).collect();
    deeds.sort();
    deeds
}

#[test]
fn a_user_is_shown_by_name_in_any_spelling_and_by_identifier() {
    let house = House::default();
    let alice = alice(&house);
    for reference in ["alice", "Alice", &alice.id.to_string()] {
        assert_eq!(user(&house, reference), alice);
    }
    assert_eq!((alice.source.as_str(), alice.external_id.as_str()), ("directory", "alice"));
    for nobody in ["bob", "", "a b", &id(7).to_string()] {
        let shown =
            block_on(users::show(nobody, &by_operator(&house.server.context()), &house.server.context()));
        assert_eq!(pointers(shown), ["there is no such user"], "{nobody}");
    }
}

#[test]
fn every_bad_member_of_a_user_is_named_at_once() {
    let house = House::default();
    let create = |members, password: Option<&str>| {
        let password = password.map(secret);
        pointers(block_on(users::create(
            members,
            password.as_ref(),
            &by_operator(&house.server.context()),
            &house.server.context(),
        )))
    };
    let members = users::Members {
        name: "Alice\nLiddell".into(),
        email: Some("alice".into()),
        groups: vec!["x".into(); 101],
        ..users::Members::named("a b")
    };
    assert_eq!(create(members, Some("short")), ["/username", "/name", "/email", "/groups", "/password"]);
    let members = users::Members {
        organization: Some("nowhere".into()),
        groups: vec!["Members".into(), "nobodies".into()],
        ..users::Members::named("alice")
    };
    assert_eq!(create(members, None), ["/organization_id", "/groups/1"]);
    assert_eq!(create(users::Members::named(id(7).to_string().to_lowercase()), None), ["/username"]);
    for email in ["", "@b", "a@", "a@b@c", "a b@c", "a@b\n", "<a@b>", &format!("{}@b", "a".repeat(253))] {
        let members = users::Members { email: Some(email.to_owned()), ..users::Members::named("alice") };
        assert_eq!(create(members, None), ["/email"], "{email:?}");
    }
    assert!(
        block_on(users::list(
            &UserFilter::default(),
            None,
            10,
            &by_operator(&house.server.context()),
            &house.server.context()
        ))
        .unwrap()
        .is_empty()
    );
    assert!(
        block_on(groups::list(&by_operator(&house.server.context()), &house.server.context()))
            .unwrap()
            .is_empty(),
        "nothing is half-written"
    );
    assert!(events(&house).is_empty());
}

/// NIST SP 800-63B-4 §3.1.1.2: a password that holds the user's names, or the service's, is refused.
#[test]
fn a_password_is_judged_with_the_names_around_it() {
    let house = House::default();
    let members =
        users::Members { email: Some("wonder@example.com".into()), ..users::Members::named("alice.liddell") };
    for password in ["alice.liddell-99", "wonder@example.com", "as.example as.example!"] {
        let (members, secret) = (members.clone(), secret(password));
        let created = block_on(users::create(
            members,
            Some(&secret),
            &by_operator(&house.server.context()),
            &house.server.context(),
        ));
        assert_eq!(pointers(created), ["/password"], "{password}");
    }
}

#[test]
fn a_user_name_is_taken_in_every_spelling() {
    let house = House::default();
    alice(&house);
    let context = house.server.context();
    let create = |name: &str| {
        block_on(users::create(users::Members::named(name), None, &by_operator(&context), &context))
    };
    assert_eq!(pointers(create("ALICE")), ["/username"]);
    let bob = create("bob").unwrap();
    let rename = |members: &mut users::Members| {
        members.username = "Alice".into();
        Ok(())
    };
    assert_eq!(
        pointers(block_on(users::update("bob", &by_operator(&context), &context, rename))),
        ["/username"]
    );
    assert_eq!(user(&house, "bob"), bob);
}

#[test]
fn an_update_of_a_user_keeps_what_it_does_not_name() {
    let house = House::default();
    let alice = alice(&house);
    house.advance(Lifetime::seconds(5));
    let context = house.server.context();
    let change = |members: &mut users::Members| {
        members.username = "alicia".into();
        members.groups.push("Members".into());
        Ok(())
    };
    let updated = block_on(users::update("alice", &by_operator(&context), &context, change)).unwrap();
    assert_eq!((updated.id, updated.generation), (alice.id, alice.generation), "nothing is void");
    assert_eq!((updated.external_id.as_str(), updated.groups.len()), ("alicia", 1));
    assert_eq!(updated.updated_at - updated.created_at, Lifetime::seconds(5));
    assert_eq!(*block_on(house.server.cache().user(alice.id)).unwrap().unwrap(), updated);
    assert!(sign_in(&house, "alicia", PASSWORD).is_ok());
    assert!(sign_in(&house, "alice", PASSWORD).is_err());
    let before = events(&house).len();
    house.advance(Lifetime::seconds(5));
    let nothing = |_: &mut users::Members| Ok(());
    let same = block_on(users::update(
        "alicia",
        &by_operator(&house.server.context()),
        &house.server.context(),
        nothing,
    ))
    .unwrap();
    assert_eq!((same, events(&house).len()), (updated, before), "no change is no event");
}

/// OpenID Connect Core §5.1: `email_verified` is said of this address and of no other.
#[test]
fn another_address_is_not_verified_because_the_last_one_was() {
    let house = House::default();
    let mut verified = User { email: Some("a@example.com".into()), email_verified: true, ..alice(&house) };
    record(&house, {
        let verified = verified.clone();
        move |tx| tx.update_user(&verified).map(drop)
    });
    let context = house.server.context();
    let rename = |members: &mut users::Members| {
        members.name = "Alice".into();
        Ok(())
    };
    verified.name = "Alice".into();
    assert_eq!(block_on(users::update("alice", &by_operator(&context), &context, rename)).unwrap(), verified);
    let change = |members: &mut users::Members| {
        members.email = Some("b@example.com".into());
        Ok(())
    };
    assert!(
        !block_on(users::update("alice", &by_operator(&context), &context, change)).unwrap().email_verified
    );
}

#[test]
fn disabling_a_user_voids_what_they_hold_and_enabling_brings_nothing_back() {
    let house = House::default();
    let alice = alice(&house);
    let set = |status| {
        block_on(users::set_status(
            "alice",
            status,
            &by_operator(&house.server.context()),
            &house.server.context(),
        ))
        .unwrap()
    };
    let disabled = set(UserStatus::Disabled);
    assert_eq!((disabled.status, disabled.generation), (UserStatus::Disabled, alice.generation + 1));
    assert_eq!(set(UserStatus::Disabled), disabled, "twice is once");
    assert!(sign_in(&house, "alice", PASSWORD).is_err());
    let enabled = set(UserStatus::Active);
    assert_eq!(enabled.generation, disabled.generation);
    assert!(sign_in(&house, "alice", PASSWORD).is_ok());
    let expected = ["user.created user", "user.disabled user", "user.enabled user"];
    assert_eq!(deeds(&house), expected);
}

#[test]
fn revoking_all_voids_what_a_user_holds_each_time() {
    let house = House::default();
    let alice = alice(&house);
    for time in 1..=2 {
        let revoked = block_on(users::revoke_all(
            "alice",
            &by_operator(&house.server.context()),
            &house.server.context(),
        ))
        .unwrap();
        assert_eq!(revoked.generation, alice.generation + time);
    }
    assert!(sign_in(&house, "alice", PASSWORD).is_ok(), "but not the password");
}

#[test]
fn a_new_password_voids_what_the_old_one_opened_and_the_attempts_at_it() {
    let house = House::default();
    let alice = alice(&house);
    (0..10).for_each(|_| drop(sign_in(&house, "alice", "a wrong password of hers")));
    let set = |text: &str| {
        block_on(users::set_password(
            "alice",
            &secret(text),
            &by_operator(&house.server.context()),
            &house.server.context(),
        ))
    };
    assert_eq!(pointers(set("too short")), ["/password"]);
    assert_eq!(user(&house, "alice"), alice);
    let changed = set("another kettle moss").unwrap();
    assert_eq!(changed.generation, alice.generation + 1);
    assert!(sign_in(&house, "alice", "another kettle moss").is_ok(), "without waiting");
    assert!(sign_in(&house, "alice", PASSWORD).is_err());
}

#[test]
fn a_deleted_users_name_may_be_anothers_but_never_their_identifier() {
    let house = House::default();
    let first = alice(&house);
    let context = house.server.context();
    block_on(users::delete("alice", &by_operator(&context), &context)).unwrap();
    assert_eq!(
        pointers(block_on(users::delete("alice", &by_operator(&context), &context))),
        ["there is no such user"]
    );
    assert!(block_on(house.server.cache().user(first.id)).unwrap().is_none());
    assert!(sign_in(&house, "alice", PASSWORD).is_err());
    assert_ne!(alice(&house).id, first.id);
}

#[test]
fn users_are_listed_page_by_page() {
    let house = House::default();
    let context = house.server.context();
    for number in 0..5 {
        let members = users::Members::named(format!("user-{number}"));
        block_on(users::create(members, None, &by_operator(&context), &context)).unwrap();
    }
    let page = |after, limit| {
        block_on(users::list(&UserFilter::default(), after, limit, &by_operator(&context), &context)).unwrap()
    };
    let first = page(None, 3);
    let second = page(Some(first[2].id), 3);
    assert_eq!((first.len(), second.len()), (3, 2));
    assert!(first.iter().chain(&second).map(|user| user.id).is_sorted());
}

/// A user whom a host vouches for has a name and a password there, and nothing to change about them here.
#[test]
fn a_hosts_user_has_neither_name_nor_password_here() {
    let house = House::default();
    let stranger = User {
        id: id(9),
        source: "host".into(),
        external_id: "4711".into(),
        username: "alice".parse().unwrap(),
        ..alice(&house)
    };
    let reference = stranger.id.to_string();
    record(&house, {
        let stranger = stranger.clone();
        move |tx| tx.insert_user(&stranger)
    });
    let context = house.server.context();
    assert_ne!(user(&house, "alice").id, stranger.id, "a name is the directory's");
    let other = secret("another kettle moss");
    let set = block_on(users::set_password(&reference, &other, &by_operator(&context), &context));
    assert_eq!(pointers(set), ["/password"]);
    assert_eq!(
        pointers(block_on(setup_links::create(&reference, &by_operator(&context), &context))),
        ["/password"]
    );
    let rename = |members: &mut users::Members| {
        members.username = "alicia".into();
        Ok(())
    };
    assert_eq!(
        pointers(block_on(users::update(&reference, &by_operator(&context), &context, rename))),
        ["/username"]
    );
    let join = |members: &mut users::Members| {
        members.groups.push("Members".into());
        Ok(())
    };
    let joined = block_on(users::update(&reference, &by_operator(&context), &context, join)).unwrap();
    assert_eq!((joined.external_id.as_str(), joined.groups.len()), ("4711", 1));
}

/// Everything that is done is told once, by whom and to what; what is refused leaves no trace.
#[test]
fn an_event_says_who_did_what_to_which_object() {
    let house = House::default();
    let alice = alice(&house);
    let address = Some("192.0.2.7".parse().unwrap());
    let permit = Permit::of(Actor::User(id(3)), Permissions::all(), None, address);
    let context = house.server.context();
    let set = |text: &str| {
        let call = Call::by(permit, &context).unwrap();
        block_on(users::set_password("alice", &secret(text), &call, &context))
    };
    set("another kettle moss").unwrap();
    assert!(set("short").is_err());
    let mut told = events(&house);
    assert_eq!(told.len(), 2);
    told.retain(|event| event.action == "password.set");
    let event = &told[0];
    assert_eq!((event.at, event.user, event.address), (context.now, Some(id(3)), address));
    assert_eq!(event.objects, format!("user:{}", alice.id));
}
