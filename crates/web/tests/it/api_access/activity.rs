//! What an API account has done: whichever way its credentials are used, its owner sees it counted a moment later.

use crate::api_access::accounts::{All, MANAGEMENT};
use crate::flows::place::{BILLING, ORDERS, json};
use crate::management::office::call;
use crate::verify::asked::{Asked, CLIENT};
use doorward_core::client::AccountOwner;
use doorward_core::context::Caller;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use serde_json::{Value, json};

impl All {
    /// The account's own call.
    fn ask(&self, query: &str) -> (u16, Value) {
        let path = format!("/api-accounts/{}/activity{query}", self.account);
        block_on(self.place.server.record_uses()).unwrap();
        let address = "2001:db8::9".parse().ok();
        let request = call(&self.token.value, "GET", &path, None);
        let answer = block_on(self.place.app.respond(request, Caller { address }));
        (answer.status().as_u16(), json(&answer))
    }
}

/// Product, row D: "see what each did". Each use of its API token, of what that was exchanged for, and of its access tokens counts, and
/// each token that is made; uses that are refused do not.
#[test]
fn whatever_an_account_does_is_counted_by_day_and_api() {
    let all = All::new(|place| AccountOwner::User(place.user_id("alice")));
    let place = &all.place;
    let (status, activity) = all.ask("");
    let days = activity["days"].as_array().unwrap();
    assert_eq!(
        (status, days.len()),
        (200, 2),
        "one exchanged and one granted, and one for billing: {activity}"
    );
    let date = days[0]["date"].clone();
    let uses = |activity: &Value, api: &str| -> Vec<(Value, Value)> {
        let days = activity["days"].as_array().unwrap().iter().filter(|one| one["api"] == api);
        days.map(|one| (one["date"].clone(), one["uses"].clone())).collect()
    };
    assert_eq!(uses(&activity, ORDERS), [(date.clone(), json!(2))]);
    assert_eq!(uses(&activity, BILLING), [(date.clone(), json!(1))]);

    for token in [&all.token.value, &all.exchanged, &all.signed] {
        assert_eq!(place.desk(token, &[("client_ip", "192.0.2.8")])["active"], true);
        assert_eq!(Asked::get(token).status(place), 200);
    }
    assert_eq!(Asked::post(&all.token.value).status(place), 403, "its token may read");
    let somebody = place.api_token("alice", Level::Full);
    assert_eq!(Asked::get(&somebody.value).status(place), 200);
    let (_, activity) = all.ask("");
    assert_eq!(uses(&activity, ORDERS), [(date.clone(), json!(2 + 6))]);
    assert_eq!(uses(&activity, MANAGEMENT), [(date.clone(), json!(1))], "the call before");
    let addresses: Vec<_> = activity["addresses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["address"].as_str().unwrap())
        .collect();
    assert_eq!(addresses, ["192.0.2.7", "192.0.2.8", "2001:db8::9"]);
    assert_eq!(addresses[0], CLIENT);

    place.advance(Lifetime::days(1));
    let (_, activity) = all.ask("?days=0");
    assert_eq!(activity["days"], json!([]), "today was quiet");
    let (_, activity) = all.ask("?days=1");
    assert_eq!(activity["days"].as_array().unwrap().len(), 4, "{activity}");
    let latest = activity["days"][0]["date"].as_str().unwrap();
    assert_eq!(uses(&activity, MANAGEMENT)[0].0, latest, "the latest first");
    assert!(date.as_str().unwrap() < latest);
}

/// RFC 9110 §15.5.1: a parameter that is not as it has to be is told; an account sees no other.
#[test]
fn activity_is_asked_for_by_whoever_may_see_the_account() {
    let all = All::new(|place| AccountOwner::User(place.user_id("alice")));
    for query in ["?days=-1", "?days=x", "?days=36501", "?limit=3", "?cursor=x"] {
        let (status, problem) = all.ask(query);
        assert_eq!(status, 400, "{query}");
        assert!(problem["errors"][0]["parameter"].is_string(), "{problem}");
    }
    let (_, problem) = all.ask("?days=x");
    assert_eq!(problem["errors"][0]["detail"], "is a whole number of days, 36500 at most");
    let other = format!("/api-accounts/{}/activity", all.place.client_key("orders-desk"));
    let request = call(&all.token.value, "GET", &other, None);
    let answer = block_on(all.place.app.respond(request, Caller::default()));
    assert!([403, 404].contains(&answer.status().as_u16()), "{}", answer.status());
}
