//! What a client may ask of a person: to sign in anew, to agree again, to choose. Each demand is met once in an interaction,
//! and remembered, so that none leads in circles.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{APP, INTRANET, PASSWORD, Place, tokens};
use doorward_protocol::time::Lifetime;

/// The page for which of somebody's pages this is.
#[track_caller]
fn kind(page: &Page) -> &'static str {
    match (page.has("login"), page.has("approve"), page.has("another")) {
        (true, false, false) => "sign in",
        (false, true, false) => "consent",
        (false, false, true) => "choose",
        _ => panic!("{}", page.html),
    }
}

/// The pages that somebody is led through; they do what each asks for.
#[track_caller]
fn way(place: &Place, browser: &Browser<'_>, path: &str, username: &str) -> (Vec<&'static str>, String) {
    let mut pages = vec![];
    let mut seen = browser.open(path);
    loop {
        let page = match seen {
            Seen::Page(page) => page,
            Seen::Left(_) => return (pages, seen.answer()["code"].clone()),
        };
        assert!(pages.len() < 5, "in circles: {pages:?}");
        pages.push(kind(&page));
        seen = match kind(&page) {
            "sign in" => place.sign_in(browser, &page, username),
            "consent" => browser.submit(&page, &[("decision", "approve")]),
            _ => browser.submit(&page, &[("account", &account(&page, username))]),
        };
    }
}

/// What the button of this person's account is worth.
pub(crate) fn account(page: &Page, username: &str) -> String {
    let button = page.html.split("<button").find(|button| button.contains(&format!("{username}<")));
    let button = button.unwrap_or_else(|| panic!("no {username} in {}", page.html));
    button.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// OpenID Connect Core §3.1.2.1: `prompt=login` asks for the password of somebody who is signed in, once.
#[test]
fn prompt_login_asks_for_the_password_again() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let path = place.request(INTRANET, &[("prompt", "login")]);
    let first = tokens(&place.redeem(INTRANET, &way(&place, &browser, &path, "alice").1)).id_token();
    place.advance(Lifetime::seconds(20));
    let page = browser.open(&path).page();
    assert!(page.says("that it is really you"), "{}", page.html);
    assert_eq!(page.field("username"), "alice", "they need not type their name again");
    let (pages, code) = way(&place, &browser, &path, "alice");
    assert_eq!(pages, ["sign in"]);
    let second = tokens(&place.redeem(INTRANET, &code)).id_token();
    let auth_time = |claims: &serde_json::Value| claims["auth_time"].as_i64().unwrap();
    assert_eq!(auth_time(&second), auth_time(&first) + 20);
    assert_ne!(first["sid"], second["sid"]);
}

/// OpenID Connect Core §3.1.2.1: `prompt=consent` asks again, whatever was agreed to before.
#[test]
fn prompt_consent_asks_to_agree_again() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let way =
        |client, prompt| way(&place, &browser, &place.request(client, &[("prompt", prompt)]), "alice").0;
    assert_eq!(way(APP, "consent"), ["sign in", "consent"]);
    assert_eq!(way(APP, ""), [""; 0]);
    assert_eq!(way(APP, "consent"), ["consent"]);
    assert_eq!(way(INTRANET, ""), [""; 0], "whoever is trusted does not ask");
    assert_eq!(way(INTRANET, "consent"), ["consent"], "unless it wants to");
    assert_eq!(way(INTRANET, "consent"), ["consent"], "each time");
}

/// OpenID Connect Core §3.1.2.1: `prompt=select_account` shows who is there, even where it is one person.
#[test]
fn prompt_select_account_asks_which_account() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let path = place.request(INTRANET, &[("prompt", "select_account")]);
    assert_eq!(way(&place, &browser, &path, "alice").0, ["sign in"], "nobody to choose from");
    assert_eq!(way(&place, &browser, &path, "alice").0, ["choose"]);
    assert_eq!(way(&place, &browser, &path, "alice").0, ["choose"], "and again, when it is asked for again");
}

/// OpenID Connect Core §3.1.2.1: prompts may be combined, in any order; each is met, and once.
#[test]
fn prompts_may_be_combined() {
    let place = Place::new();
    let browser = Browser::new(&place);
    place.code(&browser, &place.request(APP, &[]), "alice");
    for (prompt, pages) in [
        ("login consent", &["sign in", "consent"][..]),
        ("consent login", &["sign in", "consent"]),
        ("select_account consent", &["choose", "consent"]),
        ("select_account login", &["choose", "sign in"]),
        ("consent select_account login", &["choose", "sign in", "consent"]),
        ("login login", &["sign in"]),
    ] {
        let path = place.request(APP, &[("prompt", prompt)]);
        assert_eq!(way(&place, &browser, &path, "alice").0, pages, "{prompt}");
    }
    let all = place.request(APP, &[("prompt", "login consent select_account"), ("max_age", "0")]);
    assert_eq!(way(&place, &browser, &all, "alice").0, ["choose", "sign in", "consent"]);
}

/// OpenID Connect Core §3.1.2.1: a sign-in older than `max_age` is repeated; `max_age=0` is `prompt=login`.
#[test]
fn max_age_asks_for_a_sign_in_as_young_as_that() {
    let place = Place::new();
    let browser = Browser::new(&place);
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let way = |age| way(&place, &browser, &place.request(INTRANET, &[("max_age", age)]), "alice");
    assert_eq!(way("60").0, [""; 0]);
    place.advance(Lifetime::seconds(60));
    assert_eq!(way("60").0, [""; 0], "sixty seconds are not more than sixty");
    place.advance(Lifetime::seconds(1));
    assert_eq!(way("3600").0, [""; 0]);
    assert_eq!(way("60").0, ["sign in"]);
    assert_eq!(way("60").0, [""; 0]);
    let (pages, code) = way("0");
    assert_eq!(pages, ["sign in"], "also in the second of the last sign-in, and once");
    let signed_in = place.context().now.0;
    place.advance(Lifetime::seconds(30));
    let claims = tokens(&place.redeem(INTRANET, &code)).id_token();
    assert_eq!(claims["auth_time"], signed_in, "OpenID Connect Core §2: required with max_age");
}

/// OpenID Connect Core §3.1.2.1: `login_hint` fills in the user name, as text, and binds nobody to it.
#[test]
fn a_login_hint_stands_in_the_form() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let hint = "alice\"><script>alert(1)</script>";
    let page = browser.open(&place.request(INTRANET, &[("login_hint", hint)])).page();
    assert_eq!(page.field("username"), hint);
    assert!(!page.says("<script>"), "{}", page.html);
    let long = "a".repeat(5_000);
    let page = browser.open(&place.request(INTRANET, &[("login_hint", &long)])).page();
    assert_eq!(page.field("username").len(), 100);
    let page = browser.open(&place.request(INTRANET, &[("login_hint", "bob")])).page();
    assert_eq!(page.field("username"), "bob");
    assert!(place.sign_in(&browser, &page, "alice").answer().contains_key("code"));
    let again = browser.open(&place.request(INTRANET, &[("login_hint", "bob"), ("prompt", "login")])).page();
    assert_eq!(again.field("username"), "bob", "the client's word, also where somebody is signed in");
}

/// OpenID Connect Core §3.1.2.1: with an `id_token_hint` the answer is about that person, or an error.
#[test]
fn an_id_token_hint_says_who_is_meant() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let alice = place.tokens(&browser, INTRANET, "alice");
    let hint = alice.0["id_token"].as_str().unwrap();
    let with = |browser: &Browser<'_>, more: &[(&str, &str)]| {
        let parameters = [&[("id_token_hint", hint)], more].concat();
        browser.open(&place.request(INTRANET, &parameters))
    };
    let subject = |code: &str| tokens(&place.redeem(INTRANET, code)).id_token()["sub"].clone();
    // Bob is in use; alice is meant, and there.
    place.code(&browser, &place.request(INTRANET, &[("prompt", "login")]), "bob");
    assert_eq!(subject(&with(&browser, &[]).answer()["code"]), alice.id_token()["sub"]);
    assert_eq!(subject(&with(&browser, &[("prompt", "none")]).answer()["code"]), alice.id_token()["sub"]);
    // In another browser she is not; whoever signs in there instead is not who was meant.
    let other = Browser::new(&place);
    assert_eq!(with(&other, &[("prompt", "none")]).error(), "login_required");
    let page = with(&other, &[]).page();
    assert_eq!(kind(&page), "sign in");
    assert_eq!(place.sign_in(&other, &page, "bob").error(), "login_required");
    assert_eq!(with(&other, &[("prompt", "none")]).error(), "login_required", "bob is there, alice is not");
    let page = with(&other, &[]).page();
    let answer = place.sign_in(&other, &page, "alice").answer();
    assert_eq!(subject(&answer["code"]), alice.id_token()["sub"]);
    // An ID token that has expired still says who was meant.
    place.advance(Lifetime::minutes(11));
    assert!(with(&browser, &[("prompt", "none")]).answer().contains_key("code"));
    let choose = with(&browser, &[("prompt", "select_account")]).page();
    let bob = account(&choose, "bob");
    assert_eq!(browser.submit(&choose, &[("account", &bob)]).error(), "login_required");
}

/// OpenID Connect Core §3.1.2.1: a wrong password on the way does not make anybody forget what was asked for.
#[test]
fn a_wrong_password_leads_back_to_the_same_request() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let page = browser.open(&place.request(APP, &[("prompt", "login consent")])).page();
    let wrong = [("username", "alice"), ("password", "four wrong words in it")];
    let again = browser.submit(&page, &wrong).page();
    assert_eq!(
        (again.status.as_u16(), kind(&again), again.field("username").as_str()),
        (422, "sign in", "alice")
    );
    assert!(!again.says("four wrong words in it") && again.says("Photo "), "{}", again.html);
    let consent = browser.submit(&again, &[("password", PASSWORD)]).page();
    let answer = browser.submit(&consent, &[("decision", "approve")]).answer();
    assert_eq!(answer["state"], "s t&a=te");
}
