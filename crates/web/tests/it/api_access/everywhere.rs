//! Every way to use access, against everything that can be switched off, changed or taken back: the change is made by a call of the
//! management API, and the next request is refused in every way that rests on it, and in no other. So it is at another node on the same
//! database once it has caught up, as each does every quarter of a second; whether another node or the command line made the change is
//! the same there. A new way is an entry in `works`, a new change a row of a table.

use crate::api_access::feed::told_of;
use crate::api_access::held::{Held, KEY, furnish};
use crate::flows::browser::Browser;
use crate::flows::place::{BILLING, ORDERS, Place, tokens, word};
use crate::management::office::{Office, call, every_permission};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_core::manage::clients;
use doorward_protocol::words::ConsentMode;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use http::Response;
use serde_json::{Value, json};

/// The client by which `alice` uses APIs.
const APPLICATION: &str = "back-office";
/// The billing API, as a client.
const BILLING_DESK: &str = "billing-desk";
/// Of that client, or of the key, what comes first where only one thing is changed.
const LEVELS: [&str; 3] = [ORDERS, BILLING, "management"];

/// What `alice` holds, and the key.
struct All {
    office: Office,
    there: Place,
    api_token: Held,
    exchanged: String,
    /// Her access tokens: for the management API, an opaque one, a signed one.
    by_user: String,
    opaque: String,
    signed: String,
    /// The key's, for the management API.
    by_client: String,
    /// What is good once: for this node and for the other one.
    refresh: [String; 2],
    code: [String; 2],
    group: String,
    organization: String,
}

type Change = fn(&All);
type Row = (&'static str, Change, &'static [&'static str]);

/// Whatever she comes by.
const HERS: &str = "manage:token manage:user api-token opaque signed exchanged exchange refresh code";
const HER_API_TOKEN: &str = "manage:token api-token exchanged exchange";
const BY_APPLICATION: &str = "manage:user opaque signed refresh code";
const OF_ORDERS: &str = "api-token signed exchanged exchange credentials refresh code";
const BY_KEY: &str = "manage:client credentials";
const MANAGING: &str = "manage:token manage:user manage:client";

#[rustfmt::skip]
const OF_PEOPLE: &[Row] = &[
    ("nothing",                    |_| (),                                                                                    &[]),
    ("she is disabled",            |all| all.post("/users/alice/disable", Value::Null),                                       &[HERS]),
    ("she is deleted",             |all| all.delete("/users/alice"),                                                          &[HERS]),
    ("all of hers is void",        |all| all.post("/users/alice/revoke", Value::Null),                                        &[HERS]),
    ("her password is another",    |all| all.post("/users/alice/password", json!({"password": "seven herons on a slow river"})), &[BY_APPLICATION]),
    ("her API tokens are revoked", |all| all.post("/users/alice/api-tokens/revoke-all", Value::Null),                         &[HER_API_TOKEN]),
    ("she leaves the group",       |all| all.patch("/users/alice", json!({"groups": []})),                                    &["manage:token manage:user"]),
    ("the group may nothing",      |all| all.patch(&all.group(), json!({"permissions": []})),                                 &[MANAGING]),
    ("the group is deleted",       |all| all.delete(&all.group()),                                                            &[MANAGING]),
    ("the organization is off",    |all| all.post(&format!("/organizations/{}/disable", all.organization), Value::Null),      &[HERS, BY_KEY]),
];

#[rustfmt::skip]
const OF_CLIENTS: &[Row] = &[
    ("the application is off",        |all| all.post("/clients/back-office/disable", Value::Null),         &[BY_APPLICATION]),
    ("the application is deleted",    |all| all.delete("/clients/back-office"),                            &[BY_APPLICATION]),
    ("the application has ended",     |all| all.ends(APPLICATION),                                         &[BY_APPLICATION]),
    ("its networks are others",       |all| all.patch("/clients/back-office", elsewhere()),                &["manage:user signed refresh code"]),
    ("it is nothing at the orders",   |all| all.levels("/clients/back-office", ORDERS),                    &["signed refresh code"]),
    ("it is nothing at billing",      |all| all.levels("/clients/back-office", BILLING),                   &["opaque"]),
    ("it may manage nothing",         |all| all.levels("/clients/back-office", "management"),              &["manage:user"]),
    ("the key is off",                |all| all.post("/clients/the-key/disable", Value::Null),             &[BY_KEY]),
    ("the key is deleted",            |all| all.delete("/clients/the-key"),                                &[BY_KEY]),
    ("the key has ended",             |all| all.ends(KEY),                                                 &[BY_KEY]),
    ("the key has another secret",    |all| all.post("/clients/the-key/secrets/rotate", Value::Null),      &["credentials"]),
    ("the key's networks are others", |all| all.patch("/clients/the-key", elsewhere()),                    &[BY_KEY]),
    ("the key leaves the group",      |all| all.patch("/clients/the-key", json!({"groups": []})),          &["manage:client"]),
    ("the key is nothing at orders",  |all| all.levels("/clients/the-key", ORDERS),                        &["credentials"]),
    ("the key may manage nothing",    |all| all.levels("/clients/the-key", "management"),                  &["manage:client"]),
];

#[rustfmt::skip]
const OF_APIS_AND_TOKENS: &[Row] = &[
    ("the orders API is off",          |all| all.post(&format!("{}/disable", all.api(ORDERS)), Value::Null),   &[OF_ORDERS]),
    ("the orders API is deleted",      |all| all.delete(&all.api(ORDERS)),                                     &[OF_ORDERS]),
    ("the billing API is off",         |all| all.post(&format!("{}/disable", all.api(BILLING)), Value::Null),  &["opaque"]),
    ("its desk may not ask",           |all| all.patch(&all.api(ORDERS), json!({"introspection_clients": []})), &["api-token signed exchanged"]),
    ("reading takes another scope",    |all| all.patch(&all.api(ORDERS), other_scope()),                       &["signed"]),
    ("the API token is revoked",       |all| all.post(&all.token("/revoke"), Value::Null),                     &[HER_API_TOKEN]),
    ("it has another value",           |all| all.post(&all.token("/regenerate"), Value::Null),                 &[HER_API_TOKEN]),
    ("its former value goes on",       |all| all.post(&all.token("/regenerate"), json!({"overlap_seconds": 60})), &[]),
    ("it is nothing at the orders",    |all| all.levels(&all.token(""), ORDERS),                               &["api-token exchanged exchange"]),
    ("it may manage nothing",          |all| all.levels(&all.token(""), "management"),                         &["manage:token"]),
    ("its networks are others",        |all| all.patch(&all.token(""), elsewhere()),                           &[HER_API_TOKEN]),
    ("it has ended",                   |all| all.token_ends(),                                                 &[HER_API_TOKEN]),
];

/// RFC 7662 §4: "that token has not been revoked" is asked anew at each request, and so is whatever else it rests on.
#[test]
fn whatever_is_done_about_people_counts_everywhere() {
    as_told(OF_PEOPLE);
}

/// RFC 7662 §4: so it is with the clients that people and programs come by.
#[test]
fn whatever_is_done_about_clients_counts_everywhere() {
    as_told(OF_CLIENTS);
}

/// RFC 7662 §4: and with the APIs, and the tokens themselves.
#[test]
fn whatever_is_done_about_apis_and_tokens_counts_everywhere() {
    as_told(OF_APIS_AND_TOKENS);
}

fn as_told(table: &[Row]) {
    let mut wrong = vec![];
    for (what, change, stopped) in table {
        let all = All::new();
        let known = all.office.place.feed(None).next;
        change(&all);
        let stopped: Vec<_> = stopped.iter().flat_map(|ways| ways.split(' ')).collect();
        let here = all.stopped(&all.office.place, 0);
        block_on(all.there.server.cache().catch_up()).unwrap();
        let there = all.stopped(&all.there, 1);
        // The desk may ask no more, but the tokens are what they were.
        if !what.contains("may not ask") {
            wrong.extend(all.untold(&known).into_iter().map(|untold| format!("{what}: {untold}")));
        }
        for (node, mut found) in [("here", here), ("there", there)] {
            let mut stopped = stopped.clone();
            stopped.sort_unstable();
            found.sort_unstable();
            if found != stopped {
                wrong.push(format!("{what}, {node}:\n  told  {stopped:?}\n  found {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn elsewhere() -> Value {
    json!({"allowed_ips": ["192.0.2.0/24"]})
}

fn other_scope() -> Value {
    let reading = json!({"methods": ["GET", "HEAD", "OPTIONS"], "scopes": ["orders:write"]});
    json!({"levels": {"read": reading, "full": {"scopes": ["orders:read", "orders:write"]}}})
}

impl All {
    fn new() -> Self {
        let mut office = Office::new();
        let (group, organization) = furnished(&mut office);
        let place = &office.place;
        let levels = json!([{"api": ORDERS, "level": "read"}, {"api": "management", "level": "read"}]);
        let made = office.post("/users/alice/api-tokens", json!({"name": "script", "access": levels}));
        let text =
            |name: &str| made.body[name].as_str().unwrap_or_else(|| panic!("{}", made.body)).to_owned();
        let api_token = Held { id: text("id").parse().unwrap(), value: text("token") };
        let browser = Browser::new(place);
        let code = |scope| place.code(&browser, &place.request(APPLICATION, &[("scope", scope)]), "alice");
        let got = |scope| tokens(&place.redeem(APPLICATION, &code(scope)));
        let orders = [(); 2].map(|()| got("orders:read offline_access"));
        let all = Self {
            exchanged: place.exchanged(None, &api_token.value),
            by_user: got("groups:read").access().to_owned(),
            opaque: got("billing:read").access().to_owned(),
            signed: orders[0].access().to_owned(),
            by_client: tokens(&by_itself("groups:read", place)).access().to_owned(),
            refresh: orders.each_ref().map(|tokens| tokens.refresh().to_owned()),
            code: [(); 2].map(|()| code("orders:read")),
            there: place.restarted_with(place.master.to_text().expose()),
            api_token,
            group,
            organization,
            office,
        };
        // Both know everything by now, so that whatever they are to learn is a change.
        for place in [&all.office.place, &all.there] {
            let lasting = all.lasting(place);
            assert!(lasting.iter().all(|(_, works)| *works), "{lasting:?}");
        }
        all
    }

    /// Which ways are refused at a node.
    fn stopped(&self, place: &Place, node: usize) -> Vec<&'static str> {
        let refresh = place.refresh(APPLICATION, &self.refresh[node]);
        let code = place.redeem(APPLICATION, &self.code[node]);
        let once = [("refresh", granted(&refresh)), ("code", granted(&code))];
        let ways = self.lasting(place).into_iter().chain(once);
        ways.filter(|(_, works)| !works).map(|(way, _)| way).collect()
    }

    /// Which signed tokens are not good any more of which those are not told who verify them by themselves; and, where everything
    /// is as it was, which they are told of all the same.
    fn untold(&self, known: &str) -> Vec<String> {
        let mut untold = vec![];
        for (node, place) in [("here", &self.office.place), ("there", &self.there)] {
            let feed = place.feed(Some(known));
            assert!(!feed.reset, "{node}");
            for (way, token) in [("signed", &self.signed), ("exchanged", &self.exchanged)] {
                let is_good = place.desk(token, &[])["active"] == true;
                if !is_good && !told_of(&feed, token) {
                    untold.push(format!("{node}, {way}: {:?}", feed.revoked));
                }
            }
        }
        untold
    }

    /// The ways that are there to be used again and again.
    fn lasting(&self, place: &Place) -> [(&'static str, bool); 9] {
        let manages = |token: &str| {
            let answer = place.app.respond(call(token, "GET", "/groups", None), Caller::default());
            block_on(answer).status() == 200
        };
        let knows = |desk: &str, token: &str| place.introspect(desk, token)["active"] == true;
        let get = [("method", "GET"), ("uri", "/orders/7")];
        let orders = |token: &str| place.desk(token, &get)["active"] == true;
        [
            ("manage:token", manages(&self.api_token.value)),
            ("manage:user", manages(&self.by_user)),
            ("manage:client", manages(&self.by_client)),
            ("api-token", orders(&self.api_token.value)),
            ("opaque", knows(BILLING_DESK, &self.opaque)),
            ("signed", orders(&self.signed)),
            ("exchanged", orders(&self.exchanged)),
            ("exchange", granted(&place.exchange(None, &self.api_token.value, &[]))),
            ("credentials", granted(&by_itself("orders:read", place))),
        ]
    }

    fn group(&self) -> String {
        format!("/groups/{}", self.group)
    }

    fn api(&self, identifier: &str) -> String {
        format!("/apis/{}", self.office.place.api_key(identifier))
    }

    fn token(&self, action: &str) -> String {
        format!("/api-tokens/{}{action}", self.api_token.id)
    }

    #[track_caller]
    fn does(&self, method: &str, path: &str, body: Value) {
        let answer =
            self.office.call(&self.office.root, method, path, Some(body).filter(|body| !body.is_null()));
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.body);
    }

    fn post(&self, path: &str, body: Value) {
        self.does("POST", path, body);
    }

    fn patch(&self, path: &str, body: Value) {
        self.does("PATCH", path, body);
    }

    fn delete(&self, path: &str) {
        self.does("DELETE", path, Value::Null);
    }

    /// From now on it has no level at this API, and the highest at the others.
    fn levels(&self, path: &str, without: &str) {
        let access =
            LEVELS.map(|api| json!({"api": api, "level": if api == without { "none" } else { "full" }}));
        self.patch(path, json!({ "access": access }));
    }

    fn ends(&self, client_id: &str) {
        let now = self.office.place.context().now;
        self.office.place.set_client(client_id, |client| client.expires_at = Some(now));
    }

    fn token_ends(&self) {
        let now = self.office.place.context().now;
        self.office.place.set_token(&self.api_token, |token| token.expires_at = now);
    }
}

/// What there is to hold: an organization that `alice` and the key are in, and a group by which they may look at groups; the
/// identifiers of both.
fn furnished(office: &mut Office) -> (String, String) {
    let place = &mut office.place;
    furnish(place);
    let scopes = scope(&format!("offline_access orders:read billing:read {}", every_permission()));
    let members = clients::Members { consent: ConsentMode::Implicit, scopes, ..Place::members() };
    let members = clients::Members { default_scopes: scope("orders:read"), ..members };
    place.register(APPLICATION, members);
    place.register(BILLING_DESK, clients::Members::named("The billing API"));
    place.let_introspect(BILLING_DESK, BILLING);
    place.make_opaque(BILLING);
    let group = json!({"name": "Tellers", "permissions": ["groups:read", "api-tokens:self"]});
    let [group, organization] = [("/groups", group), ("/organizations", json!({"name": "Acme"}))]
        .map(|(path, body)| office.post(path, body).body["id"].as_str().unwrap().to_owned());
    let theirs = json!({"groups": ["Tellers"], "organization_id": organization});
    let mut keys = theirs.clone();
    keys["scopes"] = json!(["orders:read", "orders:write", "groups:read"]);
    for (path, change) in [("/users/alice", theirs), ("/clients/the-key", keys)] {
        let changed = office.patch(path, change);
        assert_eq!(changed.status, 200, "{}", changed.body);
    }
    (group, organization)
}

/// The key's, for itself.
fn by_itself(scope: &str, place: &Place) -> Response<Bytes> {
    place.token(KEY, &[("grant_type", "client_credentials"), ("scope", scope)])
}

fn granted(answer: &Response<Bytes>) -> bool {
    word(answer) == "granted"
}
