//! `doorward login`: a native application against the real server, through the real pages.

use crate::doorward::{Place, Ran};
use crate::harness::{Server, until};
use crate::person;
use crate::rest::{Rest, text};
use crate::trial::Trial;
use doorward_testkit::browser::{Browser, Page};
use doorward_testkit::http;
use serde_json::{Value, json};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command};

/// A `doorward login` that waits for somebody.
struct Login<'a> {
    place: &'a Place,
    child: Child,
}

impl<'a> Login<'a> {
    fn start(place: &'a Place, arguments: &[&str]) -> Self {
        let arguments = [["login", "--no-browser"].as_slice(), arguments].concat();
        Self::of(place, place.command(&arguments))
    }

    fn of(place: &'a Place, mut command: Command) -> Self {
        let [out, err] = ["login.out", "login.err"].map(|name| File::create(place.path(name)).unwrap());
        Self { place, child: command.stdout(out).stderr(err).spawn().expect("it runs") }
    }

    /// The address at which somebody signs in.
    fn url(&self) -> String {
        until("an address is printed", || {
            let text = self.place.read("login.err");
            // A line that has ended was written as a whole.
            let line = text.split_inclusive('\n').find(|line| line.contains("/oauth2/authorize?"));
            line.filter(|line| line.ends_with('\n')).map(|line| line.trim().to_owned())
        })
    }

    fn end(mut self) -> Ran {
        let status = until("the command ends", || self.child.try_wait().expect("our own child"));
        let [stdout, stderr] = ["login.out", "login.err"].map(|name| self.place.read(name));
        Ran { code: status.code(), stdout, stderr }
    }
}

impl Drop for Login<'_> {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn browser() -> Browser {
    Browser::new(http::agent())
}

/// The password of one of the trial's users.
fn password(trial: &Trial, username: &str) -> String {
    let note = trial.note();
    let users = note["users"].as_array().unwrap().clone();
    let user = users.iter().find(|user| user["username"] == username).expect("a user of the trial");
    user["password"].as_str().unwrap().to_owned()
}

/// Signs in at the page that asks for it.
fn sign_in<'a>(page: &Page<'a>, trial: &Trial, username: &str) -> Page<'a> {
    assert_eq!(page.heading(), "Sign in", "{}", page.text());
    page.submit(&[("username", username), ("password", &password(trial, username))])
}

/// Signs in and answers the question for consent.
fn decide<'a>(
    browser: &'a Browser,
    login: &Login<'_>,
    trial: &Trial,
    username: &str,
    decision: &str,
) -> Page<'a> {
    sign_in(&browser.open(&login.url()), trial, username).submit(&[("decision", decision)])
}

/// Goes where the pages lead in the end: to the listener.
fn arrive(page: &Page<'_>) -> String {
    let answer = http::get(&http::agent(), page.left().url.as_str()).expect("the listener answers");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// RFC 8252 §7.3 and RFC 7636 §4: through sign-in and consent to tokens that are verified.
#[test]
fn somebody_signs_in_and_the_terminal_shows_what_the_client_gets() {
    let trial = Trial::start(Place::bare());
    let login = Login::start(&trial.place, &["--dev"]);
    let browser = browser();
    let page = sign_in(&browser.open(&login.url()), &trial, "alice");
    assert_eq!(page.heading(), "Allow Demo app?");
    let page = page.submit(&[("decision", "approve")]);
    assert!(arrive(&page).contains("You are signed in"));
    let text = login.end().ok();
    for part in
        ["demo-app", "alice", "alice@demo.example", "by password", "email offline_access openid profile"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    for token in ["\neyJ", "\ndw_rt_"] {
        assert!(text.contains(token), "{token} in {text}");
    }
}

/// OpenID Connect Core §3.1.3.3, §5.3: everything that was got, for a script.
#[test]
fn programs_get_one_object() {
    let trial = Trial::start(Place::bare());
    let login =
        Login::start(&trial.place, &["--dev", "--json", "--scope", "openid groups", "--scope", "profile"]);
    let browser = browser();
    let page = decide(&browser, &login, &trial, "admin", "approve");
    arrive(&page);
    let got = login.end().json();
    let issuer = trial.note()["issuer"].clone();
    let known = json!({
        "issuer": issuer, "client_id": "demo-app", "token_type": "Bearer", "expires_in": 600,
        "scope": "groups openid profile", "audience": issuer,
    });
    for (member, value) in known.as_object().unwrap() {
        assert_eq!(got[member], *value, "{member}");
    }
    assert!(got["refresh_token"].as_str().unwrap().starts_with("dw_rt_"));
    assert_eq!((&got["claims"]["iss"], &got["claims"]["aud"]), (&issuer, &json!("demo-app")));
    assert_eq!(got["userinfo"]["sub"], got["claims"]["sub"]);
    assert_eq!(got["userinfo"]["preferred_username"], "admin");
    assert_eq!(got["userinfo"]["groups"], json!(["Administrators"]));
    assert_eq!(got["claims"]["name"], Value::Null, "userinfo says it");
}

/// RFC 8707 §2.2: with an API's scope the token is for the API, and userinfo is not asked.
#[test]
fn a_token_for_an_api_is_for_nobody_else() {
    let trial = Trial::start(Place::bare());
    let browser = browser();
    for arguments in [
        ["--dev", "--json", "--scope", "openid read"].as_slice(),
        &["--dev", "--json", "--scope", "read", "--resource", "https://api.demo.example"],
    ] {
        let login = Login::start(&trial.place, arguments);
        let page = browser.open(&login.url());
        let page = if page.heading() == "Sign in" { sign_in(&page, &trial, "alice") } else { page };
        let page = if page.has_left() { page } else { page.submit(&[("decision", "approve")]) };
        arrive(&page);
        let got = login.end().json();
        assert_eq!((&got["audience"], &got["scope"]), (&json!("https://api.demo.example"), &json!("read")));
        assert_eq!(got["userinfo"], Value::Null);
        assert_eq!(got["id_token"].is_string(), arguments.contains(&"openid read"));
    }
}

/// OpenID Connect Core §3.1.2.4: who has signed in and agreed is asked neither again.
#[test]
fn the_second_time_nothing_is_asked() {
    let trial = Trial::start(Place::bare());
    let browser = browser();
    let login = Login::start(&trial.place, &["--dev"]);
    let page = decide(&browser, &login, &trial, "alice", "approve");
    arrive(&page);
    login.end().ok();
    let login = Login::start(&trial.place, &["--dev"]);
    arrive(&browser.open(&login.url()));
    assert!(login.end().ok().contains("alice"));
}

/// OpenID Connect Core §3.1.2.1: `max_age=0` has somebody sign in anew at a terminal, too.
#[test]
fn somebody_signs_in_anew_where_that_counts() {
    let trial = Trial::start(Place::bare());
    let browser = browser();
    let login = Login::start(&trial.place, &["--dev"]);
    arrive(&decide(&browser, &login, &trial, "alice", "approve"));
    login.end().ok();
    let login = Login::start(&trial.place, &["--dev", "--max-age", "0"]);
    let page = browser.open(&login.url());
    arrive(&sign_in(&page, &trial, "alice"));
    assert!(login.end().ok().contains("alice"));
}

/// RFC 6749 §4.1.2.1: what the person refuses is told to the terminal, and to the browser.
#[test]
fn a_no_is_told_in_the_terminal() {
    let trial = Trial::start(Place::bare());
    let login = Login::start(&trial.place, &["--dev", "--json"]);
    let browser = browser();
    let page = decide(&browser, &login, &trial, "alice", "deny");
    let shown = arrive(&page);
    assert!(shown.contains("did not work") && shown.contains("access_denied"), "{shown}");
    let ran = login.end();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("access_denied"), "{ran:?}");
}

/// RFC 6749 §10.12 and RFC 9207 §2.4: an answer to another request changes nothing, one of another issuer ends it.
#[test]
fn only_the_answer_of_the_server_that_was_asked_counts() {
    let trial = Trial::start(Place::bare());
    let login = Login::start(&trial.place, &["--dev"]);
    let browser = browser();
    let page = decide(&browser, &login, &trial, "alice", "approve");
    let left = page.left();
    let forged = |name: &str, value: &str| {
        let mut url = left.url.clone();
        let pairs: Vec<_> = left.url.query_pairs().into_owned().collect();
        url.query_pairs_mut().clear().extend_pairs(
            pairs.iter().map(|(known, old)| (known.as_str(), if known == name { value } else { old })),
        );
        http::get(&http::agent(), url.as_str()).expect("the listener answers")
    };
    assert_eq!(forged("state", "another").status, 400);
    assert!(forged("iss", "https://evil.example").body.contains("did not work"));
    let ran = login.end();
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("not from the server"), "{ran:?}");
}

#[test]
fn nobody_is_waited_for_forever() {
    let trial = Trial::start(Place::bare());
    let ran = Login::start(&trial.place, &["--dev", "--timeout", "1"]).end();
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("within 1 seconds"), "{ran:?}");
}

#[test]
fn ctrl_c_ends_the_wait_at_once() {
    let trial = Trial::start(Place::bare());
    let login = Login::of(&trial.place, hearing_ctrl_c(&trial.place));
    login.url();
    let sent = Command::new("kill").args(["-INT", &login.child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let ran = login.end();
    assert_eq!((ran.code, ran.stdout.as_str()), (None, ""), "ended by the signal");
}

/// `doorward login`, ended by SIGINT even where the tests run in a shell's background and have inherited that it is ignored.
fn hearing_ctrl_c(place: &Place) -> Command {
    let mut command = Command::new("env");
    let program = ["--default-signal=INT", env!("CARGO_BIN_EXE_doorward")];
    place.furnish(&mut command).args(program).args(["login", "--no-browser", "--dev"]);
    command
}

/// RFC 8252 §4: the person's own browser is asked to open the address.
#[test]
fn the_browser_is_opened_at_the_address_that_is_printed() {
    let trial = Trial::start(Place::bare());
    for name in ["xdg-open", "open"] {
        let path = trial.place.path(name);
        std::fs::write(&path, "#!/bin/sh\necho \"$1\" > opened.new && mv opened.new opened\n").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = trial.place.command(&["login", "--dev"]);
    command.env("PATH", format!("{}:{path}", trial.place.path("").display()));
    let login = Login::of(&trial.place, command);
    let url = login.url();
    until("the browser is opened", || trial.place.path("opened").exists().then_some(()));
    assert_eq!(trial.place.read("opened").trim(), url);
}

#[test]
fn what_cannot_begin_says_why() {
    let place = Place::configured();
    assert!(place.run(&["login", "--dev"]).refused(1).contains("serve --dev"), "no trial here");
    assert!(place.run(&["login", "--no-browser"]).refused(2).contains("--client"));
    let named = ["login", "--no-browser", "--issuer", "http://127.0.0.1:9", "--client", "demo-app"];
    assert!(place.run(&named).refused(3).contains("127.0.0.1:9"), "nobody listens on the discard port");
    place.run(&["login", "--issuer", "http://id.example", "--client", "demo-app"]).refused(2);
}

#[test]
fn the_command_in_the_banner_works_as_it_is_printed() {
    let trial = Trial::start(Place::bare());
    let banner = trial.place.read("out");
    let printed = banner.lines().find(|line| line.contains("doorward login --dev")).expect("it is printed");
    let command = printed.trim().replace("login --dev)", "login --dev --no-browser)");
    let mut shell = Command::new("sh");
    trial.place.furnish(&mut shell).current_dir("/").args(["-c", &command]);
    let login = Login::of(&trial.place, shell);
    let browser = browser();
    let page = decide(&browser, &login, &trial, "alice", "approve");
    arrive(&page);
    login.end().ok();
}

/// `docs/api-access.md`: whoever is to have a secret shown gets a token for it at a terminal.
#[test]
fn a_secret_is_shown_to_a_person_at_a_terminal() {
    let server = Server::start();
    person::create_alice(&server);
    let terminal = ["client", "create", "--name", "Terminal", "--client-id", "terminal", "--public"];
    let scopes =
        ["--redirect-uri", "http://127.0.0.1/callback", "--scope", "openid", "--scope", "api-accounts:self"];
    server.cli(&[terminal.as_slice(), &scopes].concat()).ok();
    let api = server.url("/api");
    let asks = ["--client", "terminal", "--scope", "openid api-accounts:self", "--resource", &api, "--json"];
    let login = Login::start(server.place(), &asks);
    let browser = Browser::new(server.agent().clone());
    arrive(&person::go_through(&browser, &login.url()));
    let alice = Rest::new(&server, &text(&login.end().json(), "access_token"));
    let account = text(&alice.done("/api-accounts", &json!({"name": "Shop"})), "id");
    let shown = alice.call("POST", &format!("/api-accounts/{account}/secret/reveal"), None).unwrap();
    assert_eq!(shown.status, 201, "{shown:?}");
}
