//! Secrets and tokens of every kind go through a server that logs all it can, and are then looked for wherever something is left behind:
//! the database and its write-ahead log, the log, what the trail tells, and the checkpoints (security.md, class N).

use crate::doorward::Place;
use crate::harness::{Server, until};
use crate::person;
use crate::rest::{Rest, text};
use crate::story;
use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use doorward_testkit::browser::Browser;
use doorward_testkit::http::Credentials;
use serde_json::json;

const ORDERS: &str = "https://orders.example";
const VAULT: &str = "kanarienvogel-4711";
const SCOPES: &str = "api-accounts:self access-requests:self registered-auths:reveal providers:read";

/// What is secret, with its name.
type Canaries = Vec<(&'static str, String)>;

/// Tokens of clients, of both forms, of which one is revoked.
fn of_clients(server: &Server, canaries: &mut Canaries) {
    server.create_api(ORDERS, &["--scope", "orders", "--token-format", "opaque"]);
    let client = server.create_client(&["--scope", "orders"]);
    let opaque = server.access_token(&client, &[]);
    server.introspect(&opaque, &client);
    server.revoke(&opaque, &client);
    let secret = server.cli(&["client", "secret", "rotate", &client.client_id, "--json"]).json();
    canaries.push(("client secret", client.client_secret));
    canaries.push(("next client secret", text(&secret, "client_secret")));
    canaries.push(("opaque access token", opaque));
}

/// What a person gets and gives: password, code, tokens, a set-up link.
fn of_people(server: &Server, canaries: &mut Canaries) {
    let app = person::create_app(&[server]);
    let browser = Browser::new(server.agent().clone());
    let code = person::code(&browser, server, &app);
    let tokens = person::redeem(server, &app, &code).json();
    let refreshed = person::refresh(server, &app, &text(&tokens, "refresh_token")).json();
    // Once more, which takes all of them back.
    assert_eq!(person::redeem(server, &app, &code).status, 400);
    let url = server.url("/").parse().unwrap();
    for pair in browser.cookies_for(&url).split("; ") {
        canaries.push(("cookie", pair.split_once('=').expect("a name and a value").1.to_owned()));
    }
    server.cli(&["user", "create", "--username", "bob"]).ok();
    let link = text(&server.cli(&["user", "setup-link", "bob", "--json"]).json(), "setup_url");
    let link = link.split_once("token=").expect("a token").1.to_owned();
    server.get(&format!("/setup?token={link}"));
    canaries.push(("password", person::PASSWORD.to_owned()));
    canaries.push(("code", code));
    canaries.push(("set-up link", link));
    for answer in [&tokens, &refreshed] {
        for member in ["access_token", "refresh_token", "id_token"] {
            // Of a signed token, the signature is what makes it one.
            canaries.push((member, text(answer, member).rsplit('.').next().unwrap().to_owned()));
        }
    }
}

/// What accounts and their vaults hold.
fn of_accounts(server: &Server, management: &str, canaries: &mut Canaries) {
    let ops = Rest::new(server, management);
    let token = person::managing(server, SCOPES);
    let alice = Rest::new(server, &token);
    let access = json!([{"api": "management", "level": "read"}]);
    let account = alice.done("/api-accounts", &json!({"name": "Shop", "access": access}));
    let path = format!("/api-accounts/{}", text(&account, "id"));
    let shown = alice.call("POST", &format!("{path}/secret/reveal"), None).unwrap().json();
    let key =
        text(&alice.done(&format!("{path}/api-tokens"), &json!({"name": "till", "access": access})), "token");
    let field = json!({"name": "password", "label": "Password", "type": "secret", "required": true});
    ops.done("/providers", &json!({"key": "parcels", "name": "Parcels", "fields": [field]}));
    let auth = json!({"provider": "parcels", "label": "Acme", "release": "api_account", "fields": {"password": VAULT}});
    let auth = text(&alice.done(&format!("{path}/registered-auths"), &auth), "id");
    let reveal = alice.done(&format!("/registered-auths/{auth}/reveal"), &json!({"reason": "why not"}));
    assert_eq!(reveal["fields"]["password"], VAULT);
    let till = Rest::new(server, &key);
    till.call("POST", &format!("/registered-auths/{auth}/release"), None).unwrap();
    let wrong = json!({"fields": {"password": [VAULT]}});
    assert_eq!(alice.call("PATCH", &format!("/registered-auths/{auth}"), Some(&wrong)).unwrap().status, 400);
    let client_secret = text(&shown, "client_secret");
    let client = Credentials { client_id: text(&account, "client_id"), client_secret: client_secret.clone() };
    server.token(&client, &[("scope", "nothing")]);
    canaries.push(("vault", VAULT.to_owned()));
    canaries.push(("account's secret", client_secret));
    canaries.push(("account's token", key));
    canaries.push(("management token", management.to_owned()));
    canaries.push(("access token", token.rsplit('.').next().unwrap().to_owned()));
}

/// A canary as it may stand somewhere: as it is, in hexadecimal digits, and inside of any base64 of a text that it is a part of.
fn spellings(canary: &str) -> Vec<String> {
    let hex: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
    let based = |engine: &GeneralPurpose| {
        // At each of three places in a group of three bytes; its first and last characters depend on its neighbours.
        [(0, 0), (1, 2), (2, 3)].map(|(before, first)| {
            let text = engine.encode([vec![0; before], canary.as_bytes().to_vec()].concat());
            text[first..text.len() - 4].to_owned()
        })
    };
    [canary.to_owned(), hex].into_iter().chain(based(&STANDARD)).chain(based(&URL_SAFE)).collect()
}

/// Every canary is made of ASCII, which stays as it is.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What has to be among the places that were searched.
fn searched(places: &[(String, String)], named: &str) {
    let there = places.iter().any(|(place, text)| place.contains(named) && !text.is_empty());
    let all: Vec<_> = places.iter().map(|(place, _)| place).collect();
    assert!(there, "{named} is not among {all:?}");
}

#[test]
fn a_canary_is_found_in_whatever_spelling() {
    let canary = "kanarienvogel-4711";
    for around in ["", "a", "ab", "abc"] {
        for engine in [&STANDARD, &URL_SAFE] {
            let header = engine.encode(format!("{around}:{canary}:{around}"));
            let found = spellings(canary).iter().any(|spelling| header.contains(spelling));
            assert!(found, "{header}");
        }
    }
    assert!(!spellings(canary).iter().any(|spelling| "kanarienvogel-4712".contains(spelling)));
}

#[test]
fn nothing_that_is_left_behind_holds_a_secret() {
    let place = Place::ready();
    let checkpoints = place.path("checkpoints").display().to_string();
    let place =
        place.with("DOORWARD__LOG__LEVEL", "trace").with("DOORWARD__AUDIT__CHECKPOINT_FILE", &checkpoints);
    let mut server = Server::start_at(place);
    let mut canaries = Canaries::new();
    person::create_alice(&server);
    let management = story::management(&server);
    // While nothing happens the write-ahead log is emptied: it is looked at after each.
    let mut places = vec![];
    let mut look = |after: &str| {
        let log = std::fs::read(server.place().path("doorward.db-wal"));
        places.extend(log.ok().map(|bytes| (format!("the write-ahead log after {after}"), readable(&bytes))));
    };
    of_clients(&server, &mut canaries);
    look("clients");
    of_people(&server, &mut canaries);
    look("people");
    of_accounts(&server, &management, &mut canaries);
    look("accounts");
    let ops = Rest::new(&server, &management);
    until("everything is in the chain", || {
        let ran = server.cli(&["audit", "verify", "--json"]);
        (ran.code == Some(0) && ran.json()["unchained"] == 0).then_some(())
    });
    let told = serde_json::to_string(&ops.all("/audit-events")).unwrap();
    let tail = server.cli(&["audit", "tail", "-n", "1000", "--json"]).ok();
    places.extend([("the list of events".to_owned(), told), ("the tail".to_owned(), tail)]);
    server.kill();
    let master = server.place().read("master.key");
    canaries.extend(
        master.lines().filter_map(|line| Some(("master key", line.split_once(':')?.1.trim().to_owned()))),
    );
    for file in std::fs::read_dir(server.place().path("")).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        if name != "master.key" && file.file_type().unwrap().is_file() {
            places.push((name, readable(&std::fs::read(file.path()).unwrap())));
        }
    }
    if let Some(rows) = server.place().rows_on_server() {
        places.push(("the database".to_owned(), rows.join("\n")));
        searched(&places, "the database");
    } else {
        searched(&places, "doorward.db");
        searched(&places, "write-ahead log after accounts");
    }
    searched(&places, "checkpoints");
    searched(&places, ".log");
    assert!(canaries.len() >= 18, "{} canaries", canaries.len());
    assert!(server.log().contains("TRACE") || server.log().contains("trace"), "everything is logged");
    for (what, canary) in &canaries {
        assert!(canary.len() >= 10, "{what}: {canary}");
        for spelling in spellings(canary) {
            for (place, text) in &places {
                assert!(!text.contains(&spelling), "{what} in {place}: {spelling}");
            }
        }
    }
}
