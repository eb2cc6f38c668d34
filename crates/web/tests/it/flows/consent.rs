//! The question for consent: what the page says, when it is asked, and what an answer is remembered for.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{APP, BILLING, INTRANET, ORDERS, Place, SHOP, done, tokens};
use doorward_core::manage::{apis, clients, consents, users};
use doorward_core::store::fault::Stop;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::AuthMethod;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

/// The consent page of a request, of somebody who is signed in.
#[track_caller]
fn asked(place: &Place, browser: &Browser<'_>, client: &str, parameters: &[(&str, &str)]) -> Page {
    let page = browser.open(&place.request(client, parameters)).page();
    assert!(page.has("approve") && page.has("deny"), "{}", page.html);
    page
}

/// Signs somebody in, without a client that asks.
fn signed_in<'a>(place: &'a Place, username: &str) -> Browser<'a> {
    let browser = Browser::new(place);
    place.code(&browser, &place.request(INTRANET, &[]), username);
    browser
}

/// Whether a request is granted without a question; if it is asked, the person agrees.
fn is_asked(place: &Place, browser: &Browser<'_>, client: &str, parameters: &[(&str, &str)]) -> bool {
    match browser.open(&place.request(client, parameters)) {
        Seen::Left(_) => false,
        Seen::Page(page) => {
            let answer = browser.submit(&page, &[("decision", "approve")]).answer();
            assert!(answer.contains_key("code"), "{answer:?}");
            true
        }
    }
}

/// How many consents of this user stand.
fn given(place: &Place, username: &str) -> usize {
    let user = done(users::show(username, &by_operator(&place.context()), &place.context()));
    block_on(consents::list(user.id, &by_operator(&place.context()), &place.context())).unwrap().len()
}

/// RFC 6749 §10.2 and RFC 9700 §4.10: the person sees who asks, for what, and where they are sent back to.
#[test]
fn the_page_says_who_asks_for_what() {
    let place = Place::new();
    let browser = signed_in(&place, "alice");
    let page =
        asked(&place, &browser, APP, &[("scope", "openid profile email groups offline_access orders:read")]);
    for text in [
        "Allow Photo &#60;b&#62;app&#60;/b&#62;?",
        "<strong>alice</strong>",
        "<dd>app.example</dd>",
        "At as.example",
        "Know who you are",
        "See your name and user name",
        "See your e-mail address",
        "See which groups you belong to",
        "Stay connected after you have signed out",
        "At Orders",
        ORDERS,
        "May orders:read",
        "<dd>10 minutes</dd>",
        "for up to 180 days",
    ] {
        assert!(page.says(text), "{text} in {}", page.html);
    }
    for text in ["<b>", "May orders:write", "Billing", "bob"] {
        assert!(!page.says(text), "{text} in {}", page.html);
    }
    let brief = asked(&place, &browser, APP, &[("scope", "openid")]);
    assert!(brief.says("until you sign out, for up to 30 days") && !brief.says("e-mail"), "{}", brief.html);
}

/// The lifetime is that of the token that will be issued, and an app of one's own machine is named by what calls it.
#[test]
fn the_page_says_how_long_and_names_an_app_by_its_scheme() {
    let mut place = Place::new();
    let native = clients::Members {
        redirect_uris: vec!["com.example.app:/back".to_owned()],
        auth_method: AuthMethod::None,
        access_token_lifetime: Some(Lifetime::minutes(3)),
        ..Place::members()
    };
    place.register("native-app", native);
    done(apis::update(BILLING, &by_operator(&place.context()), &place.context(), |members| {
        members.access_token_lifetime = Some(Lifetime::minutes(2));
        Ok(())
    }));
    let browser = signed_in(&place, "alice");
    let own = [("redirect_uri", "com.example.app:/back"), ("scope", "openid")];
    let page = asked(&place, &browser, "native-app", &own);
    assert!(page.says("<dd>com.example.app</dd>") && page.says("<dd>3 minutes</dd>"), "{}", page.html);
    let page = asked(&place, &browser, SHOP, &[("scope", "billing:read")]);
    assert!(page.says("At Billing") && page.says("<dd>2 minutes</dd>"), "{}", page.html);
}

/// OpenID Connect Core §3.1.2.4: asked once for each user, client, scope and API, and remembered.
#[test]
fn consent_is_asked_once_for_each_user_client_scope_and_api() {
    let place = Place::new();
    let alice = signed_in(&place, "alice");
    let scope = |scope| [("scope", scope)];
    assert!(is_asked(&place, &alice, APP, &scope("openid profile")));
    assert!(!is_asked(&place, &alice, APP, &scope("openid profile")), "the same");
    assert!(!is_asked(&place, &alice, APP, &scope("openid")), "less");
    assert!(is_asked(&place, &alice, APP, &scope("openid email")), "something else");
    assert!(!is_asked(&place, &alice, APP, &scope("openid profile email")), "both together");
    assert!(is_asked(&place, &alice, APP, &scope("openid orders:read")), "an API");
    assert!(is_asked(&place, &alice, APP, &scope("openid orders:read orders:write")), "more of it");
    assert!(!is_asked(&place, &alice, APP, &scope("orders:write")), "less of it");
    assert!(is_asked(&place, &alice, APP, &scope("openid billing:read")), "another API");
    assert!(is_asked(&place, &alice, SHOP, &scope("openid profile")), "another client");
    let bob = signed_in(&place, "bob");
    assert!(is_asked(&place, &bob, APP, &scope("openid profile")), "another person");
    // It is the person who agreed, not the browser.
    let elsewhere = signed_in(&place, "alice");
    assert!(!is_asked(&place, &elsewhere, APP, &scope("openid profile email")));
    assert_eq!((given(&place, "alice"), given(&place, "bob")), (4, 1));
}

/// A client of the house asks nobody, and what nobody was asked is not noted as if they had agreed.
#[test]
fn implicit_consent_asks_nobody_and_records_nothing() {
    let place = Place::new();
    let browser = signed_in(&place, "alice");
    let everything = [("scope", "openid profile email groups offline_access orders:read orders:write")];
    assert!(!is_asked(&place, &browser, INTRANET, &everything));
    assert_eq!(given(&place, "alice"), 0);
    assert!(is_asked(&place, &browser, INTRANET, &[("prompt", "consent")]));
    assert_eq!(given(&place, "alice"), 1);
}

/// RFC 6749 §4.1.2.1: the person says no: `access_denied`, and nothing is remembered.
#[test]
fn a_denial_is_told_to_the_client_and_nothing_is_recorded() {
    let place = Place::new();
    let browser = signed_in(&place, "alice");
    let page = asked(&place, &browser, APP, &[("scope", "openid")]);
    let answer = browser.submit(&page, &[("decision", "deny")]).answer();
    assert_eq!((answer["error"].as_str(), answer["state"].as_str()), ("access_denied", "s t&a=te"));
    assert_eq!(given(&place, "alice"), 0);
    assert!(is_asked(&place, &browser, APP, &[("scope", "openid")]), "nor is the no");
    assert_eq!(given(&place, "alice"), 1);
    // A denial of more leaves what was allowed before.
    let more = asked(&place, &browser, APP, &[("scope", "openid email")]);
    assert_eq!(browser.submit(&more, &[("decision", "deny")]).error(), "access_denied");
    assert!(!is_asked(&place, &browser, APP, &[("scope", "openid")]));
    asked(&place, &browser, APP, &[("scope", "openid email")]);
}

#[test]
fn an_answer_is_yes_or_no() {
    let place = Place::new();
    let browser = signed_in(&place, "alice");
    let page = asked(&place, &browser, APP, &[]);
    for decision in ["", "yes", "APPROVE", "approve deny"] {
        browser.submit(&page, &[("decision", decision)]).refused();
    }
    let form = page.form();
    let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(&form.action, &fields).refused();
    assert_eq!(given(&place, "alice"), 0);
}

/// RFC 9700 §4.7: an answer counts for what its page was about, also where the registration changed while it was open.
#[test]
fn an_answer_counts_for_what_its_page_said() {
    let place = Place::new();
    let browser = signed_in(&place, "alice");
    let page = asked(&place, &browser, APP, &[("scope", "")]);
    assert!(!page.says("e-mail"), "{}", page.html);
    done(clients::update(APP, &by_operator(&place.context()), &place.context(), |members| {
        members.default_scopes = "openid profile email".parse().unwrap();
        Ok(())
    }));
    browser.submit(&page, &[("decision", "approve")]).refused();
    assert_eq!(given(&place, "alice"), 0);
    let code = place.code(&browser, &place.request(APP, &[("scope", "")]), "alice");
    assert_eq!(tokens(&place.redeem(APP, &code)).0["scope"], "email openid profile");
}

/// What this node does not know yet: the person was deleted a moment ago, by another one. Nothing is recorded of an answer of
/// theirs, and nobody waits for somebody who does not come back.
#[test]
fn somebody_who_was_deleted_a_moment_ago_consents_to_nothing() {
    let place = Place::new();
    let browser = signed_in(&place, "alice");
    let page = asked(&place, &browser, APP, &[]);
    let alice = done(users::show("alice", &by_operator(&place.context()), &place.context())).id;
    let store = place.context().cache.store();
    let deleted = block_on(store.write(move |tx| tx.delete_user(alice).map_err(Stop::<()>::Fault)));
    assert!(deleted.unwrap().unwrap());
    let refused = browser.submit(&page, &[("decision", "approve")]).refused();
    assert!(refused.says("too old"), "{}", refused.html);
    assert_eq!(
        block_on(consents::list(alice, &by_operator(&place.context()), &place.context())).unwrap().len(),
        0
    );
}
