//! `doorward api`, as people and scripts use it.

use crate::doorward::Place;
use serde_json::{Value, json};

const INVOICES: &str = "https://api.example.com/invoices";

#[test]
fn an_api_is_registered_as_the_rest_api_would_show_it() {
    let place = Place::migrated();
    place.run(&["client", "create", "--name", "Invoices API", "--client-id", "invoices-api"]).ok();
    let arguments = [
        ["api", "create", "--json", "--identifier", INVOICES, "--name", "Invoices"].as_slice(),
        &["--scope", "read=Read invoices", "--scope", "write", "--token-format", "opaque"],
        &["--signing-algorithm", "ES256", "--access-token-lifetime", "60", "--description", "Ours"],
        &["--documentation-url", "https://docs.example.com", "--introspection-client", "invoices-api"],
    ]
    .concat();
    let api = place.run(&arguments).json();
    let known = json!({
        "identifier": INVOICES, "name": "Invoices", "description": "Ours",
        "documentation_url": "https://docs.example.com", "token_format": "opaque", "signing_algorithm": "ES256",
        "scopes": [{"name": "read", "description": "Read invoices"}, {"name": "write", "description": ""}],
        "access_token_lifetime": 60, "introspection_clients": ["invoices-api"], "status": "active",
    });
    for (member, value) in known.as_object().unwrap() {
        assert_eq!(api[member], *value, "{member}");
    }
    assert_eq!(place.run(&["api", "show", INVOICES, "--json"]).json(), api);
    assert_eq!(place.run(&["api", "show", api["id"].as_str().unwrap(), "--json"]).json(), api);
    let list = place.run(&["api", "list", "--json"]).json();
    let mut listed = list["items"].as_array().unwrap().clone();
    listed.retain(|one| !one["identifier"].as_str().unwrap().ends_with("/api"));
    assert_eq!((listed, &list["next_cursor"]), (vec![api], &Value::Null), "beside the server's own");
}

#[test]
fn people_read_the_same_on_a_sheet() {
    let place = Place::migrated();
    assert!(place.run(&["api", "list"]).ok().contains("Management"), "the server's own is always there");
    let create =
        ["api", "create", "--identifier", INVOICES, "--name", "Invoices", "--scope", "read=Read invoices"];
    let text = place.run(&create).ok();
    assert!(text.starts_with(&format!("Registered the API {INVOICES}.\n")), "{text}");
    assert!(text.contains("\n  scopes      read  Read invoices\n"), "{text}");
    assert!(place.run(&["api", "show", INVOICES]).ok().contains("Invoices"));
    let table = place.run(&["api", "list"]).ok();
    assert!(table.starts_with("identifier") && table.contains(INVOICES), "{table}");
}

#[test]
fn a_change_replaces_what_is_given_and_nothing_else() {
    let place = Place::migrated();
    let create = ["api", "create", "--identifier", INVOICES, "--name", "Invoices", "--scope", "read"];
    place.run(&[create.as_slice(), &["--documentation-url", "https://docs.example.com"]].concat()).ok();
    let update =
        |arguments: &[&str]| place.run(&[&["api", "update", INVOICES, "--json"], arguments].concat()).json();
    let changed = update(&["--scope", "pay=Pay", "--token-format", "opaque"]);
    assert_eq!(changed["scopes"], json!([{"name": "pay", "description": "Pay"}]));
    assert_eq!(changed["token_format"], "opaque");
    assert_eq!(changed["documentation_url"], "https://docs.example.com");
    let emptied = update(&["--no-scopes", "--no-documentation-url"]);
    assert_eq!((&emptied["scopes"], &emptied["documentation_url"]), (&json!([]), &json!(null)));
    assert!(place.run(&["api", "update", INVOICES, "--name", "New"]).ok().contains("Changed"));
    place.run(&["api", "update", INVOICES]).refused(2);
}

#[test]
fn an_api_is_switched_off_and_on_and_deleted() {
    let place = Place::migrated();
    place.run(&["api", "create", "--identifier", INVOICES, "--name", "Invoices"]).ok();
    assert_eq!(place.run(&["api", "disable", INVOICES, "--json"]).json()["status"], "inactive");
    assert!(place.run(&["api", "disable", INVOICES]).ok().contains("inactive"));
    assert_eq!(place.run(&["api", "enable", INVOICES, "--json"]).json()["status"], "active");
    assert!(place.run(&["api", "enable", INVOICES]).ok().contains("active"));
    assert_eq!(place.run(&["api", "delete", INVOICES, "--json"]).ok(), "", "as 204 No Content");
    assert_eq!(place.run(&["api", "show", INVOICES, "--json"]).problem(1)["status"], 404);
    place.run(&["api", "create", "--identifier", INVOICES, "--name", "Again"]).ok();
    assert!(place.run(&["api", "delete", INVOICES]).ok().contains("deleted"));
}

/// RFC 8707 §2: an absolute URI without fragment.
#[test]
fn what_cannot_stand_is_refused_with_its_place() {
    let place = Place::migrated();
    let create = |arguments: &[&str]| {
        let problem =
            place.run(&[&["api", "create", "--json", "--name", "A"], arguments].concat()).problem(1);
        problem["errors"][0]["pointer"].as_str().unwrap().to_owned()
    };
    assert_eq!(create(&["--identifier", "invoices"]), "/identifier");
    assert_eq!(create(&["--identifier", "https://a.example/#b"]), "/identifier");
    assert_eq!(create(&["--identifier", "http://127.0.0.1:8080"]), "/identifier", "the issuer itself");
    assert_eq!(
        create(&["--identifier", INVOICES, "--introspection-client", "nobody"]),
        "/introspection_clients/0"
    );
    assert_eq!(create(&["--identifier", INVOICES, "--signing-algorithm", "RS256"]), "/signing_algorithm");
    assert_eq!(
        create(&["--identifier", INVOICES, "--access-token-lifetime", "9999999"]),
        "/access_token_lifetime"
    );
    place.run(&["api", "create", "--identifier", INVOICES, "--name", "A"]).ok();
    assert_eq!(create(&["--identifier", INVOICES]), "/identifier", "taken");
}

/// Whether an identifier is the issuer's can only be told when the issuer is known.
#[test]
fn an_api_is_not_registered_for_a_server_without_a_name() {
    let place = Place::bare();
    place.run(&["keys", "init"]).ok();
    place.run(&["migrate"]).ok();
    let text = place.run(&["api", "create", "--identifier", INVOICES, "--name", "A"]).refused(1);
    assert!(text.contains("server.issuer"), "{text}");
    place.run(&["api", "list"]).ok();
}
