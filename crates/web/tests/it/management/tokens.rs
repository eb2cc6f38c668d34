//! API tokens as credentials of the management API, from their making to their end.

use crate::management::office::{Office, call};
use doorward_core::context::Caller;
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use serde_json::{Value, json};

const MANAGEMENT: &str = "management";

/// A token of `root`'s own with this level at the management API; its identifier and its value.
fn made(office: &Office, level: &str, more: &Value) -> (String, String) {
    let mut body = json!({"name": "script", "access": [{"api": MANAGEMENT, "level": level}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = office.post("/me/api-tokens", body);
    assert_eq!(made.status, 201, "{}", made.body);
    let text = |name: &str| made.body[name].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

fn from(office: &Office, address: &str, token: &str) -> u16 {
    let caller = Caller { address: Some(address.parse().unwrap()) };
    block_on(office.place.app.respond(call(token, "GET", "/groups", None), caller)).status().as_u16()
}

#[test]
fn a_token_that_may_look_changes_nothing() {
    let office = Office::new();
    let (_, token) = made(&office, "read", &json!({}));
    assert_eq!(office.call(&token, "GET", "/groups", None).status, 200);
    assert_eq!(office.call(&token, "GET", "/me/api-tokens", None).status, 200);
    for (path, body) in [("/groups", json!({"name": "a"})), ("/me/api-tokens", json!({"name": "a"}))] {
        let answer = office.call(&token, "POST", path, Some(body));
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.header("www-authenticate").contains("insufficient_scope"), "{path}");
    }
}

#[test]
fn a_token_that_may_everything_may_what_its_owner_may() {
    let office = Office::new();
    let (id, token) = made(&office, "full", &json!({}));
    let answer = office.call(&token, "POST", "/groups", Some(json!({"name": "a"})));
    assert_eq!(answer.status, 201);
    let group = answer.body["id"].as_str().unwrap();
    let event = office.events().into_iter().find(|event| event.objects.contains(group)).unwrap();
    assert_eq!(event.api_token.map(|token| token.to_string()), Some(id));
    assert!(event.user.is_some());
}

#[test]
fn a_token_without_a_level_here_opens_nothing() {
    let office = Office::new();
    for body in [
        json!({"name": "a"}),
        json!({"name": "a", "apply_to_all": {"level": "full", "include_future": true}}),
        json!({"name": "a", "access": [{"api": "https://orders.example", "level": "full"}]}),
    ] {
        let made = office.post("/me/api-tokens", body);
        let token = made.body["token"].as_str().unwrap();
        assert_eq!(office.call(token, "GET", "/groups", None).status, 403, "{}", made.body);
    }
}

#[test]
fn a_token_is_good_in_its_networks_alone() {
    let office = Office::new();
    let (_, token) = made(&office, "read", &json!({"allowed_ips": ["192.0.2.0/24"]}));
    assert_eq!(from(&office, "192.0.2.9", &token), 200);
    assert_eq!(from(&office, "::ffff:192.0.2.9", &token), 200);
    assert_eq!(from(&office, "198.51.100.1", &token), 403);
    assert_eq!(office.call(&token, "GET", "/groups", None).status, 403, "from nowhere");
}

#[test]
fn whatever_becomes_of_a_token_counts_from_the_next_call_on() {
    let office = Office::new();
    let status = |token: &str| office.call(token, "GET", "/groups", None).status;
    let (id, token) = made(&office, "read", &json!({}));
    let path = format!("/api-tokens/{id}");
    let none = office.patch(&path, json!({"access": [{"api": MANAGEMENT, "level": "none"}]}));
    assert_eq!((none.status, status(&token)), (200, 403));
    office.patch(&path, json!({"access": [{"api": MANAGEMENT, "level": "read"}]}));
    assert_eq!(status(&token), 200);
    let anew = office.post(&format!("{path}/regenerate"), json!({"overlap_seconds": 60}));
    let value = anew.body["token"].as_str().unwrap();
    assert_eq!((status(&token), status(value)), (200, 200));
    office.place.advance(Lifetime::seconds(61));
    assert_eq!((status(&token), status(value)), (401, 200));
    let last = office.post(&format!("{path}/revoke"), json!({"reason": "lost"}));
    assert_eq!((last.status, &last.body["status"], status(value)), (200, &json!("revoked"), 401));
}

#[test]
fn all_tokens_of_somebody_end_at_once() {
    let office = Office::new();
    let tokens = [made(&office, "read", &json!({})).1, made(&office, "full", &json!({})).1];
    let answer = office.call(&office.root, "POST", "/me/api-tokens/revoke-all", None);
    assert_eq!((answer.status, answer.body["items"].as_array().unwrap().len()), (200, 2));
    for token in tokens {
        assert_eq!(office.call(&token, "GET", "/groups", None).status, 401);
    }
}

#[test]
fn a_token_ends_by_itself() {
    let office = Office::new();
    let (_, token) = made(&office, "read", &json!({"expires_in_months": 3}));
    office.place.advance(Lifetime::days(88));
    assert_eq!(office.call(&token, "GET", "/groups", None).status, 200);
    office.place.advance(Lifetime::days(5));
    assert_eq!(office.call(&token, "GET", "/groups", None).status, 401);
}

#[test]
fn a_value_is_told_once() {
    let office = Office::new();
    let (id, token) = made(&office, "read", &json!({}));
    for answer in [office.get(&format!("/api-tokens/{id}")), office.get("/me/api-tokens")] {
        assert_eq!(answer.status, 200);
        assert!(!answer.body.to_string().contains(&token));
    }
    let shown = office.get(&format!("/api-tokens/{id}")).body;
    assert_eq!((&shown["prefix"], shown.get("token")), (&json!("dw_pat_"), None));
    assert!(token.ends_with(shown["last_four"].as_str().unwrap()));
}

/// RFC 7396 §1: null takes away, and never nothing in silence.
#[test]
fn one_level_for_all_is_taken_away_by_null() {
    let office = Office::new();
    let body = json!({"name": "a", "apply_to_all": {"level": "read", "include_future": true}});
    let made = office.post("/me/api-tokens", body);
    let path = format!("/api-tokens/{}", made.body["id"].as_str().unwrap());
    let gone = office.patch(&path, json!({"apply_to_all": null}));
    assert_eq!((gone.status, &gone.body["apply_to_all"]), (200, &Value::Null), "{}", gone.body);
    assert_eq!(gone.body["access"], made.body["access"], "at the APIs that there are, it stays");
    let api = json!({"identifier": "https://later.example", "name": "Later"});
    assert_eq!(office.post("/apis", api).status, 201);
    assert_eq!(office.get(&path).body["access"], made.body["access"], "later ones are closed");
}

#[test]
fn levels_are_not_taken_away_by_null() {
    let office = Office::new();
    let (id, _) = made(&office, "read", &json!({}));
    let path = format!("/api-tokens/{id}");
    for body in [json!({"access": null}), json!({"access": null, "apply_to_all": null})] {
        assert_eq!(office.patch(&path, body).wrong(), (422, vec!["/access"]));
    }
    let instead = json!({"access": null, "apply_to_all": {"level": "read", "include_future": true}});
    assert_eq!(office.patch(&path, instead).body["apply_to_all"]["level"], "read");
}

/// RFC 6750 §3.1: what is missing is said, and by which token it would not be.
#[test]
fn a_refusal_says_whether_the_token_or_its_holder_is_in_the_way() {
    let office = Office::new();
    let (_, looking) = made(&office, "read", &json!({}));
    let narrow = office.token("root", "users:read");
    let detail = |token: &str, path: &str| {
        let refused = office.call(token, "POST", path, Some(json!({"name": "a", "username": "a"})));
        let challenge = refused.header("www-authenticate").to_owned();
        assert!(challenge.contains("error=\"insufficient_scope\""), "{path}: {challenge}");
        assert!(challenge.contains("scope=\""), "{path}: {challenge}");
        (refused.status, refused.body["detail"].as_str().unwrap().to_owned())
    };
    let level = "the token's level here is 'read', and this needs 'full'".to_owned();
    assert_eq!(detail(&looking, "/users"), (403, level.clone()));
    assert_eq!(detail(&looking, "/me/api-tokens"), (403, level));
    assert_eq!(detail(&narrow, "/users"), (403, "the token's scope does not name users:write".to_owned()));
    assert_eq!(detail(&office.bob, "/users"), (403, "this needs the permission users:write".to_owned()));
}

#[test]
fn somebody_sees_by_what_they_call_and_what_they_may_by_it() {
    let office = Office::new();
    let me = |token: &str| office.call(token, "GET", "/me", None).body;
    let permissions =
        |me: &Value| -> Vec<String> { serde_json::from_value(me["permissions"].clone()).unwrap() };
    let (id, full) = made(&office, "full", &json!({}));
    let told = me(&full);
    assert_eq!(permissions(&told).len(), doorward_protocol::permission::Permission::ALL.len());
    let token = &told["token"];
    assert_eq!(
        [&token["type"], &token["level"], &token["id"]],
        [&json!("api_token"), &json!("full"), &json!(id)]
    );
    assert_eq!(token["scope"], Value::Null);
    assert_eq!(token["expires_at"], office.get(&format!("/api-tokens/{id}")).body["expires_at"]);
    let looking = me(&made(&office, "read", &json!({})).1);
    assert_eq!(looking["token"]["level"], "read");
    assert!(permissions(&looking).iter().all(|permission| permission.ends_with(":read")), "{looking}");
    let narrow = me(&office.token("root", "users:read"));
    assert_eq!(
        (permissions(&narrow), &narrow["token"]["type"]),
        (vec!["users:read".to_owned()], &json!("access_token"))
    );
    assert_eq!(
        (&narrow["token"]["scope"], &narrow["token"]["level"]),
        (&json!("users:read"), &json!("read"))
    );
}

#[test]
fn the_token_of_somebody_who_is_disabled_says_so() {
    let office = Office::new();
    let made = office.post("/users/bob/api-tokens", json!({"name": "a"}));
    let path = format!("/api-tokens/{}", made.body["id"].as_str().unwrap());
    office.post("/users/bob/disable", json!({}));
    assert_eq!(office.get(&path).body["inactive_reason"], "owner_disabled");
    office.post("/users/bob/enable", json!({}));
    assert_eq!(office.get(&path).body["inactive_reason"], "all_revoked");
}
