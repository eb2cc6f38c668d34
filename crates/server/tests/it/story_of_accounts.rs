//! Row D, over REST: somebody runs several API accounts with named tokens, and keeps credentials of third parties under them, which
//! leave only where it is allowed, each time on record.

use crate::harness::Server;
use crate::person;
use crate::rest::{Rest, text};
use crate::story;
use serde_json::{Value, json};

const PASSWORD: &str = "four kettles of moss";
const SCOPES: &str = "api-accounts:self registered-auths:reveal providers:read";

fn provider(ops: &Rest) {
    let field = |name: &str, kind: &str| json!({"name": name, "label": name, "type": kind, "required": true});
    let live = json!({"key": "live", "label": "Live", "testing": false, "values": {"base_url": "https://parcels.example"}});
    let fields = json!([field("base_url", "url"), field("password", "secret")]);
    ops.done(
        "/providers",
        &json!({"key": "parcels", "name": "Parcels", "fields": fields, "presets": [live]}),
    );
}

/// An account of hers with two named tokens, which may look at the management API.
struct Account {
    id: String,
    tokens: Vec<Rest>,
}

impl Account {
    fn make(server: &Server, alice: &Rest, name: &str) -> Self {
        let access = json!([{"api": "management", "level": "read"}]);
        let id = text(&alice.done("/api-accounts", &json!({"name": name, "access": access})), "id");
        let token = |name: &str| {
            let made = alice
                .done(&format!("/api-accounts/{id}/api-tokens"), &json!({"name": name, "access": access}));
            let token = text(&made, "token");
            assert!(token.starts_with("dw_key_"), "{token}");
            Rest::new(server, &token)
        };
        Self { tokens: ["one", "two"].map(token).into(), id }
    }

    fn auth(&self, alice: &Rest, release: &str) -> String {
        let auth = json!({
            "provider": "parcels", "label": "Acme Ltd.", "preset": "live", "release": release,
            "fields": {"password": PASSWORD},
        });
        text(&alice.done(&format!("/api-accounts/{}/registered-auths", self.id), &auth), "id")
    }
}

fn release(token: &Rest, auth: &str) -> (u16, Value) {
    let answer = token.call("POST", &format!("/registered-auths/{auth}/release"), None).unwrap();
    (answer.status, answer.json()["fields"]["password"].clone())
}

/// Product.md, row D.
#[test]
fn accounts_have_their_own_tokens_and_their_own_credentials() {
    let server = Server::start();
    let ops = Rest::new(&server, &story::management(&server));
    provider(&ops);
    person::create_alice(&server);
    let alice = Rest::new(&server, &person::managing(&server, SCOPES));
    let warehouse = Account::make(&server, &alice, "Warehouse");
    let shop = Account::make(&server, &alice, "Shop");
    let (released, kept) = (warehouse.auth(&alice, "api_account"), shop.auth(&alice, "never"));

    for who in [&alice, &ops] {
        let shown = who.get(&format!("/registered-auths/{released}"));
        assert_eq!(shown.json()["fields"]["password"], "********", "{shown:?}");
    }
    for token in &warehouse.tokens {
        assert_eq!(release(token, &released), (200, json!(PASSWORD)));
    }
    assert_eq!(release(&shop.tokens[0], &kept), (403, Value::Null), "its policy says never");
    assert_eq!(release(&shop.tokens[0], &released), (404, Value::Null), "it is another account's");
    assert_eq!(release(&alice, &released).0, 403, "she is a person");

    let reveal = format!("/registered-auths/{kept}/reveal");
    let why = json!({"reason": "moving house"});
    assert_eq!(shop.tokens[0].post(&reveal, &why).status, 403);
    assert_eq!(alice.post(&reveal, &json!({})).status, 422, "for a reason only");
    assert_eq!(alice.post(&reveal, &why).json()["fields"]["password"], PASSWORD);

    ops.done(&format!("/api-accounts/{}/disable", warehouse.id), &json!({}));
    for (account, status) in [(&warehouse, 401), (&shop, 200)] {
        for token in &account.tokens {
            assert_eq!(token.get("/me").status, status);
        }
    }

    let acts = ops.events(&["registered_auth.released", "registered_auth.revealed"]);
    let told: Vec<_> =
        acts.iter().map(|act| (text(act, "action"), act["client"].clone(), act["note"].clone())).collect();
    let by_account = ("registered_auth.released".to_owned(), json!(warehouse.id), Value::Null);
    assert_eq!(told[..2], [by_account.clone(), by_account]);
    assert_eq!((told[2].0.as_str(), &told[2].2), ("registered_auth.revealed", &json!("moving house")));
    assert_eq!(told.len(), 3);
    assert_ne!(acts[0]["api_token"], acts[1]["api_token"], "which token it was is on record");
}
