//! `doorward client`, as people and scripts use it.

use crate::doorward::Place;
use serde_json::{Value, json};

fn members(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// RFC 7591 §2: the members of a client bear their registered names.
#[test]
fn a_client_is_registered_as_the_rest_api_would_show_it() {
    let place = Place::migrated();
    let arguments = [
        ["client", "create", "--json"].as_slice(),
        &["--name", "Billing", "--client-id", "billing", "--description", "Sends invoices"],
        &["--redirect-uri", "https://billing.example/cb", "--redirect-uri", "http://127.0.0.1/cb"],
        &["--grant", "client_credentials", "--auth-method", "client_secret_post"],
        &["--scope", "read", "--scope", "write export", "--default-scope", "read"],
        &["--access-token-lifetime", "120", "--refresh-token-lifetime", "86400"],
        &["--post-logout-redirect-uri", "https://billing.example/bye"],
        &["--no-pkce", "--consent", "implicit", "--id-token-alg", "ES256", "--id-token-claims"],
    ]
    .concat();
    let client = place.run(&arguments).json();
    let known = json!({
        "name": "Billing", "client_id": "billing", "description": "Sends invoices",
        "redirect_uris": ["https://billing.example/cb", "http://127.0.0.1/cb"],
        "grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_post",
        "scopes": ["export", "read", "write"], "default_scopes": ["read"],
        "access_token_lifetime": 120, "refresh_token_lifetime": 86400, "status": "active",
        "post_logout_redirect_uris": ["https://billing.example/bye"], "require_pkce": false, "consent": "implicit",
        "id_token_signed_response_alg": "ES256", "id_token_claims": true, "organization_id": null,
    });
    for (member, value) in known.as_object().unwrap() {
        assert_eq!(client[member], *value, "{member}");
    }
    assert!(client["client_secret"].as_str().unwrap().starts_with("dw_cs_"));
    assert_eq!(client["id"].as_str().unwrap().len(), 26, "a ULID");
    let created_at = client["created_at"].as_str().unwrap();
    assert!(created_at.ends_with('Z') && created_at.contains('T'), "RFC 3339: {created_at}");
}

/// RFC 6749 §3.3: what a client gets when it asks for no scope is decided at its registration.
#[test]
fn default_scopes_are_the_scopes_unless_others_are_given() {
    let place = Place::migrated();
    let client = place.run(&["client", "create", "--json", "--name", "A", "--scope", "read write"]).json();
    assert_eq!(client["default_scopes"], json!(["read", "write"]));
}

/// RFC 6749 §4.1: who says where people are sent back to means to send them here, and to learn who they are.
#[test]
fn a_redirect_uri_makes_a_client_that_signs_people_in() {
    let place = Place::migrated();
    let create =
        ["client", "create", "--json", "--name", "Shop", "--redirect-uri", "https://shop.example/cb"];
    let client = place.run(&create).json();
    assert_eq!(client["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(client["scopes"], json!(["email", "offline_access", "openid", "profile"]));
    assert_eq!(client["default_scopes"], client["scopes"]);
    assert_eq!((&client["require_pkce"], &client["consent"]), (&json!(true), &json!("explicit")));
    assert_eq!(client["id_token_signed_response_alg"], Value::Null);
    let given = [create.as_slice(), &["--grant", "authorization_code", "--scope", "openid read"]].concat();
    let client = place.run(&given).json();
    assert_eq!(client["grant_types"], json!(["authorization_code"]));
    assert_eq!(client["scopes"], json!(["openid", "read"]));
    let text = place.run(&["client", "show", client["client_id"].as_str().unwrap()]).ok();
    assert!(text.contains("PKCE") && text.contains("people are asked"), "{text}");
}

/// RFC 9700 §2.1.1: only a client that authenticates may go without PKCE.
#[test]
fn what_cannot_stand_at_a_client_that_signs_people_in_is_refused() {
    let place = Place::migrated();
    let refused = |arguments: &[&str]| {
        let create = ["client", "create", "--json", "--name", "A", "--redirect-uri", "http://127.0.0.1/cb"];
        place.run(&[create.as_slice(), arguments].concat()).problem(1)["errors"][0]["pointer"].clone()
    };
    assert_eq!(refused(&["--public", "--no-pkce"]), "/require_pkce");
    assert_eq!(refused(&["--id-token-alg", "EdDSA"]), "/id_token_signed_response_alg");
    assert_eq!(refused(&["--organization", "Nobody"]), "/organization_id");
    assert_eq!(refused(&["--post-logout-redirect-uri", "/bye"]), "/post_logout_redirect_uris/0");
    assert_eq!(refused(&["--grant", "refresh_token"]), "/grant_types");
    assert_eq!(refused(&["--refresh-token-lifetime", "999999999"]), "/refresh_token_lifetime");
    let no_uri = ["client", "create", "--json", "--name", "A", "--grant", "authorization_code"];
    assert_eq!(place.run(&no_uri).problem(1)["errors"][0]["pointer"], "/redirect_uris");
}

#[test]
fn what_belongs_to_signing_in_is_changed_and_taken_back() {
    let place = Place::migrated();
    let organization = place.run(&["organization", "create", "--json", "--name", "Acme"]).json();
    let create = ["client", "create", "--name", "Shop", "--client-id", "shop"];
    place.run(&[create.as_slice(), &["--redirect-uri", "https://shop.example/cb"]].concat()).ok();
    let update = |arguments: &[&str]| {
        place.run(&[["client", "update", "shop", "--json"].as_slice(), arguments].concat()).json()
    };
    let on = update(
        &[
            ["--no-pkce", "--consent", "implicit", "--id-token-alg", "ES256", "--id-token-claims"].as_slice(),
            &["--organization", "Acme", "--refresh-token-lifetime", "60"],
            &["--post-logout-redirect-uri", "https://shop.example/bye"],
        ]
        .concat(),
    );
    assert_eq!((&on["require_pkce"], &on["consent"]), (&json!(false), &json!("implicit")));
    assert_eq!(on["organization_id"], organization["id"]);
    assert_eq!(on["post_logout_redirect_uris"], json!(["https://shop.example/bye"]));
    assert_eq!(update(&["--name", "Other"])["id_token_claims"], json!(true), "what is not given stays");
    let off = update(
        &[
            ["--require-pkce", "--consent", "explicit", "--no-id-token-alg", "--no-id-token-claims"]
                .as_slice(),
            &["--no-organization", "--no-refresh-token-lifetime", "--no-post-logout-redirect-uris"],
        ]
        .concat(),
    );
    assert_eq!((&off["require_pkce"], &off["id_token_claims"]), (&json!(true), &json!(false)));
    for member in ["id_token_signed_response_alg", "organization_id", "refresh_token_lifetime"] {
        assert_eq!((on[member].is_null(), off[member].is_null()), (false, true), "{member}");
    }
    place.run(&["client", "update", "shop", "--require-pkce", "--no-pkce"]).refused(2);
}

/// RFC 6749 §2.1: a public client has no secret, and RFC 6749 §4.4: no credentials of its own.
#[test]
fn a_public_client_has_no_secret() {
    let place = Place::migrated();
    let client = place.run(&["client", "create", "--json", "--name", "App", "--public"]).json();
    assert_eq!(client["token_endpoint_auth_method"], "none");
    assert_eq!(client["grant_types"], json!([]));
    assert!(!members(&client).contains(&"client_secret"));
    let grant = ["client", "create", "--json", "--name", "App", "--public", "--grant", "client_credentials"];
    assert_eq!(place.run(&grant).problem(1)["errors"][0]["pointer"], "/grant_types");
}

#[test]
fn the_secret_is_shown_once_and_says_so() {
    let place = Place::migrated();
    let text = place.run(&["client", "create", "--name", "Billing", "--client-id", "billing"]).ok();
    let secret = text.split_whitespace().find(|word| word.starts_with("dw_cs_")).expect("a secret");
    assert!(text.contains("shown only now"), "{text}");
    for arguments in [["client", "show", "billing"].as_slice(), &["client", "show", "billing", "--json"]] {
        let shown = place.run(arguments).ok();
        assert!(shown.contains("Billing") && !shown.contains(secret), "{shown}");
    }
}

#[test]
fn clients_are_listed_page_by_page() {
    let place = Place::migrated();
    assert_eq!(place.run(&["client", "list", "--json"]).json(), json!({"items": [], "next_cursor": null}));
    assert!(place.run(&["client", "list"]).ok().contains("client create"), "says how to make one");
    for name in ["one", "two", "three"] {
        place.run(&["client", "create", "--name", name, "--client-id", name]).ok();
    }
    let first = place.run(&["client", "list", "--json", "--limit", "2"]).json();
    let cursor = first["next_cursor"].as_str().expect("more follows");
    let second = place.run(&["client", "list", "--json", "--limit", "2", "--cursor", cursor]).json();
    assert_eq!(second["next_cursor"], Value::Null);
    let listed = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    let mut names: Vec<_> = listed.iter().map(|client| client["client_id"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["one", "three", "two"]);
    let table = place.run(&["client", "list", "--limit", "2"]).ok();
    assert!(table.starts_with("client_id") && table.contains(&format!("--cursor {cursor}")), "{table}");
    place.run(&["client", "list", "--cursor", "nonsense"]).refused(2);
}

#[test]
fn a_change_replaces_what_is_given_and_nothing_else() {
    let place = Place::migrated();
    let create = ["client", "create", "--name", "Billing", "--client-id", "billing", "--scope", "read write"];
    let unused = ["--redirect-uri", "https://a.example/cb", "--grant", "client_credentials"];
    place.run(&[create.as_slice(), &unused].concat()).ok();
    let changed =
        place.run(&["client", "update", "billing", "--json", "--scope", "read", "--name", "B"]).json();
    assert_eq!((&changed["name"], &changed["scopes"]), (&json!("B"), &json!(["read"])));
    assert_eq!(changed["default_scopes"], json!(["read"]));
    assert_eq!(changed["redirect_uris"], json!(["https://a.example/cb"]));
    let emptied = place.run(&["client", "update", "billing", "--json", "--no-redirect-uris"]).json();
    assert_eq!(emptied["redirect_uris"], json!([]));
    assert!(place.run(&["client", "update", "billing", "--description", "x"]).ok().contains("Changed"));
    place.run(&["client", "update", "billing"]).refused(2);
}

#[test]
fn a_client_is_switched_off_and_on_and_deleted() {
    let place = Place::migrated();
    place.run(&["client", "create", "--name", "Billing", "--client-id", "billing"]).ok();
    assert_eq!(place.run(&["client", "disable", "billing", "--json"]).json()["status"], "inactive");
    assert_eq!(place.run(&["client", "show", "billing", "--json"]).json()["status"], "inactive");
    assert!(place.run(&["client", "disable", "billing"]).ok().contains("inactive"));
    assert_eq!(place.run(&["client", "enable", "billing", "--json"]).json()["status"], "active");
    assert!(place.run(&["client", "enable", "billing"]).ok().contains("active"));
    assert_eq!(place.run(&["client", "delete", "billing", "--json"]).ok(), "", "as 204 No Content");
    assert_eq!(place.run(&["client", "show", "billing", "--json"]).problem(1)["status"], 404);
    place.run(&["client", "create", "--name", "Other", "--client-id", "other"]).ok();
    assert!(place.run(&["client", "delete", "other"]).ok().contains("deleted"));
}

/// A name once given is never given again: old tokens and logs must not speak of another client.
#[test]
fn the_name_of_a_deleted_client_is_not_given_again() {
    let place = Place::migrated();
    let create = ["client", "create", "--json", "--name", "Billing", "--client-id", "billing"];
    place.run(&create).ok();
    assert_eq!(place.run(&create).problem(1)["errors"][0]["pointer"], "/client_id");
    place.run(&["client", "delete", "billing"]).ok();
    assert_eq!(place.run(&create).problem(1)["errors"][0]["pointer"], "/client_id");
}

/// RFC 9457 §3: a refusal is a problem object; all bad members at once.
#[test]
fn a_refusal_names_every_bad_member() {
    let place = Place::migrated();
    let bad = ["client", "create", "--name", " ", "--redirect-uri", "https://a.example/#b"];
    let problem = place.run(&[bad.as_slice(), &["--json"]].concat()).problem(1);
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/redirect_uris/0"]);
    assert_eq!((&problem["status"], &problem["title"]), (&json!(422), &json!("Unprocessable Entity")));
    let text = place.run(&bad).refused(1);
    assert!(text.starts_with("doorward: name: is not empty"), "{text}");
}

#[test]
fn wrong_usage_is_told_from_a_refusal() {
    let place = Place::migrated();
    for arguments in [
        ["client"].as_slice(),
        &["client", "creat"],
        &["client", "create"],
        &["client", "create", "--name", "A", "--auth-method", "password"],
        &["client", "create", "--name", "A", "--grant", "implicit"],
        &["client", "create", "--name", "A", "--public", "--auth-method", "client_secret_basic"],
        &["client", "create", "--name", "A", "--scope", "a\"b"],
    ] {
        let text = place.run(arguments).refused(2);
        assert!(!text.is_empty(), "{arguments:?}");
        let problem = place.run(&[arguments, &["--json"]].concat()).problem(2);
        assert_eq!(problem["title"], "Bad Request", "{arguments:?}");
    }
}

/// A place where there is no database is told before anything that may be missing beside it.
#[test]
fn a_database_that_is_not_there_is_out_of_reach() {
    let place = Place::bare();
    for noun in ["client", "user"] {
        let problem = place.run(&[noun, "list", "--json", "--database", "sqlite:/nowhere/x"]).problem(3);
        assert_eq!((&problem["status"], &problem["title"]), (&json!(503), &json!("Service Unavailable")));
    }
}
