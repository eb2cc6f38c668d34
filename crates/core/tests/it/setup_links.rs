//! Set-up links: a password is set once, by whoever holds the link, and everything before it is void.

use crate::house::House;
use crate::management::{conflicts, pointers};
use crate::people::{PASSWORD, alice, events, secret};
use crate::sign_in::sign_in;
use doorward_core::identity::user::User;
use doorward_core::manage::{Refused, setup_links, users};
use doorward_core::store::fault::Stop;
use doorward_core::ticket::setup_link::LIFETIME;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::UserStatus;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use std::thread;

const NEW: &str = "another kettle moss";

fn link(house: &House) -> String {
    let made = block_on(setup_links::create(
        "alice",
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap_or_else(|_| panic!("there is alice"));
    assert_eq!(made.expires_at, house.server.context().now + LIFETIME);
    made.token.expose().to_owned()
}

fn redeem(house: &House, token: &str, password: &str) -> Result<User, Stop<Refused>> {
    let address = Some("192.0.2.7".parse().unwrap());
    block_on(setup_links::redeem(token, &secret(password), address, &house.server.context()))
}

fn unknown<T>(result: Result<T, Stop<Refused>>) -> bool {
    pointers(result) == ["there is no such set-up link"]
}

/// OWASP ASVS 6.4.1: an initial secret is for one use, short-lived, and becomes no password itself.
#[test]
fn a_link_sets_a_first_password_once() {
    let house = House::default();
    let context = house.server.context();
    let before =
        block_on(users::create(users::Members::named("alice"), None, &by_operator(&context), &context))
            .unwrap();
    let token = link(&house);
    assert!(token.starts_with("dw_su_"));
    assert_eq!(block_on(setup_links::show(&token, &context)).unwrap(), before);
    let after = redeem(&house, &token, NEW).unwrap();
    assert_eq!((after.id, after.generation), (before.id, before.generation + 1));
    assert!(sign_in(&house, "alice", NEW).is_ok());
    assert!(unknown(redeem(&house, &token, PASSWORD)));
    assert!(unknown(block_on(setup_links::show(&token, &context))));
    assert!(sign_in(&house, "alice", NEW).is_ok());
}

#[test]
fn a_link_replaces_a_password_and_voids_what_it_opened() {
    let house = House::default();
    let before = alice(&house);
    let after = redeem(&house, &link(&house), NEW).unwrap();
    assert_eq!(after.generation, before.generation + 1);
    assert!(sign_in(&house, "alice", PASSWORD).is_err());
    assert!(sign_in(&house, "alice", NEW).is_ok());
    let told = events(&house).into_iter().find(|event| event.action == "password.set").unwrap();
    assert_eq!(told.reason, "setup_link");
    assert_eq!((told.user, told.objects), (Some(before.id), format!("user:{}", before.id)));
    assert_eq!(told.address, Some("192.0.2.7".parse().unwrap()));
}

#[test]
fn a_link_ends_after_a_quarter_of_an_hour() {
    let house = House::default();
    alice(&house);
    let (early, late) = (link(&house), link(&house));
    house.advance(Lifetime(LIFETIME.0 - 1));
    assert!(block_on(setup_links::show(&early, &house.server.context())).is_ok());
    house.advance(Lifetime(1));
    assert!(unknown(redeem(&house, &late, NEW)));
    assert!(unknown(block_on(setup_links::show(&late, &house.server.context()))));
}

#[test]
fn a_password_that_is_not_accepted_does_not_use_the_link_up() {
    let house = House::default();
    alice(&house);
    let token = link(&house);
    for bad in ["", "short", "passwordpassword", "alice-alice-alice!"] {
        assert_eq!(pointers(redeem(&house, &token, bad)), ["/password"], "{bad}");
    }
    assert!(redeem(&house, &token, NEW).is_ok());
}

/// Nothing is said about a password to whoever has no link: the rules are no oracle for the account behind it.
#[test]
fn a_link_that_is_not_good_is_refused_before_the_password_is_looked_at() {
    let house = House::default();
    alice(&house);
    let token = link(&house);
    let (cut, other) = (&token[..token.len() - 1], token.replacen("dw_su_", "dw_at_", 1));
    let foreign = House::default();
    alice(&foreign);
    let foreign = link(&foreign);
    for bad in ["", "dw_su_", cut, &other, &foreign] {
        assert!(unknown(redeem(&house, bad, "short")), "{bad}");
    }
}

#[test]
fn whatever_voids_all_of_a_users_things_voids_their_links() {
    let house = House::default();
    alice(&house);
    let context = house.server.context();
    let void: [&dyn Fn(); 4] = [
        &|| drop(block_on(users::revoke_all("alice", &by_operator(&context), &context)).unwrap()),
        &|| {
            drop(
                block_on(users::set_password("alice", &secret(NEW), &by_operator(&context), &context))
                    .unwrap(),
            );
        },
        &|| drop(redeem(&house, &link(&house), NEW).unwrap()),
        &|| {
            for status in [UserStatus::Disabled, UserStatus::Active] {
                block_on(users::set_status("alice", status, &by_operator(&context), &context)).unwrap();
            }
        },
    ];
    for (number, void) in void.into_iter().enumerate() {
        let token = link(&house);
        void();
        assert!(unknown(redeem(&house, &token, PASSWORD)), "{number}");
    }
    let token = link(&house);
    block_on(users::delete("alice", &by_operator(&context), &context)).unwrap();
    assert!(unknown(redeem(&house, &token, PASSWORD)), "of a user who is gone");
}

/// Whoever would send such a link to somebody hears of it at once.
#[test]
fn nobody_makes_a_link_for_a_disabled_user() {
    let house = House::default();
    alice(&house);
    let context = house.server.context();
    block_on(users::set_status("alice", UserStatus::Disabled, &by_operator(&context), &context)).unwrap();
    assert!(conflicts(block_on(setup_links::create("alice", &by_operator(&context), &context))));
}

#[test]
fn a_disabled_user_gets_no_link() {
    let house = House::default();
    alice(&house);
    let context = house.server.context();
    block_on(users::set_status("alice", UserStatus::Disabled, &by_operator(&context), &context)).unwrap();
    let made = block_on(setup_links::create("alice", &by_operator(&context), &context));
    assert!(conflicts(made));
}

#[test]
fn a_link_is_found_under_an_older_pepper() {
    let house = House::default();
    alice(&house);
    let token = link(&house);
    let next = "v2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    let both = format!("{}\n{next}", house.master.to_text().expose().trim_end());
    let house = house.another_with(&both).unwrap();
    assert!(redeem(&house, &token, NEW).is_ok());
}

#[test]
fn of_two_who_redeem_one_link_at_once_one_does() {
    let house = House::default();
    alice(&house);
    let token = link(&house);
    let passwords: Vec<_> = (0..8).map(|number| format!("{NEW} number {number}")).collect();
    let done: Vec<_> = thread::scope(|scope| {
        let (house, token) = (&house, &token);
        let ask = |password: &String| {
            let password = password.clone();
            scope.spawn(move || redeem(house, token, &password).is_ok())
        };
        let asked: Vec<_> = passwords.iter().map(ask).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
    for (password, done) in passwords.iter().zip(done) {
        assert_eq!(sign_in(&house, "alice", password).is_ok(), done);
    }
}
