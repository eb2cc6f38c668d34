//! Several people in one browser, and how long each of them stays: the chooser, and the sessions behind it.

use crate::flows::browser::{Browser, Page};
use crate::flows::place::{INTRANET, Place, done, tokens};
use crate::flows::prompts::account;
use doorward_core::manage::{organizations, sessions, users};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Status, UserStatus};
use doorward_testkit::calls::by_operator;

/// Signs somebody in beside whoever is there.
#[track_caller]
fn add(place: &Place, browser: &Browser<'_>, username: &str) -> serde_json::Value {
    let code = place.code(browser, &place.request(INTRANET, &[("prompt", "login")]), username);
    tokens(&place.redeem(INTRANET, &code)).id_token()
}

/// Who a silent request is about; the error if nobody.
fn in_use(place: &Place, browser: &Browser<'_>) -> String {
    let answer = browser.open(&place.request(INTRANET, &[("prompt", "none")])).answer();
    match answer.get("code") {
        Some(code) => tokens(&place.redeem(INTRANET, code)).id_token()["sub"].as_str().unwrap().to_owned(),
        None => answer["error"].clone(),
    }
}

fn choose(place: &Place, browser: &Browser<'_>) -> Page {
    browser.open(&place.request(INTRANET, &[("prompt", "select_account")])).page()
}

/// The value of the session's cookie.
fn session_cookie(browser: &Browser<'_>) -> String {
    let cookies = browser.cookies();
    cookies
        .into_iter()
        .find_map(|(name, value)| name.ends_with("-session").then_some(value))
        .unwrap_or_default()
}

fn end(place: &Place, id_token: &serde_json::Value) {
    let session = id_token["sid"].as_str().unwrap().parse().unwrap();
    done(sessions::end(session, &by_operator(&place.context()), &place.context()));
}

/// OpenID Connect Core §3.1.2.1: the chooser names who is there; who is chosen is who is meant, now and from then on.
#[test]
fn the_chooser_picks_one_of_several_accounts() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let alice = add(&place, &browser, "alice");
    let bob = add(&place, &browser, "bob");
    assert_eq!(in_use(&place, &browser), bob["sub"]);
    let page = choose(&place, &browser);
    assert!(page.says("ALICE Example") && page.says("BOB Example"), "{}", page.html);
    let answer = browser.submit(&page, &[("account", &account(&page, "alice"))]).answer();
    let chosen = tokens(&place.redeem(INTRANET, &answer["code"])).id_token();
    assert_eq!((&chosen["sub"], &chosen["sid"]), (&alice["sub"], &alice["sid"]));
    assert_eq!(in_use(&place, &browser), alice["sub"]);
}

#[test]
fn another_account_may_be_used_beside_those_there_are() {
    let place = Place::new();
    let browser = Browser::new(&place);
    add(&place, &browser, "alice");
    let page = choose(&place, &browser);
    let sign_in = browser.submit(&page, &[("account", "another")]).page();
    assert_eq!(sign_in.field("username"), "", "it is somebody else");
    let answer = place.sign_in(&browser, &sign_in, "bob").answer();
    let bob = tokens(&place.redeem(INTRANET, &answer["code"])).id_token();
    assert_eq!(in_use(&place, &browser), bob["sub"]);
    assert!(choose(&place, &browser).says("alice"));
}

/// Whoever else is signed in does not slip into the place of the one whose session is over.
#[test]
fn where_the_account_in_use_has_ended_somebody_chooses() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let alice = add(&place, &browser, "alice");
    let bob = add(&place, &browser, "bob");
    end(&place, &bob);
    assert_eq!(in_use(&place, &browser), "account_selection_required");
    let page = browser.open(&place.request(INTRANET, &[])).page();
    assert!(page.has("another") && page.says("alice") && !page.says("bob"), "{}", page.html);
    let chosen = browser.submit(&page, &[("account", &account(&page, "alice"))]).answer();
    assert_eq!(tokens(&place.redeem(INTRANET, &chosen["code"])).id_token()["sub"], alice["sub"]);
    assert_eq!(in_use(&place, &browser), alice["sub"]);
}

#[test]
fn nobody_can_choose_an_account_that_is_not_theirs_or_is_over() {
    let place = Place::new();
    let (browser, other) = (Browser::new(&place), Browser::new(&place));
    let alice = add(&place, &browser, "alice");
    let bob = add(&place, &other, "bob");
    let page = choose(&place, &browser);
    let own = account(&page, "alice");
    for account in [bob["sid"].as_str().unwrap(), bob["sub"].as_str().unwrap(), "alice", "ANOTHER"] {
        browser.submit(&page, &[("account", account)]).refused();
    }
    end(&place, &alice);
    assert!(browser.submit(&page, &[("account", &own)]).page().has("login"), "nobody is left to choose");
    assert_eq!(in_use(&place, &browser), "login_required");
}

/// A cookie is only so large: the sixth account takes the place of the one that was used longest ago, whose session ends.
#[test]
fn a_browser_holds_five_accounts_at_most() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let names = ["alice", "bob", "cleo", "dora", "emil", "fred"];
    names[2..].iter().for_each(|name| place.user(name));
    add(&place, &browser, "alice");
    let before = browser.copied();
    let refresh = tokens_of(&place, &before);
    names[1..].iter().for_each(|name| drop(add(&place, &browser, name)));
    assert_eq!(session_cookie(&browser).split('.').count(), 5);
    let page = choose(&place, &browser);
    let shown =
        |name: &&&str| page.says(&format!("{}</span>", **name)) || page.says(&format!("<span>{name}"));
    assert_eq!(names.iter().filter(shown).count(), 5, "{}", page.html);
    assert!(!page.says("alice"), "{}", page.html);
    assert_eq!(in_use(&place, &before), "login_required", "her session is over, and not only out of sight");
    assert_eq!(place.refresh(INTRANET, &refresh).status(), 400, "with what began in it");
}

/// A refresh token that does not outlive the session.
fn tokens_of(place: &Place, browser: &Browser<'_>) -> String {
    let path = place.request(INTRANET, &[("scope", "openid"), ("prompt", "none")]);
    let answer = browser.open(&path).answer();
    tokens(&place.redeem(INTRANET, &answer["code"])).refresh().to_owned()
}

/// OWASP ASVS 7.2.4: each sign-in begins a session of its own; what the browser held before is good for nothing.
#[test]
fn signing_in_again_replaces_the_persons_session() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let first = add(&place, &browser, "alice");
    let before = browser.copied();
    let refresh = tokens_of(&place, &browser);
    let second = add(&place, &browser, "alice");
    assert_ne!(session_cookie(&before), session_cookie(&browser));
    assert_eq!(session_cookie(&browser).split('.').count(), 1, "not a second account");
    assert_ne!(first["sid"], second["sid"]);
    assert_eq!(in_use(&place, &before), "login_required");
    // What the person has allowed goes on, and ends with the session that took over.
    let refreshed = tokens(&place.refresh(INTRANET, &refresh));
    assert_eq!(refreshed.id_token()["sid"], second["sid"]);
    end(&place, &second);
    assert_eq!(place.refresh(INTRANET, refreshed.refresh()).status(), 400);
}

/// OWASP ASVS 7.2.4: session fixation. What a browser was given before anybody signed in opens nothing afterwards.
#[test]
fn a_planted_cookie_is_not_signed_in_by_somebody_elses_sign_in() {
    let place = Place::new();
    let browser = Browser::new(&place);
    browser.open(&place.request(INTRANET, &[])).page();
    let planted = browser.copied();
    // A session that the thief has of their own, planted as well.
    add(&place, &planted, "bob");
    planted.cookies().iter().for_each(|(name, value)| browser.set_cookie(name, value));
    let thief = planted.copied();
    let alice = add(&place, &browser, "alice");
    assert_ne!(in_use(&place, &thief), alice["sub"]);
    assert!(!choose(&place, &thief).says("alice"));
    assert_ne!(session_cookie(&browser).split('.').next(), session_cookie(&thief).split('.').next());
}

/// OWASP ASVS 7.3.1: a session that nobody uses is over after eight hours; use keeps it.
#[test]
fn a_session_idles_out_after_eight_hours() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let alice = add(&place, &browser, "alice");
    for _ in 0..3 {
        place.advance(Lifetime::seconds(8 * 3600 - 1));
        assert_eq!(in_use(&place, &browser), alice["sub"]);
    }
    place.advance(Lifetime::seconds(8 * 3600 - 1));
    assert_eq!(browser.open("/account").page().path, "/account", "their own pages count as use, too");
    place.advance(Lifetime::seconds(8 * 3600 - 1));
    assert_eq!(in_use(&place, &browser), alice["sub"]);
    place.advance(Lifetime::seconds(8 * 3600));
    assert_eq!(in_use(&place, &browser), "login_required");
}

/// OWASP ASVS 7.3.2: after thirty days it is over in any case.
#[test]
fn a_session_is_over_after_thirty_days() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let alice = add(&place, &browser, "alice");
    let step = Lifetime::seconds(6 * 3600);
    for _ in 0..30 * 4 - 1 {
        place.advance(step);
        assert_eq!(in_use(&place, &browser), alice["sub"]);
    }
    place.advance(Lifetime::seconds(6 * 3600 - 1));
    assert_eq!(in_use(&place, &browser), alice["sub"]);
    place.advance(Lifetime::seconds(1));
    assert_eq!(in_use(&place, &browser), "login_required");
}

/// OWASP ASVS 7.4.2: whoever is switched off, themselves or with their organization, is signed in nowhere.
#[test]
fn a_switched_off_person_is_signed_in_nowhere() {
    let place = Place::new();
    let context = place.context();
    let organization =
        done(organizations::create(organizations::Members::named("Acme"), &by_operator(&context), &context))
            .id
            .to_string();
    let joined = organization.clone();
    done(users::update("bob", &by_operator(&context), &context, move |members| {
        members.organization = Some(joined.clone());
        Ok(())
    }));
    let (hers, his) = (Browser::new(&place), Browser::new(&place));
    let (alice, bob) = (add(&place, &hers, "alice"), add(&place, &his, "bob"));
    assert_eq!((in_use(&place, &hers), in_use(&place, &his)), (text(&alice), text(&bob)));
    done(users::set_status("alice", UserStatus::Disabled, &by_operator(&context), &context));
    done(organizations::set_status(&organization, Status::Inactive, &by_operator(&context), &context));
    for browser in [&hers, &his] {
        assert_eq!(in_use(&place, browser), "login_required");
        assert!(browser.open("/account").page().has("login"));
    }
    // Nor can they sign in, and the page says no more than to anybody else.
    for (browser, name) in [(&hers, "alice"), (&his, "bob")] {
        let page = browser.open(&place.request(INTRANET, &[])).page();
        let refused = place.sign_in(browser, &page, name).page();
        assert!(refused.says("The user name or the password is wrong."), "{}", refused.html);
    }
    // Back again: he goes on where he was; what she held was voided.
    done(users::set_status("alice", UserStatus::Active, &by_operator(&context), &context));
    done(organizations::set_status(&organization, Status::Active, &by_operator(&context), &context));
    assert_eq!((in_use(&place, &hers), in_use(&place, &his)), ("login_required".to_owned(), text(&bob)));
}

fn text(id_token: &serde_json::Value) -> String {
    id_token["sub"].as_str().unwrap().to_owned()
}
