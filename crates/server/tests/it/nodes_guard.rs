//! Two nodes on one database, and an API that decides by itself and listens to one of them: what is taken back at the other is soon
//! refused by it.

use crate::guarded::{self, manage};
use crate::harness::{Server, until};
use crate::length::rounds;
use crate::on_cluster;
use crate::spread::{Spread, now};
use crate::story;
use doorward_protocol::words::TokenFormat;
use doorward_resource::asked::Asked;
use doorward_resource::guard::Guard;
use doorward_testkit::block_on::block_on;
use doorward_testkit::http::Credentials;
use doorward_testkit::story::API;
use serde_json::json;

/// Whether a request for items goes on.
fn passes(guard: &Guard, token: &str) -> bool {
    let bearer = format!("Bearer {token}");
    let authorization = [bearer.as_bytes()];
    let (method, path, peer) = ("GET", "/items/7", None);
    let authorization = &authorization;
    let asked = Asked { method, path, peer, authorization, forwarded: &[], is_cors_request: false };
    match block_on(guard.admit(&asked)) {
        Ok(_) => true,
        Err(refusal) => {
            assert_eq!(refusal.status(), 401, "{refusal:?}");
            false
        }
    }
}

/// A guard that listens to the first node, and how long it lets a token pass that was revoked at the second.
struct Setting {
    guard: Guard,
    spread: Spread,
}

impl Setting {
    fn revoked(&mut self, token: &str, revoke: impl FnOnce()) {
        until("the token is good", || passes(&self.guard, token).then_some(()));
        revoke();
        let done_at = now();
        let refused_at = until("it is refused", || (!passes(&self.guard, token)).then(now));
        self.spread.add(refused_at - done_at);
        assert!(!passes(&self.guard, token), "and stays so");
    }
}

/// The same for both, whose tokens are signed.
fn api_and_client(node: &Server, management: &str) -> Credentials {
    let client = node.create_client(&["--scope", "stock:read", "--scope", "stock:write"]);
    let members = json!({
        "identifier": API,
        "name": "Stock",
        "token_format": TokenFormat::Jwt.to_string(),
        "scopes": [{"name": "stock:read", "description": ""}, {"name": "stock:write", "description": ""}],
        "levels": {"read": {"scopes": ["stock:read"]}, "full": {"scopes": ["stock:write"]}},
        "introspection_clients": [client.client_id],
    });
    manage(node, management, "/apis", &members);
    client
}

/// RFC 7009 §2.1: signed tokens are good until they end, unless whoever verifies them hears that they were revoked.
#[test]
fn what_is_revoked_at_one_node_is_refused_by_an_api_that_listens_to_the_other() {
    let Some((_cluster, [here, there])) = on_cluster::two_nodes(&[]) else { return };
    let management = story::management(&here);
    let client = api_and_client(&here, &management);
    let signed = || {
        until("the other node knows the client", || {
            let answer = there.token(&client, &[("resource", API)]);
            (answer.status == 200).then(|| answer.json()["access_token"].as_str().map(str::to_owned))?
        })
    };
    let guard = guarded::api(&here, &client).guard();
    let mut setting = Setting { guard, spread: Spread::default() };
    for _ in 0..rounds(20, 200) {
        let token = signed();
        setting.revoked(&token, || assert_eq!(there.revoke(&token, &client).status, 200));
    }
    std::mem::take(&mut setting.spread)
        .tell("a signed token revoked at one node is refused by a guard at the other");
    manage(&there, &management, "/users", &json!({"username": "alice"}));
    for round in 0..rounds(20, 200) {
        let members = json!({"name": round.to_string(), "access": [{"api": API, "level": "read"}]});
        let made = manage(&there, &management, "/users/alice/api-tokens", &members);
        let revoke = format!("/api-tokens/{}/revoke", made["id"].as_str().expect("an id"));
        let token = made["token"].as_str().expect("a token");
        setting.revoked(token, || drop(manage(&there, &management, &revoke, &json!({}))));
    }
    setting.spread.tell("an API token revoked at one node is refused by a guard at the other");
}
