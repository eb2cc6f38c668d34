//! A narrow API token in the hands of whoever found it: what it is made to make stays within it.

use crate::api_access::held::{ACCESS_TOKEN, EXCHANGE};
use crate::flows::place::{ORDERS, json as read};
use crate::management::office::{Answer, Office, call};
use doorward_core::context::Caller;
use doorward_testkit::block_on::block_on;
use serde_json::{Value, json};

const HERE: &str = "127.0.0.1";

/// An API token, by identifier and value.
struct Held {
    id: String,
    value: String,
}

impl Held {
    fn of(answer: &Answer) -> Self {
        assert!(answer.status < 300, "{}", answer.body);
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        Self { id: text("id"), value: text("token") }
    }

    fn path(&self) -> String {
        format!("/api-tokens/{}", self.id)
    }
}

/// `root`, who makes such a token in another way than by one.
fn made(office: &Office, body: Value) -> Held {
    Held::of(&office.post("/me/api-tokens", body))
}

/// It manages, from here alone, for three months.
fn narrow(office: &Office) -> Held {
    made(
        office,
        json!({
            "name": "narrow", "expires_in_months": 3, "allowed_ips": [HERE],
            "access": [{"api": "management", "level": "full"}, {"api": ORDERS, "level": "read"}],
        }),
    )
}

fn by(office: &Office, token: &str, method: &str, path: &str, body: Value) -> Answer {
    let caller = Caller { address: HERE.parse().ok() };
    let response = block_on(office.place.app.respond(call(token, method, path, Some(body)), caller));
    let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    Answer { status: response.status().as_u16(), body, response }
}

#[test]
fn what_a_token_makes_reaches_no_further_than_itself() {
    let office = Office::new();
    let narrow = narrow(&office);
    for (body, places) in [
        (json!({"name": "x"}), &["/allowed_ips"][..]),
        (json!({"name": "x", "allowed_ips": ["127.0.0.0/8"]}), &["/allowed_ips"]),
        (json!({"name": "x", "allowed_ips": [HERE], "expires_at": "2099-01-01T00:00:00Z"}), &["/expires_at"]),
        (json!({"name": "x", "allowed_ips": [HERE], "expires_in_months": 6}), &["/expires_in_months"]),
        (
            json!({"name": "x", "allowed_ips": [HERE], "access": [{"api": ORDERS, "level": "full"}]}),
            &["/access/0/api"],
        ),
        (
            json!({"name": "x", "allowed_ips": [HERE], "apply_to_all": {"level": "read", "include_future": true}}),
            &["/apply_to_all", "/apply_to_all"],
        ),
    ] {
        let answer = by(&office, &narrow.value, "POST", "/me/api-tokens", body.clone());
        assert_eq!(answer.wrong(), (422, places.to_vec()), "{body}: {}", answer.body);
    }
    let body = json!({"name": "x", "allowed_ips": [HERE], "access": [{"api": ORDERS, "level": "read"}]});
    let made = by(&office, &narrow.value, "POST", "/me/api-tokens", body);
    let end = office.get(&narrow.path()).body["expires_at"].clone();
    assert_eq!((made.status, &made.body["expires_at"]), (201, &end), "what is usual is cut to its end");
}

#[test]
fn a_token_does_not_widen_itself_or_another() {
    let office = Office::new();
    let (narrow, other) = (narrow(&office), made(&office, json!({"name": "other", "expires_in_months": 12})));
    for (token, body, place) in [
        (&narrow, json!({"allowed_ips": []}), "/allowed_ips"),
        (
            &narrow,
            json!({"access": [{"api": "management", "level": "full"}, {"api": ORDERS, "level": "full"}]}),
            "/access/1/api",
        ),
        (&other, json!({"access": [{"api": ORDERS, "level": "read"}], "allowed_ips": [HERE]}), "/access"),
    ] {
        let answer = by(&office, &narrow.value, "PATCH", &token.path(), body.clone());
        assert_eq!(answer.wrong(), (422, vec![place]), "{body}: {}", answer.body);
    }
    let less = json!({"description": "changed", "allowed_ips": ["192.0.2.1"]});
    assert_eq!(by(&office, &narrow.value, "PATCH", &other.path(), less).status, 200, "to take away is free");
    let less = json!({"access": [{"api": "management", "level": "full"}]});
    assert_eq!(by(&office, &narrow.value, "PATCH", &narrow.path(), less).status, 200);
}

/// Who signs in is bound to no network and no level: to be let in by another way is no narrow thing to be handed.
#[test]
fn a_token_makes_its_owner_no_other_way_in() {
    let office = Office::new();
    let narrow = narrow(&office);
    let id = office.get("/me").body["id"].as_str().unwrap().to_owned();
    for user in ["root", &id] {
        for (way, body) in
            [("setup-link", json!({})), ("password", json!({"password": "a perfectly long sentence"}))]
        {
            let path = format!("/users/{user}/{way}");
            let answer = by(&office, &narrow.value, "POST", &path, body);
            assert_eq!(answer.status, 403, "{path}: {}", answer.body);
        }
    }
    assert_eq!(office.post("/users/root/setup-link", json!({})).status, 200, "who has signed in may");
}

#[test]
fn a_token_renews_itself_until_its_end() {
    let office = Office::new();
    let narrow = narrow(&office);
    let path = format!("{}/regenerate", narrow.path());
    let longer = by(&office, &narrow.value, "POST", &path, json!({"expires_in_months": 12}));
    assert_eq!(longer.wrong(), (422, vec!["/expires_in_months"]));
    assert!(longer.body.to_string().contains("ends at"), "{}", longer.body);
    let before = office.get(&narrow.path()).body["expires_at"].clone();
    let renewed = by(&office, &narrow.value, "POST", &path, json!({"overlap_seconds": 60}));
    assert_eq!((renewed.status, &renewed.body["expires_at"]), (200, &before), "{}", renewed.body);
    // Whoever holds the former value alone has a minute, and gets no more than that.
    let again = by(&office, &narrow.value, "POST", &path, json!({}));
    assert_eq!(again.status, 200);
    assert_ne!(again.body["expires_at"], before);
    let wide = made(&office, json!({"name": "wide", "access": [{"api": ORDERS, "level": "full"}]}));
    let another = Held::of(&again).value;
    let taken = by(&office, &another, "POST", &format!("{}/regenerate", wide.path()), json!({}));
    assert_eq!(taken.wrong(), (422, vec!["/allowed_ips", "/access"]), "{}", taken.body);
}

/// A token that one was exchanged for opens no way around it.
#[test]
fn what_was_exchanged_for_a_token_reaches_no_further_either() {
    let office = Office::new();
    let narrow = narrow(&office);
    let resource = [("resource", "https://as.example/api")];
    let answer = read(&office.place.exchange_from(None, &narrow.value, &resource, Some(HERE)));
    let signed = answer["access_token"].as_str().unwrap();
    let refused = by(&office, signed, "POST", "/me/api-tokens", json!({"name": "x"}));
    assert_eq!(refused.wrong(), (422, vec!["/allowed_ips"]), "{}", refused.body);
    let body = json!({"name": "x", "allowed_ips": [HERE]});
    let made = by(&office, signed, "POST", "/me/api-tokens", body);
    let end = office.get(&narrow.path()).body["expires_at"].clone();
    assert_eq!((made.status, &made.body["expires_at"]), (201, &end), "the token's end, not its own");
}

/// What others have is bounded by what whoever calls may do.
#[test]
fn an_administrators_token_makes_others_as_before() {
    let office = Office::new();
    let narrow = narrow(&office);
    let body = json!({"name": "x", "expires_in_months": 12, "access": [{"api": ORDERS, "level": "full"}]});
    assert_eq!(by(&office, &narrow.value, "POST", "/users/bob/api-tokens", body).status, 201);
}

/// The answer that a broader token got is not told to a narrower one.
#[test]
fn what_was_made_by_one_token_is_not_told_to_another() {
    let office = Office::new();
    let narrow = narrow(&office);
    let broad = made(&office, json!({"name": "broad", "access": [{"api": "management", "level": "full"}]}));
    let send = |token: &str| {
        let mut request = call(token, "POST", "/me/api-tokens", Some(json!({"name": "x"})));
        request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
        let caller = Caller { address: HERE.parse().ok() };
        block_on(office.place.app.respond(request, caller)).status().as_u16()
    };
    assert_eq!([send(&broad.value), send(&broad.value), send(&narrow.value)], [201, 201, 422]);
}

/// Who belongs to a client comes through it, to the management API like to any other.
#[test]
fn a_user_under_a_client_manages_through_it_alone() {
    let office = Office::new();
    let key = json!({
        "client_id": "key", "name": "Key", "grant_types": [EXCHANGE], "token_endpoint_auth_method": "client_secret_post",
        "access": [{"api": "management", "level": "read"}],
    });
    let key = office.post("/clients", key);
    let till = json!({"username": "till", "groups": ["Auditors"]});
    assert_eq!(office.post("/clients/key/users", till).status, 201);
    let token = json!({"name": "Till", "access": [{"api": "management", "level": "full"}]});
    let token = Held::of(&office.post("/users/till/api-tokens", token));
    assert_eq!(office.call(&token.value, "GET", "/me", None).status, 401, "by itself it opens nothing");
    let form = [
        ("grant_type", EXCHANGE),
        ("subject_token", token.value.as_str()),
        ("subject_token_type", ACCESS_TOKEN),
        ("resource", "https://as.example/api"),
        ("client_id", "key"),
        ("client_secret", key.body["client_secret"].as_str().unwrap()),
    ];
    let exchanged = read(&office.place.form("/oauth2/token", &form, None));
    let me = office.call(exchanged["access_token"].as_str().unwrap(), "GET", "/me", None);
    assert_eq!((me.status, &me.body["token"]["level"]), (200, &json!("read")), "{exchanged}");
}
