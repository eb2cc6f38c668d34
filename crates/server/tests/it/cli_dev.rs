//! `doorward serve --dev`: what a stranger gets in an empty folder.

use crate::doorward::{Place, Ran};
use crate::trial::{NOTE, Trial};
use doorward_testkit::http::{self, Credentials};
use serde_json::Value;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

fn credentials(note: &Value) -> Credentials {
    let text = |member: &str| note["clients"][0][member].as_str().unwrap().to_owned();
    Credentials { client_id: text("client_id"), client_secret: text("client_secret") }
}

/// The commands of the banner, as somebody would paste them.
fn commands(banner: &str) -> Vec<&str> {
    let commands = banner.lines().filter_map(|line| line.strip_prefix("    "));
    // This one waits for a person; a test of its own plays that.
    commands.filter(|command| !command.contains("login --dev")).collect()
}

/// Whether there is a curl to run the commands with; without one that is said, and a test ends.
pub(crate) fn has_curl() -> bool {
    let found = Command::new("curl").arg("--version").output().is_ok();
    if !found {
        // Not by eprintln, which is only heard when a test fails.
        drop(writeln!(std::io::stderr(), "skipped: needs curl"));
    }
    found
}

/// RFC 6749 §4.4.2: a token is got, checked and taken back with nothing but a shell and curl.
#[test]
fn the_printed_commands_work_as_they_are_printed() {
    if !has_curl() {
        return;
    }
    let trial = Trial::start(Place::bare());
    let banner = trial.place.read("out");
    let script = commands(&banner).join("\n");
    let mut shell = Command::new("sh");
    let ran = Ran::of(&trial.place.furnish(&mut shell).args(["-eu", "-c", &script]).output().unwrap());
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!((ran.code, lines.len(), ran.stderr.as_str()), (Some(0), 9, ""), "{ran:#?}");
    assert!(lines[0].starts_with("ey"), "a JWT: {ran:#?}");
    let good: Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!((&good["active"], &good["scope"]), (&true.into(), &"read write".into()));
    assert_eq!(good["aud"], "https://api.demo.example");
    assert_eq!(lines[2], "200");
    let read = |line: usize| serde_json::from_str::<Value>(lines[line]).unwrap();
    assert_eq!(read(3), serde_json::json!({"active": false}));
    assert!(lines[4].starts_with("dw_pat_") && lines[7].starts_with("dw_pat_"), "API tokens: {ran:#?}");
    let refused = serde_json::json!({"active": false, "error": "insufficient_scope", "scope": "read write"});
    assert_eq!(read(5), refused);
    assert_eq!(lines[6].trim_end().to_ascii_lowercase(), "x-auth-level: read");
    let listed = read(8);
    let mut clients: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|client| client["client_id"].as_str().unwrap())
        .collect();
    clients.sort_unstable();
    assert_eq!(clients, ["demo-app", "demo-service"]);
}

#[test]
fn what_was_seeded_is_noted_for_its_owner_alone() {
    let trial = Trial::start(Place::bare());
    let note = trial.note();
    let mut members: Vec<_> = note.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["apis", "clients", "issuer", "users"]);
    let client = &note["clients"][0];
    assert_eq!(client["name"], "Demo service");
    assert_eq!(client["redirect_uris"], serde_json::json!(["http://127.0.0.1/callback"]));
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    let app = &note["clients"][1];
    assert_eq!((&app["client_id"], &app["token_endpoint_auth_method"]), (&"demo-app".into(), &"none".into()));
    assert!(app.get("client_secret").is_none());
    let users: Vec<_> = note["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (&user["username"], &user["groups"][0]))
        .collect();
    let known = [("admin", "Administrators"), ("alice", "Members")].map(|(a, b)| (a.into(), b.into()));
    assert_eq!(users, known.iter().map(|(a, b)| (a, b)).collect::<Vec<(&Value, &Value)>>());
    assert_eq!(note["apis"][0]["scopes"], serde_json::json!(["read", "write"]));
    for file in [NOTE, "doorward-dev.key", "doorward-dev.db"] {
        let mode = std::fs::metadata(trial.place.path(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let banner = trial.place.read("out");
    let users = [0, 1].map(|at| &note["users"][at]);
    assert_ne!(users[0]["password"], users[1]["password"]);
    assert!(banner.contains(&format!("{}/account", note["issuer"].as_str().unwrap())), "{banner}");
    for shown in [
        &client["client_secret"],
        &client["client_id"],
        &app["client_id"],
        &note["apis"][0]["identifier"],
        &note["issuer"],
        &users[0]["password"],
        &users[1]["password"],
    ] {
        assert!(banner.contains(shown.as_str().unwrap()), "{shown}");
    }
}

#[test]
fn a_second_start_shows_the_same_under_its_new_port() {
    let first = Trial::start(Place::bare());
    let before = first.note();
    let second = Trial::start(first.end());
    let after = second.note();
    for member in ["clients", "apis", "users"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert!(second.place.read("err").contains(after["issuer"].as_str().unwrap()));
    let url = format!("{}/oauth2/token", after["issuer"].as_str().unwrap());
    let form = [("grant_type", "client_credentials")];
    let answer = http::post(&http::agent(), &url, &form, Some(&credentials(&after))).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// A trial of the release before had neither users nor a client for them.
#[test]
fn an_old_note_without_users_still_starts_and_says_how_to_get_some() {
    let place = Trial::start(Place::bare()).end();
    let mut note: Value = serde_json::from_str(&place.read(NOTE)).unwrap();
    note["users"] = serde_json::json!([]);
    note["clients"].as_array_mut().unwrap().truncate(1);
    std::fs::write(place.path(NOTE), note.to_string()).unwrap();
    let trial = Trial::start(place);
    let banner = trial.place.read("out");
    assert!(!banner.contains("login --dev"), "{banner}");
    let hint = banner.lines().find(|line| line.contains("without users")).expect("a way to get users");
    let restart = &hint[hint.find("rm -f").expect("a command")..];
    assert!(trial.place.run(&["login", "--dev"]).refused(2).contains("--client"));
    let place = trial.end();
    let mut shell = Command::new("sh");
    assert!(place.furnish(&mut shell).args(["-c", restart]).status().unwrap().success());
    assert!(Trial::start(place).place.read("out").contains("alice"));
}

#[test]
fn a_user_who_was_deleted_or_has_another_password_is_no_reason_not_to_start() {
    let place = Trial::start(Place::bare()).end();
    place.run(&["user", "delete", "alice", "--dev"]).ok();
    place.run_with_input("tidy kettle mosses", &["user", "set-password", "admin", "--dev"]).ok();
    drop(Trial::start(place));
}

#[test]
fn a_link_of_a_trial_leads_to_where_it_runs() {
    let trial = Trial::start(Place::bare());
    let made = trial.place.run(&["admin", "create", "--username", "ada", "--dev", "--json"]).json();
    let issuer = trial.note()["issuer"].as_str().unwrap().to_owned();
    assert!(made["setup_url"].as_str().unwrap().starts_with(&format!("{issuer}/setup?token=")), "{made}");
}

/// RFC 9110 §15.4.9: localhost is sent to the issuer by 308.
#[test]
fn localhost_is_sent_to_the_issuer_and_metrics_are_served_there() {
    let trial = Trial::start(Place::bare());
    let issuer = trial.note()["issuer"].as_str().unwrap().to_owned();
    let agent = http::agent();
    let local = issuer.replace("127.0.0.1", "localhost");
    let request =
        ureq::http::Request::get(format!("{issuer}/oauth2/jwks")).header("host", &local["http://".len()..]);
    let moved = agent.run(request.body(()).unwrap()).unwrap();
    assert_eq!(moved.status(), 308);
    assert_eq!(moved.headers()["location"], format!("{issuer}/oauth2/jwks"));
    assert_eq!(http::get(&agent, &format!("{issuer}/metrics")).unwrap().status, 200);
}

#[test]
fn programs_get_the_note_and_commands_find_the_database() {
    let trial = Trial::start_with(Place::bare(), &["--json"]);
    let printed: Value = serde_json::from_str(&trial.place.read("out")).unwrap();
    assert_eq!(printed, trial.note());
    let listed = trial.place.run(&["client", "list", "--dev", "--json"]).json();
    let mut names: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|client| client["client_id"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, [Some("demo-app"), Some("demo-service")]);
}

#[test]
fn a_database_of_another_name_has_key_and_note_beside_it() {
    let place = Place::bare();
    std::fs::create_dir(place.path("try")).unwrap();
    let trial =
        Trial::start_with(place, &["--database", "sqlite:try/a.db", "--issuer", "https://try.example.com"]);
    let note: Value = serde_json::from_str(&trial.place.read("try/doorward-dev.json")).unwrap();
    assert_eq!(note["issuer"], "https://try.example.com");
    assert!(trial.place.path("try/doorward-dev.key").exists() && trial.place.path("try/a.db").exists());
    assert!(!trial.place.path(NOTE).exists() && !trial.place.path("doorward-dev.db").exists());
    let banner = trial.place.read("out");
    let made = commands(&banner).into_iter().find(|command| command.contains("management=full"));
    let mut shell = Command::new("sh");
    let ran = trial.place.furnish(&mut shell).args(["-eu", "-c", made.unwrap()]).output().unwrap();
    assert!(Ran::of(&ran).ok().starts_with("dw_pat_"), "the command finds the database");
}

/// What `serve --dev` complains of in this folder.
fn complaint(place: &Place) -> String {
    place.run(&["serve", "--dev", "--listen", "127.0.0.1:0"]).refused(1)
}

/// RFC 6749 §3.2: without TLS a trial is for the machine it runs on.
#[test]
fn a_trial_that_others_could_reach_is_refused() {
    let place = Place::bare();
    let complaint = place.run(&["serve", "--dev", "--listen", "0.0.0.0:0"]).refused(1);
    assert!(complaint.contains("on this machine only"), "{complaint}");
    assert!(!place.path("doorward-dev.db").exists(), "nothing was made");
}

/// The command that the complaint offers.
fn start_over(complaint: &str, place: &Place) {
    let command = complaint.lines().find_map(|line| line.trim().strip_prefix("rm -f")).expect("a way out");
    let mut shell = Command::new("sh");
    assert!(place.furnish(&mut shell).args(["-c", &format!("rm -f{command}")]).status().unwrap().success());
}

#[test]
fn files_that_do_not_belong_together_are_refused_with_a_way_out() {
    let mut place = Trial::start(Place::bare()).end();
    let foreign = Trial::start(Place::bare()).end();
    for (spoil, expected) in [
        (("remove", NOTE), "doorward-dev.json is not"),
        (("remove", "doorward-dev.key"), "doorward-dev.key is not"),
        (("swap", "doorward-dev.key"), "not the one that this database was filled with"),
        (("swap", NOTE), "does not belong to this database"),
        (("scribble", NOTE), "cannot be used"),
    ] {
        let (deed, file) = spoil;
        match deed {
            "remove" => std::fs::remove_file(place.path(file)).unwrap(),
            "swap" => std::fs::write(place.path(file), foreign.read(file)).unwrap(),
            _ => std::fs::write(place.path(file), "{").unwrap(),
        }
        let complaint = complaint(&place);
        assert!(complaint.contains(expected), "{complaint}");
        start_over(&complaint, &place);
        place = Trial::start(place).end();
    }
}
