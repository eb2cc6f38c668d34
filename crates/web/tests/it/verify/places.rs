//! How the API of a request is found where the proxy does not name it, and in which ways an API takes a token.

use crate::flows::place::{BILLING, ORDERS, Place};
use crate::management::office::Office;
use crate::verify::asked::{Asked, place};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::words::{CredentialForm, Level, Status};
use serde_json::{Value, json};

fn reached_at(place: &Place, api: &str, locations: &'static [&'static str]) {
    place.set_api(api, |api| api.locations = locations.iter().map(|text| text.parse().unwrap()).collect());
}

#[test]
fn without_a_name_the_api_is_the_one_that_is_reached_there() {
    let place = place();
    reached_at(&place, ORDERS, &["https://api.example/orders", "https://orders.example"]);
    reached_at(&place, BILLING, &["https://api.example"]);
    let token = place.api_token("alice", Level::Read).value;
    let at = |host: &str, uri: &str| {
        let asked =
            Asked::get(&token).to("/verify").with("x-forwarded-host", host).with("x-forwarded-uri", uri);
        asked.status(&place)
    };
    assert_eq!(at("orders.example", "/anything"), 200);
    assert_eq!(at("ORDERS.example:443", "/"), 200);
    assert_eq!(at("api.example", "/orders/7"), 200);
    assert_eq!(at("api.example", "/ordersx"), 401, "which is billing, where the token is none");
    assert_eq!(at("api.example", "/"), 401);
    for nowhere in ["other.example", "api.example.", "api.example:8443", "orders.example, api.example"] {
        assert_eq!(at(nowhere, "/orders/7"), 403, "{nowhere}");
    }
    let by_url = Asked::get(&token)
        .to("/verify")
        .without("x-forwarded-uri")
        .with("x-original-url", "https://api.example/orders/7");
    assert_eq!(by_url.status(&place), 200);
    let untold = Asked::get(&token).to("/verify");
    assert_eq!(untold.status(&place), 403, "no host is told, and ours is none of theirs");
    place.set_api(ORDERS, |api| api.status = Status::Inactive);
    assert_eq!(at("api.example", "/orders/7"), 403, "not what stands around it");
}

/// Caddy asks with its client's query where it is not told another one.
#[test]
fn a_client_does_not_choose_the_api_that_its_token_is_judged_for() {
    let place = place();
    reached_at(&place, BILLING, &["https://billing.example"]);
    let token = place.api_token("alice", Level::Full).value;
    let asked = |host: &str, uri: &str, query: &str| {
        let asked = Asked::get(&token).to(&format!("/verify{query}"));
        asked.with("x-forwarded-host", host).with("x-forwarded-uri", uri).status(&place)
    };
    let named = format!("?api={ORDERS}");
    assert_eq!(
        asked("billing.example", &format!("/7{named}"), &named),
        401,
        "which is billing, where it is none"
    );
    assert_eq!(asked("elsewhere.example", &format!("/7{named}"), &named), 403, "nobody's place");
    assert_eq!(asked("billing.example", "/7", &named), 403, "the name is not of what is reached");
    assert_eq!(
        asked("orders.example", "/7?x=1", &named),
        200,
        "the proxy's own word, about a place of nobody's"
    );
    reached_at(&place, ORDERS, &["https://orders.example"]);
    for (uri, query) in
        [("/7?x=a", "?x=a"), ("/7?", "?"), ("/7?a=%zz", "?a=%zz"), ("/7", ""), ("/7?x=a", &*named)]
    {
        assert_eq!(asked("orders.example", uri, query), 200, "{uri} {query}");
    }
}

#[test]
fn an_api_takes_tokens_in_the_ways_that_it_names() {
    let place = place();
    let token = place.api_token("alice", Level::Read).value;
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    let nothing = Asked::about("GET", "/orders/7");
    let ways = [
        nothing.clone().bearing(&token),
        nothing.clone().with("x-api-key", &token),
        nothing.clone().with("authorization", &basic(&format!("{token}:"))),
    ];
    let statuses = |taken: &[CredentialForm]| {
        let taken = taken.to_vec();
        place.set_api(ORDERS, move |api| api.credentials.clone_from(&taken));
        ways.each_ref().map(|asked| asked.status(&place))
    };
    use CredentialForm::{ApiKey, Basic, Bearer};
    assert_eq!(statuses(&[Bearer]), [200, 401, 401]);
    assert_eq!(statuses(&[ApiKey]), [401, 200, 401]);
    assert_eq!(statuses(&[Basic]), [401, 401, 200]);
    assert_eq!(statuses(&[Bearer, ApiKey, Basic]), [200, 200, 200]);
    for two in [ways[0].clone().with("x-api-key", &token), ways[2].clone().with("x-api-key", &token)] {
        assert_eq!(two.status(&place), 403, "{two:?}");
    }
    let odd = |header: &str| nothing.clone().with("authorization", header).answer(&place);
    for bad in [&basic(&token), &basic(&format!("{token}:secret")), &basic(&format!(":{token}")), "Basic ?"] {
        assert_eq!(odd(bad).status(), 401, "{bad}");
        assert!(odd(bad).challenge().contains("invalid_token"), "{bad}");
    }
}

/// RFC 9110 §15.5.10: a place is one API's, and whoever asks for it second learns that it is taken.
#[test]
fn an_administrator_says_how_and_where_an_api_is_reached() {
    let office = Office::new();
    let root = &office.root;
    let path = |api: &str| format!("/apis/{}", office.place.api_key(api));
    let patch = |api: &str, body: Value| office.call(root, "PATCH", &path(api), Some(body));
    let told = json!({"credentials": ["x-api-key", "bearer"], "locations": ["https://api.example/v1/"]});
    let changed = patch(ORDERS, told);
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.body["locations"], json!(["https://api.example/v1"]), "as it is looked up");
    assert_eq!(
        office.call(root, "GET", &path(ORDERS), None).body["credentials"],
        json!(["x-api-key", "bearer"])
    );
    assert_eq!(patch(BILLING, json!({"locations": ["https://api.example/v1"]})).status, 409);
    assert_eq!(patch(BILLING, json!({"locations": ["https://api.example"]})).status, 200);
    assert_eq!(patch(ORDERS, json!({"locations": []})).status, 200);
    assert_eq!(
        patch(BILLING, json!({"locations": ["https://api.example/v1"]})).status,
        200,
        "it is free again"
    );
    for (wrong, pointer) in [
        (json!({"credentials": []}), "/credentials"),
        (json!({"credentials": ["bearer", "bearer"]}), "/credentials/1"),
        (json!({"locations": ["http://api.example"]}), "/locations/0"),
        (json!({"locations": ["https://a.example", "https://a.example/"]}), "/locations/1"),
    ] {
        let refused = patch(ORDERS, wrong);
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{}",
            refused.body
        );
    }
    let management = office.call(root, "PATCH", "/apis/management", Some(json!({"credentials": ["basic"]})));
    assert_eq!(management.status, 422, "{}", management.body);
}
