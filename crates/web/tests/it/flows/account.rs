//! A person's own pages: they need a sign-in and come back from it, and the password needs a recent one.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{APP, INTRANET, PASSWORD, Place, word};
use crate::support::header;
use doorward_core::settings::{Settings, SignIn};
use doorward_protocol::time::Lifetime;

const NEW: &str = "seven umbrellas behind the old mill";

/// Somebody on their account page.
#[track_caller]
fn at_home<'a>(place: &'a Place, username: &str) -> Browser<'a> {
    let browser = Browser::new(place);
    let page = browser.open("/account").page();
    assert_eq!(place.sign_in(&browser, &page, username).page().path, "/account");
    browser
}

/// The form for another password.
#[track_caller]
fn form(browser: &Browser<'_>) -> Page {
    let page = browser.open("/account/password").page();
    assert!(page.has("current_password"), "{}", page.html);
    page
}

fn send(browser: &Browser<'_>, page: &Page, current: &str, new: &str, again: &str) -> Page {
    let fields = [("current_password", current), ("password", new), ("password_again", again)];
    browser.submit(page, &fields).page()
}

/// Whether somebody gets in with a password.
fn gets_in(place: &Place, username: &str, password: &str) -> bool {
    let browser = Browser::new(place);
    let page = browser.open(&place.request(INTRANET, &[])).page();
    matches!(browser.submit(&page, &[("username", username), ("password", password)]), Seen::Left(_))
}

/// OWASP ASVS 8.2.1: the page is the person's; whoever is nobody signs in first, and comes back to it.
#[test]
fn the_account_page_needs_a_sign_in_and_comes_back() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for path in ["/account", "/account/password"] {
        let page = browser.open(path).page();
        assert!(page.has("login") && !page.says("Example") && !page.has("notice"), "{}", page.html);
    }
    let page = browser.open("/account/password").page();
    assert_eq!(place.sign_in(&browser, &page, "alice").page().path, "/account/password");
    let account = browser.open("/account").page();
    for text in ["ALICE Example", "alice", "alice@example.com", "change_password", "sign_out"] {
        assert!(account.says(text), "{text} in {}", account.html);
    }
    assert!(!account.says("bob"), "{}", account.html);
}

#[test]
fn the_sign_in_page_by_itself_leads_to_the_account() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let page = browser.open("/login").page();
    assert!(page.says("to your account"), "{}", page.html);
    assert_eq!(place.sign_in(&browser, &page, "alice").page().path, "/account");
}

/// OWASP ASVS 7.5.1: the password is changed only shortly after signing in: five minutes, not more.
#[test]
fn the_password_page_asks_for_a_recent_sign_in() {
    let place = Place::new();
    let browser = at_home(&place, "alice");
    place.advance(Lifetime::minutes(5));
    let page = form(&browser);
    place.advance(Lifetime::seconds(1));
    assert_eq!(browser.open("/account").page().path, "/account", "to look, any sign-in will do");
    let again = browser.open("/account/password").page();
    assert!(again.has("login") && again.says("that it is really you"), "{}", again.html);
    assert_eq!(again.field("username"), "alice");
    // A form that was open meanwhile changes nothing.
    assert!(send(&browser, &page, PASSWORD, NEW, NEW).has("login"));
    assert!(gets_in(&place, "alice", PASSWORD));
    assert!(place.sign_in(&browser, &again, "alice").page().has("current_password"));
}

/// OWASP ASVS 6.2.3: changing a password takes the current one; 6.2.1, 6.2.4: the new one meets the rules.
#[test]
fn what_is_wrong_with_a_change_is_said_and_changes_nothing() {
    let place = Place::new();
    let browser = at_home(&place, "alice");
    let page = form(&browser);
    for (current, new, again, said) in [
        ("four other words entirely", NEW, NEW, "The current password is wrong."),
        ("", NEW, NEW, "The current password is wrong."),
        (PASSWORD, NEW, "another", "not the same"),
        (PASSWORD, PASSWORD, PASSWORD, "The new password is the one you have."),
        (PASSWORD, "", "", "15"),
        (PASSWORD, "short", "short", "15"),
        (PASSWORD, "alicealicealice", "alicealicealice", "wrong\""),
        (PASSWORD, "passwordpassword", "passwordpassword", "wrong\""),
    ] {
        let shown = send(&browser, &page, current, new, again);
        assert!(shown.status == 422 && shown.has("wrong") && shown.says(said), "{new}: {}", shown.html);
        assert!(shown.has("current_password") && !shown.says(PASSWORD), "{}", shown.html);
    }
    assert!(gets_in(&place, "alice", PASSWORD));
    assert_eq!(browser.open("/account").page().path, "/account", "and nobody is signed out");
}

/// OWASP ASVS 7.4.3: with the password everything ends that was issued to whoever knew it, in every browser.
#[test]
fn a_new_password_ends_every_session_and_token() {
    let place = Place::new();
    let elsewhere = Browser::new(&place);
    let online = place.tokens(&elsewhere, INTRANET, "alice");
    let offline = place.tokens(&elsewhere, APP, "alice");
    let bobs = place.tokens(&Browser::new(&place), INTRANET, "bob");
    let browser = at_home(&place, "alice");
    let pending = place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let before = browser.copied();
    let changed = send(&browser, &form(&browser), PASSWORD, NEW, NEW);
    assert!(changed.status == 200 && changed.says("Your password is changed"), "{}", changed.html);
    for (browser, which) in [(&browser, "here"), (&before, "a copy"), (&elsewhere, "elsewhere")] {
        assert!(browser.open("/account").page().has("login"), "{which}");
        let silent = browser.open(&place.request(INTRANET, &[("prompt", "none")])).error();
        assert_eq!(silent, "login_required", "{which}");
    }
    for (client, tokens) in [(INTRANET, &online), (APP, &offline)] {
        assert_eq!(place.userinfo(tokens.access()).status(), 401, "{client}");
        assert_eq!(word(&place.refresh(client, tokens.refresh())), "invalid_grant", "{client}");
    }
    assert_eq!(word(&place.redeem(INTRANET, &pending)), "invalid_grant");
    assert!(!gets_in(&place, "alice", PASSWORD) && gets_in(&place, "alice", NEW));
    assert_eq!(word(&place.refresh(INTRANET, bobs.refresh())), "granted", "others are not concerned");
}

/// Whoever else is signed in in this browser stays.
#[test]
fn a_new_password_leaves_the_other_accounts_in_the_browser() {
    let place = Place::new();
    let browser = at_home(&place, "bob");
    place.code(&browser, &place.request(INTRANET, &[("prompt", "login")]), "alice");
    let changed = send(&browser, &form(&browser), PASSWORD, NEW, NEW);
    assert!(changed.says("Your password is changed"), "{}", changed.html);
    let page = browser.open("/account").page();
    assert!(page.says("BOB Example"), "{}", page.html);
    assert!(!gets_in(&place, "alice", PASSWORD) && gets_in(&place, "bob", PASSWORD));
}

/// OWASP ASVS 6.3.1: the form is no way around the limits of the sign-in.
#[test]
fn guessing_the_current_password_is_limited_too() {
    let settings = Settings::new("https://as.example".parse().unwrap());
    let sign_in = SignIn { attempts_per_account: 3, ..settings.sign_in };
    let place = Place::with(Settings { sign_in, ..settings });
    let browser = at_home(&place, "alice");
    let page = form(&browser);
    for _ in 0..3 {
        assert!(send(&browser, &page, "four other words entirely", NEW, NEW).says("is wrong"));
    }
    let waiting = send(&browser, &page, PASSWORD, NEW, NEW);
    assert!(waiting.status == 422 && waiting.says("Too many attempts"), "{}", waiting.html);
    place.advance(Lifetime::minutes(15));
    assert!(gets_in(&place, "alice", PASSWORD));
}

/// OWASP ASVS 16.5.1: an error page has a name by which whoever runs the server finds it, and says nothing else of it.
#[test]
fn an_error_page_names_its_request() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for path in ["/oauth2/authorize?client_id=nobody", "/setup", "/oauth2/authorize?interaction=x"] {
        let answer = browser.get(path);
        let html = String::from_utf8(answer.body().to_vec()).unwrap();
        let id = header(&answer, "x-request-id");
        assert!(!id.is_empty() && html.contains(&format!("<code id=\"request_id\">{id}</code>")), "{html}");
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "content-type")),
            (400, "text/html; charset=utf-8")
        );
    }
}
