//! `doorward migrate`, and what is said about a database that is not there or not up to date.

use crate::doorward::Place;
use serde_json::json;

#[test]
fn what_is_due_is_shown_run_once_and_shown_as_done() {
    let place = Place::ready();
    let due = place.run(&["migrate", "status", "--json"]).json();
    assert_eq!(due["applied"], json!([]));
    assert!(!due["pending"].as_array().unwrap().is_empty());
    assert!(!place.path("doorward.db").exists(), "to look makes nothing");
    assert!(place.run(&["migrate", "status"]).ok().contains("doorward migrate up"));
    let run = place.run(&["migrate", "up", "--json"]).json();
    assert_eq!((&run["applied"], &run["pending"]), (&due["pending"], &json!([])));
    let done = place.run(&["migrate", "status", "--json"]).json();
    assert_eq!((&done["applied"], &done["pending"]), (&due["pending"], &json!([])));
    assert!(
        place.run(&["migrate"]).ok().contains("is up to date"),
        "nothing is left to do, and that is fine"
    );
    assert!(place.run(&["migrate", "status"]).ok().contains("Nothing is due"));
}

#[test]
fn a_command_makes_no_database() {
    let place = Place::ready().with("DOORWARD__DATABASE__URL", "sqlite:doorward.db");
    let text = place.run(&["client", "list"]).refused(3);
    assert!(text.contains("there is no database") && text.contains("doorward migrate up"), "{text}");
    assert!(!place.path("doorward.db").exists());
    assert_eq!(place.run(&["client", "list", "--json"]).problem(3)["status"], 503);
}

#[test]
fn a_command_does_not_work_on_a_database_that_is_not_up_to_date() {
    let place = Place::ready();
    std::fs::write(place.path("doorward.db"), "").unwrap();
    let text = place.run(&["client", "list"]).refused(1);
    assert!(text.contains("migrations are due") && text.contains("doorward migrate up"), "{text}");
}

#[test]
fn a_file_that_is_no_database_is_said_to_be_none() {
    let place = Place::ready().with("DOORWARD__DATABASE__URL", "sqlite:doorward.db");
    std::fs::write(place.path("doorward.db"), "a letter to my aunt, which is not short at all\n".repeat(40))
        .unwrap();
    for command in [["migrate", "up"].as_slice(), &["migrate", "status"], &["client", "list"], &["serve"]] {
        let text = place.run(command).refused(3);
        assert!(text.contains("doorward.db"), "{text}");
    }
}

#[test]
fn a_server_that_may_not_migrate_refuses_to_start() {
    let place = Place::ready().with("DOORWARD__DATABASE__MIGRATE_ON_START", "false");
    let text = place.run(&["serve"]).refused(1);
    assert!(text.contains("migrations are due"), "{text}");
}
