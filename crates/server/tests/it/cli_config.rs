//! `doorward config`: what is said about a configuration.

use crate::doorward::Place;
use serde_json::Value;

#[test]
fn a_sound_configuration_is_called_so() {
    let place = Place::configured();
    assert!(place.run(&["config", "check"]).ok().contains("sound"));
    let report = place.run(&["config", "check", "--json"]).json();
    assert!(report["settings"].is_array());
    assert!(!place.path("doorward.db").exists(), "nothing is opened or made");
}

#[test]
fn everything_wrong_is_said_at_once_with_its_source() {
    let place = Place::bare().with("DOORWARD__SERVER__WORKERS", "many").with("DOORWARD__LOG__LEVEL", "loud");
    let text = place.run(&["config", "check"]).refused(1);
    for part in ["server.issuer", "DOORWARD__SERVER__WORKERS", "DOORWARD__LOG__LEVEL"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let problem = place.run(&["config", "check", "--json"]).problem(1);
    let mut pointers: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/log/level", "/server/issuer", "/server/workers"]);
}

#[test]
fn effective_values_are_shown_with_their_source_and_secrets_masked() {
    let secret = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let place = Place::configured().with("DOORWARD__KEYS__MASTER_KEY", secret);
    std::fs::write(place.path("mine.toml"), "[log]\nlevel = \"debug\"\n").unwrap();
    let run =
        |arguments: &[&str]| place.run(&[&["config", "show", "--config", "mine.toml"], arguments].concat());
    let text = run(&[]).ok();
    assert!(text.contains("level = \"debug\"") && text.contains("mine.toml:2"), "{text}");
    let report = run(&["--json", "--database", "sqlite:other.db"]).json();
    let line = |key: &str| -> Value {
        let settings = report["settings"].as_array().unwrap();
        settings.iter().find(|line| line["key"] == key).unwrap().clone()
    };
    assert_eq!(line("database.url")["source"], "--database");
    assert_eq!(line("server.issuer")["source"], "DOORWARD__SERVER__ISSUER");
    assert!(!text.contains(secret) && !report.to_string().contains(secret));
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let place = Place::configured();
    assert!(place.run(&["config", "show", "--config", "nowhere.toml"]).refused(1).contains("nowhere.toml"));
}
