//! Clients of an organization: through one, nobody does more than what concerns it, whoever they are elsewhere.

use crate::flows::place::Place;
use crate::management::office::{Office, every_permission};
use doorward_core::manage::clients;
use doorward_protocol::words::ConsentMode;
use doorward_testkit::builders::scope;
use serde_json::{Value, json};

/// A client of Acme, by which people are let in unasked.
const OUTSIDER: &str = "outsider";

/// Two organizations, somebody in each, and a client of the first.
fn peopled() -> Office {
    let mut office = Office::new();
    for (organization, user) in [("Acme", "anna"), ("Other", "otto")] {
        assert_eq!(office.post("/organizations", json!({"name": organization})).status, 201);
        office.place.user(user);
        let members = json!({"organization_id": organization, "groups": ["Administrators"]});
        assert_eq!(office.patch(&format!("/users/{user}"), members).status, 200);
    }
    let members = clients::Members {
        consent: ConsentMode::Implicit,
        organization: Some("Acme".to_owned()),
        scopes: scope(&format!("openid profile offline_access {}", every_permission())),
        ..Place::members()
    };
    office.place.register(OUTSIDER, members);
    office
}

/// Whoever administers an organization makes its clients, and chooses whether people are asked: by none of these do they get what
/// they may not have themselves.
#[test]
fn through_a_client_of_an_organization_everybody_is_bounded_by_it() {
    let office = peopled();
    let root = office.token_through(OUTSIDER, "root", &every_permission());
    let (me, acme) = (office.call(&root, "GET", "/me", None), office.get("/organizations/Acme"));
    assert_eq!(me.body["organization_id"], acme.body["id"]);
    let seen = office.call(&root, "GET", "/users", None);
    let names: Vec<_> = seen.body["items"].as_array().unwrap().iter().map(|user| &user["username"]).collect();
    assert_eq!(names, ["anna"]);
    let call = |method, path, body: Option<Value>| office.call(&root, method, path, body).status;
    assert_eq!(call("GET", "/users/bob", None), 404);
    assert_eq!(call("POST", "/users/root/setup-link", None), 404);
    assert_eq!(
        call("POST", "/me/api-tokens", Some(json!({"name": "t"}))),
        404,
        "nor by a token of their own"
    );
    assert_eq!(call("POST", "/organizations", Some(json!({"name": "Third"}))), 403);
    let new = json!({"username": "new", "groups": ["Administrators"]});
    let made = office.call(&root, "POST", "/users", Some(new));
    assert_eq!((made.status, &made.body["organization_id"]), (201, &acme.body["id"]));
}

#[test]
fn who_belongs_to_another_organization_may_nothing_through_it() {
    let office = peopled();
    let otto = office.token_through(OUTSIDER, "otto", &every_permission());
    for path in ["/users", "/clients", "/groups", "/organizations"] {
        assert_eq!(office.call(&otto, "GET", path, None).status, 403, "{path}");
    }
    assert_eq!(office.call(&otto, "GET", "/me", None).body["permissions"], json!([]));
    let otto = office.token("otto", &every_permission());
    assert_eq!(office.call(&otto, "GET", "/users", None).status, 200, "through everybody's client they may");
}
