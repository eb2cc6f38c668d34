//! The vault over HTTP: secrets are in the answers that are meant to hold them, and in nothing else that the server says or writes.

use crate::logs::logged;
use crate::management::office::{Answer, Office, call};
use crate::support::set;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use doorward_core::client::{AccountOwner, Client, ClientSecret};
use doorward_core::store::fault::Stop;
use doorward_core::store::tx::Tx;
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::{client, client_secret, id};
use http::Request;
use serde_json::{Value, json};

/// What stands in no answer and no log but where it is meant to.
const CANARY: &str = "kanarienvogel-4711";
const ACCOUNT: u32 = 40;

/// The one API account, which may look at the management API.
pub(crate) fn account(office: &Office) -> String {
    let management = office.get("/apis/management").body["id"].as_str().unwrap().parse().unwrap();
    let owner = office.get("/users/alice").body["id"].as_str().unwrap().parse().unwrap();
    let account =
        client(ACCOUNT).for_account_of(AccountOwner::User(owner)).with_access(&[(management, Level::Read)]);
    let account: Client = account.with_scopes("providers:read", "providers:read").build();
    let id = account.id.to_string();
    let insert = move |tx: &mut dyn Tx| match tx.client(account.id).map_err(Stop::<()>::Fault)? {
        Some(_) => Ok(()),
        None => Ok(tx.insert_client(&account)?),
    };
    block_on(office.place.server.cache().write(insert)).unwrap();
    id
}

/// A secret of the account's.
fn secret(office: &Office) -> String {
    let text = token_text::write(TokenType::ClientSecret, &[7; 32]);
    let (pepper, digest) = office.place.context().peppers.digest(text.expose());
    let secret = ClientSecret { digest, pepper, ..client_secret(41, id(ACCOUNT)) };
    let insert = move |tx: &mut dyn Tx| tx.insert_client_secret(&secret).map_err(Stop::<()>::Fault);
    block_on(office.place.server.cache().write(insert)).unwrap();
    text.expose().to_owned()
}

pub(crate) fn parcels(office: &Office) -> Answer {
    let field = |name: &str, kind: &str| json!({"name": name, "label": name, "type": kind, "required": true});
    let mut customer = field("customer", "text");
    customer["pattern"] = json!("[0-9]{6,10}");
    office.post(
        "/providers",
        json!({
            "key": "parcels", "name": "Parcels",
            "fields": [field("base_url", "url"), customer, field("password", "secret")],
            "presets": [{
                "key": "trial", "label": "Trial", "testing": true,
                "values": {"base_url": "https://trial.parcels.example"},
            }],
        }),
    )
}

fn registered(office: &Office, account: &str) -> Answer {
    let body = json!({
        "provider": "parcels", "label": "Acme", "preset": "trial", "release": "api_account",
        "fields": {"customer": "40213377", "password": CANARY},
    });
    office.post(&format!("/api-accounts/{account}/registered-auths"), body)
}

/// A server with an account and an auth: its path.
fn office() -> (Office, String) {
    let office = Office::new();
    assert_eq!(parcels(&office).status, 201);
    let account = account(&office);
    let made = registered(&office, &account);
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/registered-auths/{}", made.body["id"].as_str().unwrap());
    (office, path)
}

fn reveal(office: &Office, path: &str) -> Answer {
    office.post(&format!("{path}/reveal"), json!({"reason": "moving house"}))
}

fn acts(office: &Office, action: &str) -> usize {
    office.events().iter().filter(|event| event.action == action).count()
}

#[test]
fn secrets_are_masked_until_they_are_revealed() {
    let (office, path) = office();
    let shown = office.get(&path);
    let fields = json!({
        "base_url": "https://trial.parcels.example", "customer": "40213377", "password": "********",
    });
    assert_eq!((&shown.body["fields"], &shown.body["testing"]), (&fields, &json!(true)));
    let list = format!("/api-accounts/{}/registered-auths", id(ACCOUNT));
    assert_eq!(office.get(&list).body["items"][0], shown.body);
    let revealed = reveal(&office, &path);
    assert_eq!((revealed.status, revealed.header("cache-control")), (200, "no-store"));
    assert_eq!(revealed.body["fields"]["password"], CANARY);
    assert_eq!(revealed.header("etag"), shown.header("etag"), "it is the same");
    assert_eq!(office.get(&path).body, shown.body);
}

/// RFC 7396 §1: what was read may be sent back; a secret that is not named, or masked, stays.
#[test]
fn a_patch_leaves_secrets_that_it_does_not_name() {
    let (office, path) = office();
    let mut whole = office.get(&path).body;
    whole["label"] = json!("Other");
    let patched = office.patch(&path, whole);
    assert_eq!((patched.status, &patched.body["label"]), (200, &json!("Other")), "{}", patched.body);
    assert_eq!(office.patch(&path, json!({"fields": {"customer": "1234567"}})).status, 200);
    assert_eq!(reveal(&office, &path).body["fields"]["password"], CANARY);
    assert_eq!(
        office.patch(&path, json!({"fields": {"password": "new"}})).body["fields"]["password"],
        "********"
    );
    assert_eq!(reveal(&office, &path).body["fields"]["password"], "new");
    assert_eq!(
        office.patch(&path, json!({"fields": {"password": null}})).wrong(),
        (422, vec!["/fields/password"])
    );
    assert_eq!(
        office.patch(&path, json!({"fields": {"password": 5}})).wrong(),
        (400, vec!["/fields/password"])
    );
    assert_eq!(office.patch(&path, json!({"provider": "other"})).wrong(), (422, vec!["/provider"]));
}

/// RFC 9470 §3: the challenge says how old the sign-in may be.
#[test]
fn whoever_signed_in_long_ago_signs_in_again() {
    let (office, path) = office();
    let before = office.events().len();
    office.place.advance(Lifetime::seconds(301));
    let refused = reveal(&office, &path);
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate");
    assert!(challenge.starts_with("Bearer error=\"insufficient_user_authentication\""), "{challenge}");
    assert!(challenge.ends_with(", max_age=\"300\""), "{challenge}");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(office.events().len(), before);
    let all = crate::management::office::every_permission();
    let fresh = office.token("root", &all);
    let body = || Some(json!({"reason": "why"}));
    let revealed = office.call(&fresh, "POST", &format!("{path}/reveal"), body());
    assert_eq!(revealed.status, 200, "{}", revealed.body);
    let token = json!({"name": "t", "access": [{"api": "management", "level": "full"}]});
    let made = office.call(&fresh, "POST", "/me/api-tokens", Some(token));
    let token = made.body["token"].as_str().unwrap();
    let by_api_token = office.call(token, "POST", &format!("{path}/reveal"), body());
    assert_eq!(by_api_token.status, 401, "an API token tells of no sign-in");
    assert!(by_api_token.header("www-authenticate").contains("insufficient_user_authentication"));
}

/// Each time it is shown, it is an act of its own: nothing is told again from what is kept under a key.
#[test]
fn what_is_revealed_twice_is_recorded_twice() {
    let (office, path) = office();
    let request = || {
        let request = call(&office.root, "POST", &format!("{path}/reveal"), Some(json!({"reason": "why"})));
        set(request, "idempotency-key", "once")
    };
    for times in [1, 2] {
        assert_eq!(office.send(request()).body["fields"]["password"], CANARY);
        assert_eq!(acts(&office, "registered_auth.revealed"), times);
    }
}

#[test]
fn an_account_has_its_secrets_released_by_a_token_of_its_own() {
    let (office, path) = office();
    let basic = STANDARD.encode(format!("client-{ACCOUNT}:{}", secret(&office)));
    let request = Request::post("/oauth2/token")
        .header("host", "as.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", format!("Basic {basic}"))
        .body(Bytes::from_static(b"grant_type=client_credentials&resource=https%3A%2F%2Fas.example%2Fapi"));
    let granted = office.send(request.unwrap());
    let token =
        granted.body["access_token"].as_str().unwrap_or_else(|| panic!("{}", granted.body)).to_owned();
    assert_eq!(office.call(&token, "GET", &path, None).body["fields"]["password"], "********");
    let released = office.call(&token, "POST", &format!("{path}/release"), None);
    assert_eq!(
        (released.status, &released.body["fields"]["password"]),
        (200, &json!(CANARY)),
        "{}",
        released.body
    );
    assert_eq!(acts(&office, "registered_auth.released"), 1);
    assert_eq!(
        office.call(&token, "POST", &format!("{path}/reveal"), Some(json!({"reason": "x"}))).status,
        403
    );
    let by_root = office.call(&office.root, "POST", &format!("{path}/release"), None);
    assert_eq!(by_root.status, 403, "{}", by_root.body);
    office.patch(&path, json!({"release": "never"}));
    assert_eq!(office.call(&token, "POST", &format!("{path}/release"), None).status, 403);
    assert_eq!(acts(&office, "registered_auth.released"), 1);
}

/// The canary: whatever is answered and logged, at any level, while secrets come, are refused, changed and shown.
#[test]
fn no_secret_is_answered_or_logged() {
    let mut answers = vec![];
    let lines = logged(|| {
        let (office, path) = office();
        let list = format!("/api-accounts/{}/registered-auths", id(ACCOUNT));
        let with = |field: &str, value: Value| {
            let mut body = json!({
                "provider": "parcels", "label": "Acme", "preset": "trial",
                "fields": {"customer": "40213377", "password": "x"},
            });
            body["fields"][field] = value;
            office.post(&list, body)
        };
        answers.extend([
            office.get(&path),
            office.get(&list),
            office.patch(&path, json!({"label": CANARY.to_uppercase()})),
        ]);
        for value in [json!(CANARY), json!([CANARY]), json!({ "a": CANARY }), json!(format!("{CANARY}\u{0}"))]
        {
            for field in ["customer", "password", "base_url", "none"] {
                answers
                    .extend((field != "password" || !value.is_string()).then(|| with(field, value.clone())));
            }
        }
        answers.push(office.call(&office.bob, "POST", &list, Some(json!({"fields": {"password": CANARY}}))));
        assert!(reveal(&office, &path).body.to_string().contains(CANARY));
        for event in office.events() {
            assert!(!format!("{event:?}").contains(CANARY), "{event:?}");
        }
        answers.push(office.call(&office.root, "DELETE", &path, None));
    });
    assert!(answers.len() > 10 && answers.iter().all(|answer| !answer.body.to_string().contains(CANARY)));
    assert!(!lines.is_empty() && !lines.contains(CANARY));
}

/// Who could not have secrets shown does not let them out by another way either; what they give themselves they may.
#[test]
fn secrets_that_stay_are_let_out_by_those_alone_who_could_have_them_shown() {
    let (office, path) = office();
    assert_eq!(office.patch(&path, json!({"release": "never"})).status, 200, "that is narrower");
    office.place.advance(Lifetime::seconds(301));
    let wider = json!({"release": "api_account"});
    assert_eq!(office.patch(&path, wider).status, 401, "they signed in too long ago");
    let anew = json!({"release": "api_account", "fields": {"password": "another"}});
    assert_eq!(office.patch(&path, anew).status, 200);
}
