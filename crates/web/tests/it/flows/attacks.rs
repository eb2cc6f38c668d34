//! What somebody tries who wants more than they were given: steps between the steps, and changes in the middle of one.

use crate::flows::browser::{Browser, Page};
use crate::flows::place::{APP, PASSWORD, Place, done, word};
use doorward_core::context::Context;
use doorward_core::identity::authentication::Authentication;
use doorward_core::identity::user::DIRECTORY;
use doorward_core::manage::{clients, organizations, users};
use doorward_core::sign_in::{Attempt, Later, SignIn, SignedIn, Step};
use doorward_core::store::fault::Fault;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::Status;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What the owner of an account chooses while a thief who knows the old password is at the form.
const OWNERS: &str = "eleven kettles under a loud bridge";
const THIEFS: &str = "seven ladders beside an old orchard";

/// The directory, to which the owner comes from elsewhere at the moment in which their old password is looked at for the
/// second time: after the sign-in, on the page for another password.
#[derive(Default)]
struct Meanwhile {
    looked: AtomicU32,
}

impl Meanwhile {
    async fn look(&self, attempt: Attempt<'_>, context: &Context<'_>) -> Result<Step, Fault> {
        let Some(form) = attempt.form else { return Ok(Step::Form(None)) };
        let username = form.value("username").unwrap_or_default().to_owned();
        let user = users::show(&username, &by_operator(context), context)
            .await
            .map_err(|_| Fault::broken("nobody"))?;
        if self.looked.fetch_add(1, Ordering::SeqCst) == 1 {
            let password = Secret::new(OWNERS.to_owned());
            let set = users::set_password(&username, &password, &by_operator(context), context).await;
            assert!(set.is_ok());
        }
        Ok(Step::SignedIn(SignedIn {
            external_id: username,
            authentication: Authentication::by_password(context.now),
            claims: None,
            generation: Some(user.generation),
            attempts: None,
        }))
    }
}

impl SignIn for Meanwhile {
    fn source(&self) -> &str {
        DIRECTORY
    }

    fn step<'a>(&'a self, attempt: Attempt<'a>, context: &'a Context<'a>) -> Later<'a, Result<Step, Fault>> {
        Box::pin(self.look(attempt, context))
    }
}

/// OWASP ASVS 6.2.3: the old password proves nothing once there is a new one, however late the proof is used.
#[test]
fn a_password_that_was_changed_while_the_old_one_was_looked_at_has_the_last_word() {
    let place = Place::known_by(Arc::new(Meanwhile::default()));
    place.user("alice");
    let thief = Browser::new(&place);
    let page = thief.open("/account/password").page();
    let page = place.sign_in(&thief, &page, "alice").page();
    assert!(page.has("current_password"), "{}", page.html);
    let form = [("current_password", PASSWORD), ("password", THIEFS), ("password_again", THIEFS)];
    thief.submit(&page, &form).refused();
    let alice = done(users::show("alice", &by_operator(&place.context()), &place.context()));
    assert_eq!(alice.generation, 1, "the owner's change is the only one");
}

fn interactions(place: &Place) -> i64 {
    let by_pepper = block_on(place.context().cache.store().snapshot(|tx| tx.digests_by_pepper())).unwrap();
    by_pepper.into_iter().map(|(_, count)| count).sum()
}

fn another(page: &Page, browser: &Browser<'_>) -> Page {
    browser.submit(page, &[("account", "another")]).page()
}

/// Nobody fills the database by merely asking: who has no account here has none to choose another beside.
#[test]
fn a_choice_among_no_accounts_records_nothing() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let page = browser.open(&place.request(APP, &[])).page();
    let before = interactions(&place);
    for _ in 0..3 {
        let next = another(&page, &browser);
        assert!(next.has("login") && next.status == 200, "the page to sign in on: {}", next.html);
        assert!(!next.has("notice"), "and nothing is wrong: {}", next.html);
    }
    assert_eq!(interactions(&place), before);
    let seen = place.sign_in(&browser, &another(&page, &browser), "alice");
    assert!(seen.page().has("approve"), "it still leads on");
}

/// The consent page says where the person is sent: an answer to it is none for another place.
#[test]
fn a_consent_counts_for_the_place_that_was_shown() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let path = place.request(APP, &[("redirect_uri", ""), ("scope", "orders:read")]);
    let page = browser.open(&path).page();
    let page = place.sign_in(&browser, &page, "alice").page();
    assert!(page.has("approve") && page.says("app.example"), "{}", page.html);
    let elsewhere = |members: &mut clients::Members| {
        members.redirect_uris = vec!["https://elsewhere.example/callback".to_owned()];
        Ok(())
    };
    done(clients::update(APP, &by_operator(&place.context()), &place.context(), elsewhere));
    browser.submit(&page, &[("decision", "approve")]).refused();
    let page = browser.open(&path).page();
    assert!(page.has("approve") && page.says("elsewhere.example"), "asked anew: {}", page.html);
}

/// RFC 9700 §4.11: nobody is sent to the addresses of a client that takes no part, also not after signing out.
#[test]
fn a_client_of_an_inactive_organization_gets_nobody_back_after_signing_out() {
    let mut place = Place::new();
    let acme = done(organizations::create(
        organizations::Members::named("Acme"),
        &by_operator(&place.context()),
        &place.context(),
    ))
    .id
    .to_string();
    let of_acme = clients::Members { organization: Some(acme.clone()), ..Place::members() };
    place.register("acme-app", of_acme);
    let browser = Browser::new(&place);
    let tokens = place.tokens(&browser, "acme-app", "alice");
    let hint = tokens.0["id_token"].as_str().unwrap();
    let path = format!(
        "/oauth2/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye"
    );
    done(organizations::set_status(
        &acme,
        Status::Inactive,
        &by_operator(&place.context()),
        &place.context(),
    ));
    assert!(browser.open(&path).page().says("You are signed out"), "signed out, and sent nowhere");
    done(organizations::set_status(&acme, Status::Active, &by_operator(&place.context()), &place.context()));
    assert_eq!(browser.open(&path).left(), "https://app.example/bye");
}

/// RFC 6749 §5.2: what is no code at all is refused by its looks; strangers must not keep the store busy with what they make up.
#[test]
fn a_text_that_is_no_code_never_reaches_the_store() {
    let place = Place::new();
    let writes = || place.database.counters().jobs.value();
    let before = writes();
    for text in ["x", "dw_ac_", &format!("dw_ac_{}", "a".repeat(49)), &"x".repeat(4_000)] {
        assert_eq!(word(&place.redeem(APP, text)), "invalid_grant", "{text}");
        assert_eq!(word(&place.refresh(APP, text)), "invalid_grant", "{text}");
    }
    assert_eq!(writes(), before);
}
