//! Conditions on changes: the state that somebody has seen, and the key under which a call is sent again.

use crate::management::office::{Answer, Office, call};
use crate::support::set;
use doorward_core::sweep::sweep;
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use serde_json::{Value, json};
use std::thread;

fn matching(office: &Office, method: &str, path: &str, tags: &str, body: Option<Value>) -> Answer {
    office.send(set(call(&office.root, method, path, body), "if-match", tags))
}

fn keyed(office: &Office, key: &str, path: &str, body: &Value) -> Answer {
    office.send(set(call(&office.root, "POST", path, Some(body.clone())), "idempotency-key", key))
}

/// RFC 9110 §13.1.1: a change is made only to what is still in a state that was named; §15.5.13: else the answer is 412.
#[test]
fn nobody_overwrites_what_they_have_not_seen() {
    let office = Office::new();
    let made = office.post("/groups", json!({"name": "Support"}));
    let path = format!("/groups/{}", made.body["id"].as_str().unwrap());
    let old = made.header("etag").to_owned();
    assert_eq!(office.get(&path).header("etag"), old);
    let changed = matching(&office, "PATCH", &path, &old, Some(json!({"name": "Help"})));
    assert_eq!(changed.status, 200);
    let new = changed.header("etag").to_owned();
    assert_ne!(new, old);
    for lost in [old.clone(), format!("W/{new}"), "\"x\"".to_owned()] {
        assert_eq!(
            matching(&office, "PATCH", &path, &lost, Some(json!({"name": "Aid"}))).status,
            412,
            "{lost}"
        );
        assert_eq!(matching(&office, "DELETE", &path, &lost, None).status, 412, "{lost}");
    }
    assert_eq!(office.get(&path).body["name"], "Help");
    let several = format!("{old}, {new}");
    assert_eq!(matching(&office, "PATCH", &path, &several, Some(json!({"name": "Aid"}))).status, 200);
    assert_eq!(matching(&office, "DELETE", &path, "*", None).status, 204);
    assert_eq!(matching(&office, "DELETE", &path, "*", None).status, 404);
}

/// RFC 9110 §13.1.1: what is made has no state yet; who asks for one means something else.
#[test]
fn a_condition_is_heeded_or_refused() {
    let office = Office::new();
    let old = office.get("/users/bob").header("etag").to_owned();
    office.patch("/users/bob", json!({"contact": "desk 3"}));
    let new = office.get("/users/bob").header("etag").to_owned();
    office.post("/users/bob/api-tokens", json!({"name": "a"}));
    let all = |tags: &str| matching(&office, "POST", "/users/bob/api-tokens/revoke-all", tags, None);
    assert_eq!(all(&old).status, 412);
    assert_eq!(all(&new).body["items"].as_array().unwrap().len(), 1);
    assert_eq!(matching(&office, "POST", "/me/api-tokens/revoke-all", &old, None).status, 412);
    for (path, body) in [
        ("/users/bob/api-tokens", json!({"name": "a"})),
        ("/groups", json!({"name": "a"})),
        ("/signing-keys/rotate", json!({})),
    ] {
        let refused = matching(&office, "POST", path, "*", Some(body));
        assert_eq!(refused.wrong(), (400, vec!["if-match"]), "{path}");
    }
    office.post("/clients", json!({"name": "a", "client_id": "robot"}));
    let secret = matching(&office, "POST", "/clients/robot/secrets", &old, Some(json!({})));
    assert_eq!(secret.status, 412, "a secret is made as a change of its client");
}

#[test]
fn a_call_that_is_sent_again_is_carried_out_once() {
    let office = Office::new();
    let body = json!({"name": "Acme"});
    let first = keyed(&office, "k 1", "/organizations", &body);
    assert_eq!(first.status, 201);
    let events = office.events().len();
    let again = keyed(&office, "k 1", "/organizations", &body);
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(office.events().len(), events, "nothing was done");
    assert_eq!(
        keyed(&office, "k 2", "/organizations", &body).status,
        422,
        "another call, and the name is taken"
    );
}

#[test]
fn a_key_is_bound_to_its_caller_and_to_what_was_asked_for() {
    let office = Office::new();
    assert_eq!(keyed(&office, "k", "/organizations", &json!({"name": "Acme"})).status, 201);
    assert_eq!(keyed(&office, "k", "/organizations", &json!({"name": "Other"})).status, 422);
    assert_eq!(keyed(&office, "k", "/groups", &json!({"name": "Acme"})).status, 422);
    assert_eq!(office.get("/groups?name=Acme").body["items"], json!([]));
    let body = Some(json!({"name": "Acme"}));
    let auditor = set(call(&office.auditor, "POST", "/organizations", body), "idempotency-key", "k");
    assert_eq!(office.send(auditor).status, 403, "who may not make it does not learn of it");
}

/// The answer may hold what not every token of a person's would have let them have.
#[test]
fn an_answer_is_told_again_to_whoever_may_as_much_as_before() {
    let office = Office::new();
    let body = json!({"name": "Robot", "groups": ["Administrators"]});
    let made = keyed(&office, "k", "/clients", &body);
    assert_eq!((made.status, made.body["client_secret"].is_string()), (201, true));
    assert_eq!(keyed(&office, "k", "/clients", &body).body, made.body);
    let narrow = office.token("root", "clients:write");
    let again = office.send(set(call(&narrow, "POST", "/clients", Some(body)), "idempotency-key", "k"));
    assert_eq!((again.status, &again.body["client_secret"]), (422, &Value::Null));
}

/// Names are taken by the first of them: that is no reason to refuse the second, which is the same call.
#[test]
fn a_call_that_comes_several_times_at_once_is_refused_to_none() {
    let office = Office::new();
    for round in 0..20 {
        let (key, body) = (format!("k {round}"), json!({"name": format!("Group {round}")}));
        let answers: Vec<_> = thread::scope(|scope| {
            let send = || scope.spawn(|| keyed(&office, &key, "/groups", &body));
            let sent: Vec<_> = (0..4).map(|_| send()).collect();
            sent.into_iter().map(|one| one.join().unwrap()).collect()
        });
        // 409 tells that it is done, and the answer not known yet.
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
        let mut made: Vec<_> = answers.iter().filter_map(|answer| answer.body["id"].as_str()).collect();
        made.dedup();
        assert_eq!(made.len(), 1);
    }
}

#[test]
fn a_key_is_short_and_printable_and_there_once() {
    let office = Office::new();
    let longest = "k".repeat(255);
    for (key, status) in [("", 201), (longest.as_str(), 201), (&"k".repeat(256), 400), ("k\u{e9}", 400)] {
        let body = json!({"name": format!("Group {}", key.len())});
        assert_eq!(keyed(&office, key, "/groups", &body).status, status, "{key}");
    }
}

#[test]
fn a_refused_call_uses_no_key_up() {
    let office = Office::new();
    assert_eq!(keyed(&office, "k", "/groups", &json!({"name": ""})).status, 422);
    assert_eq!(keyed(&office, "k", "/groups", &json!({"name": "Support"})).status, 201);
}

#[test]
fn after_an_hour_a_key_is_forgotten() {
    let office = Office::new();
    let body = json!({"name": "Acme"});
    let made = keyed(&office, "k", "/organizations", &body);
    office.place.advance(Lifetime::minutes(61));
    assert!(!block_on(sweep(&office.place.context())).unwrap());
    let path = format!("/organizations/{}", made.body["id"].as_str().unwrap());
    let root = office.token("root", &crate::management::office::every_permission());
    assert_eq!(office.call(&root, "DELETE", &path, None).status, 204);
    let request = set(call(&root, "POST", "/organizations", Some(body)), "idempotency-key", "k");
    let anew = office.send(request);
    assert_eq!(anew.status, 201);
    assert_ne!(anew.body["id"], made.body["id"]);
}
