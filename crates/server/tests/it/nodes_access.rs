//! Two nodes on one database: what is done beside one of them about API tokens, levels, and the groups of their owner counts at the
//! other within a second.

use crate::harness::{Server, until, within};
use crate::length::rounds;
use crate::on_cluster::{self, is_active};
use crate::spread::{Spread, time};
use doorward_testkit::http::{self, Credentials};
use std::time::Duration;

const ORDERS: &str = "https://orders.example";
/// How long after a change was answered beside one node the others act on it.
const ELSEWHERE: Duration = Duration::from_secs(1);

/// What is done, `{}` being the API token; what undoes it for the next token; and whether the token is still good at the orders API,
/// and at the management API.
type Change = (&'static [&'static str], &'static [&'static str], [bool; 2]);

const NOTHING: &[&str] = &["token", "list"];

#[rustfmt::skip]
const CHANGES: &[Change] = &[
    (&["token", "revoke", "{}"],                                                   NOTHING,                                                     [false, false]),
    (&["token", "regenerate", "{}"],                                               NOTHING,                                                     [false, false]),
    (&["token", "revoke-all", "--user", "alice"],                                  NOTHING,                                                     [false, false]),
    (&["token", "update", "{}", "--api", "management=read"],                       NOTHING,                                                     [false, true]),
    (&["token", "update", "{}", "--api", "https://orders.example=read"],           NOTHING,                                                     [true, false]),
    (&["group", "update", "Tellers", "--permission", "users:read"],                &["group", "update", "Tellers", "--permission", "groups:read"], [true, false]),
    (&["user", "update", "alice", "--no-groups"],                                  &["user", "update", "alice", "--group", "Tellers"],          [true, false]),
    (&["user", "disable", "alice"],                                                &["user", "enable", "alice"],                                [false, false]),
    (&["api", "disable", "https://orders.example"],                                &["api", "enable", "https://orders.example"],                [false, true]),
];

/// `alice`, who is in a group, and an API that asks about tokens.
fn furnished(node: &Server) -> Credentials {
    node.cli(&["group", "create", "--name", "Tellers", "--permission", "groups:read"]).ok();
    node.cli(&["user", "create", "--username", "alice", "--group", "Tellers"]).ok();
    let desk = node.create_client(&[]);
    node.create_api(ORDERS, &["--introspection-client", &desk.client_id]);
    desk
}

/// A new API token of hers: its identifier and its value.
fn token(node: &Server) -> [String; 2] {
    let levels = ["--api", "https://orders.example=read", "--api", "management=read"];
    let create =
        [&["token", "create", "--json", "--user", "alice", "--name", "script"], &levels[..]].concat();
    let made = node.cli(&create).json();
    ["id", "token"].map(|member| made[member].as_str().expect("it is told").to_owned())
}

/// Whether a token is good at the orders API, and at the management API, as this node says.
fn good(node: &Server, token: &str, desk: &Credentials) -> [bool; 2] {
    let request = ureq::http::Request::get(node.url("/api/v1/groups"));
    let request = request.header("authorization", format!("Bearer {token}")).body(String::new());
    let answer = http::send(node.agent(), request.expect("a request")).expect("an answer");
    [is_active(node, token, desk), answer.status == 200]
}

/// RFC 7662 §4: so soon does an API learn of it, whichever node it asks.
#[test]
fn what_becomes_of_an_api_token_counts_at_the_other_node_within_a_second() {
    let Some((_cluster, nodes)) = on_cluster::two_nodes(&[]) else { return };
    let desk = furnished(&nodes[0]);
    let mut spread = Spread::default();
    for _ in 0..rounds(1, 20) {
        for (change, undo, left) in CHANGES {
            let [id, value] = token(&nodes[0]);
            until("it is good at the other node", || {
                (good(&nodes[1], &value, &desk) == [true, true]).then_some(())
            });
            let change: Vec<_> = change.iter().map(|word| word.replace("{}", &id)).collect();
            nodes[0].cli(&change.iter().map(String::as_str).collect::<Vec<_>>()).ok();
            let known = || (good(&nodes[1], &value, &desk) == *left).then_some(());
            spread.add(time(|| within(ELSEWHERE, &change.join(" "), known)).1);
            nodes[0].cli(undo).ok();
        }
    }
    spread.tell("what becomes of an API token, of a level and of a group is known at the other node");
}
