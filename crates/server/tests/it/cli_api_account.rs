//! `doorward api-account`, and the tokens of API accounts, as an operator uses them.

use crate::doorward::{ORDERS, Place, Ran};
use serde_json::json;

fn account(place: &Place, arguments: &[&str]) -> Ran {
    place.run(&[["api-account"].as_slice(), arguments, &["--json"]].concat())
}

fn make(place: &Place) -> String {
    let levels = format!("{ORDERS}=read");
    let made = account(place, &["create", "--user", "alice", "--name", "Warehouse", "--api", &levels]).json();
    assert_eq!((&made["owner"]["type"], &made["status"]), (&json!("user"), &json!("active")));
    made["client_id"].as_str().unwrap().to_owned()
}

#[test]
fn an_api_account_is_made_changed_and_deleted_at_the_command_line() {
    let place = Place::with_alice_and_orders();
    let key = make(&place);
    let shown = account(&place, &["show", &key]).json();
    assert_eq!(shown["access"], json!([{"api": ORDERS, "level": "read"}]));
    let levels = format!("{ORDERS}=full");
    let changes =
        ["--name", "Depot", "--api", &levels, "--allowed-ip", "192.0.2.0/24", "--group", "Auditors"];
    let changed = account(&place, &[["update", &key].as_slice(), &changes].concat()).json();
    assert_eq!((&changed["name"], &changed["access"][0]["level"]), (&json!("Depot"), &json!("full")));
    assert_eq!(
        (&changed["allowed_ips"], &changed["groups"]),
        (&json!(["192.0.2.0/24"]), &json!(["Auditors"]))
    );
    let emptied = account(&place, &["update", &key, "--no-apis", "--no-allowed-ips", "--no-groups"]).json();
    assert_eq!((&emptied["access"], &emptied["groups"]), (&json!([]), &json!([])));
    assert_eq!(account(&place, &["update", &key]).problem(2)["status"], 400);
    assert_eq!(account(&place, &["disable", &key]).json()["status"], "inactive");
    assert_eq!(account(&place, &["list", "--status", "active"]).json()["items"], json!([]));
    assert_eq!(account(&place, &["enable", &key]).json()["status"], "active");
    let text = place.run(&["api-account", "list", "--user", "alice"]).ok();
    assert!(text.contains("Depot") && text.contains("alice"), "{text}");
    place.run(&["api-account", "delete", &key]).ok();
    assert_eq!(account(&place, &["show", &key]).problem(1)["status"], 404);
}

/// Two nouns stay two: an application is no API account, and the other way round.
#[test]
fn clients_are_no_api_accounts_and_api_accounts_no_clients() {
    let place = Place::with_alice_and_orders();
    let key = make(&place);
    assert_eq!(place.run(&["client", "show", &key, "--json"]).problem(1)["status"], 404);
    place.run(&["client", "create", "--name", "Billing", "--client-id", "billing"]).ok();
    assert_eq!(account(&place, &["show", "billing"]).problem(1)["status"], 404);
    let both = ["create", "--user", "alice", "--organization", "acme", "--name", "x"];
    assert_eq!(account(&place, &both).problem(2)["status"], 400);
    assert_eq!(account(&place, &["create", "--name", "x"]).problem(2)["status"], 400);
}

#[test]
fn an_api_account_gets_tokens_within_its_levels() {
    let place = Place::with_alice_and_orders();
    let key = make(&place);
    let make = |level: &str| {
        let levels = format!("{ORDERS}={level}");
        let arguments =
            ["token", "create", "--api-account", &key, "--name", "w-1", "--api", &levels, "--json"];
        place.run(&arguments)
    };
    let made = make("read").json();
    assert!(made["token"].as_str().unwrap().starts_with("dw_key_"));
    assert_eq!(made["owner"]["type"], "api_account");
    assert_eq!(make("full").problem(1)["errors"][0]["pointer"], "/access/0/api");
    let listed = place.run(&["token", "list", "--api-account", &key, "--json"]).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let text = place.run(&["token", "list"]).ok();
    assert!(text.contains("Warehouse"), "{text}");
    let stopped = place.run(&["token", "revoke-all", "--api-account", &key, "--json"]).json();
    assert_eq!(stopped["items"][0]["status"], "revoked");
    let unused = account(&place, &["activity", &key]).json();
    assert_eq!(unused, json!({"days": [], "addresses": []}));
    let text = place.run(&["api-account", "activity", &key, "--days", "7"]).ok();
    assert!(text.contains("was not used"), "{text}");
}
