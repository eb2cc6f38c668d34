//! The trail over HTTP: every filter tells what it says, page by page, and auditors of an organization read of that one alone.

use crate::management::office::{Answer, Office, call, every_permission};
use doorward_core::context::Caller;
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::frozen_clock::START;
use serde_json::{Value, json};

/// Two organizations with somebody in each, who administers it, and changes something there.
fn office() -> Office {
    let office = Office::new();
    for (organization, user) in [("Acme", "anna"), ("Other", "otto")] {
        assert_eq!(office.post("/organizations", json!({"name": organization})).status, 201);
        office.place.user(user);
        let members = json!({"organization_id": organization, "groups": ["Administrators"]});
        assert_eq!(office.patch(&format!("/users/{user}"), members).status, 200);
        let token = office.token(user, &every_permission());
        let made =
            office.call(&token, "POST", "/clients", Some(json!({"name": format!("of {organization}")})));
        assert_eq!(made.status, 201, "{}", made.body);
    }
    office
}

fn actions(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|event| event["action"].as_str().unwrap().to_owned()).collect()
}

fn ask(office: &Office, filters: &str) -> Answer {
    office.get(&format!("/audit-events?limit=200&{filters}"))
}

fn id(office: &Office, path: &str) -> String {
    office.get(path).body["id"].as_str().unwrap().to_owned()
}

/// Each filter, by its name, tells of exactly the events that fit.
#[test]
fn every_filter_tells_what_it_says() {
    let office = office();
    let token = json!({"name": "script", "access": [{"api": "management", "level": "full"}]});
    let token = office.post("/users/anna/api-tokens", token).body;
    let script = token["token"].as_str().unwrap();
    assert_eq!(office.call(script, "PATCH", "/users/anna", Some(json!({"name": "Anna"}))).status, 200);
    let elsewhere = Caller { address: Some("192.0.2.44".parse().unwrap()) };
    let disabled = call(&office.root, "POST", "/users/otto/disable", None);
    assert_eq!(block_on(office.place.app.respond(disabled, elsewhere)).status(), 200);
    let all = ask(&office, "");
    let fits = |filter: &str, is_meant: &dyn Fn(&Value) -> bool| {
        let told = ask(&office, filter);
        assert_eq!(told.status, 200, "{filter}: {}", told.body);
        let items = all.body["items"].as_array().unwrap();
        let expected: Vec<_> = items.iter().filter(|event| is_meant(event)).collect();
        assert!(!expected.is_empty() && expected.len() < items.len(), "{filter} tells something apart");
        assert_eq!(told.body["items"].as_array().unwrap().iter().collect::<Vec<_>>(), expected, "{filter}");
    };
    let is = |member: &'static str, value: &str| {
        let value = value.to_owned();
        move |event: &Value| event[member] == *value
    };
    let begins =
        |prefix: &'static str| move |event: &Value| event["action"].as_str().unwrap().starts_with(prefix);
    let (anna, acme) = (id(&office, "/users/anna"), id(&office, "/organizations/Acme"));
    fits("action=user.", &begins("user."));
    fits("action=user.disabled", &begins("user.disabled"));
    fits(&format!("user_id={anna}"), &is("user_id", &anna));
    fits(&format!("organization_id={acme}"), &is("organization_id", &acme));
    let api_token = token["id"].as_str().unwrap();
    fits(&format!("api_token={api_token}"), &is("api_token", api_token));
    fits("address=192.0.2.44", &is("address", "192.0.2.44"));
    fits(&format!("object=user:{anna}"), &|event| event["objects"][0] == format!("user:{anna}"));
    let client =
        all.body["items"].as_array().unwrap().iter().find_map(|event| event["client"].as_str()).unwrap();
    fits(&format!("client={client}"), &is("client", client));
    let both = format!("action=user.&user_id={anna}");
    fits(&both, &|event| begins("user.")(event) && event["user_id"] == *anna);
    assert_eq!(actions(&ask(&office, "action=nothing.such")), Vec::<String>::new());
}

#[test]
fn a_period_is_told_from_its_first_instant_up_to_its_end() {
    let office = office();
    office.place.advance(Lifetime::seconds(10));
    assert_eq!(office.post("/organizations", json!({"name": "Third"})).status, 201);
    office.place.advance(Lifetime::seconds(10));
    assert_eq!(office.post("/organizations", json!({"name": "Fourth"})).status, 201);
    let at = |seconds| (START + Lifetime::seconds(seconds)).to_string();
    let (third, fourth) = (at(10), at(20));
    assert_eq!(actions(&ask(&office, &format!("since={third}"))).len(), 2);
    assert_eq!(actions(&ask(&office, &format!("since={third}&until={fourth}"))).len(), 1);
    assert_eq!(actions(&ask(&office, &format!("since={fourth}"))).len(), 1);
    let before = actions(&ask(&office, &format!("until={third}")));
    assert_eq!(before.len() + 2, actions(&ask(&office, "")).len());
}

#[test]
fn pages_of_the_trail_follow_one_another_in_the_order_of_what_happened() {
    let office = office();
    let whole = ask(&office, "").body["items"].as_array().unwrap().clone();
    let (mut seen, mut path) = (vec![], "/audit-events?limit=3".to_owned());
    loop {
        let page = office.get(&path).body;
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/audit-events?limit=3&cursor={cursor}");
    }
    assert_eq!(seen, whole);
    let made: Vec<_> = actions(&ask(&office, "action=organization.created"));
    assert_eq!(made.len(), 2);
    let first = &whole.iter().find(|event| event["action"] == "organization.created").unwrap()["objects"][0];
    assert_eq!(
        *first,
        format!("organization:{}", id(&office, "/organizations/Acme")),
        "though of one second"
    );
}

#[test]
fn auditors_of_an_organization_read_of_it_alone() {
    let office = office();
    let anna = office.token("anna", &every_permission());
    let (acme, other) = (id(&office, "/organizations/Acme"), id(&office, "/organizations/Other"));
    let told = office.call(&anna, "GET", "/audit-events?limit=200", None).body;
    let items = told["items"].as_array().unwrap();
    assert!(!items.is_empty() && items.iter().all(|event| event["organization_id"] == *acme), "{told}");
    let path = format!("/audit-events?organization_id={other}");
    assert_eq!(office.call(&anna, "GET", &path, None).body["items"], json!([]));
    let foreign = ask(&office, &format!("organization_id={other}")).body["items"][0]["id"].clone();
    let path = format!("/audit-events/{}", foreign.as_str().unwrap());
    assert_eq!(office.call(&anna, "GET", &path, None).status, 404);
    assert_eq!(office.get(&path).status, 200);
    assert_eq!(office.call(&office.bob, "GET", "/audit-events", None).status, 403);
}

#[test]
fn what_no_filter_can_be_is_told() {
    let office = Office::new();
    for (filter, parameter) in [
        ("user_id=anna", "user_id"),
        ("address=everywhere", "address"),
        ("since=yesterday", "since"),
        ("until=1", "until"),
        ("actor=root", "actor"),
    ] {
        assert_eq!(ask(&office, filter).wrong(), (400, vec![parameter]), "{filter}");
    }
}
