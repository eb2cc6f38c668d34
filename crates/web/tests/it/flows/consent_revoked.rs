//! Consent that is taken back: on the person's own page, and with it everything that rests on it.

use crate::flows::browser::{Browser, Page};
use crate::flows::place::{APP, INTRANET, Place, SHOP, json, tokens, word};
use crate::support::header;

/// The account page.
fn account(browser: &Browser<'_>) -> Page {
    let page = browser.open("/account").page();
    assert!(page.has("sign_out"), "{}", page.html);
    page
}

/// The button that takes a consent back from the client of this name.
#[track_caller]
fn button(page: &Page, client: &str) -> String {
    let card = page.html.split("<h3>").find(|card| card.starts_with(&format!("{client}</h3>")));
    let card = card.unwrap_or_else(|| panic!("no {client} in {}", page.html));
    card.split("name=\"consent\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// The fields of the form behind that button.
fn take_back(browser: &Browser<'_>, page: &Page, consent: &str) -> Page {
    let fields = [("csrf", page.field("csrf")), ("consent", consent.to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/account/consents", &fields).page()
}

/// RFC 7009 §1 and RFC 9700 §2.2.2: a person ends what they allowed, in words they know, and it is over at once.
#[test]
fn a_consent_is_taken_back_on_the_account_page() {
    let place = Place::new();
    place.name_clients(&[(APP, "Photos".to_owned()), (SHOP, "Shop & <co>".to_owned())]);
    let browser = Browser::new(&place);
    let photos = place.tokens(&browser, APP, "alice");
    let shop = place.tokens(&browser, SHOP, "alice");
    let pending = place.code(&browser, &place.request(APP, &[]), "alice");
    let page = account(&browser);
    for text in
        ["ALICE Example", "Photos", "Shop &#38; &#60;co&#62;", "See your e-mail address", "22 November 2026"]
    {
        assert!(page.says(text), "{text} in {}", page.html);
    }
    let after = take_back(&browser, &page, &button(&page, "Photos"));
    assert_eq!(after.path, "/account");
    assert!(!after.says("Photos") && after.says("Shop "), "{}", after.html);

    assert_eq!(place.userinfo(photos.access()).status(), 401);
    assert_eq!(word(&place.refresh(APP, photos.refresh())), "invalid_grant");
    assert_eq!(word(&place.redeem(APP, &pending)), "invalid_grant");
    assert_eq!(json(&place.userinfo(shop.access()))["email"], "alice@example.com");
    assert_eq!(word(&place.refresh(SHOP, shop.refresh())), "granted");
    assert!(browser.open(&place.request(APP, &[])).page().has("approve"), "the client has to ask again");
    let silent = browser.open(&place.request(APP, &[("prompt", "none")])).error();
    assert_eq!(silent, "consent_required");
}

/// What was taken back stays void when the person agrees again, and nothing of it comes back by agreeing to less.
#[test]
fn agreeing_again_revives_nothing() {
    let place = Place::new();
    place.name_clients(&[(APP, "Photos".to_owned())]);
    let browser = Browser::new(&place);
    let before = place.tokens(&browser, APP, "alice");
    let page = account(&browser);
    take_back(&browser, &page, &button(&page, "Photos"));
    let narrow = place.code(&browser, &place.request(APP, &[("scope", "openid")]), "alice");
    assert_eq!(tokens(&place.redeem(APP, &narrow)).0["scope"], "openid");
    assert_eq!(place.userinfo(before.access()).status(), 401);
    assert_eq!(word(&place.refresh(APP, before.refresh())), "invalid_grant");
    assert!(browser.open(&place.request(APP, &[])).page().has("approve"), "e-mail was taken back");
}

#[test]
fn only_their_own_consent_can_be_taken_back() {
    let place = Place::new();
    place.name_clients(&[(APP, "Photos".to_owned())]);
    let (hers, his) = (Browser::new(&place), Browser::new(&place));
    let alice = place.tokens(&hers, APP, "alice");
    let bob = place.tokens(&his, APP, "bob");
    let consent = button(&account(&hers), "Photos");
    let page = account(&his);
    take_back(&his, &page, &consent);
    assert_eq!(
        (place.userinfo(alice.access()).status(), place.userinfo(bob.access()).status()),
        (http::StatusCode::OK, http::StatusCode::OK)
    );
    for (odd, answer) in [("", 400), ("x", 400), ("00000000000000000000000000", 200)] {
        let fields = [("csrf", page.field("csrf")), ("consent", odd.to_owned())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let status = match his.post("/account/consents", &fields) {
            crate::flows::browser::Seen::Page(page) => page.status.as_u16(),
            crate::flows::browser::Seen::Left(url) => panic!("{url}"),
        };
        assert_eq!(status, answer, "{odd}");
    }
    assert_eq!(place.userinfo(bob.access()).status(), 200);
    // Twice is as good as once.
    let page = account(&hers);
    take_back(&hers, &page, &consent);
    assert_eq!(take_back(&hers, &page, &consent).path, "/account");
}

/// OWASP ASVS 3.5.1: the form is that of the page, in the session that it was shown in.
#[test]
fn only_a_form_of_the_account_page_takes_a_consent_back() {
    let place = Place::new();
    place.name_clients(&[(APP, "Photos".to_owned())]);
    let (browser, other) = (Browser::new(&place), Browser::new(&place));
    let tokens = place.tokens(&browser, APP, "alice");
    place.code(&other, &place.request(INTRANET, &[]), "alice");
    let page = account(&browser);
    let consent = button(&page, "Photos");
    let of_password = browser.open("/account/password").page().field("csrf");
    for csrf in ["", "x", &account(&other).field("csrf"), &of_password] {
        browser.post("/account/consents", &[("csrf", csrf), ("consent", &consent)]).refused();
    }
    other.post("/account/consents", &[("csrf", &page.field("csrf")), ("consent", &consent)]).refused();
    let nobody = Browser::new(&place);
    let asked =
        nobody.post("/account/consents", &[("csrf", &page.field("csrf")), ("consent", &consent)]).page();
    assert!(asked.has("login"), "{}", asked.html);
    assert_eq!(place.userinfo(tokens.access()).status(), 200);
    take_back(&browser, &page, &consent);
    assert_eq!(place.userinfo(tokens.access()).status(), 401);
}

/// A client of the house that nobody was asked about has nothing to be taken back, and goes on.
#[test]
fn what_needs_no_consent_is_not_on_the_list() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let tokens = place.tokens(&browser, INTRANET, "alice");
    assert!(account(&browser).says("You have not allowed any application"));
    assert_eq!(place.userinfo(tokens.access()).status(), 200);
    assert_eq!(header(&browser.get("/account"), "cache-control"), "no-store");
}
