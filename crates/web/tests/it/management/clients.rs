//! Clients over HTTP: what follows where nothing is said.

use crate::management::office::Office;
use serde_json::{Value, json};

fn made(office: &Office, members: &Value) -> [Value; 3] {
    let mut body = json!({"name": "Shop"});
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let made = office.post("/clients", body);
    assert_eq!(made.status, 201, "{}", made.body);
    ["grant_types", "scopes", "default_scopes"].map(|name| made.body[name].clone())
}

/// The same as `doorward client create` makes of it.
#[test]
fn grants_and_scopes_follow_from_what_is_said() {
    let office = Office::new();
    let signing_in = json!(["authorization_code", "refresh_token"]);
    let usual = json!(["openid", "profile", "email", "offline_access"]);
    let uris = json!(["https://shop.example/callback"]);
    let sorted = |value: &Value| {
        let mut words: Vec<_> =
            value.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
        words.sort();
        words
    };
    for method in ["client_secret_basic", "none"] {
        let [grants, scopes, defaults] =
            made(&office, &json!({"redirect_uris": uris, "token_endpoint_auth_method": method}));
        assert_eq!(grants, signing_in);
        assert_eq!([sorted(&scopes), sorted(&defaults)], [sorted(&usual), sorted(&usual)]);
    }
    let robot = made(&office, &json!({"scopes": ["orders:read"]}));
    assert_eq!(robot, [json!(["client_credentials"]), json!(["orders:read"]), json!(["orders:read"])]);
    let app = made(&office, &json!({"token_endpoint_auth_method": "none"}));
    assert_eq!(app, [json!([]), json!([]), json!([])]);
    let said = made(
        &office,
        &json!({"redirect_uris": uris, "grant_types": ["authorization_code"], "default_scopes": []}),
    );
    assert_eq!((&said[0], &said[2]), (&json!(["authorization_code"]), &json!([])));
}

/// A patch changes what it names, and null takes back what was said.
#[test]
fn what_follows_does_not_change_with_a_patch_unless_it_is_asked_to() {
    let office = Office::new();
    let made =
        office.post("/clients", json!({"name": "Robot", "client_id": "robot", "scopes": ["orders:read"]}));
    assert_eq!(made.status, 201);
    let uris = json!({"redirect_uris": ["https://shop.example/callback"]});
    assert_eq!(office.patch("/clients/robot", uris).body["grant_types"], json!(["client_credentials"]));
    let null = office.patch("/clients/robot", json!({"grant_types": null}));
    assert_eq!(null.body["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(null.body["scopes"], json!(["orders:read"]));
}

/// Whoever holds the client sees why it was locked out, also when they have replaced the secret.
#[test]
fn a_secret_that_was_found_is_listed_with_the_reason() {
    let office = Office::new();
    let made = office.post("/clients", json!({"name": "Robot", "client_id": "robot"}));
    let secret = made.body["client_secret"].as_str().unwrap();
    let told = || -> Vec<_> {
        let listed = office.get("/clients/robot/secrets").body;
        let items = listed["items"].as_array().unwrap().clone();
        items.into_iter().map(|item| (item["status"].clone(), item["inactive_reason"].clone())).collect()
    };
    assert_eq!(told(), [(json!("active"), Value::Null)]);
    assert_eq!(office.place.form("/leaked-tokens", &[("token", secret)], None).status(), 200);
    assert_eq!(told(), [(json!("revoked"), json!("leaked"))]);
    assert_eq!(office.post("/clients/robot/secrets/rotate", json!({})).status, 201);
    let mut both = told();
    both.sort_by_key(|(status, _)| status.to_string());
    assert_eq!(both, [(json!("active"), Value::Null), (json!("revoked"), json!("leaked"))]);
    for status in [201, 409] {
        assert_eq!(
            office.post("/clients/robot/secrets", json!({})).status,
            status,
            "it counts for none of two"
        );
    }
}
