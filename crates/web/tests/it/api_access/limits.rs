//! The limits of a client: its level at an API, its networks, and its end.

use crate::api_access::held::{KEY, place};
use crate::flows::browser::{Browser, Seen};
use crate::flows::place::{APP, BILLING, ORDERS, Place, SHOP, claims, json, word};
use doorward_protocol::access::level::Access;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use doorward_testkit::builders::credentials::networks;
use doorward_testkit::frozen_clock::START;
use serde_json::{Value, json as value};

fn ask(place: &Place, scope: &str) -> http::Response<bytes::Bytes> {
    place.token(KEY, &[("grant_type", "client_credentials"), ("scope", scope), ("resource", ORDERS)])
}

fn level(place: &Place, client: &str, api: &str, level: Level) {
    place.set_client(client, |client| client.access = vec![Access { api: place.api_key(api), level }]);
}

/// RFC 8707 §2: no token for an API to which a client has no access; for one that it may read, what reading takes.
#[test]
fn a_clients_level_limits_what_it_is_granted() {
    let place = place();
    assert_eq!(
        word(&ask(&place, "orders:read orders:write")),
        "granted",
        "without levels its scopes count alone"
    );
    level(&place, KEY, ORDERS, Level::Full);
    assert_eq!(word(&ask(&place, "orders:read orders:write")), "granted");
    level(&place, KEY, ORDERS, Level::Read);
    assert_eq!(word(&ask(&place, "orders:read")), "granted");
    assert_eq!(word(&ask(&place, "orders:write")), "invalid_scope");
    for (api, given) in [(ORDERS, Level::None), (BILLING, Level::Full)] {
        level(&place, KEY, api, given);
        assert_eq!(word(&ask(&place, "orders:read")), "invalid_target");
    }
}

/// RFC 6749 §4.1.2.1, RFC 8707 §2: nor is a person asked for it.
#[test]
fn nobody_is_asked_to_allow_what_a_client_has_no_access_to() {
    let place = place();
    let browser = Browser::new(&place);
    let request = place.request(SHOP, &[("scope", "openid orders:write")]);
    level(&place, SHOP, ORDERS, Level::Read);
    for (given, expected) in [(Level::Read, "invalid_scope"), (Level::None, "invalid_target")] {
        level(&place, SHOP, ORDERS, given);
        match browser.open(&request) {
            left @ Seen::Left(_) => assert_eq!(left.answer()["error"], expected),
            Seen::Page(page) => panic!("{}", page.html),
        }
    }
}

/// RFC 7662 §2.2: a scoped token's level is the highest whose scopes it holds, within its client's; where that was lowered since, what
/// was issued before is worth less, too.
#[test]
fn a_scoped_tokens_level_follows_from_its_scope_and_its_client() {
    let place = place();
    let token = |scope: &str| json(&ask(&place, scope))["access_token"].as_str().unwrap().to_owned();
    let access = |token: &str| place.desk(token, &[])["access"].clone();
    let at = |level: &str| value!([{"api": ORDERS, "level": level}]);
    let (full, read, odd) = (token("orders:read orders:write"), token("orders:read"), token("orders:write"));
    assert_eq!((access(&full), access(&read), access(&odd)), (at("full"), at("read"), at("none")));
    assert_eq!(place.desk(&odd, &[])["active"], true, "its scope may mean something to the API");
    let post = [("method", "POST"), ("uri", "/orders")];
    assert_eq!(place.desk(&full, &post)["active"], true);
    assert_eq!(place.desk(&read, &post)["error"], "insufficient_scope");
    level(&place, KEY, ORDERS, Level::Read);
    let known = place.desk(&full, &[]);
    assert_eq!((&known["access"], &known["scope"]), (&at("read"), &value!("orders:read")));
    assert_eq!(place.desk(&full, &post)["error"], "insufficient_scope");
    assert_eq!(place.desk(&odd, &[]), value!({ "active": false }), "limited, it is worth its level alone");
    level(&place, KEY, BILLING, Level::Full);
    assert_eq!(place.desk(&full, &[]), value!({ "active": false }));
}

/// An API that maps no scopes to levels hears of none, and judges by scope as before.
#[test]
fn without_a_map_no_level_is_said() {
    let place = place();
    place.set_api(ORDERS, |api| api.levels = Default::default());
    let token = json(&ask(&place, "orders:read"))["access_token"].as_str().unwrap().to_owned();
    let known = place.desk(&token, &[]);
    assert_eq!((&known["active"], &known["access"]), (&value!(true), &Value::Null));
    assert_eq!(
        place.desk(&token, &[("method", "GET")])["error"],
        "insufficient_scope",
        "an empty list is reached by no scope"
    );
}

/// RFC 6749 §5.2: a client that has ended, or comes from elsewhere, gets the answer that a wrong secret gets; why, its owner reads.
#[test]
fn a_client_from_elsewhere_or_at_its_end_is_answered_like_a_wrong_secret() {
    let place = place();
    let form = [("grant_type", "client_credentials"), ("scope", "orders:read")];
    let from = |address| place.client_from("/oauth2/token", Some(KEY), &form, address);
    let wrong = place.form(
        "/oauth2/token",
        &[&form[..], &[("client_id", KEY), ("client_secret", "wrong")]].concat(),
        None,
    );
    place.set_client(KEY, |client| client.allowed_ips = networks(&["10.0.0.0/8", "2001:db8::/32"]));
    for good in ["10.0.0.7", "2001:db8::7", "::ffff:10.0.0.7"] {
        let granted = from(Some(good));
        assert_eq!(word(&granted), "granted", "{good}");
        let said = claims(json(&granted)["access_token"].as_str().unwrap());
        assert_eq!(said["allowed_ips"], value!(["10.0.0.0/8", "2001:db8::/32"]));
    }
    for bad in [Some("192.0.2.1"), None] {
        let refused = from(bad);
        assert_eq!((refused.status(), json(&refused)), (wrong.status(), json(&wrong)));
    }
    let events = place.recorded_soon("client.refused");
    assert_eq!(events.len(), 1, "once a minute at most");
    assert_eq!(
        (events[0].reason.as_str(), events[0].client),
        ("foreign_network", Some(place.client_key(KEY)))
    );
    place.set_client(KEY, |client| {
        client.allowed_ips = vec![];
        client.expires_at = Some(START + Lifetime::seconds(60));
    });
    assert_eq!(word(&from(None)), "granted");
    place.advance(Lifetime::seconds(60));
    assert_eq!(json(&from(None)), json(&wrong));
}

/// A secret that another has replaced is good until their overlap is over.
#[test]
fn a_replaced_secret_ends_with_its_overlap() {
    let place = place();
    let key = place.client_key(KEY);
    let mut secret = place.change(move |tx| tx.client(key)).unwrap().secrets.remove(0);
    let id = secret.id;
    secret.expires_at = Some(START + Lifetime::seconds(60));
    place.change(move |tx| {
        tx.delete_client_secret(id)?;
        tx.insert_client_secret(&secret)
    });
    assert_eq!(word(&ask(&place, "orders:read")), "granted");
    place.advance(Lifetime::seconds(60));
    assert_eq!(word(&ask(&place, "orders:read")), "invalid_client");
}

/// A client may ask for as many tokens as it likes, and about each of them: what is recorded does not grow with that.
#[test]
fn foreign_networks_are_recorded_once_for_all_tokens_of_a_client() {
    let place = place();
    place.set_client(KEY, |client| client.allowed_ips = networks(&["10.0.0.0/8"]));
    let grant = [("grant_type", "client_credentials"), ("scope", "orders:read"), ("resource", ORDERS)];
    for _ in 0..3 {
        let granted = json(&place.client_from("/oauth2/token", Some(KEY), &grant, Some("10.0.0.7")));
        let token = granted["access_token"].as_str().unwrap();
        let told = place.desk(token, &[("client_ip", "192.0.2.1")]);
        assert_eq!(told, value!({"active": false, "error": "access_denied"}));
    }
    // What was recorded in passing was so before this.
    place.change(|tx| tx.insert_setting("a", "1"));
    let refused = place.recorded("access_token.refused");
    assert_eq!(refused.len(), 1);
    assert!(refused[0].objects.starts_with("access_token:"));
}

/// OpenID Connect Core §5.3.3: what a client's networks say holds at the server's own resource, too.
#[test]
fn a_client_reads_about_people_from_its_own_networks_alone() {
    let place = place();
    let held = place.tokens_of(&Browser::new(&place), SHOP, "alice", &[("scope", "openid email")]);
    place.set_client(SHOP, |client| client.allowed_ips = networks(&["10.0.0.0/8"]));
    let ask = |from: Option<&str>| place.userinfo_from(held.access(), from);
    let no_token = json(&place.userinfo_from("a.b.c", Some("10.0.0.7")));
    assert_eq!(json(&ask(Some("10.0.0.7")))["email"], "alice@example.com");
    assert_eq!(json(&ask(Some("192.0.2.1"))), no_token, "as if it were none");
    assert_eq!(ask(None).status(), 401, "nobody knows from where");
    let refused = place.recorded_soon("access_token.refused");
    assert_eq!((refused.len(), refused[0].reason.as_str()), (1, "foreign_network"));
}

/// Anybody may name a public client: what that leaves would be everybody's to write.
#[test]
fn whoever_names_a_public_client_from_elsewhere_leaves_nothing() {
    let place = place();
    place.set_client(APP, |client| client.allowed_ips = networks(&["10.0.0.0/8"]));
    let form = [("client_id", APP), ("grant_type", "authorization_code"), ("code", "x")];
    let refused = place.client_from("/oauth2/token", None, &form, Some("192.0.2.1"));
    assert_eq!(word(&refused), "invalid_client");
    // What was recorded in passing was so before this.
    place.change(|tx| tx.insert_setting("a", "1"));
    assert!(place.recorded("client.refused").is_empty());
}
