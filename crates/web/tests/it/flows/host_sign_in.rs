//! A host that brings its own people (decision 15): its page, its records, and what of them is kept here. It is written with
//! what embedders have, the public parts of `doorward-core`.

use crate::flows::browser::{Browser, Page};
use crate::flows::place::{APP, INTRANET, PASSWORD, Place, Tokens, done, json, tokens, word};
use crate::support::header;
use doorward_core::context::Context;
use doorward_core::identity::authentication::Authentication;
use doorward_core::manage::users;
use doorward_core::settings::Settings;
use doorward_core::sign_in::directory::Directory;
use doorward_core::sign_in::{Attempt, Claims, Later, SignIn, SignedIn, Step};
use doorward_core::store::fault::Fault;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::UserStatus;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use http::StatusCode;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// People who show a badge.
#[derive(Default)]
struct Badges {
    known: Mutex<BTreeMap<String, Claims>>,
    is_down: Mutex<bool>,
}

impl Badges {
    /// A host that knows the holder of badge 7, and the place that it is embedded in.
    fn place() -> (Arc<Self>, Place) {
        let badges = Arc::new(Self::default());
        badges.issue("7", "carol", "Carol Host");
        let place = Place::known_by(Arc::clone(&badges) as _);
        place.user("alice");
        (badges, place)
    }

    fn issue(&self, badge: &str, username: &str, name: &str) {
        let claims = Claims {
            username: username.parse().unwrap(),
            name: name.to_owned(),
            email: Some(format!("{username}@host.example")),
            email_verified: true,
        };
        self.known.lock().unwrap().insert(badge.to_owned(), claims);
    }

    fn page(attempt: Attempt<'_>, said: &str) -> Step {
        let known = attempt.cookie("badge").filter(|_| !attempt.afresh);
        let badge = attempt.login_hint.or(known).unwrap_or_default();
        Step::Page(format!(
            "<!DOCTYPE html><title>Show your badge</title><p>{said}</p><form method=\"post\" action=\"{}\">{}\
             <input name=\"badge\" value=\"{}\"></form>",
            attempt.action,
            attempt.hidden_fields(),
            badge,
        ))
    }
}

impl SignIn for Badges {
    fn source(&self) -> &str {
        "badges"
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        Box::pin(async move {
            let Some(form) = attempt.form else { return Ok(Self::page(attempt, "hello")) };
            let badge = form.value("badge").unwrap_or_default();
            let Some(claims) = self.known.lock().unwrap().get(badge).cloned() else {
                return Ok(Self::page(attempt, "unknown badge"));
            };
            let authentication = Authentication {
                auth_time: context.now,
                amr: vec!["hwk".to_owned(), "user".to_owned()],
                acr: "phr".to_owned(),
            };
            Ok(Step::SignedIn(SignedIn::known(badge, authentication, claims)))
        })
    }

    fn claims<'a>(&'a self, external_id: &'a str) -> Later<'a, Result<Option<Claims>, Fault>> {
        let answer = if *self.is_down.lock().unwrap() {
            Err(Fault::unavailable("the badge office is closed"))
        } else {
            Ok(self.known.lock().unwrap().get(external_id).cloned())
        };
        Box::pin(std::future::ready(answer))
    }
}

/// The holder of a badge gets tokens at a client of the house.
#[track_caller]
fn signed_in(place: &Place, browser: &Browser<'_>, badge: &str) -> Tokens {
    let path = place.request(INTRANET, &[("prompt", "login")]);
    let page = browser.open(&path).page();
    let answer = browser.submit(&page, &[("badge", badge)]).answer();
    tokens(&place.redeem(INTRANET, &answer["code"]))
}

/// The identifier under which a badge is known here.
fn user(place: &Place, tokens: &Tokens) -> doorward_core::identity::user::User {
    done(users::show(
        tokens.id_token()["sub"].as_str().unwrap(),
        &by_operator(&place.context()),
        &place.context(),
    ))
}

/// The host's page is shown as it is, under our headers, and answered like one of ours.
#[test]
fn the_hosts_own_page_asks_who_it_is() {
    let (_, place) = Badges::place();
    let browser = Browser::new(&place);
    let path = place.request(APP, &[("login_hint", "7")]);
    let answer = browser.get(&path);
    let policy = header(&answer, "content-security-policy").to_owned();
    assert!(
        policy.contains("form-action 'self' https://app.example") && policy.contains("default-src 'none'")
    );
    assert_eq!(header(&answer, "cache-control"), "no-store");
    let page = browser.open(&path).page();
    assert!(page.says("Show your badge") && !page.has("login"), "{}", page.html);
    assert_eq!((page.form().action.as_str(), page.field("badge").as_str()), ("/login", "7"));
    let again = browser.submit(&page, &[("badge", "8")]).page();
    assert!(again.says("unknown badge"), "{}", again.html);
    let consent = browser.submit(&again, &[("badge", "7")]).page();
    assert!(consent.has("approve") && consent.says("<strong>carol</strong>"), "{}", consent.html);
    assert!(browser.submit(&consent, &[("decision", "approve")]).answer().contains_key("code"));
    browser.post("/login", &[("badge", "7")]).refused();
}

/// A cookie of the host's tells it who is there, on its own page.
#[test]
fn a_host_knows_its_people_by_a_cookie_of_its_own() {
    let (_, place) = Badges::place();
    let browser = Browser::new(&place);
    browser.set_cookie("badge", "7");
    let page = browser.open(&place.request(INTRANET, &[])).page();
    assert_eq!(page.field("badge"), "7");
    assert!(browser.submit(&page, &[]).answer().contains_key("code"));
}

/// OpenID Connect Core §3.1.2.1: where `prompt=login` or `max_age` want a proof of now, the host is told so, at each step; and
/// so it is for the person's own account.
#[test]
fn a_host_is_told_that_an_earlier_sign_in_is_no_proof() {
    let (_, place) = Badges::place();
    let badge = |path: &str| {
        let browser = Browser::new(&place);
        browser.set_cookie("badge", "7");
        let page = browser.open(path).page();
        let again = browser.submit(&page, &[("badge", "8")]).page();
        [page.field("badge"), again.field("badge")]
    };
    for more in [("prompt", "login"), ("prompt", "consent login"), ("max_age", "60"), ("max_age", "0")] {
        assert_eq!(badge(&place.request(INTRANET, &[more])), ["", ""], "{more:?}");
    }
    assert_eq!(badge("/account"), ["", ""]);
    for more in [("prompt", "consent"), ("prompt", "select_account"), ("display", "page")] {
        assert_eq!(badge(&place.request(INTRANET, &[more])), ["7", "7"], "{more:?}");
    }
}

/// OpenID Connect Core §2: how the person has signed in is what the host says; who they are is ours, and stays.
#[test]
fn a_person_is_kept_by_source_and_name() {
    let (badges, place) = Badges::place();
    badges.issue("alice", "alice", "Another Alice");
    let browser = Browser::new(&place);
    let first = signed_in(&place, &browser, "7").id_token();
    assert_eq!((&first["acr"], &first["amr"]), (&json!("phr"), &json!(["hwk", "user"])));
    place.advance(Lifetime::minutes(1));
    let second = signed_in(&place, &Browser::new(&place), "7");
    assert_eq!(second.id_token()["sub"], first["sub"]);
    let kept = user(&place, &second);
    assert_eq!((kept.source.as_str(), kept.external_id.as_str(), kept.generation), ("badges", "7", 0));
    // The same name at another source is somebody else, and has another's password for nothing.
    let namesake = signed_in(&place, &Browser::new(&place), "alice");
    assert_ne!(namesake.id_token()["sub"], place.subject("alice"));
    assert_eq!(user(&place, &namesake).name, "Another Alice");
}

/// What has changed at the host is written down when the person signs in again, and what is ours about them stays.
#[test]
fn a_record_follows_the_host() {
    let (badges, place) = Badges::place();
    let tokens = signed_in(&place, &Browser::new(&place), "7");
    let id = user(&place, &tokens).id.to_string();
    done(users::update(&id, &by_operator(&place.context()), &place.context(), |members| {
        members.groups = vec!["Members".to_owned()];
        Ok(())
    }));
    badges.issue("7", "carol.novak", "Carol Novak");
    place.advance(Lifetime::minutes(1));
    let kept = user(&place, &signed_in(&place, &Browser::new(&place), "7"));
    assert_eq!((kept.username.as_str(), kept.name.as_str()), ("carol.novak", "Carol Novak"));
    assert_eq!((kept.email.as_deref(), kept.groups.len()), (Some("carol.novak@host.example"), 1));
    assert_eq!(word(&place.refresh(INTRANET, tokens.refresh())), "granted", "a change of name voids nothing");
}

/// OpenID Connect Core §5.3.2: userinfo asks the host; where it does not answer, what it said last holds.
#[test]
fn userinfo_tells_what_the_host_knows_now() {
    let (badges, place) = Badges::place();
    let tokens = signed_in(&place, &Browser::new(&place), "7");
    let name = || json(&place.userinfo(tokens.access()))["name"].clone();
    assert_eq!(name(), "Carol Host");
    badges.issue("7", "carol", "Carol Novak");
    assert_eq!(name(), "Carol Novak");
    *badges.is_down.lock().unwrap() = true;
    assert_eq!(name(), "Carol Host", "as of the last sign-in");
    let info = json(&place.userinfo(tokens.access()));
    assert_eq!((&info["email"], &info["email_verified"]), (&json!("carol@host.example"), &json!(true)));
}

/// OWASP ASVS 7.4.2: whom we have switched off is refused, whatever their host says of them.
#[test]
fn a_person_who_is_disabled_here_is_refused() {
    let (_, place) = Badges::place();
    let browser = Browser::new(&place);
    let tokens = signed_in(&place, &browser, "7");
    let id = user(&place, &tokens).id.to_string();
    done(users::set_status(&id, UserStatus::Disabled, &by_operator(&place.context()), &place.context()));
    assert_eq!(place.userinfo(tokens.access()).status(), 401);
    assert_eq!(word(&place.refresh(INTRANET, tokens.refresh())), "invalid_grant");
    let cookies = browser.cookies();
    let page = browser.open(&place.request(INTRANET, &[])).page();
    let refused = browser.submit(&page, &[("badge", "7")]).page();
    assert!(refused.status == StatusCode::FORBIDDEN && refused.says("switched off"), "{}", refused.html);
    assert_eq!(browser.cookies(), cookies, "nobody has signed in");
    assert!(browser.open("/account").page().says("Show your badge"));
}

/// The built-in directory's people do not sign in by its password while a host stands at the door, and a host's people have
/// no password here.
#[test]
fn a_hosts_person_has_no_password_here() {
    let (_, place) = Badges::place();
    let browser = Browser::new(&place);
    let tokens = signed_in(&place, &browser, "7");
    let account = browser.open("/account").page();
    assert!(account.says("Carol Host") && !account.has("change_password"), "{}", account.html);
    browser.open("/account/password").refused();
    let id = user(&place, &tokens).id.to_string();
    let password = Secret::new(PASSWORD.to_owned());
    let context = place.context();
    assert!(block_on(users::set_password(&id, &password, &by_operator(&context), &context)).is_err());
    let page = browser.open(&place.request(INTRANET, &[("prompt", "login")])).page();
    let shown = browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).page();
    assert!(shown.says("unknown badge"), "{}", shown.html);
}

/// A directory whose people get another password while the old one is being looked at.
struct Overtaken(Directory);

impl SignIn for Overtaken {
    fn source(&self) -> &str {
        self.0.source()
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        Box::pin(async move {
            let step = self.0.step(attempt, context).await?;
            if matches!(step, Step::SignedIn(_)) {
                let new = Secret::new("seven umbrellas behind the old mill".to_owned());
                let set = users::set_password("alice", &new, &by_operator(context), context).await;
                set.map_err(|_| Fault::unavailable("the password was not set"))?;
            }
            Ok(step)
        })
    }
}

/// OWASP ASVS 7.4.3: a new password has the last word, also over a sign-in that was under way with the old one.
#[test]
fn a_sign_in_that_a_new_password_overtakes_is_none() {
    let settings = Settings::new("https://as.example".parse().unwrap());
    let place = Place::known_by(Arc::new(Overtaken(Directory::new(&settings.sign_in))));
    place.user("alice");
    let browser = Browser::new(&place);
    let page: Page = browser.open(&place.request(INTRANET, &[])).page();
    browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)]).refused();
    assert!(!browser.cookies().keys().any(|name| name.ends_with("-session")));
}

/// A host that is careless in one of several ways.
struct Careless {
    source: &'static str,
    ahead: Lifetime,
}

impl Careless {
    fn place(source: &'static str, ahead: Lifetime) -> Place {
        let place = Place::known_by(Arc::new(Self { source, ahead }));
        place.user("alice");
        place
    }
}

impl SignIn for Careless {
    fn source(&self) -> &str {
        self.source
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        Box::pin(async move {
            let Some(form) = attempt.form else { return Ok(Badges::page(attempt, "hello")) };
            let name = form.value("badge").or(form.value("username")).unwrap_or_default();
            let claims = Claims {
                username: name.parse().unwrap(),
                name: "Mallory".to_owned(),
                email: Some("mallory@host.example".to_owned()),
                email_verified: true,
            };
            let authentication = Authentication::by_password(context.now + self.ahead);
            Ok(Step::SignedIn(SignedIn::known(name, authentication, claims)))
        })
    }
}

/// The directory's people are nobody else's, whatever a host calls its own.
#[test]
fn a_host_is_not_the_directory() {
    let place = Careless::place("directory", Lifetime::seconds(0));
    let browser = Browser::new(&place);
    let page = browser.open(&place.request(INTRANET, &[])).page();
    assert_eq!(browser.submit(&page, &[("badge", "alice")]).page().status, 500);
    assert!(!browser.cookies().keys().any(|name| name.ends_with("-session")));
    assert_ne!(done(users::show("alice", &by_operator(&place.context()), &place.context())).name, "Mallory");
}

/// OpenID Connect Core §3.1.2.1: an earlier sign-in is no proof of now, though a host says that it is.
#[test]
fn a_proof_of_yesterday_is_none_where_one_of_now_is_wanted() {
    let place = Careless::place("shop", Lifetime::seconds(-86_400));
    for (wanted, is_refused) in
        [(("max_age", "60"), true), (("prompt", "login"), true), (("display", "page"), false)]
    {
        let browser = Browser::new(&place);
        let page = browser.open(&place.request(INTRANET, &[wanted])).page();
        let seen = browser.submit(&page, &[("badge", "bob")]);
        if is_refused {
            assert_eq!(seen.page().status, 500, "{wanted:?}");
        } else {
            assert!(seen.answer().contains_key("code"), "{wanted:?}");
        }
    }
}

/// OpenID Connect Core §2: `auth_time` is not in the future, so that a proof does not stay fresh for ever.
#[test]
fn a_proof_of_tomorrow_is_one_of_now() {
    let place = Careless::place("shop", Lifetime::days(365));
    let browser = Browser::new(&place);
    let token = signed_in(&place, &browser, "bob").id_token();
    assert_eq!(token["auth_time"], token["iat"]);
    place.advance(Lifetime::minutes(50));
    let silent = browser.get(&place.request(INTRANET, &[("max_age", "60"), ("prompt", "none")]));
    assert!(header(&silent, "location").contains("error=login_required"));
}

/// OWASP ASVS 7.4.2: a host finds whom it has brought in by the name that it gave them, and not a namesake.
#[test]
fn a_host_disables_who_has_left_it() {
    let (badges, place) = Badges::place();
    place.user("carol");
    let browser = Browser::new(&place);
    let held = signed_in(&place, &browser, "7");
    badges.known.lock().unwrap().clear();
    let context = place.context();
    let left = done(users::known_as("badges", "7", &by_operator(&context), &context));
    assert_eq!(left.username.as_str(), "carol");
    assert!(block_on(users::known_as("badges", "carol", &by_operator(&context), &context)).is_err());
    done(users::set_status(&left.id.to_string(), UserStatus::Disabled, &by_operator(&context), &context));
    assert_eq!(word(&place.refresh(INTRANET, held.refresh())), "invalid_grant");
    let silent = browser.get(&place.request(INTRANET, &[("prompt", "none")]));
    assert!(header(&silent, "location").contains("error=login_required"));
    assert_eq!(
        done(users::show("carol", &by_operator(&context), &context)).status,
        UserStatus::Active,
        "a namesake"
    );
}
