//! Signing out: by the word of a client that shows an ID token, or by the person's own on a page; and where it leads.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{APP, INTRANET, Place, SHOP, tokens};
use doorward_core::manage::clients;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::AuthMethod;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// What each client has registered.
const BYE: &str = "https://app.example/bye";

/// A person signs in; the ID token that the client may show later.
#[track_caller]
fn id_token(place: &Place, browser: &Browser<'_>, username: &str) -> String {
    let path = place.request(INTRANET, &[("prompt", "login")]);
    let tokens = tokens(&place.redeem(INTRANET, &place.code(browser, &path, username)));
    tokens.0["id_token"].as_str().unwrap().to_owned()
}

fn sign_out(browser: &Browser<'_>, parameters: &[(&str, &str)]) -> Seen {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    browser.open(&format!("/oauth2/logout?{query}"))
}

#[track_caller]
fn confirmation(seen: Seen) -> Page {
    let page = seen.page();
    assert!(page.status == 200 && page.has("sign_out") && page.says("Sign out?"), "{}", page.html);
    page
}

/// Whether somebody is signed in, as a client learns it.
fn is_signed_in(place: &Place, browser: &Browser<'_>) -> bool {
    let answer = browser.open(&place.request(INTRANET, &[("prompt", "none")])).answer();
    answer.contains_key("code")
}

fn is_said(seen: Seen) -> bool {
    let page = seen.page();
    page.path == "/logged-out" && page.says("You are signed out") && page.status == 200
}

/// OpenID Connect RP-Initiated Logout §2, §3: a client that shows the person's ID token need not have them asked.
#[test]
fn a_client_with_the_persons_id_token_signs_them_out_without_a_question() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let hint = id_token(&place, &browser, "alice");
    let thief = browser.copied();
    let state = "a b&c=d\"<é>";
    let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", state)];
    let seen = sign_out(&browser, &parameters);
    let Seen::Left(url) = &seen else { panic!("was asked") };
    assert!(url.starts_with(&format!("{BYE}?state=")), "{url}");
    assert_eq!(seen.answer(), BTreeMap::from([("state".to_owned(), state.to_owned())]));
    assert!(!browser.cookies().keys().any(|name| name.ends_with("-session")));
    assert!(!is_signed_in(&place, &browser));
    assert!(
        !is_signed_in(&place, &thief),
        "OWASP ASVS 7.4.1: over on the server, and not only in the browser"
    );
    assert!(thief.open("/account").page().has("login"));
}

/// OpenID Connect RP-Initiated Logout §2: "The OP SHOULD accept ID Tokens […] even when the exp time has passed."
#[test]
fn an_expired_id_token_is_as_good() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let hint = id_token(&place, &browser, "alice");
    place.advance(Lifetime::seconds(7 * 3600));
    assert!(is_said(sign_out(&browser, &[("id_token_hint", &hint)])));
    assert!(!is_signed_in(&place, &browser));
}

/// OpenID Connect RP-Initiated Logout §2, §6: without a hint that is good, the person is asked; until then nothing happens.
#[test]
fn without_a_good_hint_the_person_is_asked() {
    let place = Place::new();
    let (browser, other) = (Browser::new(&place), Browser::new(&place));
    let hint = id_token(&place, &browser, "alice");
    let of_bob = id_token(&place, &other, "bob");
    let (signed, _) = hint.rsplit_once('.').unwrap();
    let access = place.tokens(&other, INTRANET, "bob");
    for hint in ["", "x", &of_bob, &format!("{signed}."), access.access()] {
        let page = confirmation(sign_out(&browser, &[("id_token_hint", hint)]));
        assert!(page.says("<strong>alice</strong>"), "{}", page.html);
        assert!(is_signed_in(&place, &browser), "{hint}");
    }
    let page = confirmation(sign_out(&browser, &[]));
    assert!(is_said(browser.submit(&page, &[])));
    assert!(!is_signed_in(&place, &browser));
    assert!(is_signed_in(&place, &other), "nobody else was meant");
}

/// OpenID Connect RP-Initiated Logout §3: after the confirmation, back to the client, if it is known whose URI that is.
#[test]
fn the_confirmation_leads_on_to_the_client() {
    let place = Place::new();
    let browser = Browser::new(&place);
    id_token(&place, &browser, "alice");
    let parameters = [("client_id", INTRANET), ("post_logout_redirect_uri", BYE), ("state", "s")];
    let page = confirmation(sign_out(&browser, &parameters));
    assert_eq!(browser.submit(&page, &[]).left(), format!("{BYE}?state=s"));
    // An ID token whose key has gone tells of no client: the person is asked, and stays here.
    id_token(&place, &browser, "alice");
    let parameters = [("id_token_hint", "a.b.c"), ("post_logout_redirect_uri", BYE), ("state", "s")];
    let page = confirmation(sign_out(&browser, &parameters));
    assert!(is_said(browser.submit(&page, &[])));
    assert!(!is_signed_in(&place, &browser));
}

/// OpenID Connect RP-Initiated Logout §3, §6: a URI that the client has not registered is led to by nothing.
#[test]
fn nobody_is_sent_where_the_client_has_registered_nothing() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let hint = id_token(&place, &browser, "alice");
    for uri in [
        "https://evil.example/",
        "https://app.example/callback",
        "https://app.example/bye/",
        "https://app.example/bye?x=1",
        "https://app.example@evil.example/bye",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        for by in [("id_token_hint", hint.as_str()), ("client_id", APP), ("x", "")] {
            let page = sign_out(&browser, &[by, ("post_logout_redirect_uri", uri)]).refused();
            assert!(!page.says("evil.example"), "{}", page.html);
        }
    }
    sign_out(&browser, &[("post_logout_redirect_uri", BYE)]).refused();
    assert!(is_signed_in(&place, &browser), "and nobody is signed out by a mistake");
}

/// RFC 8252 §7.3: an app listens on the port it was given, also for the end.
#[test]
fn an_apps_loopback_port_is_free_here_too() {
    let mut place = Place::new();
    let native = clients::Members {
        auth_method: AuthMethod::None,
        redirect_uris: vec!["http://127.0.0.1/back".to_owned()],
        post_logout_redirect_uris: vec!["http://127.0.0.1/bye".to_owned()],
        ..Place::members()
    };
    place.register("native-app", native);
    let browser = Browser::new(&place);
    let hint = id_token(&place, &browser, "alice");
    let uri = "http://127.0.0.1:51004/bye";
    let parameters = [("client_id", "native-app"), ("post_logout_redirect_uri", uri)];
    let page = confirmation(sign_out(&browser, &parameters));
    assert_eq!(browser.submit(&page, &[]).left(), uri);
    let mismatch = [&parameters[..], &[("id_token_hint", &hint)]].concat();
    sign_out(&browser, &mismatch).refused();
}

/// OpenID Connect RP-Initiated Logout §2: `client_id` is that of the ID token, where both are there.
#[test]
fn a_client_id_that_is_not_the_hints_is_refused() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let hint = id_token(&place, &browser, "alice");
    for client_id in [APP, SHOP, "nobody", "not a client id"] {
        sign_out(&browser, &[("id_token_hint", &hint), ("client_id", client_id)]).refused();
    }
    assert!(is_signed_in(&place, &browser));
    assert!(is_said(sign_out(&browser, &[("id_token_hint", &hint), ("client_id", INTRANET)])));
}

/// OpenID Connect RP-Initiated Logout §2: nobody is signed in: nobody is asked, and the client gets its person back.
#[test]
fn where_nobody_is_signed_in_there_is_nothing_to_ask() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let hint = id_token(&place, &browser, "alice");
    let empty = Browser::new(&place);
    let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "s")];
    assert_eq!(sign_out(&empty, &parameters).left(), format!("{BYE}?state=s"));
    assert!(is_said(sign_out(&empty, &[("id_token_hint", &hint)])));
    assert!(is_said(sign_out(&empty, &[])));
    assert!(is_said(sign_out(&empty, &[("client_id", APP), ("state", "s")])));
    assert!(is_signed_in(&place, &browser), "another browser is another session");
}

/// OpenID Connect RP-Initiated Logout §2: the request may come as a form, from the client's site; that alone is no yes.
#[test]
fn a_request_by_post_is_asked_again_by_get() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let hint = id_token(&place, &browser, "alice");
    confirmation(browser.post("/oauth2/logout", &[("client_id", INTRANET)]));
    assert!(is_signed_in(&place, &browser));
    let form = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE)];
    assert_eq!(browser.post("/oauth2/logout", &form).left(), BYE);
    assert!(!is_signed_in(&place, &browser));
}

/// A client speaks for the person whom it knows; the person speaks for everybody in their browser.
#[test]
fn of_several_accounts_the_hints_is_signed_out_and_by_the_page_all_are() {
    let place = Place::new();
    let browser = Browser::new(&place);
    id_token(&place, &browser, "alice");
    let bob = id_token(&place, &browser, "bob");
    assert!(is_said(sign_out(&browser, &[("id_token_hint", &bob)])));
    let silent = browser.open(&place.request(INTRANET, &[("prompt", "none")])).error();
    assert_eq!(silent, "account_selection_required", "alice does not slip into his place");
    let page = browser.open(&place.request(INTRANET, &[])).page();
    assert!(page.has("another") && page.says("alice") && !page.says("bob"), "{}", page.html);
    let chosen = crate::flows::prompts::account(&page, "alice");
    assert!(browser.submit(&page, &[("account", &chosen)]).answer().contains_key("code"));

    id_token(&place, &browser, "bob");
    let page = confirmation(sign_out(&browser, &[]));
    assert!(page.says("<strong>bob, alice</strong>"), "{}", page.html);
    assert!(is_said(browser.submit(&page, &[])));
    assert_eq!(browser.open(&place.request(INTRANET, &[("prompt", "none")])).error(), "login_required");
}

/// Signing out one who is not in use leaves the one who is.
#[test]
fn the_account_in_use_stays_when_another_is_signed_out() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let alice = id_token(&place, &browser, "alice");
    id_token(&place, &browser, "bob");
    assert!(is_said(sign_out(&browser, &[("id_token_hint", &alice)])));
    let answer = browser.open(&place.request(INTRANET, &[("prompt", "none")])).answer();
    assert_eq!(tokens(&place.redeem(INTRANET, &answer["code"])).id_token()["sub"], place.subject("bob"));
}

/// The person who has signed in again since is still the one whom an older ID token names.
#[test]
fn an_id_token_of_an_earlier_session_names_the_same_person() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let earlier = id_token(&place, &browser, "alice");
    id_token(&place, &browser, "alice");
    assert!(is_said(sign_out(&browser, &[("id_token_hint", &earlier)])));
    assert!(!is_signed_in(&place, &browser));
}

#[test]
fn the_button_on_the_account_page_signs_out() {
    let place = Place::new();
    let browser = Browser::new(&place);
    id_token(&place, &browser, "alice");
    let thief = browser.copied();
    let page = browser.open("/account").page();
    let csrf = page.html.rsplit("name=\"csrf\" value=\"").next().unwrap().split('"').next().unwrap();
    assert!(is_said(browser.post("/oauth2/logout", &[("csrf", csrf)])));
    assert!(!is_signed_in(&place, &browser) && !is_signed_in(&place, &thief));
    browser.post("/oauth2/logout", &[("csrf", csrf)]).refused();
}
