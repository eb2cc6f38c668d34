//! `doorward serve --dev`: what a stranger gets in an empty folder.

use crate::doorward::{Place, Ran};
use crate::harness::until;
use crate::http::{self, Credentials};
use serde_json::Value;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command};

const NOTE: &str = "doorward-dev.json";

/// A trial on a port that the system chose, in an empty environment.
struct Trial {
    place: Place,
    child: Child,
}

impl Trial {
    fn start(place: Place) -> Self {
        Self::start_with(place, &[])
    }

    fn start_with(place: Place, arguments: &[&str]) -> Self {
        let out = File::create(place.path("out")).unwrap();
        let err = File::create(place.path("err")).unwrap();
        let arguments = [&["serve", "--dev", "--listen", "127.0.0.1:0"], arguments].concat();
        let mut child = place.command(&arguments).stdout(out).stderr(err).spawn().expect("the binary runs");
        until("the trial listens", || {
            if let Ok(Some(status)) = child.try_wait() {
                panic!("it ended with {status}: {}", place.read("err"));
            }
            (place.read("err").contains("\"listening\"") && !place.read("out").is_empty()).then_some(())
        });
        Self { place, child }
    }

    fn note(&self) -> Value {
        serde_json::from_str(&self.place.read(NOTE)).unwrap()
    }

    /// Ends it, and keeps the folder.
    fn end(mut self) -> Place {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.place, Place::bare())
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn credentials(note: &Value) -> Credentials {
    let text = |member: &str| note["clients"][0][member].as_str().unwrap().to_owned();
    Credentials { client_id: text("client_id"), client_secret: text("client_secret") }
}

/// The commands of the banner, as somebody would paste them.
fn commands(banner: &str) -> Vec<&str> {
    banner.lines().filter_map(|line| line.strip_prefix("    ")).collect()
}

fn has_curl() -> bool {
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
    assert_eq!((ran.code, lines.len(), ran.stderr.as_str()), (Some(0), 4, ""), "{ran:#?}");
    assert!(lines[0].starts_with("ey"), "a JWT: {ran:#?}");
    let good: Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!((&good["active"], &good["scope"]), (&true.into(), &"read write".into()));
    assert_eq!(good["aud"], "https://api.demo.example");
    assert_eq!(lines[2], "200");
    assert_eq!(serde_json::from_str::<Value>(lines[3]).unwrap(), serde_json::json!({"active": false}));
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
    assert_eq!(client["redirect_uris"], serde_json::json!([]));
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(note["apis"][0]["scopes"], serde_json::json!(["read", "write"]));
    for file in [NOTE, "doorward-dev.key", "doorward-dev.db"] {
        let mode = std::fs::metadata(trial.place.path(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let banner = trial.place.read("out");
    for shown in
        [&client["client_secret"], &client["client_id"], &note["apis"][0]["identifier"], &note["issuer"]]
    {
        assert!(banner.contains(shown.as_str().unwrap()), "{shown}");
    }
}

#[test]
fn a_second_start_shows_the_same_under_its_new_port() {
    let first = Trial::start(Place::bare());
    let before = first.note();
    let second = Trial::start(first.end());
    let after = second.note();
    assert_eq!((&after["clients"], &after["apis"]), (&before["clients"], &before["apis"]));
    assert!(second.place.read("err").contains(after["issuer"].as_str().unwrap()));
    let url = format!("{}/oauth2/token", after["issuer"].as_str().unwrap());
    let form = [("grant_type", "client_credentials")];
    let answer = http::post(&http::agent(), &url, &form, Some(&credentials(&after))).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
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
    assert_eq!(listed["items"][0]["client_id"], printed["clients"][0]["client_id"]);
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
