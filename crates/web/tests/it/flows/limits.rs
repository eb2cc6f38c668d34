//! How often a password may be guessed: per account, under whatever spelling, and per address.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{INTRANET, PASSWORD, Place};
use doorward_protocol::time::Lifetime;
use std::net::IpAddr;

const WRONG: &str = "a wrong password of somebody's";

/// A browser at this address, with the page that asks who is there.
fn asked<'a>(place: &'a Place, address: &str) -> (Browser<'a>, Page) {
    let mut browser = Browser::new(place);
    browser.address = address.parse::<IpAddr>().unwrap();
    let page = browser.open(&place.request(INTRANET, &[])).page();
    (browser, page)
}

/// The status of an attempt; 0 where somebody has signed in.
fn attempt(place: &Place, address: &str, username: &str, password: &str) -> u16 {
    let (browser, page) = asked(place, address);
    match browser.submit(&page, &[("username", username), ("password", password)]) {
        Seen::Page(page) => page.status.as_u16(),
        Seen::Left(_) => 0,
    }
}

fn address(number: usize) -> String {
    format!("198.51.{}.{}", number / 200, number % 200)
}

/// OWASP ASVS 6.3.1: after ten failures an account waits for a quarter of an hour, the right password too, from wherever it
/// comes, and under whatever spelling.
#[test]
fn the_eleventh_attempt_of_an_account_waits() {
    let place = Place::new();
    for (username, spellings) in [
        ("alice", ["alice", "Alice", " ALICE ", "aLiCe"]),
        ("nobody-at-all", ["nobody-at-all", "Nobody-At-All", "NOBODY-AT-ALL", "nobody-at-all "]),
    ] {
        for number in 0..10 {
            let spelling = spellings[number % spellings.len()];
            assert_eq!(attempt(&place, &address(number), spelling, WRONG), 422, "{spelling} {number}");
        }
        for (number, spelling) in spellings.into_iter().enumerate() {
            assert_eq!(attempt(&place, &address(50 + number), spelling, PASSWORD), 429, "{spelling}");
            assert_eq!(attempt(&place, &address(50 + number), spelling, WRONG), 429, "{spelling}");
        }
        assert_eq!(
            attempt(&place, &address(99), "bob", PASSWORD),
            0,
            "while {username} waits, others do not"
        );
    }
    place.advance(Lifetime::minutes(15));
    assert_eq!(attempt(&place, &address(0), "nobody-at-all", PASSWORD), 422);
    assert_eq!(attempt(&place, &address(0), "alice", PASSWORD), 0);
}

/// RFC 6585 §4 and RFC 9110 §10.2.3: whoever waits is told how long.
#[test]
fn whoever_waits_is_told_how_long() {
    let place = Place::new();
    for _ in 0..10 {
        attempt(&place, "198.51.100.1", "alice", WRONG);
    }
    place.advance(Lifetime::minutes(5));
    let (browser, page) = asked(&place, "198.51.100.1");
    let waits = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).page();
    assert_eq!(waits.status, 429);
    assert!(waits.html.contains("Try again in 10 minutes"), "{}", waits.html);
}

/// OWASP ASVS 6.3.1: a success forgets what was counted before it.
#[test]
fn a_success_forgets_the_failures_of_its_account() {
    let place = Place::new();
    for _ in 0..3 {
        for number in 0..9 {
            assert_eq!(attempt(&place, &address(number), "alice", WRONG), 422);
        }
        assert_eq!(attempt(&place, &address(10), "alice", PASSWORD), 0);
    }
    for number in 0..10 {
        assert_eq!(attempt(&place, &address(number), "alice", WRONG), 422);
    }
    place.set_password("alice", "eleven kettles under a loud bridge");
    assert_eq!(
        attempt(&place, &address(10), "alice", "eleven kettles under a loud bridge"),
        0,
        "and so does a new one"
    );
}

/// OWASP ASVS 6.3.1: sixty failures from one address, at whatever accounts, and it waits; a success takes none of them back.
#[test]
fn the_sixty_first_attempt_of_an_address_waits() {
    let place = Place::new();
    let here = "203.0.113.9";
    for number in 0..60 {
        if number % 20 == 0 {
            assert_eq!(attempt(&place, here, "bob", PASSWORD), 0);
        }
        assert_eq!(attempt(&place, here, &format!("name-{number}"), WRONG), 422, "{number}");
    }
    assert_eq!(attempt(&place, here, "name-60", WRONG), 429);
    assert_eq!(attempt(&place, here, "bob", PASSWORD), 429, "the right password, too");
    assert_eq!(attempt(&place, "203.0.113.10", "bob", PASSWORD), 0, "a neighbour's does not");
    let jobs = || place.database.counters().jobs.value();
    let before = jobs();
    attempt(&place, here, "bob", WRONG);
    assert_eq!(jobs(), before, "and nothing is counted against the account");
}

/// OWASP ASVS 6.3.1: the current password is guessed no more often on the page that changes it.
#[test]
fn the_page_that_changes_a_password_counts_with_the_others() {
    let place = Place::new();
    let (browser, page) = asked(&place, "198.51.100.7");
    browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).left();
    let new = "eleven kettles under a loud bridge";
    let change = |current: &str| {
        let page = browser.open("/account/password").page();
        let fields = [("current_password", current), ("password", new), ("password_again", new)];
        browser.submit(&page, &fields).page()
    };
    for number in 0..10 {
        assert!(change(WRONG).html.contains("current password is wrong"), "{number}");
    }
    assert!(change(PASSWORD).html.contains("Too many attempts"));
    assert_eq!(attempt(&place, "198.51.100.8", "alice", PASSWORD), 429);
    assert!(browser.open("/account").page().html.contains("alice"), "who is signed in stays so");
}
