//! `prompt=none`: the client must not learn more than it needs, and the person must not see anything.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, INTRANET, Place, done, tokens};
use doorward_core::manage::{sessions, users};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::UserStatus;
use doorward_testkit::calls::by_operator;

/// Asks without a page.
fn silently(place: &Place, browser: &Browser<'_>, client: &str, more: &[(&str, &str)]) -> String {
    let parameters = [&[("prompt", "none")], more].concat();
    let answer = browser.open(&place.request(client, &parameters)).answer();
    assert_eq!(answer["state"], "s t&a=te");
    answer.get("error").cloned().unwrap_or_else(|| "granted".to_owned())
}

/// OpenID Connect Core §3.1.2.6: nobody is signed in, or not recently enough.
#[test]
fn without_a_sign_in_it_is_login_required() {
    let place = Place::new();
    let browser = Browser::new(&place);
    assert_eq!(silently(&place, &browser, INTRANET, &[]), "login_required");
    assert_eq!(browser.cookies().len(), 0, "nobody was shown anything: there is nothing to remember");
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    assert_eq!(silently(&place, &browser, INTRANET, &[]), "granted");
    assert_eq!(silently(&place, &browser, INTRANET, &[("max_age", "0")]), "login_required");
    place.advance(Lifetime::seconds(61));
    assert_eq!(silently(&place, &browser, INTRANET, &[("max_age", "60")]), "login_required");
    assert_eq!(silently(&place, &browser, INTRANET, &[("max_age", "61")]), "granted");
    done(users::set_status("alice", UserStatus::Disabled, &by_operator(&place.context()), &place.context()));
    assert_eq!(silently(&place, &browser, INTRANET, &[]), "login_required");
}

/// OpenID Connect Core §3.1.2.6: the person has not agreed, or not to all of it.
#[test]
fn without_consent_it_is_consent_required() {
    let place = Place::new();
    let browser = Browser::new(&place);
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    assert_eq!(silently(&place, &browser, APP, &[("scope", "openid")]), "consent_required");
    place.code(&browser, &place.request(APP, &[("scope", "openid email")]), "alice");
    assert_eq!(silently(&place, &browser, APP, &[("scope", "openid")]), "granted");
    assert_eq!(silently(&place, &browser, APP, &[("scope", "openid profile")]), "consent_required");
    assert_eq!(silently(&place, &browser, APP, &[("scope", "openid orders:read")]), "consent_required");
}

/// OpenID Connect Core §3.1.2.6: several accounts, and nothing says which.
#[test]
fn between_accounts_it_is_account_selection_required() {
    let place = Place::new();
    let browser = Browser::new(&place);
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let code = place.code(&browser, &place.request(INTRANET, &[("prompt", "login")]), "bob");
    assert_eq!(silently(&place, &browser, INTRANET, &[]), "granted", "bob is in use");
    let sid = tokens(&place.redeem(INTRANET, &code)).id_token()["sid"].as_str().unwrap().to_owned();
    done(sessions::end(sid.parse().unwrap(), &by_operator(&place.context()), &place.context()));
    assert_eq!(silently(&place, &browser, INTRANET, &[]), "account_selection_required");
}

/// OpenID Connect Core §3.1.2.1: what is granted silently is granted in full, with the sign-in it rests on.
#[test]
fn what_is_granted_silently_is_as_good_as_any() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let loud = place.tokens(&browser, APP, "alice").id_token();
    place.advance(Lifetime::minutes(3));
    let answer = browser.open(&place.request(APP, &[("prompt", "none")])).answer();
    let silent = tokens(&place.redeem(APP, &answer["code"])).id_token();
    assert_eq!(
        (&silent["auth_time"], &silent["sid"], &silent["sub"]),
        (&loud["auth_time"], &loud["sid"], &loud["sub"])
    );
}
