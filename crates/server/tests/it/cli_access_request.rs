//! `doorward access-request`, as an operator uses it.

use crate::doorward::{ORDERS, Place, Ran};
use serde_json::json;

fn request(place: &Place, arguments: &[&str]) -> Ran {
    place.run(&[["access-request"].as_slice(), arguments, &["--json"]].concat())
}

fn ask(place: &Place) -> String {
    let made = request(place, &["create", "--user", "alice", "--api", &format!("{ORDERS}=full")]).json();
    assert_eq!(made["status"], "requested");
    made["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_request_is_approved_renewed_and_revoked_at_the_command_line() {
    let place = Place::with_alice_and_orders();
    let id = ask(&place);
    assert_eq!(
        request(&place, &["create", "--user", "alice", "--api", "management=read"]).problem(1)["status"],
        409
    );
    let levels = format!("{ORDERS}=read");
    let approve = ["approve", &id, "--api", &levels, "--expires-in-months", "3", "--note", "contract 4711"];
    let approved = request(&place, &approve).json();
    assert_eq!(approved["access"], json!([{"api": ORDERS, "level": "read"}]));
    assert_eq!((&approved["status"], &approved["note"]), (&json!("approved"), &json!("contract 4711")));
    assert!(approved["api_account_id"].is_string());
    let renewed = request(&place, &["renew", &id, "--expires-in-months", "12"]).json();
    assert!(renewed["expires_at"].as_str() > approved["expires_at"].as_str());
    let listed = request(&place, &["list", "--status", "approved"]).json();
    assert_eq!(listed["items"][0]["id"], approved["id"]);
    let revoked = request(&place, &["revoke", &id, "--reason", "over"]).json();
    assert_eq!((&revoked["status"], &revoked["reason"]), (&json!("revoked"), &json!("over")));
    let text = place.run(&["access-request", "show", &id]).ok();
    assert!(text.contains("revoked") && text.contains(ORDERS), "{text}");
}

#[test]
fn a_request_is_denied_or_withdrawn_at_the_command_line() {
    let place = Place::with_alice_and_orders();
    let id = ask(&place);
    assert_eq!(request(&place, &["deny", &id, "--reason", "no contract"]).json()["status"], "denied");
    assert_eq!(request(&place, &["withdraw", &id]).problem(1)["status"], 409);
    let id = ask(&place);
    assert_eq!(request(&place, &["withdraw", &id]).json()["status"], "withdrawn");
    let text = place.run(&["access-request", "list"]).ok();
    assert!(text.contains("denied") && text.contains("withdrawn") && text.contains("alice"), "{text}");
    assert_eq!(request(&place, &["show", "nothing"]).problem(1)["status"], 404);
}
