//! API tokens of people: whoever may makes them with an expiry and a level for each API, edits them, gives them another value, and takes
//! one or all back. The level holds wherever an API asks.

use crate::api_access::held::furnish;
use crate::flows::place::{BILLING, ISSUER, ORDERS, Place};
use crate::management::office::{Office, every_permission};
use crate::stories::step::{is_good, text};
use serde_json::{Value, json};

const TOKENS: &str = "/users/alice/api-tokens";

/// An office with an orders API that asks about tokens.
fn office() -> Office {
    let mut office = Office::new();
    furnish(&mut office.place);
    office
}

fn alice(place: &Place) -> String {
    format!("user:{}", place.subject("alice"))
}

/// A token of `alice`'s that `root` makes, with these members; as it is told.
#[track_caller]
fn made(office: &Office, members: &Value) -> Value {
    let mut body = json!({"name": "script"});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let objects = ["api_token", &alice(&office.place)];
    office.step("POST", TOKENS, body, ("api_token.created", &objects)).body
}

/// What the desk knows of a token, by method.
fn good_for(office: &Office, token: &str) -> Vec<&'static str> {
    let methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
    methods.into_iter().filter(|method| is_good(&office.place, token, method)).collect()
}

const READING: [&str; 3] = ["GET", "HEAD", "OPTIONS"];
const ALL: usize = 7;

fn at_orders(level: &str) -> Value {
    json!({"access": [{"api": ORDERS, "level": level}]})
}

#[test]
fn the_tokens_of_others_are_seen_by_those_who_may() {
    let office = office();
    let token = text(&made(&office, &at_orders("read")), "id");
    let calls = [
        ("GET", TOKENS.to_owned(), None),
        ("GET", format!("/api-tokens/{token}"), None),
        ("POST", TOKENS.to_owned(), Some(json!({"name": "mine"}))),
        ("PATCH", format!("/api-tokens/{token}"), Some(json!({"name": "mine"}))),
        ("POST", format!("/api-tokens/{token}/regenerate"), None),
        ("POST", format!("/api-tokens/{token}/revoke"), None),
        ("POST", format!("{TOKENS}/revoke-all"), None),
    ];
    for (method, path, body) in &calls {
        assert_eq!(office.refused("", method, path, body.clone()).status, 401, "{method} {path}");
        assert_eq!(office.refused(&office.bob, method, path, body.clone()).status, 403, "{method} {path}");
        let by_auditor = match *method {
            "GET" => office.call(&office.auditor, method, path, None).status,
            _ => office.refused(&office.auditor, method, path, body.clone()).status,
        };
        assert_eq!(by_auditor, if *method == "GET" { 200 } else { 403 }, "{method} {path}");
    }
    // Who may look after their own learns nothing of what others have, nor who there is.
    office.place.user("carol");
    let carol = office.token("carol", &every_permission());
    for (method, path, body) in &calls {
        let nobody = path.replace("alice", "nobody").replace(&token, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
        for path in [path, &nobody] {
            assert_eq!(office.refused(&carol, method, path, body.clone()).status, 403, "{method} {path}");
        }
    }
    let own = office.call(&office.token("alice", &every_permission()), "GET", "/me/api-tokens", None);
    assert_eq!(own.body["items"][0]["id"], json!(token));
}

/// From 22 November 2026, 9:00, in months of the calendar.
#[test]
fn a_token_ends_after_three_six_or_twelve_months() {
    let office = office();
    for (members, end) in [
        (json!({"expires_in_months": 3}), "2027-02-22T09:00:00Z"),
        (json!({"expires_in_months": 6}), "2027-05-22T09:00:00Z"),
        (json!({"expires_in_months": 12}), "2027-11-22T09:00:00Z"),
        (json!({}), "2027-05-22T09:00:00Z"),
    ] {
        assert_eq!(made(&office, &members)["expires_at"], end, "{members}");
    }
    for months in [0, 1, 4, 24, -3] {
        let body = Some(json!({"name": "script", "expires_in_months": months}));
        let refused = office.refused(&office.root, "POST", TOKENS, body);
        assert_eq!(refused.wrong(), (422, vec!["/expires_in_months"]), "{months}");
    }
}

#[test]
fn a_token_has_a_level_for_each_api() {
    let office = office();
    let value = |members: Value| text(&made(&office, &members), "token");
    assert_eq!(good_for(&office, &value(at_orders("full"))).len(), ALL);
    assert_eq!(good_for(&office, &value(at_orders("read"))), READING);
    assert_eq!(good_for(&office, &value(at_orders("none"))).len(), 0);
    assert_eq!(good_for(&office, &value(json!({}))).len(), 0, "where nothing is said, nothing is open");
    let elsewhere = json!({"access": [{"api": BILLING, "level": "full"}]});
    assert_eq!(good_for(&office, &value(elsewhere)).len(), 0);
}

#[test]
fn one_level_is_applied_to_all_apis() {
    let office = office();
    let all = made(&office, &json!({"apply_to_all": {"level": "read"}}));
    let future = made(&office, &json!({"apply_to_all": {"level": "read", "include_future": true}}));
    let levels = |token: &Value, api: &str| -> Vec<String> {
        let shown = office.get(&format!("/api-tokens/{}", text(token, "id"))).body;
        let at = shown["access"].as_array().unwrap().clone();
        at.iter().filter(|access| access["api"] == api).map(|access| text(access, "level")).collect()
    };
    assert_eq!((levels(&all, ORDERS), levels(&all, BILLING)), (vec!["read".into()], vec!["read".into()]));
    for token in [&all, &future] {
        let value = text(token, "token");
        assert_eq!(good_for(&office, &value), READING);
        assert_eq!(levels(token, &format!("{ISSUER}/api")), Vec::<String>::new());
        assert_eq!(office.call(&value, "GET", "/clients", None).status, 403, "never the management API");
    }
    let stock = json!({"identifier": "https://stock.example", "name": "Stock"});
    office.step("POST", "/apis", stock, ("api.created", &["api"]));
    office.place.let_introspect(crate::api_access::held::DESK, "https://stock.example");
    let at_stock = |token: &Value| {
        let asked = [("resource", "https://stock.example")];
        office.place.desk(&text(token, "token"), &asked)["active"] == true
    };
    assert_eq!((at_stock(&all), at_stock(&future)), (false, true), "an API that is registered later");
}

/// RFC 6750 §3.1: to a token whose level is too low, an API that asks, one that reads the token, and ours answer alike.
#[test]
fn a_level_is_enforced_wherever_an_api_asks() {
    let office = office();
    let both = json!({"access": [
        {"api": ORDERS, "level": "read"}, {"api": "management", "level": "read"},
    ]});
    let body = json!({"name": "script", "access": both["access"]});
    let token = text(&office.post("/me/api-tokens", body).body, "token");
    let post = [("method", "POST"), ("uri", "/orders")];
    assert_eq!(office.place.desk(&token, &post)["error"], "insufficient_scope");
    let signed = office.place.exchanged(None, &token);
    assert_eq!(office.place.desk(&signed, &post)["error"], "insufficient_scope");
    assert_eq!((good_for(&office, &token), good_for(&office, &signed)), (READING.into(), READING.into()));
    assert_eq!(office.call(&token, "GET", "/groups", None).status, 200);
    let refused = office.refused(&token, "POST", "/groups", Some(json!({"name": "Support"})));
    assert_eq!(refused.status, 403);
    assert!(refused.header("www-authenticate").contains("error=\"insufficient_scope\""));
}

#[test]
fn levels_are_edited_later() {
    let office = office();
    let token = made(&office, &at_orders("none"));
    let (path, value) = (format!("/api-tokens/{}", text(&token, "id")), text(&token, "token"));
    let told = ["api_token", &alice(&office.place)];
    for (level, methods) in [("full", ALL), ("read", READING.len()), ("none", 0), ("read", READING.len())] {
        let changed = office.step("PATCH", &path, at_orders(level), ("api_token.updated", &told));
        assert_eq!(changed.body["access"], at_orders(level)["access"]);
        assert_eq!(good_for(&office, &value).len(), methods, "{level}, from the next request on");
    }
    office.step("PATCH", &path, json!({"apply_to_all": {"level": "full"}}), ("api_token.updated", &told));
    assert_eq!(good_for(&office, &value).len(), ALL);
}

#[test]
fn one_is_regenerated_one_is_revoked_and_at_last_all_are() {
    let office = office();
    let [first, second, third] = ["read", "full", "read"].map(|level| made(&office, &at_orders(level)));
    let whom = alice(&office.place);
    let at = |token: &Value, action: &str| format!("/api-tokens/{}/{action}", text(token, "id"));
    let told = ["api_token", whom.as_str()];

    let year = json!({"expires_in_months": 12});
    let anew = office.step("POST", &at(&first, "regenerate"), year, ("api_token.regenerated", &told)).body;
    assert_eq!((&anew["id"], &anew["access"]), (&first["id"], &first["access"]));
    assert_eq!(anew["expires_at"], "2027-11-22T09:00:00Z");
    let values = [&first, &anew, &second, &third].map(|token| text(token, "token"));
    let good = || values.each_ref().map(|value| is_good(&office.place, value, "GET"));
    assert_eq!(good(), [false, true, true, true]);

    let revoked = office.step("POST", &at(&second, "revoke"), Value::Null, ("api_token.revoked", &told));
    assert_eq!((&revoked.body["id"], &revoked.body["status"]), (&second["id"], &json!("revoked")));
    assert_eq!(good(), [false, true, false, true]);

    let mut live = [&first, &third].map(|token| text(token, "id"));
    live.sort();
    let objects = [whom.clone(), format!("api_token:{}", live[0]), format!("api_token:{}", live[1])];
    let objects = objects.each_ref().map(String::as_str);
    let path = format!("{TOKENS}/revoke-all");
    let ended = office.step("POST", &path, Value::Null, ("user.api_tokens.revoked", &objects)).body;
    let named: Vec<_> = ended["items"].as_array().unwrap().iter().map(|token| text(token, "id")).collect();
    assert_eq!(named, live, "it is told what stops working");
    assert_eq!(good(), [false; 4]);
    made(&office, &at_orders("read"));
}
