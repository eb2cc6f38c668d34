//! The dashboard in `packaging/grafana`: it asks for nothing that no server has, and leaves nothing out.

use crate::harness::{Server, until};
use crate::person::{authorization, code, create_alice, create_app, redeem};
use doorward_testkit::browser::Browser;
use doorward_testkit::http::{self, Credentials};
use doorward_testkit::ports::free_port;
use serde_json::Value;
use std::collections::BTreeSet;

const DASHBOARD: &str = include_str!("../../../../packaging/grafana/doorward.json");
const OPERATIONS: &str = include_str!("../../../../docs/operations.md");

/// What a dashboard need not show, and why.
const ELSEWHERE: &[(&str, &str)] = &[];

/// What only servers have that speak https themselves; the list of all numbers knows it.
const OF_HTTPS: [&str; 2] =
    ["doorward_tls_certificate_end_timestamp_seconds", "doorward_tls_handshake_failures_total"];
const LISTED: &str = include_str!("../../../../docs/configuration.md");

/// Prometheus' own: whether it gets a node's numbers.
const UP: &str = "up";

/// What comes after each member of this name, however deep it lies.
fn texts<'a>(value: &'a Value, member: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(member).and_then(Value::as_str));
            members.values().for_each(|value| texts(value, member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, member, found)),
        _ => {}
    }
}

/// The names in front of selectors: all of ours are written with one.
fn metrics(expression: &str) -> BTreeSet<&str> {
    let before = expression.match_indices('{').map(|(at, _)| &expression[..at]);
    before
        .map(|text| text.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).next())
        .map(Option::unwrap_or_default)
        .collect()
}

/// The labels that an expression groups by or selects: `by (…)`, and what stands before an operator in a selector.
fn labels(expression: &str) -> BTreeSet<&str> {
    let inside = |open, close| {
        let parts = expression.split(open).skip(1);
        parts.filter_map(move |part: &str| part.split(close).next())
    };
    let grouped = inside("by (", ')').flat_map(|list| list.split(',')).map(str::trim);
    let selected = inside("{", '}').flat_map(|list| list.split(", "));
    grouped.chain(selected.filter_map(|pair| pair.split(['=', '!']).next())).collect()
}

fn dashboard() -> Value {
    serde_json::from_str(DASHBOARD).expect("JSON")
}

fn expressions(dashboard: &Value) -> Vec<&str> {
    let mut expressions = vec![];
    texts(dashboard, "expr", &mut expressions);
    assert!(expressions.len() > 20);
    expressions
}

/// All numbers of a server at which everything has happened that is counted by what it was.
fn numbers() -> String {
    let address = format!("127.0.0.1:{}", free_port());
    let trusting = ("DOORWARD__SERVER__TRUSTED_PROXIES", "127.0.0.1");
    let server = Server::start_with(&[("DOORWARD__METRICS__LISTEN", &address), trusting]);
    create_alice(&server);
    let app = create_app(std::slice::from_ref(&server));
    let browser = Browser::new(server.agent().clone());
    browser
        .open(&authorization(&server, &app))
        .submit(&[("username", "alice"), ("password", "not hers at all")]);
    assert_eq!(redeem(&server, &app, &code(&browser, &server, &app)).status, 200);
    let stranger = Credentials { client_id: "nobody".to_owned(), client_secret: "wrong".to_owned() };
    assert_eq!(server.token(&stranger, &[]).status, 401);
    assert_eq!(server.get("/verify?api=https://nowhere.example").status, 403, "no request is told");
    until("the store's numbers are published", || {
        let text = http::get(&http::agent(), &format!("http://{address}/metrics")).unwrap().body;
        text.contains("doorward_process_open_files ").then_some(text)
    })
}

#[test]
fn each_number_on_the_dashboard_is_one_of_a_running_server_and_each_of_those_is_shown() {
    let (dashboard, numbers) = (dashboard(), numbers());
    let expressions = expressions(&dashboard);
    let asked_for: BTreeSet<_> = expressions.iter().flat_map(|expression| metrics(expression)).collect();
    let samples: BTreeSet<_> = numbers
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next().filter(|name| !name.is_empty()))
        .collect();
    assert!(OF_HTTPS.iter().all(|name| asked_for.contains(name) && LISTED.contains(&format!("`{name}`"))));
    let is_had = |name: &str| samples.contains(name) || OF_HTTPS.contains(&name);
    let unknown: Vec<_> = asked_for.iter().filter(|name| **name != UP && !is_had(name)).collect();
    assert_eq!(unknown, [&""; 0], "asked for, and not to be had");
    // The first two are Prometheus' own, the third is that of a handshake's failure.
    let told_apart = |label: &str| {
        ["job", "instance", "reason"].contains(&label) || numbers.contains(&format!("{label}=\""))
    };
    let labels = expressions.iter().flat_map(|expression| labels(expression));
    assert_eq!(labels.filter(|label| !told_apart(label)).collect::<BTreeSet<_>>(), BTreeSet::new());
    let families = numbers.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let shown =
        |family: &str| asked_for.contains(family) || asked_for.contains(format!("{family}_bucket").as_str());
    let left_out: Vec<_> = families
        .filter(|family| !shown(family) && !ELSEWHERE.iter().any(|(name, _)| name == family))
        .collect();
    assert_eq!(left_out, [""; 0], "counted, and not shown");
    let words = OPERATIONS.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    // Crates have such names, too.
    let named = words.filter(|word| word.starts_with("doorward_") && !word.ends_with("_web"));
    let unknown: BTreeSet<_> = named.filter(|word| !is_had(word)).collect();
    assert_eq!(unknown, BTreeSet::new(), "the documentation asks for them");
}

#[test]
fn the_dashboard_takes_any_data_source_and_every_panel_is_told_apart() {
    let dashboard = dashboard();
    let mut sources = vec![];
    texts(&dashboard, "uid", &mut sources);
    assert!(sources.iter().all(|uid| ["doorward", "${datasource}"].contains(uid)), "{sources:?}");
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    let places: BTreeSet<_> = panels.iter().map(|panel| panel["gridPos"].to_string()).collect();
    assert_eq!((ids.len(), places.len()), (panels.len(), panels.len()));
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let variables: Vec<_> = variables.map(|variable| variable["name"].as_str().unwrap()).collect();
    assert_eq!(variables, ["datasource", "job", "instance"]);
}
