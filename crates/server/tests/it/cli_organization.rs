//! `doorward organization` and `doorward group`: what users belong to.

use crate::doorward::Place;
use serde_json::json;

#[test]
fn an_organization_is_made_renamed_switched_and_deleted() {
    let place = Place::migrated();
    assert!(place.run(&["organization", "list"]).ok().contains("organization create"));
    let made = place.run(&["organization", "create", "--json", "--name", "Acme"]).json();
    assert_eq!((&made["name"], &made["status"]), (&json!("Acme"), &json!("active")));
    let renamed = place.run(&["organization", "update", "Acme", "--name", "Acme Corp.", "--json"]).json();
    assert_eq!((&renamed["id"], &renamed["name"]), (&made["id"], &json!("Acme Corp.")));
    let id = made["id"].as_str().unwrap();
    assert_eq!(place.run(&["organization", "disable", id, "--json"]).json()["status"], "inactive");
    assert!(place.run(&["organization", "show", "Acme Corp."]).ok().contains("inactive"));
    assert!(place.run(&["organization", "enable", "Acme Corp."]).ok().contains("active"));
    let listed = place.run(&["organization", "list", "--json"]).json();
    assert_eq!(listed["items"][0]["name"], "Acme Corp.");
    assert!(place.run(&["organization", "list"]).ok().contains(id));
    assert_eq!(place.run(&["organization", "delete", id, "--json"]).ok(), "");
    assert_eq!(place.run(&["organization", "show", id, "--json"]).problem(1)["status"], 404);
}

/// Whoever says so means it, where API access is off already, too.
#[test]
fn api_access_is_switched_off_by_hand() {
    let place = Place::migrated();
    place.run(&["organization", "create", "--name", "Acme"]).ok();
    let update = |word: &str| {
        let arguments = ["organization", "update", "Acme", "--api-access", word, "--json"];
        let shown = place.run(&arguments).json();
        (shown["api_access"].clone(), shown["api_access_shut"].clone())
    };
    assert_eq!(place.run(&["organization", "show", "Acme", "--json"]).json()["api_access_shut"], false);
    assert_eq!(update("disabled"), (json!("disabled"), json!(true)));
    assert!(place.run(&["organization", "show", "Acme"]).ok().contains("disabled, switched off by hand"));
    place.run(&["organization", "update", "Acme", "--name", "Acme"]).ok();
    assert_eq!(place.run(&["organization", "show", "Acme", "--json"]).json()["api_access_shut"], true);
    assert_eq!(update("enabled"), (json!("enabled"), json!(false)));
}

#[test]
fn an_organization_that_somebody_belongs_to_stays() {
    let place = Place::migrated();
    place.run(&["organization", "create", "--name", "Acme"]).ok();
    place.run(&["user", "create", "--username", "alice", "--organization", "Acme"]).ok();
    assert!(place.run(&["organization", "delete", "Acme"]).refused(1).contains("still has"));
    place.run(&["user", "update", "alice", "--no-organization"]).ok();
    assert!(place.run(&["organization", "delete", "Acme"]).ok().contains("deleted"));
}

#[test]
fn two_organizations_or_groups_have_not_one_name() {
    let place = Place::migrated();
    for noun in ["organization", "group"] {
        place.run(&[noun, "create", "--name", "One"]).ok();
        place.run(&[noun, "create", "--name", "Two"]).ok();
        let taken = place.run(&[noun, "create", "--name", "One", "--json"]).problem(1);
        assert_eq!(taken["errors"][0]["pointer"], "/name", "{noun}");
        let taken = place.run(&[noun, "update", "Two", "--name", "One", "--json"]).problem(1);
        assert_eq!(taken["errors"][0]["pointer"], "/name", "{noun}");
        assert_eq!(place.run(&[noun, "create", "--name", " ", "--json"]).problem(1)["status"], 422);
        assert_eq!(place.run(&[noun, "update", "Ten", "--name", "X", "--json"]).problem(1)["status"], 404);
        place.run(&[noun, "create"]).refused(2);
    }
}

#[test]
fn a_group_is_made_renamed_and_deleted() {
    let place = Place::migrated();
    assert!(place.run(&["group", "list"]).ok().contains("group create"));
    let made = place.run(&["group", "create", "--json", "--name", "Support"]).json();
    place.run(&["user", "create", "--username", "alice", "--group", "Support"]).ok();
    let renamed = place.run(&["group", "update", "Support", "--name", "Helpdesk", "--json"]).json();
    assert_eq!(renamed["id"], made["id"]);
    assert_eq!(place.run(&["user", "show", "alice", "--json"]).json()["groups"], json!(["Helpdesk"]));
    assert!(place.run(&["group", "list"]).ok().contains("Helpdesk"));
    assert!(place.run(&["group", "show", "Helpdesk"]).ok().contains(made["id"].as_str().unwrap()));
    assert_eq!(place.run(&["group", "delete", "Helpdesk", "--json"]).ok(), "");
    assert_eq!(place.run(&["user", "show", "alice", "--json"]).json()["groups"], json!([]));
    assert_eq!(place.run(&["group", "show", "Helpdesk", "--json"]).problem(1)["status"], 404);
}

#[test]
fn what_is_built_in_stays_as_it_is() {
    let place = Place::migrated();
    place.run(&["user", "create", "--username", "alice", "--group", "Administrators"]).ok();
    for arguments in [
        ["group", "delete", "Administrators"].as_slice(),
        &["group", "update", "Administrators", "--name", "X"],
    ] {
        assert!(place.run(arguments).refused(1).contains("built in"), "{arguments:?}");
    }
}
