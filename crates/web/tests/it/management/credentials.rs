//! Who is let in, and what they are told who are not.

use crate::flows::place::done;
use crate::management::office::{DESK, Office, call, every_permission};
use crate::support::set;
use doorward_core::manage::{apis, clients, users};
use doorward_protocol::words::{Status, UserStatus};
use doorward_testkit::calls::by_operator;
use serde_json::json;

/// RFC 6750 §3.1: whoever brings no token is told that one is needed, and nothing of an error; one in the URL is none.
#[test]
fn without_a_token_nobody_is_let_in() {
    let office = Office::new();
    for path in ["/groups", "/groups/x", "/organizations"] {
        let answer = office.call("", "GET", path, None);
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"));
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["request_id"], answer.header("x-request-id"));
    }
    let basic = office.send(set(call("", "GET", "/groups", None), "authorization", "Basic eDp5"));
    assert_eq!((basic.status, basic.header("www-authenticate")), (401, "Bearer"));
    let url = office.call("", "GET", &format!("/groups?access_token={}", office.root), None);
    assert_eq!(url.status, 401);
}

/// RFC 6750 §3.1: a token that is not for this API, or not one at all, is `invalid_token`.
#[test]
fn a_token_for_something_else_is_none() {
    let office = Office::new();
    let elsewhere = office.token("root", "openid profile");
    for token in [elsewhere.as_str(), "x", "dw_at_nothing", &format!("{}x", office.root)] {
        let answer = office.call(token, "GET", "/groups", None);
        assert_eq!(answer.status, 401, "{token}");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""), "{challenge}");
    }
}

/// RFC 6750 §3.1: where the token does not open what its holder may, the scope that would is named.
#[test]
fn a_token_opens_what_its_scope_says() {
    let office = Office::new();
    let narrow = office.token("root", "groups:read");
    assert_eq!(office.call(&narrow, "GET", "/groups", None).status, 200);
    let answer = office.call(&narrow, "DELETE", "/groups/x", None);
    assert_eq!(answer.status, 403);
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.ends_with(", scope=\"groups:write\""), "{challenge}");
}

#[test]
fn a_holder_may_what_their_groups_say() {
    let office = Office::new();
    assert_eq!(office.call(&office.auditor, "GET", "/groups", None).status, 200);
    for (token, method, path) in [
        (&office.auditor, "DELETE", "/groups/x"),
        (&office.bob, "GET", "/groups"),
        (&office.bob, "POST", "/groups"),
    ] {
        let answer = office.call(token, method, path, None);
        assert_eq!(answer.status, 403, "{method} {path}");
        // RFC 6750 §3: whatever a token does not let its holder do is answered so, whether another of theirs would or not.
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer error=\"insufficient_scope\""), "{challenge}");
        assert!(answer.body["detail"].as_str().unwrap().starts_with("this needs the permission groups:"));
    }
}

#[test]
fn whatever_is_switched_off_is_refused_from_the_next_call_on() {
    let office = Office::new();
    let context = || office.place.context();
    let is_let_in = || office.get("/groups").status;
    assert_eq!(is_let_in(), 200);
    // The last administrator stays.
    done(users::update("alice", &by_operator(&context()), &context(), |members| {
        members.groups = vec!["Administrators".to_owned()];
        Ok(())
    }));
    done(users::update("root", &by_operator(&context()), &context(), |members| {
        members.groups.clear();
        Ok(())
    }));
    assert_eq!(is_let_in(), 403);
    done(users::set_status("root", UserStatus::Disabled, &by_operator(&context()), &context()));
    assert_eq!(is_let_in(), 401);
    let auditor_is_let_in = || office.call(&office.auditor, "GET", "/groups", None).status;
    assert_eq!(auditor_is_let_in(), 200);
    done(clients::set_status(DESK, Status::Inactive, &by_operator(&context()), &context()));
    assert_eq!(auditor_is_let_in(), 401);
}

/// The API is registered with every server, once, and knows each permission as a scope.
#[test]
fn the_api_is_there_from_the_start() {
    let office = Office::new();
    let management = done(apis::show(
        "https://as.example/api",
        &by_operator(&office.place.context()),
        &office.place.context(),
    ));
    let scopes: Vec<_> = management.scopes.iter().map(|scope| scope.name.as_str()).collect();
    assert_eq!(scopes.join(" "), every_permission());
    assert!(management.scopes.iter().all(|scope| !scope.description.is_empty()));
    let events = office.events();
    let made = events
        .iter()
        .filter(|event| event.action == "api.created" && event.objects.ends_with(&management.id.to_string()));
    assert_eq!(made.count(), 1);
}

/// Whoever may not do something any more does not do it by an API account of theirs either.
#[test]
fn an_account_does_nothing_that_its_owner_may_not_do_any_more() {
    let office = Office::new();
    let desk = json!({"name": "Desk", "permissions": ["users:read"]});
    assert_eq!(office.post("/groups", desk).status, 201);
    assert_eq!(office.patch("/users/bob", json!({"groups": ["Desk"]})).status, 200);
    let access = json!([{"api": "management", "level": "full"}]);
    let account = json!({
        "name": "a", "owner": {"type": "user", "id": "bob"}, "groups": ["Desk"], "access": access,
    });
    let account = office.post("/api-accounts", account);
    assert_eq!(account.status, 201, "{}", account.body);
    let path = format!("/api-accounts/{}/api-tokens", account.body["id"].as_str().unwrap());
    let token = office.post(&path, json!({"name": "t", "access": access})).body;
    let token = token["token"].as_str().unwrap();
    assert_eq!(office.call(token, "GET", "/users", None).status, 200);
    assert_eq!(office.patch("/users/bob", json!({"groups": []})).status, 200);
    assert_eq!(office.call(token, "GET", "/users", None).status, 403);
}

/// Whoever may have accounts of their own looks after what these hold, and after nothing else.
#[test]
fn tokens_of_ones_own_accounts_are_taken_back_by_whoever_may_make_them() {
    let office = Office::new();
    let desk = json!({"name": "Desk", "permissions": ["api-accounts:self", "api-tokens:self"]});
    assert_eq!(office.post("/groups", desk).status, 201);
    assert_eq!(office.patch("/users/bob", json!({"groups": ["Desk"]})).status, 200);
    let bob = office.token("bob", "api-accounts:self");
    let account = office.call(&bob, "POST", "/me/api-accounts", Some(json!({"name": "a"})));
    let path = format!("/api-accounts/{}/api-tokens", account.body["id"].as_str().unwrap());
    let token = office.call(&bob, "POST", &path, Some(json!({"name": "t"}))).body;
    assert_eq!(token["prefix"], "dw_key_", "{token}");
    assert!(token["token"].as_str().unwrap().starts_with("dw_key_"));
    let id = token["id"].as_str().unwrap();
    let shown = office.call(&bob, "GET", &format!("/api-tokens/{id}"), None);
    assert_eq!((shown.status, &shown.body["prefix"]), (200, &json!("dw_key_")));
    let revoke = |id: &str| office.call(&bob, "POST", &format!("/api-tokens/{id}/revoke"), None).status;
    assert_eq!(revoke(id), 200);
    let own = office.token("bob", "api-tokens:self");
    let own = office.call(&own, "POST", "/me/api-tokens", Some(json!({"name": "o"}))).body;
    assert_eq!(own["prefix"], "dw_pat_");
    assert_eq!(revoke(own["id"].as_str().unwrap()), 403, "that takes api-tokens:self");
}
