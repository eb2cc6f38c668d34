//! Token exchange (RFC 8693): an API token for a short-lived token that is for one API.

use crate::api_access::held::{ACCESS_TOKEN, EXCHANGE, KEY, place};
use crate::flows::place::{APP, BILLING, ISSUER, ORDERS, SHOP, claims, json, word};
use doorward_core::manage::clients;
use doorward_protocol::access::level::Access;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::networks;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use doorward_testkit::frozen_clock::START;
use serde_json::json as value;

const BUILT_IN: &str = "doorward-api-tokens";

/// RFC 8693 §2.2.1, RFC 9068 §2.2: the answer says what was issued, and has no refresh token; the token carries level and networks.
#[test]
fn an_api_token_is_exchanged_without_a_client() {
    let place = place();
    let token = place.api_token_with("alice", |token| {
        token.access.named = vec![Access { api: place.api_key(ORDERS), level: Level::Read }];
        token.allowed_ips = networks(&["10.0.0.0/8"]);
    });
    let answer = place.exchange_from(None, &token.value, &[], Some("10.0.0.7"));
    let mut answer = json(&answer);
    let access_token = answer.as_object_mut().unwrap().remove("access_token").unwrap();
    let expected = value!({
        "token_type": "Bearer", "expires_in": 600, "scope": "orders:read", "issued_token_type": ACCESS_TOKEN,
    });
    assert_eq!(answer, expected);
    let access_token = access_token.as_str().unwrap();
    let mut said = claims(access_token);
    let jti = said.as_object_mut().unwrap().remove("jti").unwrap();
    let user = place.subject("alice");
    let expected = value!({
        "iss": ISSUER, "sub": user, "aud": ORDERS, "client_id": BUILT_IN, "scope": "orders:read", "gen": 0,
        "iat": START.0, "exp": START.0 + 600, "access": [{"api": ORDERS, "level": "read"}],
        "allowed_ips": ["10.0.0.0/8"], "api_token": token.id.to_string(), "api_token_gen": 0,
    });
    assert_eq!(said, expected);
    let expected = value!({
        "active": true, "token_type": "Bearer", "iss": ISSUER, "aud": ORDERS, "sub": user, "username": "alice",
        "client_id": BUILT_IN, "scope": "orders:read", "iat": START.0, "exp": START.0 + 600, "jti": jti,
        "access": [{"api": ORDERS, "level": "read"}], "allowed_ips": ["10.0.0.0/8"],
    });
    assert_eq!(place.desk(access_token, &[]), expected);
}

/// RFC 8693 §2.1, §2.2.2: what is missing, not supported or not good is refused, in the words of the RFC.
#[test]
fn what_is_not_understood_is_refused() {
    let place = place();
    let token = place.api_token("alice", Level::Read);
    let ask = |changed: &[(&str, &str)]| word(&place.exchange(None, &token.value, changed));
    assert_eq!(ask(&[("requested_token_type", ACCESS_TOKEN)]), "granted");
    let id_token = "urn:ietf:params:oauth:token-type:id_token";
    for changed in [
        ("subject_token", ""),
        ("subject_token", "dw_pat_x"),
        ("subject_token_type", ""),
        ("subject_token_type", id_token),
        ("requested_token_type", id_token),
        ("actor_token", "x"),
        ("resource", ""),
    ] {
        assert_eq!(ask(&[changed]), "invalid_request", "{changed:?}");
    }
    for changed in [
        ("audience", "orders"),
        ("resource", "https://nobody.example"),
        ("resource", BILLING),
        ("resource", ISSUER),
    ] {
        assert_eq!(ask(&[changed]), "invalid_target", "{changed:?}");
    }
    let form = [
        ("grant_type", EXCHANGE),
        ("subject_token", &token.value),
        ("subject_token_type", ACCESS_TOKEN),
        ("resource", ORDERS),
        ("resource", BILLING),
    ];
    assert_eq!(word(&place.form("/oauth2/token", &form, None)), "invalid_target", "exactly one");
    let exchanged = place.exchanged(None, &token.value);
    assert_eq!(
        word(&place.exchange(None, &exchanged, &[])),
        "invalid_request",
        "what was exchanged is no API token"
    );
}

/// RFC 8693 §2.1: "the scope … of the requested security token" narrows what the level stands for, and never widens it.
#[test]
fn a_scope_narrows_the_level() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let ask = |scope: &str| place.exchange(None, &token.value, &[("scope", scope)]);
    for (scope, level) in [("", "full"), ("orders:read orders:write", "full"), ("orders:read", "read")] {
        let answer = json(&ask(scope));
        let said = claims(answer["access_token"].as_str().unwrap());
        assert_eq!(said["access"], value!([{"api": ORDERS, "level": level}]), "{scope}");
        assert_eq!(said["scope"], answer["scope"]);
    }
    for scope in ["orders:write", "billing:read", "openid", "orders:read billing:read"] {
        assert_eq!(word(&ask(scope)), "invalid_scope", "{scope}");
    }
    let read = place.api_token("alice", Level::Read);
    let more = [("scope", "orders:read orders:write")];
    assert_eq!(word(&place.exchange(None, &read.value, &more)), "invalid_scope");
}

/// RFC 8693 §2.2.2: from a foreign network an API token is like none, and its owner can see that somebody tried.
#[test]
fn it_is_exchanged_from_its_own_networks_alone() {
    let place = place();
    let token = place.api_token_with("alice", |token| {
        token.access.named = vec![Access { api: place.api_key(ORDERS), level: Level::Read }];
        token.allowed_ips = networks(&["10.0.0.0/8"]);
    });
    let ask = |from| json(&place.exchange_from(None, &token.value, &[], from));
    assert_eq!(ask(Some("10.0.0.7"))["issued_token_type"], ACCESS_TOKEN);
    let unknown = json(&place.exchange(None, &place.value().0, &[]));
    assert_eq!(ask(Some("192.0.2.1")), unknown);
    assert_eq!(ask(None), unknown, "nobody knows from where");
    let refused = place.recorded_soon("api_token.refused");
    assert_eq!((refused.len(), refused[0].reason.as_str()), (1, "foreign_network"));
}

/// RFC 6749 §5.2: whoever names a client is that client, and needs its credentials and its registration for the grant.
#[test]
fn a_client_that_is_named_authenticates() {
    let place = place();
    let token = place.api_token("alice", Level::Read);
    let through = |client| word(&place.exchange(Some(client), &token.value, &[]));
    assert_eq!(through(KEY), "granted");
    assert_eq!(through(SHOP), "unauthorized_client");
    assert_eq!(through(APP), "unauthorized_client");
    assert_eq!(through("nobody"), "invalid_client");
    let named = [("client_id", KEY)];
    assert_eq!(
        word(&place.exchange(None, &token.value, &named)),
        "invalid_client",
        "its name alone proves nothing"
    );
    assert_eq!(through(BUILT_IN), "granted", "the name of nobody's client");
    let other = [("grant_type", "client_credentials"), ("client_id", BUILT_IN)];
    assert_eq!(word(&place.form("/oauth2/token", &other, None)), "unauthorized_client");
}

/// Who belongs to a key comes through it, and gets what both levels and both networks let through.
#[test]
fn who_belongs_to_a_key_comes_through_it() {
    let place = place();
    let token = place.api_token_with("bob", |token| {
        token.access.named = vec![Access { api: place.api_key(ORDERS), level: Level::Full }];
        token.allowed_ips = networks(&["10.0.0.0/8"]);
    });
    let here = Some("10.1.0.7");
    let key = place.client_key(KEY);
    place.set_user("bob", move |user| user.clients = vec![key]);
    place.set_client(KEY, |client| {
        client.access = vec![Access { api: place.api_key(ORDERS), level: Level::Read }];
        client.allowed_ips = networks(&["10.1.0.0/16"]);
    });
    assert_eq!(word(&place.exchange_from(None, &token.value, &[], here)), "invalid_request", "not by itself");
    assert_eq!(place.desk(&token.value, &[]), value!({ "active": false }), "nor at an API");
    let answer = json(&place.exchange_from(Some(KEY), &token.value, &[], here));
    let said = claims(answer["access_token"].as_str().unwrap());
    assert_eq!(said["access"], value!([{"api": ORDERS, "level": "read"}]));
    assert_eq!((&said["client_id"], &said["sub"]), (&value!(KEY), &value!(place.subject("bob"))));
    assert_eq!(said["allowed_ips"], value!(["10.1.0.0/16"]), "what both networks have in common");
    let known = place.desk(answer["access_token"].as_str().unwrap(), &[]);
    assert_eq!((&known["active"], &known["client_id"]), (&value!(true), &value!(KEY)));
    let exchanged = answer["access_token"].as_str().unwrap();
    place.set_token(&token, |token| token.allowed_ips = networks(&["192.0.2.0/24"]));
    assert_eq!(place.desk(exchanged, &[]), value!({ "active": false }), "no address is in both any more");
    place.set_token(&token, |token| token.allowed_ips = networks(&["10.0.0.0/8"]));
    assert_eq!(place.desk(exchanged, &[])["active"], true);
    for elsewhere in ["10.2.0.7", "192.0.2.1"] {
        assert_eq!(
            word(&place.exchange_from(Some(KEY), &token.value, &[], Some(elsewhere))),
            "invalid_client"
        );
    }
    place.set_client(KEY, |client| {
        client.access = vec![Access { api: place.api_key(BILLING), level: Level::Full }];
    });
    assert_eq!(word(&place.exchange_from(Some(KEY), &token.value, &[], here)), "invalid_target");
}

/// A key without levels of its own is limited by its scopes.
#[test]
fn a_key_without_levels_is_limited_by_its_scopes() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let level = || {
        let answer = json(&place.exchange(Some(KEY), &token.value, &[]));
        answer["access_token"]
            .as_str()
            .map(|token| claims(token)["access"][0]["level"].as_str().unwrap().to_owned())
    };
    assert_eq!(level().as_deref(), Some("full"));
    place.set_client(KEY, |client| client.scopes = scope("orders:read billing:read"));
    assert_eq!(level().as_deref(), Some("read"));
    place.set_client(KEY, |client| client.scopes = scope("orders:write"));
    assert_eq!(level(), None);
}

/// RFC 8693 §2.2.1: the exchanged token ends with the API token at the latest.
#[test]
fn it_ends_no_later_than_the_api_token() {
    let place = place();
    let token = place.api_token_with("alice", |token| {
        token.access.named = vec![Access { api: place.api_key(ORDERS), level: Level::Read }];
        token.expires_at = START + Lifetime::seconds(42);
    });
    assert_eq!(json(&place.exchange(None, &token.value, &[]))["expires_in"], 42);
}

/// RFC 8693 §2.2.1: also where an API's tokens are opaque, what was exchanged says its level and networks itself.
#[test]
fn it_is_signed_whatever_the_form_of_the_apis_tokens() {
    let place = place();
    place.make_opaque(ORDERS);
    let token = place.api_token("alice", Level::Read);
    let exchanged = place.exchanged(None, &token.value);
    assert_eq!(claims(&exchanged)["aud"], ORDERS);
    assert_eq!(place.desk(&exchanged, &[])["active"], true);
}

/// RFC 6585 §4: without a client, who fails too often waits; a good token does not.
#[test]
fn who_guesses_without_a_client_waits() {
    let place = place();
    let token = place.api_token("alice", Level::Read);
    let from = Some("192.0.2.9");
    let guess = || place.exchange_from(None, &place.value().0, &[], from).status().as_u16();
    let limit = place.server.settings().failed_authentications_per_minute;
    assert!((0..limit).all(|_| guess() == 400));
    assert_eq!(guess(), 429);
    assert_eq!(word(&place.exchange_from(None, &token.value, &[], from)), "granted");
}

/// The name of the client that is built in is nobody else's.
#[test]
fn the_built_in_clients_name_is_not_given_away() {
    let place = place();
    let context = place.context();
    let call = by_operator(&context);
    let create = clients::create(Some(BUILT_IN), clients::Members::named("An impostor"), &call, &context);
    assert!(block_on(create).is_err());
}
