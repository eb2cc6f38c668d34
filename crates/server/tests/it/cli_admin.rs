//! `doorward admin create`: the way into a fresh server, through the link that it prints.

use crate::doorward::Place;
use crate::harness::Server;
use doorward_testkit::browser::Browser;
use doorward_testkit::http;
use serde_json::{Value, json};

const PASSWORD: &str = "tidy kettle mosses";

fn browser() -> Browser {
    Browser::new(http::agent())
}

/// Makes an administrator, and has the link.
fn link(server: &Server, arguments: &[&str]) -> (Value, String) {
    let create = ["admin", "create", "--json", "--username", "ada"];
    let made = server.cli(&[create.as_slice(), arguments].concat()).json();
    let url = made["setup_url"].as_str().expect("a link").to_owned();
    (made, url)
}

fn passwords<'a>(one: &'a str, again: &'a str) -> [(&'static str, &'a str); 2] {
    [("password", one), ("password_again", again)]
}

/// Whether somebody who signs in with this password gets to their account.
fn signs_in(server: &Server, password: &str) -> bool {
    let browser = browser();
    let page = browser.open(&server.url("/account"));
    assert_eq!(page.heading(), "Sign in");
    let page = page.submit(&[("username", "ada"), ("password", password)]);
    page.url.path() == "/account" && page.answer.status == 200
}

/// OWASP ASVS 6.3.2: there is no default account; the first administrator sets a password that nobody else has seen.
#[test]
fn the_link_sets_a_password_once() {
    let server = Server::start();
    let (made, url) = link(&server, &["--email", "ada@example.com"]);
    assert_eq!((&made["groups"], &made["email"]), (&json!(["Administrators"]), &json!("ada@example.com")));
    assert!(url.starts_with(&server.url("/setup?token=dw_su_")), "{url}");
    assert!(!signs_in(&server, PASSWORD));

    let browser = browser();
    let page = browser.open(&url);
    assert_eq!((page.answer.status, page.heading().as_str()), (200, "Set your password"));
    assert!(page.answer.body.contains("value=\"ada\""), "says whose");
    for (one, again, wrong) in
        [(PASSWORD, "another", "not the same"), ("short", "short", "at least 15"), ("", "", "at least 15")]
    {
        let page = page.submit(&passwords(one, again));
        assert_eq!(page.answer.status, 422);
        assert!(page.text().contains(wrong), "{}", page.text());
    }
    let done = page.submit(&passwords(PASSWORD, PASSWORD));
    assert_eq!((done.answer.status, done.heading().as_str()), (200, "Your password is set"));
    assert!(signs_in(&server, PASSWORD));

    let used = page.submit(&passwords("another tidy kettle", "another tidy kettle"));
    assert_eq!(used.answer.status, 400, "{}", used.text());
    assert_eq!(browser.open(&url).answer.status, 400);
    assert!(signs_in(&server, PASSWORD), "the second use changed nothing");
}

#[test]
fn a_link_that_is_not_good_is_one_like_any_other() {
    let server = Server::start();
    let (_, first) = link(&server, &[]);
    let (_, second) = link(&server, &[]);
    let browser = browser();
    browser.open(&second).submit(&passwords(PASSWORD, PASSWORD));
    let mistyped = &first[..first.len() - 1];
    let absent = server.url("/setup?token=dw_su_0000000000000000000000000000000000000000000000000");
    let texts: Vec<_> = [&first, &second, mistyped, &absent]
        .iter()
        .map(|url| {
            let page = browser.open(url);
            assert_eq!(page.answer.status, 400, "{url}");
            page.text().split("Request").next().unwrap_or_default().to_owned()
        })
        .collect();
    assert!(texts.iter().all(|text| *text == texts[0] && text.contains("not good")), "{texts:?}");
}

#[test]
fn somebody_who_is_there_already_keeps_everything_else() {
    let server = Server::start();
    server.cli(&["group", "create", "--name", "Support"]).ok();
    let create = ["user", "create", "--json", "--username", "ada", "--email", "ada@example.com"];
    let user = server.cli(&[create.as_slice(), &["--group", "Support", "--name", "Ada"]].concat()).json();
    let (made, _) = link(&server, &[]);
    assert_eq!((&made["id"], &made["name"]), (&user["id"], &json!("Ada")));
    assert_eq!(made["email"], "ada@example.com");
    let mut groups: Vec<_> = made["groups"].as_array().unwrap().iter().map(Value::as_str).collect();
    groups.sort_unstable();
    assert_eq!(groups, [Some("Administrators"), Some("Support")]);
    let (again, _) = link(&server, &["--email", "countess@example.com"]);
    assert_eq!((&again["id"], &again["groups"]), (&user["id"], &made["groups"]));
    assert_eq!(again["email"], "countess@example.com");
}

#[test]
fn the_link_is_printed_for_people_with_what_it_does() {
    let server = Server::start();
    let text = server.cli(&["admin", "create", "--username", "ada"]).ok();
    assert!(text.contains("/setup?token=dw_su_") && text.contains("good until"), "{text}");
    let text = server.cli(&["user", "setup-link", "ada"]).ok();
    assert!(text.contains(&server.url("/setup?token=dw_su_")) && text.contains("once"), "{text}");
}

#[test]
fn the_link_leads_to_where_the_pages_are() {
    let server = Server::start_with(&[("DOORWARD__SERVER__PAGES_PREFIX", "/id")]);
    let (_, url) = link(&server, &[]);
    assert!(url.starts_with(&server.url("/id/setup?token=")), "{url}");
    let browser = browser();
    let done = browser.open(&url).submit(&passwords(PASSWORD, PASSWORD));
    assert_eq!(done.heading(), "Your password is set");
    assert_eq!(browser.open(&server.url("/id/account")).heading(), "Sign in");
}

#[test]
fn nobody_becomes_an_administrator_under_an_odd_name_or_while_disabled() {
    let server = Server::start();
    let odd = server.cli(&["admin", "create", "--username", "a b", "--json"]).problem(1);
    assert_eq!(odd["errors"][0]["pointer"], "/username");
    server.cli(&["user", "create", "--username", "ada"]).ok();
    server.cli(&["user", "disable", "ada"]).ok();
    let before = server.cli(&["user", "show", "ada", "--json"]).json();
    let create = ["admin", "create", "--json", "--username", "ada", "--email", "ada@example.com"];
    let disabled = server.cli(&create).problem(1);
    assert_eq!(disabled["status"], 409);
    assert_eq!(server.cli(&["user", "show", "ada", "--json"]).json(), before, "nothing is half done");
    server.cli(&["admin", "create"]).refused(2);
}

/// The link begins with the issuer.
#[test]
fn no_link_is_made_for_a_server_without_a_name() {
    let place = Place::bare();
    place.run(&["keys", "init"]).ok();
    place.run(&["migrate"]).ok();
    place.run(&["user", "create", "--username", "ada"]).ok();
    for command in [["admin", "create", "--username", "eve"].as_slice(), &["user", "setup-link", "ada"]] {
        let text = place.run(command).refused(1);
        assert!(text.contains("server.issuer"), "{text}");
    }
    place.run(&["user", "show", "eve"]).refused(1);
}
