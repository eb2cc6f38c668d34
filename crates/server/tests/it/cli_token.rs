//! `doorward token`, as people and scripts use it.

use crate::doorward::{Place, Ran};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

fn inspect(token: &str, arguments: &[&str]) -> Ran {
    let mut command = Place::bare().command(&[&["token", "inspect"], arguments].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.current_dir("/").spawn().expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(token.as_bytes()).expect("it reads");
    Ran::of(&child.wait_with_output().expect("it ends"))
}

fn secret() -> String {
    let place = Place::migrated();
    let client = place.run(&["client", "create", "--json", "--name", "A"]).json();
    client["client_secret"].as_str().expect("a secret").to_owned()
}

#[test]
fn a_token_is_recognised_without_a_server_and_not_repeated() {
    let secret = secret();
    let seen = inspect(&format!("{secret}\n"), &["--json"]).json();
    assert_eq!(seen, json!({"type": "client_secret", "prefix": "dw_cs_", "checksum": "valid"}));
    let text = inspect(&secret, &[]).ok();
    assert!(text.contains("a client's secret") && !text.contains(&secret), "{text}");
}

#[test]
fn a_token_that_was_mistyped_or_is_not_ours_is_refused_and_not_repeated() {
    let secret = secret();
    let cut = &secret[..secret.len() - 1];
    let last = if secret.ends_with('0') { "1" } else { "0" };
    for wrong in [cut, &format!("{cut}{last}"), "", "password"] {
        let problem = inspect(wrong, &["--json"]).problem(1);
        assert!(wrong.is_empty() || !problem.to_string().contains(wrong));
    }
}

const INVOICES: &str = "https://api.example.com/invoices";
const STOCK: &str = "https://api.example.com/stock";

/// A place with a user `alice` and two APIs.
fn place() -> Place {
    let place = Place::migrated();
    place.run(&["user", "create", "--username", "alice"]).ok();
    for api in [INVOICES, STOCK] {
        place.run(&["api", "create", "--name", "An API", "--identifier", api]).ok();
    }
    place
}

fn token(place: &Place, arguments: &[&str]) -> Ran {
    place.run(&[["token"].as_slice(), arguments, &["--json"]].concat())
}

fn create(place: &Place, arguments: &[&str]) -> Ran {
    token(place, &[["create", "--user", "alice", "--name", "backup"].as_slice(), arguments].concat())
}

fn pointers(ran: Ran) -> Vec<String> {
    let problem = ran.problem(1);
    let errors = problem["errors"].as_array().unwrap().clone();
    errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_api_token_is_made_as_the_rest_api_would_show_it() {
    let place = place();
    let (read, full) = (format!("{INVOICES}=read"), format!("{STOCK}=full"));
    let arguments = ["--api", &read, "--api", &full, "--allowed-ip", "192.0.2.0/24", "--description", "d"];
    let made = create(&place, &arguments).json();
    let alice = place.run(&["user", "show", "alice", "--json"]).json()["id"].clone();
    let known = json!({
        "prefix": "dw_pat_", "name": "backup", "description": "d", "owner": {"type": "user", "id": alice},
        "access": [{"api": INVOICES, "level": "read"}, {"api": STOCK, "level": "full"}], "apply_to_all": null,
        "allowed_ips": ["192.0.2.0/24"], "status": "active", "inactive_reason": null, "created_by": null,
        "last_used_at": null, "last_used_ip": null, "previous_expires_at": null,
    });
    for (member, value) in known.as_object().unwrap() {
        assert_eq!(made[member], *value, "{member}");
    }
    let value = made["token"].as_str().unwrap();
    assert_eq!(made["last_four"], value[value.len() - 4..]);
    assert_eq!(inspect(value, &["--json"]).json()["type"], "api_token");
    let id = made["id"].as_str().unwrap();
    let shown = token(&place, &["show", id]).json();
    assert!(shown.get("token").is_none() && !shown.to_string().contains(value));
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("token");
    assert_eq!(shown, expected);
    let text = place.run(&["token", "show", id]).ok();
    assert!(text.contains("192.0.2.0/24") && text.contains(INVOICES) && text.contains("read"), "{text}");
    let text = place.run(&["token", "create", "--user", "alice", "--name", "other"]).ok();
    assert!(text.contains("dw_pat_") && text.contains("only now"), "{text}");
    assert_eq!(token(&place, &["show", "nothing"]).problem(1)["status"], 404);
}

#[test]
fn a_bad_token_is_refused_with_every_member_that_is_bad() {
    let place = place();
    let bad = ["--api", "https://nowhere.example=read", "--allowed-ip", "x", "--expires-in-months", "5"];
    assert_eq!(pointers(create(&place, &bad)), ["/allowed_ips/0", "/access/0/api", "/expires_in_months"]);
    assert_eq!(pointers(create(&place, &["--expires-at", "2020-01-01T00:00:00Z"])), ["/expires_at"]);
    for usage in [
        &["--api", INVOICES][..],
        &["--api", "x=write"],
        &["--all-apis", "some"],
        &["--all-apis", "read", "--api", "x=read"],
        &["--include-future"],
        &["--expires-in-months", "3", "--expires-at", "2099-01-01T00:00:00Z"],
    ] {
        assert_eq!(create(&place, usage).code, Some(2), "{usage:?}");
    }
    let nobody = token(&place, &["create", "--user", "bob", "--name", "x"]).problem(1);
    assert_eq!(nobody["status"], 404);
    place.run(&["user", "disable", "alice"]).ok();
    assert_eq!(create(&place, &[]).problem(1)["status"], 409);
}

#[test]
fn an_api_token_is_changed_and_keeps_what_is_not_named() {
    let place = place();
    let read = format!("{INVOICES}=read");
    let made = create(&place, &["--api", &read, "--allowed-ip", "192.0.2.7"]).json();
    let id = made["id"].as_str().unwrap();
    let update = |arguments: &[&str]| token(&place, &[["update", id].as_slice(), arguments].concat());
    let renamed = update(&["--name", "renamed"]).json();
    assert_eq!((&renamed["name"], &renamed["access"]), (&json!("renamed"), &made["access"]));
    assert_eq!(renamed["allowed_ips"], json!(["192.0.2.7/32"]));
    let full = format!("{STOCK}=full");
    let levels = update(&["--api", &full, "--no-allowed-ips", "--description", "d"]).json();
    assert_eq!(levels["access"], json!([{"api": STOCK, "level": "full"}]));
    assert_eq!((&levels["allowed_ips"], &levels["description"]), (&json!([]), &json!("d")));
    let all = update(&["--all-apis", "read", "--include-future"]).json();
    assert_eq!(all["apply_to_all"], json!({"level": "read", "include_future": true}));
    let apis = [INVOICES, STOCK].map(|api| json!({"api": api, "level": "read"}));
    assert_eq!(all["access"], json!(apis));
    assert_eq!(update(&["--no-apis"]).json()["access"], json!([]));
    assert_eq!(pointers(update(&["--api", "nothing=read", "--name", ""])), ["/name", "/access/0/api"]);
    assert_eq!(update(&[]).code, Some(2));
    assert_eq!(update(&["--no-apis", "--api", &full]).code, Some(2));
}

#[test]
fn an_api_token_is_regenerated_and_revoked() {
    let place = place();
    let made = create(&place, &[]).json();
    let id = made["id"].as_str().unwrap();
    let again =
        token(&place, &["regenerate", id, "--expires-in-months", "12", "--overlap-seconds", "60"]).json();
    assert_eq!((&again["id"], &again["name"]), (&made["id"], &made["name"]));
    assert_ne!(again["token"], made["token"]);
    assert!(again["expires_at"].as_str() > made["expires_at"].as_str());
    assert!(again["previous_expires_at"].is_string());
    let too_long = token(&place, &["regenerate", id, "--overlap-seconds", "604801"]);
    assert_eq!(pointers(too_long), ["/overlap_seconds"]);
    let revoked = token(&place, &["revoke", id, "--reason", "leaked"]).json();
    assert_eq!((&revoked["status"], &revoked["inactive_reason"]), (&json!("revoked"), &json!("leaked")));
    assert!(place.run(&["token", "show", id]).ok().contains("revoked (leaked)"));
    assert_eq!(token(&place, &["regenerate", id]).problem(1)["status"], 409);
    assert_eq!(token(&place, &["revoke", id]).json(), revoked, "it stays as it is");
}

#[test]
fn revoking_all_names_what_stopped_working() {
    let place = place();
    let ids: Vec<_> = (0..3).map(|_| create(&place, &[]).json()["id"].as_str().unwrap().to_owned()).collect();
    token(&place, &["revoke", &ids[0]]).ok();
    let names = |ran: Ran| -> Vec<String> {
        let page = ran.json();
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item: &Value| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let mut two = ids[1..].to_vec();
    two.sort();
    assert_eq!(names(token(&place, &["revoke-all", "--user", "alice"])), two);
    assert!(names(token(&place, &["revoke-all", "--user", "alice"])).is_empty());
    assert_eq!(names(token(&place, &["list", "--status", "revoked"])).len(), 3);
    assert!(names(token(&place, &["list", "--status", "active", "--user", "alice"])).is_empty());
    let last = create(&place, &[]).json()["id"].as_str().unwrap().to_owned();
    let text = place.run(&["token", "revoke-all", "--user", "alice"]).ok();
    assert!(text.contains(&last) && text.contains("backup"), "{text}");
}

#[test]
fn api_tokens_are_listed_page_by_page() {
    let place = place();
    assert!(place.run(&["token", "list"]).ok().contains("token create"), "says how to make one");
    (0..3).for_each(|_| drop(create(&place, &[]).ok()));
    let first = token(&place, &["list", "--limit", "2"]).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = token(&place, &["list", "--limit", "2", "--cursor", cursor]).json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
    let text = place.run(&["token", "list"]).ok();
    assert!(text.contains("alice") && text.contains("active") && !text.contains("dw_pat_"), "{text}");
    assert_eq!(token(&place, &["list", "--user", "bob"]).problem(1)["status"], 404);
}
