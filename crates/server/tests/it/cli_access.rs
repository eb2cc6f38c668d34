//! Who may do what where, at the command line: permissions of groups, levels and networks of clients, what levels mean, secrets.

use crate::doorward::Place;
use serde_json::json;

#[test]
fn a_group_has_permissions_and_an_organization() {
    let place = Place::migrated();
    let acme = place.run(&["organization", "create", "--name", "Acme", "--json"]).json();
    let make = [
        "group",
        "create",
        "--name",
        "Support",
        "--permission",
        "users:read",
        "--organization",
        "Acme",
        "--json",
    ];
    let made = place.run(&make).json();
    assert_eq!((&made["permissions"], &made["organization_id"]), (&json!(["users:read"]), &acme["id"]));
    let update = ["group", "update", "Support", "--permission", "users:write", "--no-organization", "--json"];
    let changed = place.run(&update).json();
    assert_eq!(
        (&changed["permissions"], &changed["organization_id"]),
        (&json!(["users:write"]), &json!(null))
    );
    assert!(place.run(&["group", "list"]).ok().contains("users:write"));
    place.run(&["group", "create", "--name", "X", "--permission", "users:all"]).refused(2);
    let administrators = place.run(&["organization", "update", "Acme", "--api-access", "enabled", "--json"]);
    assert_eq!(administrators.json()["api_access"], "enabled");
}

#[test]
fn a_client_has_levels_networks_groups_and_an_end() {
    let place = Place::migrated();
    place.run(&["api", "create", "--identifier", "urn:a", "--name", "A"]).ok();
    let create = [
        ["client", "create", "--json", "--name", "Shop", "--client-id", "shop"].as_slice(),
        &["--api", "urn:a=read", "--allowed-ip", "::ffff:10.0.0.0/104", "--group", "Auditors"],
        &["--public-url", "https://shop.example", "--expires-at", "2099-01-31T12:00:00Z"],
    ]
    .concat();
    let client = place.run(&create).json();
    assert_eq!(client["access"], json!([{"api": "urn:a", "level": "read"}]));
    assert_eq!((&client["allowed_ips"], &client["groups"]), (&json!(["10.0.0.0/8"]), &json!(["Auditors"])));
    assert_eq!(client["expires_at"], "2099-01-31T12:00:00Z");
    let wrong = ["client", "update", "shop", "--json", "--api", "urn:c=full", "--allowed-ip", "10.0.0.1/8"];
    let told = place.run(&wrong).problem(1);
    assert_eq!(told["errors"][0]["pointer"], "/allowed_ips/0");
    let told = place.run(&["client", "update", "shop", "--json", "--api", "urn:c=full"]).problem(1);
    assert_eq!(told["errors"][0]["pointer"], "/access/0/api");
    let freed = [
        "client",
        "update",
        "shop",
        "--json",
        "--no-apis",
        "--no-allowed-ips",
        "--no-groups",
        "--no-expires-at",
    ];
    let client = place.run(&freed).json();
    assert_eq!((&client["access"], &client["expires_at"]), (&json!([]), &json!(null)));
    place.run(&["user", "create", "--username", "alice", "--client", "shop", "--contact", "the shop"]).ok();
    let alice = place.run(&["user", "show", "alice", "--json"]).json();
    assert_eq!((&alice["clients"], &alice["contact"]), (&json!(["shop"]), &json!("the shop")));
}

#[test]
fn an_api_says_what_its_levels_mean() {
    let place = Place::migrated();
    let create = [
        ["api", "create", "--json", "--identifier", "urn:a", "--name", "A", "--scope", "read"].as_slice(),
        &["--level", "read.paths=/v1/*,/v2/**", "--level", "read.scopes=read", "--preflight", "deny"],
    ]
    .concat();
    let api = place.run(&create).json();
    let read =
        json!({"methods": ["GET", "HEAD", "OPTIONS"], "paths": ["/v1/*", "/v2/**"], "scopes": ["read"]});
    assert_eq!((&api["levels"]["read"], &api["preflight"]), (&read, &json!("deny")));
    let wrong =
        ["api", "update", "urn:a", "--json", "--level", "full.scopes=write", "--level", "full.methods=get"];
    let told = place.run(&wrong).problem(1);
    let pointers: Vec<_> = told["errors"].as_array().unwrap().iter().map(|one| &one["pointer"]).collect();
    assert_eq!(pointers, ["/levels/full/methods/0", "/levels/full/scopes/0", "/levels/full/methods"]);
    let emptied =
        ["api", "update", "urn:a", "--json", "--level", "read.paths=", "--max-token-lifetime", "86400"];
    let api = place.run(&emptied).json();
    assert_eq!((&api["levels"]["read"]["paths"], &api["max_token_lifetime"]), (&json!([]), &json!(86400)));
}

#[test]
fn an_api_says_how_and_where_it_is_reached() {
    let place = Place::migrated();
    let create = ["api", "create", "--json", "--identifier", "urn:a", "--name", "A"];
    let plain = place.run(&create).json();
    assert_eq!((&plain["credentials"], &plain["locations"]), (&json!(["bearer"]), &json!([])));
    let told =
        ["--credential", "x-api-key", "--credential", "basic", "--location", "https://api.example/v1/"];
    let api = place.run(&[&["api", "update", "urn:a", "--json"], told.as_slice()].concat()).json();
    assert_eq!(api["credentials"], json!(["x-api-key", "basic"]));
    assert_eq!(api["locations"], json!(["https://api.example/v1"]));
    let other = ["api", "create", "--json", "--identifier", "urn:b", "--name", "B"];
    let taken = place.run(&[other.as_slice(), &["--location", "https://api.example/v1"]].concat()).problem(1);
    assert_eq!(taken["status"], 409);
    let emptied = place.run(&["api", "update", "urn:a", "--json", "--no-locations"]).json();
    assert_eq!((&emptied["credentials"], &emptied["locations"]), (&api["credentials"], &json!([])));
}

#[test]
fn a_client_changes_its_secret() {
    let place = Place::migrated();
    place.run(&["client", "create", "--name", "Billing", "--client-id", "billing"]).ok();
    let rotate = ["client", "secret", "rotate", "billing", "--overlap-seconds", "3600", "--json"];
    let made = place.run(&rotate).json();
    assert!(made["client_secret"].as_str().unwrap().ends_with(made["last_four"].as_str().unwrap()));
    let listed = place.run(&["client", "secret", "list", "billing", "--json"]).json();
    let items = listed["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item.get("client_secret").is_none()));
    let old = items.iter().find(|item| item["id"] != made["id"]).unwrap();
    assert!(old["expires_at"].is_string());
    let id = old["id"].as_str().unwrap();
    assert_eq!(place.run(&["client", "secret", "delete", "billing", id, "--json"]).ok(), "");
    place.run(&["client", "secret", "create", "billing"]).ok();
    assert!(place.run(&["client", "secret", "create", "billing"]).refused(1).contains("two secrets"));
}
