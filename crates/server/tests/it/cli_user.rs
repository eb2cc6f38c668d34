//! `doorward user`, as people and scripts use it.

use crate::doorward::{Place, Ran};
use serde_json::{Value, json};

const PASSWORD: &str = "tidy kettle mosses";

fn create(place: &Place, username: &str, arguments: &[&str]) -> Ran {
    place.run(&[["user", "create", "--json", "--username", username].as_slice(), arguments].concat())
}

#[test]
fn a_user_is_registered_as_the_rest_api_would_show_it() {
    let place = Place::migrated();
    let organization = place.run(&["organization", "create", "--json", "--name", "Acme"]).json();
    place.run(&["group", "create", "--name", "Support"]).ok();
    let arguments = [
        ["--email", "alice@example.com", "--name", "Alice Liddell", "--organization", "Acme"].as_slice(),
        &["--group", "Support", "--group", "Members"],
    ]
    .concat();
    let user = create(&place, "Alice", &arguments).json();
    let known = json!({
        "username": "alice", "email": "alice@example.com", "email_verified": false, "name": "Alice Liddell",
        "status": "active", "organization_id": organization["id"],
    });
    for (member, value) in known.as_object().unwrap() {
        assert_eq!(user[member], *value, "{member}");
    }
    let mut groups: Vec<_> = user["groups"].as_array().unwrap().iter().map(|name| name.as_str()).collect();
    groups.sort_unstable();
    assert_eq!(groups, [Some("Members"), Some("Support")]);
    assert_eq!(user["id"].as_str().unwrap().len(), 26, "a ULID");
    assert_eq!(place.run(&["user", "show", "alice", "--json"]).json(), user);
    assert_eq!(place.run(&["user", "show", user["id"].as_str().unwrap(), "--json"]).json(), user);
    let text = place.run(&["user", "show", "ALICE"]).ok();
    assert!(text.contains("Alice Liddell") && text.contains("Support"), "{text}");
}

#[test]
fn a_refusal_names_every_bad_member() {
    let place = Place::migrated();
    let pointers = |ran: Ran| -> Vec<String> {
        let problem = ran.problem(1);
        let errors = problem["errors"].as_array().unwrap().clone();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(pointers(create(&place, "a b", &["--email", "nobody"])), ["/username", "/email"]);
    let nowhere = ["--group", "Nobody", "--organization", "Nowhere"];
    assert_eq!(pointers(create(&place, "alice", &nowhere)), ["/organization_id", "/groups/0"]);
    create(&place, "alice", &[]).ok();
    assert_eq!(pointers(create(&place, "ALICE", &[])), ["/username"]);
    assert_eq!(place.run(&["user", "show", "bob", "--json"]).problem(1)["status"], 404);
}

/// NIST SP 800-63B-4 §3.1.1: the password is read from standard input and held against the rules.
#[test]
fn a_password_comes_from_standard_input_and_is_held_against_the_rules() {
    let place = Place::migrated();
    let create = ["user", "create", "--json", "--username", "alice", "--password-stdin"];
    for bad in ["too short", "alicealicealice", ""] {
        let problem = place.run_with_input(&format!("{bad}\n"), &create).problem(1);
        assert_eq!(problem["errors"][0]["pointer"], "/password", "{bad}");
        assert!(bad.is_empty() || !problem.to_string().contains(bad), "{problem}");
    }
    let user = place.run_with_input(&format!("{PASSWORD}\n"), &create).json();
    assert!(!user.to_string().contains("kettle") && user.get("password").is_none(), "{user}");
    let set = ["user", "set-password", "alice"];
    assert!(place.run_with_input("another tidy kettle", &set).ok().contains("void"));
    assert!(place.run_with_input("short", &set).refused(1).contains("at least 15"));
    let nobody = ["user", "set-password", "bob", "--json"];
    assert_eq!(place.run_with_input(PASSWORD, &nobody).problem(1)["status"], 404);
}

#[test]
fn a_change_replaces_what_is_given_and_nothing_else() {
    let place = Place::migrated();
    place.run(&["organization", "create", "--name", "Acme"]).ok();
    create(&place, "alice", &["--email", "a@example.com", "--group", "Members", "--organization", "Acme"])
        .ok();
    let update = |arguments: &[&str]| {
        place.run(&[["user", "update", "alice", "--json"].as_slice(), arguments].concat())
    };
    let changed = update(&["--name", "Alice", "--group", "Auditors"]).json();
    assert_eq!((&changed["name"], &changed["groups"]), (&json!("Alice"), &json!(["Auditors"])));
    assert_eq!(changed["email"], "a@example.com");
    assert!(changed["organization_id"].is_string());
    let emptied = update(&["--no-email", "--no-groups", "--no-organization", "--name", ""]).json();
    assert_eq!(
        (&emptied["email"], &emptied["groups"], &emptied["organization_id"], &emptied["name"]),
        (&Value::Null, &json!([]), &Value::Null, &json!(""))
    );
    assert_eq!(update(&["--group", "Nobody"]).problem(1)["errors"][0]["pointer"], "/groups/0");
    assert!(place.run(&["user", "update", "alice", "--username", "alicia"]).ok().contains("alicia"));
    place.run(&["user", "update", "alicia"]).refused(2);
    place.run(&["user", "update", "alicia", "--email", "a@example.com", "--no-email"]).refused(2);
}

#[test]
fn a_user_is_disabled_enabled_and_deleted() {
    let place = Place::migrated();
    create(&place, "alice", &[]).ok();
    assert_eq!(place.run(&["user", "disable", "alice", "--json"]).json()["status"], "disabled");
    let refused = place.run(&["user", "setup-link", "alice", "--json"]).problem(1);
    assert_eq!(refused["status"], 409, "no link that would not be good");
    assert!(place.run(&["user", "enable", "alice"]).ok().contains("active"));
    assert!(place.run(&["user", "revoke-all", "alice"]).ok().contains("void"));
    assert_eq!(place.run(&["user", "delete", "alice", "--json"]).ok(), "", "as 204 No Content");
    for action in ["show", "disable", "enable", "delete", "revoke-all", "setup-link"] {
        assert_eq!(place.run(&["user", action, "alice", "--json"]).problem(1)["status"], 404, "{action}");
    }
}

#[test]
fn users_are_listed_page_by_page() {
    let place = Place::migrated();
    assert!(place.run(&["user", "list"]).ok().contains("user create"), "says how to make one");
    for name in ["one", "two", "three"] {
        create(&place, name, &[]).ok();
    }
    let first = place.run(&["user", "list", "--json", "--limit", "2"]).json();
    let cursor = first["next_cursor"].as_str().expect("more follows");
    let second = place.run(&["user", "list", "--json", "--limit", "2", "--cursor", cursor]).json();
    assert_eq!(second["next_cursor"], Value::Null);
    let listed = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    let mut names: Vec<_> = listed.iter().map(|user| user["username"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["one", "three", "two"]);
    assert!(place.run(&["user", "list", "--limit", "2"]).ok().contains(&format!("--cursor {cursor}")));
    place.run(&["user", "list", "--cursor", "nonsense"]).refused(2);
}
