//! `doorward keys`, and the master key where it lies.

use crate::doorward::Place;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

fn mode(place: &Place, name: &str, mode: u32) {
    std::fs::set_permissions(place.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
}

/// The value of each version in the master key's file.
fn values(place: &Place) -> Vec<String> {
    let text = place.read("master.key");
    text.lines()
        .filter_map(|line| line.strip_prefix('v')?.split_once(':'))
        .map(|(_, value)| value.to_owned())
        .collect()
}

#[test]
fn the_master_key_is_made_once_for_its_owner_alone_and_never_shown() {
    let place = Place::configured();
    let ran = place.run(&["keys", "init"]);
    let value = values(&place).remove(0);
    let text = ran.ok();
    assert!(text.contains("master.key") && !text.contains(&value), "{text}");
    let metadata = std::fs::metadata(place.path("master.key")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o7777, 0o600);
    let text = place.run(&["keys", "init"]).refused(1);
    assert!(text.contains("never overwritten") && text.contains("--next-version"), "{text}");
    assert_eq!(values(&place), [value]);
}

#[test]
fn the_folder_of_a_new_master_key_is_made_for_its_owner_alone() {
    let place = Place::configured().with("DOORWARD__KEYS__MASTER_KEY_FILE", "deep/down/key");
    assert_eq!(
        place.run(&["keys", "init", "--json"]).json(),
        json!({"file": "deep/down/key", "newest": 1, "versions": [1]})
    );
    assert_eq!(std::fs::metadata(place.path("deep/down")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_next_version_keeps_the_older_ones_and_the_file_to_its_owner() {
    let place = Place::migrated();
    let client = place.run(&["client", "create", "--json", "--name", "A", "--client-id", "a-client"]).json();
    let first = values(&place).remove(0);
    let made = place.run(&["keys", "init", "--next-version", "--json"]).json();
    assert_eq!((&made["newest"], &made["versions"]), (&json!(2), &json!([2, 1])));
    assert!(values(&place).contains(&first));
    assert_eq!(std::fs::metadata(place.path("master.key")).unwrap().permissions().mode() & 0o7777, 0o600);
    let status = place.run(&["keys", "status", "--json"]).json();
    let versions = status["master_key"]["versions"].as_array().unwrap();
    let count = |version: i64| versions.iter().find(|v| v["version"] == version).unwrap()["digests"].clone();
    assert_eq!((count(2), count(1)), (json!(0), json!(1)), "the secret of {client} hangs on the old one");
    assert!(place.run(&["keys", "status"]).ok().contains("still needed"));
    assert!(place.run(&["keys", "init", "--next-version"]).ok().contains("version 3"));
}

#[test]
fn without_a_master_key_a_command_says_how_to_make_one() {
    let place = Place::migrated();
    std::fs::remove_file(place.path("master.key")).unwrap();
    for command in
        [["serve"].as_slice(), &["client", "list"], &["keys", "status"], &["keys", "init", "--next-version"]]
    {
        let text = place.run(command).refused(1);
        assert!(text.contains("doorward keys init"), "{command:?}: {text}");
    }
}

#[test]
fn a_master_key_that_others_may_read_is_refused() {
    let place = Place::migrated();
    for bits in [0o644, 0o640, 0o604, 0o660, 0o602] {
        mode(&place, "master.key", bits);
        for command in [["serve"].as_slice(), &["client", "list"]] {
            let text = place.run(command).refused(1);
            assert!(text.contains("others may read it") && text.contains("chmod 600"), "{bits:o}: {text}");
        }
    }
    mode(&place, "master.key", 0o400);
    place.run(&["client", "list"]).ok();
}

#[test]
fn only_a_regular_file_is_a_master_key() {
    let place = Place::migrated();
    std::fs::rename(place.path("master.key"), place.path("was.key")).unwrap();
    std::fs::create_dir(place.path("master.key")).unwrap();
    assert!(place.run(&["client", "list"]).refused(1).contains("not a regular file"));
}

#[test]
fn a_damaged_master_key_is_refused_without_repeating_it() {
    let place = Place::migrated();
    let value = values(&place).remove(0);
    for text in [
        String::new(),
        format!("v1:{}", &value[1..]),
        format!("v0:{value}"),
        format!("v1:{value}\nv1:{value}"),
    ] {
        std::fs::write(place.path("master.key"), text).unwrap();
        let complaint = place.run(&["client", "list"]).refused(1);
        assert!(complaint.contains("master key") && !complaint.contains(&value[1..]), "{complaint}");
    }
}

#[test]
fn the_master_key_of_another_database_is_refused() {
    let place = Place::migrated();
    place.run(&["client", "list"]).ok();
    std::fs::remove_file(place.path("master.key")).unwrap();
    place.run(&["keys", "init"]).ok();
    for command in [["serve"].as_slice(), &["client", "list"]] {
        let text = place.run(command).refused(1);
        assert!(text.contains("not the one that this database was filled with"), "{text}");
    }
}

#[test]
fn a_master_key_from_the_environment_needs_no_file_and_is_not_made_there() {
    let place = Place::migrated();
    let text = place.read("master.key");
    std::fs::remove_file(place.path("master.key")).unwrap();
    let place = place.with("DOORWARD__KEYS__MASTER_KEY", &text);
    place.run(&["client", "list"]).ok();
    assert!(place.run(&["keys", "status"]).ok().contains("environment"));
    assert!(place.run(&["keys", "init"]).refused(1).contains("not a file"));
}

fn keys(place: &Place) -> Vec<Value> {
    place.run(&["keys", "list", "--json"]).json()["items"].as_array().unwrap().clone()
}

/// RFC 7517 §4.5 and §5: a set of public keys, each by its kid, and nothing of their private halves.
#[test]
fn signing_keys_are_rotated_listed_and_exported() {
    let place = Place::migrated();
    assert!(place.run(&["keys", "list"]).ok().contains("No signing keys"));
    let first = place.run(&["keys", "rotate", "--json"]).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 1, "ES256 is all that is configured");
    assert_eq!(first["items"][0]["status"], "active", "there is nobody to wait for");
    assert!(place.run(&["keys", "rotate"]).ok().contains("published"));
    assert!(place.run(&["keys", "list"]).ok().starts_with("kid"));
    // Made within the same second, they stand in no particular order.
    let mut statuses: Vec<_> =
        keys(&place).iter().map(|key| key["status"].as_str().unwrap().to_owned()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["active", "published"]);
    let set = place.run(&["keys", "export-public"]).json();
    assert_eq!(set, place.run(&["keys", "export-public", "--json"]).json());
    let published: Vec<_> = set["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(published, keys(&place).iter().map(|key| key["kid"].clone()).collect::<Vec<_>>());
    assert!(set["keys"].as_array().unwrap().iter().all(|key| key["d"].is_null()));
    let status = place.run(&["keys", "status", "--json"]).json();
    assert_eq!(status["signing_keys"][0]["kid"], first["items"][0]["kid"]);
}

#[test]
fn a_stolen_key_is_withdrawn_at_once() {
    let place = Place::migrated();
    let old = place.run(&["keys", "rotate", "--json"]).json()["items"][0]["kid"].clone();
    let new = place.run(&["keys", "rotate", "--json", "--revoke-current", "--algorithm", "ES256"]).json();
    assert_eq!(new["items"][0]["status"], "active");
    let status = |kid: &Value| keys(&place).iter().find(|key| key["kid"] == *kid).unwrap()["status"].clone();
    assert_eq!(status(&old), "revoked");
    let set = place.run(&["keys", "export-public"]).json();
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    assert_eq!(set["keys"][0]["kid"], new["items"][0]["kid"]);
}

#[test]
fn a_key_that_is_not_kept_is_not_rotated() {
    let place = Place::migrated();
    assert!(place.run(&["keys", "rotate", "--algorithm", "RS256"]).refused(1).contains("keys.algorithms"));
    place.run(&["keys", "rotate", "--algorithm", "HS256"]).refused(2);
}
