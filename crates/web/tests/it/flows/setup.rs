//! The page behind a set-up link: looked at as often as one likes, used once.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{INTRANET, PASSWORD, Place, done, word};
use doorward_core::manage::{setup_links, users};
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::UserStatus;
use doorward_testkit::calls::by_operator;

const NEW: &str = "seven umbrellas behind the old mill";

/// The path of a fresh link for somebody.
fn link(place: &Place, username: &str) -> String {
    let made = done(setup_links::create(username, &by_operator(&place.context()), &place.context()));
    format!("/setup?token={}", made.token.expose())
}

#[track_caller]
fn form(browser: &Browser<'_>, path: &str) -> Page {
    let page = browser.open(path).page();
    assert!(page.status == 200 && page.has("password") && page.has("continue"), "{}", page.html);
    page
}

fn send(browser: &Browser<'_>, page: &Page, password: &str, again: &str) -> Page {
    browser.submit(page, &[("password", password), ("password_again", again)]).page()
}

/// Whether somebody gets in with a password.
fn gets_in(place: &Place, username: &str, password: &str) -> bool {
    let browser = Browser::new(place);
    let page = browser.open(&place.request(INTRANET, &[])).page();
    matches!(browser.submit(&page, &[("username", username), ("password", password)]), Seen::Left(_))
}

/// The page that says that a link is not good, and gives its holder a way on.
#[track_caller]
fn not_good(seen: Seen) -> Page {
    let page = seen.page();
    assert!(page.status == 400 && page.says("This link is not good"), "{} {}", page.status, page.html);
    page
}

/// OWASP ASVS 6.4.1: a first secret is the person's own, through a link that is good once.
#[test]
fn a_link_sets_a_password_once() {
    let place = Place::new();
    let members = users::Members::named("admin");
    done(users::create(members, None, &by_operator(&place.context()), &place.context()));
    assert!(!gets_in(&place, "admin", NEW));
    let (path, browser) = (link(&place, "admin"), Browser::new(&place));
    // Mail programs look at links before people do.
    for _ in 0..3 {
        assert!(form(&Browser::new(&place), &path).says("value=\"admin\""));
    }
    let page = form(&browser, &path);
    let set = send(&browser, &page, NEW, NEW);
    assert!(set.status == 200 && set.says("Your password is set"), "{}", set.html);
    assert!(gets_in(&place, "admin", NEW));
    not_good(browser.submit(&page, &[("password", PASSWORD), ("password_again", PASSWORD)]));
    not_good(browser.open(&path));
    assert!(gets_in(&place, "admin", NEW), "the second time did nothing");
}

/// OWASP ASVS 6.2.1, 6.2.4: what is not accepted costs nothing; the rules are said, and the link stays good.
#[test]
fn a_password_that_is_not_accepted_leaves_the_link_good() {
    let place = Place::new();
    let (path, browser) = (link(&place, "alice"), Browser::new(&place));
    let page = form(&browser, &path);
    for (password, again, said) in [
        (NEW, "another", "not the same"),
        ("short", "short", "15"),
        ("", "", "15"),
        ("passwordpassword", "passwordpassword", "wrong\""),
        ("alicealicealice", "alicealicealice", "wrong\""),
        (&"x".repeat(1_025), &"x".repeat(1_025), "wrong\""),
    ] {
        let shown = send(&browser, &page, password, again);
        assert!(shown.status == 422 && shown.has("wrong") && shown.says(said), "{password}: {}", shown.html);
        assert!(password.is_empty() || !shown.says(&format!("value=\"{password}\"")), "{}", shown.html);
    }
    assert!(gets_in(&place, "alice", PASSWORD), "nothing has changed");
    assert!(send(&browser, &page, NEW, NEW).says("Your password is set"));
}

/// What somebody had before, sessions and tokens, was issued to whoever knew the old password.
#[test]
fn a_link_voids_what_was_issued_before() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let tokens = place.tokens(&browser, INTRANET, "alice");
    let (first, second) = (link(&place, "alice"), link(&place, "alice"));
    let visitor = Browser::new(&place);
    send(&visitor, &form(&visitor, &first), NEW, NEW);
    assert_eq!(word(&place.refresh(INTRANET, tokens.refresh())), "invalid_grant");
    assert_eq!(browser.open(&place.request(INTRANET, &[("prompt", "none")])).error(), "login_required");
    not_good(visitor.open(&second));
    assert!(!gets_in(&place, "alice", PASSWORD) && gets_in(&place, "alice", NEW));
}

/// OWASP ASVS 6.4.1: a link that is used, expired, void, mistyped or nobody's is one and the same.
#[test]
fn a_link_that_is_not_good_is_an_error_page() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let (late, disabled, changed) = (link(&place, "alice"), link(&place, "bob"), link(&place, "alice"));
    let page = form(&browser, &late);
    place.advance(Lifetime::minutes(14));
    form(&browser, &late);
    let password = Secret::new(NEW.to_owned());
    let fresh = link(&place, "alice");
    done(users::set_password("alice", &password, &by_operator(&place.context()), &place.context()));
    done(users::set_status("bob", UserStatus::Disabled, &by_operator(&place.context()), &place.context()));
    let cut = &changed[..changed.len() - 1];
    let said: Vec<_> = [changed.as_str(), &disabled, &fresh, cut, "/setup?token=x", "/setup?token=dw_su_"]
        .map(|path| not_good(browser.open(path)).html)
        .iter()
        .map(|html| html.split("class=\"lead\"").nth(1).unwrap().split("</p>").next().unwrap().to_owned())
        .collect();
    assert!(said[0].contains("a new one"), "{said:?}");
    assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
    browser.open("/setup").refused();
    not_good(browser.submit(&page, &[("password", PASSWORD), ("password_again", PASSWORD)]));
    let unexpired = link(&place, "alice");
    place.advance(Lifetime::minutes(15));
    not_good(browser.open(&unexpired));
    assert!(gets_in(&place, "alice", NEW));
}
