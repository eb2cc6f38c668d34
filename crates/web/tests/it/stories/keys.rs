//! Keys with networks, and users under a key: the key authenticates as a client, the user brings their API token, and what comes of it
//! speaks for the user through the key, within both levels, both networks and what the user may.

use crate::api_access::held::{ACCESS_TOKEN, EXCHANGE, furnish};
use crate::flows::browser::Browser;
use crate::flows::place::{APP, ISSUER, ORDERS, claims, json as read, word};
use crate::management::office::Office;
use crate::stories::step::{access_token, is_good, text};
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

const TILL: &str = "till-7";
const PASSWORD: &str = "seven herons over a slow river";
/// In the key's network and in the token's.
const HERE: &str = "10.1.0.7";

/// A shop that has a key and, under it, a user who has an API token.
struct Shop {
    office: Office,
    key: Value,
    dora: Value,
    token: Value,
}

fn management() -> String {
    format!("{ISSUER}/api")
}

fn key() -> Value {
    json!({
        "client_id": TILL, "name": "Till 7", "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["client_credentials", EXCHANGE], "scopes": ["orders:read", "orders:write"],
        "access": [{"api": ORDERS, "level": "read"}, {"api": management(), "level": "full"}],
        "allowed_ips": ["10.1.0.0/16", "2001:db8::/32"], "public_url": "https://till.example",
    })
}

impl Shop {
    fn new() -> Self {
        let mut office = Office::new();
        furnish(&mut office.place);
        let key = office.step("POST", "/clients", key(), ("client.created", &["client"])).body;
        let profile = json!({"name": "Tills", "permissions": ["clients:read"]});
        let profile = office.step("POST", "/groups", profile, ("group.created", &["group"])).body;
        let dora = json!({
            "username": "dora", "password": PASSWORD, "groups": ["Tills"], "contact": "+1 555 0100",
        });
        let objects = [format!("group:{}", text(&profile, "id")), format!("client:{}", text(&key, "id"))];
        let objects = ["user", &objects[0], &objects[1]];
        let dora = office.step("POST", "/clients/till-7/users", dora, ("user.created", &objects)).body;
        let token = json!({
            "name": "till", "allowed_ips": ["10.0.0.0/8"],
            "access": [{"api": ORDERS, "level": "full"}, {"api": "management", "level": "full"}],
        });
        let objects = ["api_token", &format!("user:{}", text(&dora, "id"))];
        let path = "/users/dora/api-tokens";
        let token = office.step("POST", path, token, ("api_token.created", &objects)).body;
        Self { office, key, dora, token }
    }

    /// A form that the key sends from an address.
    fn sends(&self, path: &str, form: &[(&str, &str)], from: &str) -> Response<Bytes> {
        let secret = text(&self.key, "client_secret");
        let form = [&[("client_id", TILL), ("client_secret", &secret)], form].concat();
        self.office.place.form(path, &form, Some(from))
    }

    fn connects(&self, resource: &str, from: &str) -> Response<Bytes> {
        let token = text(&self.token, "token");
        let form = [
            ("grant_type", EXCHANGE),
            ("subject_token", &token),
            ("subject_token_type", ACCESS_TOKEN),
            ("resource", resource),
        ];
        self.sends("/oauth2/token", &form, from)
    }

    fn by_itself(&self, from: &str) -> Response<Bytes> {
        let form = [("grant_type", "client_credentials"), ("scope", "orders:read"), ("resource", ORDERS)];
        self.sends("/oauth2/token", &form, from)
    }

    fn path(&self) -> String {
        format!("/clients/{}", text(&self.key, "id"))
    }
}

#[test]
fn a_key_says_who_it_is_what_it_may_and_from_where() {
    let shop = Shop::new();
    let shown = shop.office.get(&shop.path()).body;
    for (member, value) in key().as_object().unwrap() {
        assert_eq!(shown[member], *value, "{member}");
    }
    assert_eq!((&shown["status"], shown.get("client_secret")), (&json!("active"), None));
    for (change, place) in [
        (json!({"allowed_ips": ["10.1.0.0/16", "10.1.0.0/33"]}), "/allowed_ips/1"),
        (json!({"allowed_ips": ["somewhere"]}), "/allowed_ips/0"),
        (json!({"public_url": "till.example"}), "/public_url"),
        (json!({"access": [{"api": "https://nobody.example", "level": "read"}]}), "/access/0/api"),
        (json!({"status": "off"}), "/status"),
    ] {
        let refused = shop.office.refused(&shop.office.root, "PATCH", &shop.path(), Some(change));
        assert_eq!(refused.wrong(), (422, vec![place]));
    }
    assert_eq!(shop.office.get(&shop.path()).body, shown);
    let change = json!({"allowed_ips": [], "public_url": "https://tills.example"});
    let changed = shop.office.step("PATCH", &shop.path(), change, ("client.updated", &["client"]));
    assert_eq!(changed.body["public_url"], "https://tills.example");
    assert_eq!(word(&shop.by_itself("192.0.2.1")), "granted", "where no network is named, from everywhere");
}

#[test]
fn users_stand_under_their_key() {
    let shop = Shop::new();
    let office = &shop.office;
    let path = "/clients/till-7/users";
    let listed = |query: &str| office.get(&format!("{path}{query}")).body["items"].clone();
    assert_eq!(listed(""), json!([shop.dora]));
    assert_eq!(shop.dora["clients"], json!([TILL]));
    assert_eq!((&shop.dora["groups"], &shop.dora["contact"]), (&json!(["Tills"]), &json!("+1 555 0100")));
    assert_eq!((&shop.dora["status"], shop.dora.get("password")), (&json!("active"), None));
    let id = text(&shop.dora, "id");
    let contact = json!({"contact": "dora@till.example"});
    office.step("PATCH", &format!("/users/{id}"), contact, ("user.updated", &["user"]));
    let word = json!({"password": "nine lanterns over a quiet harbour"});
    office.step("POST", &format!("/users/{id}/password"), word, ("password.set", &["user"]));
    office.step("POST", &format!("/users/{id}/disable"), Value::Null, ("user.disabled", &["user"]));
    assert_eq!(listed("?status=active"), json!([]));
    assert_eq!(listed("?status=disabled")[0]["contact"], "dora@till.example");
    for (token, status) in [(&office.bob, 403), (&office.auditor, 403), (&String::new(), 401)] {
        let body = Some(json!({"username": "eve"}));
        assert_eq!(office.refused(token, "POST", path, body).status, status);
    }
}

/// RFC 8693 §2.2.1: what comes of it is the user's, by way of the key; as narrow as the narrower of both.
#[test]
fn a_user_connects_through_their_key() {
    let shop = Shop::new();
    let place = &shop.office.place;
    let answer = shop.connects(ORDERS, HERE);
    assert_eq!(read(&answer)["issued_token_type"], ACCESS_TOKEN, "{}", read(&answer));
    let token = access_token(&answer);
    let said = claims(&token);
    assert_eq!((&said["sub"], &said["client_id"]), (&shop.dora["id"], &json!(TILL)));
    assert_eq!(said["access"], json!([{"api": ORDERS, "level": "read"}]), "the key's level, not the token's");
    assert_eq!(said["allowed_ips"], json!(["10.1.0.0/16"]), "what is in both networks");
    assert!(is_good(place, &token, "GET") && !is_good(place, &token, "POST"));
    let value = text(&shop.token, "token");
    assert_eq!(place.desk(&value, &[]), json!({"active": false}), "without the key it is nothing");
    assert_eq!(word(&place.exchange_from(None, &value, &[], Some(HERE))), "invalid_request");
}

/// They go on as they are: what they got through a key that is not theirs any more is void, and whoever is under no key is a user like
/// others, whose token is good by itself.
#[test]
fn a_user_is_taken_out_from_under_their_key() {
    let shop = Shop::new();
    let (office, place) = (&shop.office, &shop.office.place);
    let (held, value) = (access_token(&shop.connects(ORDERS, HERE)), text(&shop.token, "token"));
    let path = |user: &str| format!("/clients/till-7/users/{user}");
    for (token, status) in [(&office.bob, 403), (&office.auditor, 403), (&String::new(), 401)] {
        assert_eq!(office.refused(token, "DELETE", &path("dora"), None).status, status);
    }
    for nobody in ["alice", "nobody"] {
        assert_eq!(office.refused(&office.root, "DELETE", &path(nobody), None).status, 404, "{nobody}");
    }
    let other = "/clients/photo-app/users/dora";
    assert_eq!(office.refused(&office.root, "DELETE", other, None).status, 404);
    let both = json!({"clients": [TILL, "photo-app"]});
    assert_eq!(office.patch("/users/dora", both).status, 200);
    assert!(is_good(place, &held, "GET"));
    let client = format!("client:{}", text(&shop.key, "id"));
    let user = format!("user:{}", text(&shop.dora, "id"));
    let gone = office.step("DELETE", &path("dora"), Value::Null, ("user.updated", &[&user, &client]));
    assert_eq!(gone.status, 204);
    assert_eq!(office.get("/clients/till-7/users").body["items"], json!([]));
    let dora = office.get("/users/dora").body;
    assert_eq!((&dora["clients"], &dora["groups"]), (&json!(["photo-app"]), &json!(["Tills"])));
    assert!(!is_good(place, &held, "GET"), "what came of the key is void");
    assert_eq!(office.refused(&office.root, "DELETE", &path("dora"), None).status, 404, "they have left");
    let by_itself = || place.desk(&value, &[("client_ip", HERE)])["active"] == true;
    assert!(!by_itself());
    assert_eq!(office.call(&office.root, "DELETE", other, None).status, 204);
    assert!(by_itself());
}

#[test]
fn through_a_key_a_user_may_no_more_than_they_may() {
    let shop = Shop::new();
    let token = access_token(&shop.connects(&management(), HERE));
    let ask = |from, method, path| shop.office.status_from(from, &token, method, path);
    assert_eq!(ask(HERE, "GET", "/clients"), 200);
    assert_eq!(ask(HERE, "GET", "/users"), 403, "the key would let it through, the group does not");
    assert_eq!(ask(HERE, "DELETE", "/clients/photo-app"), 403);
    assert_eq!(ask("10.2.0.7", "GET", "/clients"), 403, "in one of both networks");
    assert_eq!(shop.office.place.recorded_soon("api_token.refused")[0].reason, "foreign_network");
    let read_only = json!({"access": [
        {"api": ORDERS, "level": "read"}, {"api": management(), "level": "none"},
    ]});
    shop.office.step("PATCH", &shop.path(), read_only, ("client.updated", &["client"]));
    assert_eq!(ask(HERE, "GET", "/clients"), 403, "from the next request on");
    assert_eq!(word(&shop.connects(&management(), HERE)), "invalid_target");
}

#[test]
fn a_request_from_another_network_is_refused_and_audited() {
    let shop = Shop::new();
    let place = &shop.office.place;
    assert_eq!(word(&shop.by_itself("2001:db8::7")), "granted");
    assert_eq!(word(&shop.by_itself("::ffff:10.1.0.7")), "granted");
    for foreign in ["10.2.0.7", "192.0.2.1", "2001:db9::7"] {
        assert_eq!(word(&shop.by_itself(foreign)), "invalid_client", "{foreign}");
        assert_eq!(word(&shop.connects(ORDERS, foreign)), "invalid_client", "{foreign}");
    }
    let refused = place.recorded_soon("client.refused");
    let client = format!("client:{}", text(&shop.key, "id"));
    assert_eq!(
        (refused.len(), refused[0].reason.as_str(), &refused[0].objects),
        (1, "foreign_network", &client)
    );
    assert_eq!(refused[0].address, Some("10.2.0.7".parse().unwrap()));
    // In the key's networks, and not in the token's.
    assert_eq!(word(&shop.connects(ORDERS, "2001:db8::7")), "invalid_request");
    let refused = place.recorded_soon("api_token.refused");
    let token = format!("api_token:{}", text(&shop.token, "id"));
    assert_eq!((refused[0].reason.as_str(), &refused[0].objects), ("foreign_network", &token));
    assert_eq!(refused[0].address, Some("2001:db8::7".parse().unwrap()));
}

#[test]
fn a_key_that_is_off_is_refused_everywhere_at_once() {
    let shop = Shop::new();
    let place = &shop.office.place;
    let held = [shop.connects(ORDERS, HERE), shop.by_itself(HERE)].map(|answer| access_token(&answer));
    let there = access_token(&shop.connects(&management(), HERE));
    let good = || held.each_ref().map(|token| is_good(place, token, "GET"));
    let introspects = || shop.sends("/oauth2/introspect", &[("token", held[1].as_str())], HERE);
    assert_eq!((good(), introspects().status().as_u16()), ([true; 2], 200));
    let off = format!("{}/disable", shop.path());
    shop.office.step("POST", &off, Value::Null, ("client.disabled", &["client"]));
    assert_eq!(good(), [false; 2]);
    for answer in [shop.connects(ORDERS, HERE), shop.by_itself(HERE), introspects()] {
        assert_eq!(word(&answer), "invalid_client");
    }
    assert_eq!(shop.office.status_from(HERE, &there, "GET", "/clients"), 401);
    assert_eq!(place.recorded_soon("client.refused")[0].reason, "inactive_client");
    let on = format!("{}/enable", shop.path());
    shop.office.step("POST", &on, Value::Null, ("client.enabled", &["client"]));
    assert_eq!(word(&shop.connects(ORDERS, HERE)), "granted");
    assert_eq!(good(), [false; 2], "what was void stays void");
}

#[test]
fn a_user_who_is_off_is_refused_everywhere_at_once() {
    let shop = Shop::new();
    let place = &shop.office.place;
    let held = access_token(&shop.connects(ORDERS, HERE));
    let there = access_token(&shop.connects(&management(), HERE));
    let signs_in = || {
        let browser = Browser::new(place);
        let page = browser.open(&place.request(APP, &[])).page();
        browser.submit(&page, &[("username", "dora"), ("password", PASSWORD)]).page().has("approve")
    };
    assert!(is_good(place, &held, "GET") && signs_in());
    let off = format!("/users/{}/disable", text(&shop.dora, "id"));
    shop.office.step("POST", &off, Value::Null, ("user.disabled", &["user"]));
    assert!(!is_good(place, &held, "GET") && !signs_in());
    assert_eq!(word(&shop.connects(ORDERS, HERE)), "invalid_request");
    assert_eq!(shop.office.status_from(HERE, &there, "GET", "/clients"), 401);
    assert_eq!(word(&shop.by_itself(HERE)), "granted", "the key goes on");
}
