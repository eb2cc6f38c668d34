//! Two nodes on one database: whoever waits for revocations at one of them is told what happens at the other, and by the cursor of one
//! asks the other on.

use crate::harness::Server;
use crate::length::rounds;
use crate::on_cluster;
use crate::spread::{Spread, now};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::thread;

/// The claims of a JWT, not verified: that is the verifiers' to test.
fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a JWT has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

/// What a node tells whoever knows everything up to a cursor.
fn told(node: &Server, since: &str, wait: u8) -> Value {
    let answer = node.get(&format!("/revocations?since={since}&wait={wait}"));
    assert_eq!(answer.status, 200, "{answer:?}");
    claims(&answer.body)
}

fn newest(node: &Server) -> String {
    let all = claims(&node.get("/revocations").body);
    all["next"].as_str().expect("there is a cursor").to_owned()
}

/// Asks on until a token was taken back: what else changes, such as the clients that were made and deleted before, moves the cursor
/// only.
fn news(node: &Server, mut since: String) -> (Value, String) {
    loop {
        let mut told = told(node, &since, 25);
        assert!(told.get("reset").is_none(), "{told}");
        since = told["next"].as_str().expect("there is a cursor").to_owned();
        let Value::Array(revoked) = told["revoked"].take() else { panic!("{told}") };
        let tokens: Vec<_> = revoked.into_iter().filter(|entry| entry.get("jti").is_some()).collect();
        if !tokens.is_empty() {
            return (Value::Array(tokens), since);
        }
    }
}

/// A revocation at one node is the first thing that is told at the other to somebody who waits there.
#[test]
fn whoever_waits_at_one_node_is_told_what_is_taken_back_at_the_other() {
    let Some((_cluster, nodes)) = on_cluster::two_nodes(&[]) else { return };
    let client = on_cluster::client_of_both_formats(&nodes);
    let (mut spread, mut cursor) = (Spread::default(), newest(&nodes[0]));
    for round in 0..rounds(5, 200) {
        let [here, there] = [&nodes[round % 2], &nodes[(round + 1) % 2]];
        let token = here.access_token(&client, &[("scope", "jwt")]);
        let jti = claims(&token)["jti"].clone();
        let ((revoked, next, told_at), done_at) = thread::scope(|scope| {
            let waits = scope.spawn(|| {
                let (revoked, next) = news(there, cursor.clone());
                (revoked, next, now())
            });
            assert_eq!(here.revoke(&token, &client).status, 200);
            let done_at = now();
            (waits.join().expect("it is told"), done_at)
        });
        assert_eq!((revoked.as_array().map(Vec::len), &revoked[0]["jti"]), (Some(1), &jti), "round {round}");
        spread.add(told_at.saturating_duration_since(done_at));
        // At once where it was done, by a cursor of the other node's.
        assert_eq!(news(here, cursor).0[0]["jti"], jti, "round {round}");
        cursor = next;
    }
    spread.tell("a revocation at one node is told to whoever waits for it at the other");
}
