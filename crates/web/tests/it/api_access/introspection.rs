//! What an API learns about an API token (RFC 7662): its own level, scopes and networks, and nothing about other APIs.

use crate::api_access::held::{DESK, place};
use crate::flows::place::{BILLING, ISSUER, ORDERS, json, word};
use doorward_core::token::api_token::PreviousValue;
use doorward_protocol::access::level::{Access, AccessList};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::Level;
use doorward_testkit::builders::credentials::networks;
use doorward_testkit::frozen_clock::START;
use serde_json::json as value;

/// RFC 7662 §2.2: the members of the answer; no client takes part, and of other APIs there is no word.
#[test]
fn an_api_is_told_what_concerns_it() {
    let place = place();
    let token = place.api_token_with("alice", |token| {
        let at = |api, level| Access { api: place.api_key(api), level };
        token.access.named = vec![at(ORDERS, Level::Read), at(BILLING, Level::Full)];
        token.allowed_ips = networks(&["10.0.0.0/8"]);
    });
    let expected = value!({
        "active": true, "token_type": "Bearer", "iss": ISSUER, "aud": ORDERS, "sub": place.subject("alice"),
        "username": "alice", "scope": "orders:read", "iat": START.0, "exp": (START + Lifetime::days(180)).0,
        "jti": token.id.to_string(), "access": [{"api": ORDERS, "level": "read"}], "allowed_ips": ["10.0.0.0/8"],
    });
    assert_eq!(place.desk(&token.value, &[]), expected);
}

/// RFC 7662 §2.2, §4: what is no good here is inactive, without a word: a token without a level, another's API, no token at all.
#[test]
fn whom_a_token_does_not_concern_learns_nothing() {
    let mut place = place();
    let nothing = value!({ "active": false });
    let none = place.api_token("alice", Level::None);
    assert_eq!(place.desk(&none.value, &[]), nothing);
    let elsewhere = place.api_token_with("alice", |token| {
        token.access.named = vec![Access { api: place.api_key(BILLING), level: Level::Full }];
    });
    assert_eq!(place.desk(&elsewhere.value, &[]), nothing);
    let token = place.api_token("alice", Level::Full);
    assert_eq!(place.desk(&token.value, &[("resource", BILLING)]), nothing);
    assert_eq!(place.desk(&place.value().0, &[]), nothing, "nobody's");
    place.register("stranger", doorward_core::manage::clients::Members::named("A stranger"));
    assert_eq!(place.introspect("stranger", &token.value), nothing);
}

/// RFC 7662 §2.2, §4: however the request is described, there is no word about a token that is no good here, either.
#[test]
fn whom_a_token_does_not_concern_learns_nothing_from_odd_questions() {
    let place = place();
    let elsewhere = place.api_token_with("alice", |token| {
        token.access.named = vec![Access { api: place.api_key(BILLING), level: Level::Full }];
        token.allowed_ips = networks(&["10.0.0.0/8"]);
    });
    for described in [
        &[("method", "GET POST")][..],
        &[("uri", "/orders/../users")],
        &[("client_ip", "192.0.2.1")],
        &[("client_ip", "nowhere")],
        &[("client_ip", "10.0.0.1")],
    ] {
        assert_eq!(place.desk(&elsewhere.value, described), value!({"active": false}), "{described:?}");
    }
}

/// RFC 7662 §2.2, §4: that a caller would have to name one of its APIs tells nothing about a token that is no good at any.
#[test]
fn a_caller_with_several_apis_learns_nothing_of_tokens_for_others() {
    let place = place();
    place.let_introspect(DESK, BILLING);
    let none = place.api_token("alice", Level::None);
    assert_eq!(place.desk(&none.value, &[]), value!({"active": false}));
    let one = place.api_token("alice", Level::Read);
    assert_eq!(place.desk(&one.value, &[])["aud"], ORDERS, "there is only one that it may be about");
}

/// RFC 7662 §2.1: a caller that stands for several APIs says for which one it asks; then each answer is about that one.
#[test]
fn a_caller_with_several_apis_names_one() {
    let place = place();
    place.let_introspect(DESK, BILLING);
    let token = place.api_token_with("alice", |token| {
        let at = |api, level| Access { api: place.api_key(api), level };
        token.access.named = vec![at(ORDERS, Level::Full), at(BILLING, Level::Read)];
    });
    let unnamed = place.client("/oauth2/introspect", DESK, &[("token", &token.value)]);
    assert_eq!(word(&unnamed), "invalid_request");
    for (api, level) in [(ORDERS, "full"), (BILLING, "read")] {
        let known = place.desk(&token.value, &[("resource", api)]);
        assert_eq!(known["access"], value!([{"api": api, "level": level}]));
        assert_eq!(known["aud"], api);
    }
}

/// A level for all others holds at APIs that are not named, and not at those that are.
#[test]
fn a_level_for_all_others_holds_where_none_is_named() {
    let place = place();
    let token = place.api_token_with("alice", |token| {
        token.access = AccessList { named: vec![], others: Some(Level::Read) };
    });
    assert_eq!(place.desk(&token.value, &[])["access"][0]["level"], "read");
    place.set_token(&token, |token| {
        token.access.named = vec![Access { api: place.api_key(ORDERS), level: Level::None }];
    });
    assert_eq!(place.desk(&token.value, &[]), value!({ "active": false }));
}

/// RFC 7662 §2.1: "the method to protect the resource" may be left to the server: it judges the request that is described. Who
/// knows RFC 7662 alone takes a refusal for an inactive token; whoever knows more tells 401 from 403.
#[test]
fn a_request_that_is_described_is_judged() {
    let place = place();
    let token = place.api_token_with("alice", |token| {
        token.access.named = vec![Access { api: place.api_key(ORDERS), level: Level::Read }];
        token.allowed_ips = networks(&["10.0.0.0/8", "2001:db8::/32"]);
    });
    let ask = |described: &[(&str, &str)]| place.desk(&token.value, described);
    let get = [("method", "GET"), ("uri", "/orders/7?fields=all"), ("client_ip", "10.1.2.3")];
    assert_eq!(ask(&get)["active"], true);
    assert_eq!(ask(&[("method", "GET"), ("client_ip", "::ffff:10.1.2.3")])["active"], true);
    let too_small =
        value!({"active": false, "error": "insufficient_scope", "scope": "orders:read orders:write"});
    let post = [("method", "POST"), ("uri", "https://orders.example/orders"), ("client_ip", "10.1.2.3")];
    assert_eq!(ask(&post), too_small);
    let denied = value!({"active": false, "error": "access_denied"});
    for odd in [
        &[("method", "GET"), ("uri", "/orders/../users")][..],
        &[("method", "GET"), ("uri", "/orders%2f7")],
        &[("method", "GET"), ("uri", "/orders#7")],
        &[("method", "GET POST")],
        &[("client_ip", "192.0.2.1")],
        &[("client_ip", "10.1.2.3, 192.0.2.1")],
        // Nobody says where it comes from.
        &get[..2],
        &get[..1],
        &[("uri", "/orders/7")],
    ] {
        assert_eq!(ask(odd), denied, "{odd:?}");
    }
    assert_eq!(ask(&[])["active"], true, "an API that describes nothing looks at the networks itself");
    let anywhere = place.api_token("alice", Level::Read);
    assert_eq!(place.desk(&anywhere.value, &get[..2])["active"], true, "it is bound to no network");
    assert_eq!(
        place.desk(&anywhere.value, &[("client_ip", "somewhere")]),
        denied,
        "whoever asks is confused"
    );
    let refused = place.recorded_soon("api_token.refused");
    assert_eq!(refused.len(), 1, "once a minute at most");
    assert_eq!(
        (refused[0].reason.as_str(), refused[0].objects.clone()),
        ("foreign_network", format!("api_token:{}", token.id))
    );
    assert_eq!(refused[0].user, Some(place.user_id("alice")));
}

/// An API bounds how long API tokens are good at it, also those that were made before it said so.
#[test]
fn an_api_bounds_how_long_tokens_are_good_at_it() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    place.set_api(ORDERS, |api| api.max_token_lifetime = Some(Lifetime::days(30)));
    assert_eq!(place.desk(&token.value, &[])["exp"], (START + Lifetime::days(30)).0);
    place.advance(Lifetime::days(30));
    assert_eq!(place.desk(&token.value, &[]), value!({ "active": false }));
    assert_eq!(word(&place.exchange(None, &token.value, &[])), "invalid_target");
}

/// A value that was replaced goes on until its overlap is over, and no longer than the token.
#[test]
fn a_replaced_value_ends_with_its_overlap() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let exchanged = place.exchanged(None, &token.value);
    let regenerate = |overlap: i64| {
        let (value, pepper, digest) = place.value();
        let now = place.context().now;
        place.set_token(&token, |record| {
            record.previous = Some(PreviousValue {
                digest: record.digest,
                pepper: record.pepper,
                expires_at: now + Lifetime::seconds(overlap),
            });
            (record.digest, record.pepper, record.issued_at) = (digest, pepper, now);
            record.generation += 1;
        });
        value
    };
    place.advance(Lifetime::seconds(1));
    let next = regenerate(60);
    let active = |value: &str| place.desk(value, &[])["active"] == true;
    assert!(active(&token.value) && active(&next) && active(&exchanged));
    let late = json(&place.exchange(None, &token.value, &[]));
    assert_eq!(late["expires_in"], 60, "no longer than the value that was exchanged");
    place.advance(Lifetime::seconds(60));
    assert!(!active(&token.value) && active(&next) && !active(&exchanged));
    assert_eq!(word(&place.exchange(None, &token.value, &[])), "invalid_request");
    assert!(active(&place.exchanged(None, &next)));
}

/// A use is noted for the token's owner, with the address that the API tells.
#[test]
fn a_use_is_noted_with_the_address_that_the_api_tells() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    place.advance(Lifetime::seconds(7));
    assert_eq!(place.desk(&token.value, &[("client_ip", "192.0.2.7")])["active"], true);
    let noted = || {
        doorward_testkit::block_on::block_on(place.server.record_uses()).unwrap();
        let id = token.id;
        let used = place.change(move |tx| tx.last_use(id)).unwrap();
        (used.used_at, used.address.map(|address| address.to_string()))
    };
    assert_eq!(noted(), (Seconds(START.0 + 7), Some("192.0.2.7".to_owned())));
    place.advance(Lifetime::seconds(7));
    place.exchange_from(None, &token.value, &[], Some("192.0.2.8"));
    assert_eq!(noted(), (Seconds(START.0 + 14), Some("192.0.2.8".to_owned())));
}
