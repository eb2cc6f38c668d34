//! Two nodes on one database: what may happen once happens once for both together, and what one is told the other knows
//! within a second. Both are real processes; each client of a round begins at the same line.

use crate::harness::{Server, within};
use crate::length::rounds;
use crate::on_cluster::{self, is_active};
use crate::person;
use crate::spread::{Spread, time};
use doorward_testkit::browser::Browser;
use doorward_testkit::http::{Answer, Credentials};
use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

const THREADS: usize = 20;
/// Presentations by each thread: a thousand in all.
const EACH: usize = 50;
/// How long after a change was answered on one node the others act on it.
const ELSEWHERE: Duration = Duration::from_secs(1);
/// A refresh token that is presented later than this after its use is a replay. As long as may be: a busy machine needs
/// time for a thousand presentations.
const GRACE: (&str, &str) = ("DOORWARD__TOKENS__REFRESH_GRACE", "60");

/// What every thread gets when all ask at once, half of them at each node.
fn at_once(nodes: &[Server; 2], ask: impl Fn(&Server) -> Answer + Sync) -> Vec<Answer> {
    let line = Barrier::new(THREADS);
    let run = |thread: usize| {
        line.wait();
        (0..EACH).map(|_| ask(&nodes[thread % 2])).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let run = &run;
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || run(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn member(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_else(|| panic!("{name} in {answer:?}")).to_owned()
}

/// RFC 6749 §4.1.2 and §10.5: of a thousand presentations of one code at two nodes, one succeeds, and what it has given is
/// dead at both after the others.
#[test]
fn a_code_presented_at_two_nodes_at_once_is_redeemed_once() {
    let Some((_cluster, nodes)) = on_cluster::two_nodes(&[]) else { return };
    person::create_alice(&nodes[0]);
    let app = person::create_app(&nodes);
    let browser = Browser::new(nodes[0].agent().clone());
    for round in 0..rounds(1, 20) {
        let code = person::code(&browser, &nodes[0], &app);
        let answers = at_once(&nodes, |node| person::redeem(node, &app, &code));
        let (given, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((given.len(), refused.len()), (1, THREADS * EACH - 1), "round {round}");
        assert!(
            refused.iter().all(|answer| answer.status == 400 && member(answer, "error") == "invalid_grant")
        );
        for node in &nodes {
            let access = member(given[0], "access_token");
            within(ELSEWHERE, "the access token is dead", || (!is_active(node, &access, &app)).then_some(()));
            let again = person::refresh(node, &app, &member(given[0], "refresh_token"));
            assert_eq!(member(&again, "error"), "invalid_grant", "round {round}");
        }
    }
}

/// RFC 9700 §4.14.2: a thousand refreshes with one token at two nodes are one rotation and its retries.
#[test]
fn a_refresh_token_presented_at_two_nodes_at_once_has_one_successor() {
    let Some((_cluster, nodes)) = on_cluster::two_nodes(&[GRACE]) else { return };
    person::create_alice(&nodes[0]);
    let app = person::create_app(&nodes);
    let browser = Browser::new(nodes[0].agent().clone());
    for round in 0..rounds(1, 20) {
        let code = person::code(&browser, &nodes[0], &app);
        let first = member(&person::redeem(&nodes[0], &app, &code), "refresh_token");
        let answers = at_once(&nodes, |node| person::refresh(node, &app, &first));
        let successors: BTreeSet<_> = answers.iter().map(|answer| member(answer, "refresh_token")).collect();
        assert_eq!(successors.len(), 1, "round {round}");
        let access: BTreeSet<_> = answers.iter().map(|answer| member(answer, "access_token")).collect();
        assert_eq!(access.len(), THREADS * EACH, "a fresh access token for each");
        assert!(nodes.iter().all(|node| is_active(node, access.first().unwrap(), &app)));
    }
}

/// RFC 7009 §2.2: what was revoked at one node is good at none: an opaque token at once, because it is looked up, a signed
/// one within a second.
#[test]
fn a_token_revoked_at_one_node_is_refused_at_the_other() {
    let Some((_cluster, nodes)) = on_cluster::two_nodes(&[]) else { return };
    let client = on_cluster::client_of_both_formats(&nodes);
    let mut spread = Spread::default();
    for round in 0..rounds(10, 200) {
        let [here, there] = [&nodes[round % 2], &nodes[(round + 1) % 2]];
        let [opaque, jwt] = ["opaque", "jwt"].map(|scope| here.access_token(&client, &[("scope", scope)]));
        assert!(is_active(there, &opaque, &client) && is_active(there, &jwt, &client));
        for token in [&opaque, &jwt] {
            assert_eq!(here.revoke(token, &client).status, 200);
        }
        let gone = || (!is_active(there, &jwt, &client)).then_some(());
        spread.add(time(|| within(ELSEWHERE, "the signed token is gone", gone)).1);
        assert!(!is_active(there, &opaque, &client) && !is_active(here, &jwt, &client), "round {round}");
    }
    spread.tell("a signed token revoked at one node is refused at the other");
}

/// Within a second no node gives it tokens, and none believes those it has.
#[test]
fn a_client_disabled_beside_one_node_is_refused_at_the_other_within_a_second() {
    // Whoever is refused so often is told to wait.
    let settings = [("DOORWARD__LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE", "100000")];
    let Some((_cluster, nodes)) = on_cluster::two_nodes(&settings) else { return };
    let client = on_cluster::client_of_both_formats(&nodes);
    let api = nodes[0].create_client(&[]);
    nodes[0].cli(&["api", "update", on_cluster::JWT_API, "--introspection-client", &api.client_id]).ok();
    let (mut tokens, mut introspections) = (Spread::default(), Spread::default());
    for _ in 0..rounds(20, 200) {
        let switch = |word: &str| nodes[0].cli(&["client", word, &client.client_id]).ok();
        let token = within(ELSEWHERE, "the client is let in", || {
            let answer = nodes[1].token(&client, &[("scope", "jwt")]);
            (answer.status == 200).then(|| member(&answer, "access_token"))
        });
        within(ELSEWHERE, "the API may ask", || is_active(&nodes[1], &token, &api).then_some(()));
        switch("disable");
        let (for_tokens, for_introspection) = refused_after(&nodes[1], &token, [&client, &api]);
        tokens.add(for_tokens);
        introspections.add(for_introspection);
        switch("enable");
    }
    tokens.tell("a disabled client gets no token at the other node");
    introspections.tell("a disabled client's signed token is refused at the other node");
    assert!(tokens.longest() <= ELSEWHERE && introspections.longest() <= ELSEWHERE);
}

/// How long it takes until a client that is disabled gets nothing, and until its token is nothing.
fn refused_after(node: &Server, token: &str, [client, api]: [&Credentials; 2]) -> (Duration, Duration) {
    let no_token = || {
        let answer = node.token(client, &[("scope", "jwt")]);
        (answer.status != 200).then(|| assert_eq!(member(&answer, "error"), "invalid_client"))
    };
    let not_active = || (!is_active(node, token, api)).then_some(());
    thread::scope(|scope| {
        let tokens = scope.spawn(move || time(|| within(ELSEWHERE, "it gets no token", no_token)).1);
        let introspection = time(|| within(ELSEWHERE, "its token is nothing", not_active)).1;
        (tokens.join().unwrap(), introspection)
    })
}
