//! What a sign-out does to tokens: what belongs to the session ends with it, what was to outlive it does.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, INTRANET, ORDERS, Place, SHOP, Tokens, done, tokens, word};
use doorward_core::manage::apis;
use doorward_protocol::words::TokenFormat;
use doorward_testkit::calls::by_operator;

/// A person's tokens with this scope.
#[track_caller]
fn of(place: &Place, browser: &Browser<'_>, client: &str, scope: &str) -> Tokens {
    let code = place.code(browser, &place.request(client, &[("scope", scope)]), "alice");
    tokens(&place.redeem(client, &code))
}

#[track_caller]
fn sign_out(browser: &Browser<'_>) {
    let page = browser.open("/oauth2/logout").page();
    assert_eq!(browser.submit(&page, &[]).page().path, "/logged-out");
}

/// OpenID Connect Core §11: a refresh token without `offline_access` ends with the session; with it, it lives on.
#[test]
fn refresh_tokens_end_unless_offline_access_was_allowed() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for client in [APP, SHOP, INTRANET] {
        let online = of(&place, &browser, client, "openid email");
        let offline = of(&place, &browser, client, "openid email offline_access");
        sign_out(&browser);
        assert_eq!(word(&place.refresh(client, online.refresh())), "invalid_grant", "{client}");
        let refreshed = tokens(&place.refresh(client, offline.refresh()));
        assert_eq!(place.userinfo(refreshed.access()).status(), 200, "{client}");
        assert_eq!(refreshed.id_token()["sid"], offline.id_token()["sid"]);
    }
}

/// OWASP ASVS 7.4.1: so do the access tokens, in every form and wherever they are asked about.
#[test]
fn access_tokens_of_the_session_are_dead_at_once() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let own = of(&place, &browser, INTRANET, "openid email");
    let signed = of(&place, &browser, INTRANET, "openid orders:read");
    done(apis::update(ORDERS, &by_operator(&place.context()), &place.context(), |members| {
        members.token_format = TokenFormat::Opaque;
        Ok(())
    }));
    let opaque = of(&place, &browser, INTRANET, "openid orders:read");
    let offline = of(&place, &browser, INTRANET, "openid offline_access");
    let all = [&own, &signed, &opaque, &offline];
    assert!(all.iter().all(|tokens| place.is_active(INTRANET, tokens.access())));
    sign_out(&browser);
    assert_eq!(all.map(|tokens| place.is_active(INTRANET, tokens.access())), [false, false, false, true]);
    assert_eq!(place.userinfo(own.access()).status(), 401);
    assert_eq!(place.userinfo(offline.access()).status(), 200);
}

/// RFC 6749 §4.1.3: a code that is still under way when the person signs out is worth nothing.
#[test]
fn a_code_under_way_is_refused() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let code = place.code(&browser, &place.request(INTRANET, &[]), "alice");
    sign_out(&browser);
    assert_eq!(word(&place.redeem(INTRANET, &code)), "invalid_grant");
}

/// What began in another browser belongs to another session.
#[test]
fn another_browser_of_the_same_person_is_not_touched() {
    let place = Place::new();
    let (here, there) = (Browser::new(&place), Browser::new(&place));
    let mine = of(&place, &here, INTRANET, "openid");
    let elsewhere = of(&place, &there, INTRANET, "openid");
    sign_out(&here);
    assert_eq!(word(&place.refresh(INTRANET, mine.refresh())), "invalid_grant");
    assert_eq!(word(&place.refresh(INTRANET, elsewhere.refresh())), "granted");
    assert!(there.open(&place.request(INTRANET, &[("prompt", "none")])).answer().contains_key("code"));
}
