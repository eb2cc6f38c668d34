//! Two nodes that are restarted one after the other, a database that is expanded under them, and keys that are followed by
//! new ones all the time: whoever asks by way of a proxy, or keeps the published keys, notices nothing.

use crate::harness::{Server, until};
use crate::length::rounds;
use crate::load::Load;
use crate::nginx::Nginx;
use crate::on_cluster::{self, client_of_both_formats};
use crate::spread::{tell, time};
use crate::verifier::Verifier;
use doorward_testkit::databases::say;
use doorward_testkit::http::{self, Answer, Credentials};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// As a proxy does: to a node that says it is ready, and each request once.
fn by_way_of_a_proxy(ports: [u16; 2], turn: usize, issuer: &str, client: &Credentials) -> Answer {
    let form = [("grant_type", "client_credentials"), ("scope", "opaque")];
    for port in [ports[turn % 2], ports[(turn + 1) % 2]] {
        // A connection for each request: one that is kept may be closed by its other end at any time.
        let ready = http::get(&http::agent_at(port), &format!("{issuer}/readyz"));
        if ready.is_ok_and(|answer| answer.status == 200) {
            let answer =
                http::post(&http::agent_at(port), &format!("{issuer}/oauth2/token"), &form, Some(client));
            return answer.expect("a node that was ready a moment ago answers");
        }
    }
    panic!("no node is ready");
}

#[test]
fn a_rolling_restart_of_two_nodes_loses_no_request() {
    let Some((_cluster, mut nodes)) = on_cluster::two_nodes(&[("DOORWARD__SERVER__DRAIN", "1")]) else {
        return;
    };
    let client = client_of_both_formats(&nodes);
    let (ports, issuer) = (ports(&nodes), nodes[0].issuer());
    restart_in_turn(&mut nodes, |turn| by_way_of_a_proxy(ports, turn, &issuer, &client));
}

/// Behind nginx as the documentation has it, which never asks whether a node is ready.
#[test]
fn a_rolling_restart_behind_nginx_loses_no_request() {
    let Some((_cluster, mut nodes)) = on_cluster::two_nodes(&[]) else { return };
    let Some(nginx) = Nginx::before(&ports(&nodes)) else { return };
    let client = client_of_both_formats(&nodes);
    let (agent, url) = (http::agent_at(nginx.port), format!("{}/oauth2/token", nodes[0].issuer()));
    let form = [("grant_type", "client_credentials"), ("scope", "opaque")];
    restart_in_turn(&mut nodes, |_| http::post(&agent, &url, &form, Some(&client)).expect("nginx is there"));
}

fn ports(nodes: &[Server; 2]) -> [u16; 2] {
    nodes.each_ref().map(|node| node.address().1)
}

/// Restarts one node after the other while callers ask without a pause, and all of them are answered.
fn restart_in_turn(nodes: &mut [Server; 2], ask: impl Fn(usize) -> Answer + Sync) {
    let (done, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for caller in 0..4 {
            let (ask, done, served) = (&ask, &done, &served);
            scope.spawn(move || {
                for turn in caller.. {
                    if done.load(Ordering::SeqCst) {
                        break;
                    }
                    let answer = ask(turn);
                    assert_eq!(answer.status, 200, "{answer:?}");
                    served.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for _ in 0..rounds(1, 10) {
            for node in &mut *nodes {
                let before = served.load(Ordering::SeqCst);
                until("requests are served", || (served.load(Ordering::SeqCst) > before + 50).then_some(()));
                node.signal("TERM");
                assert!(node.wait_for_end().success());
                node.restart();
            }
        }
        done.store(true, Ordering::SeqCst);
    });
}

/// What the migrations of a next release do first: they add what this one does not know.
#[test]
fn a_database_is_expanded_while_a_release_serves_from_it() {
    let Some((cluster, nodes)) = on_cluster::two_nodes(&[]) else { return };
    let client = client_of_both_formats(&nodes);
    let loads = nodes.each_ref().map(|node| Load::start(node, &client));
    for table in ["opaque_tokens", "clients", "client_secrets", "apis", "changes", "last_revision", "leases"]
    {
        let expand = format!(
            "ALTER TABLE {table} ADD COLUMN later TEXT NOT NULL DEFAULT ''; CREATE INDEX {table}_later ON {table} (later)"
        );
        say(&cluster.url("postgres"), &expand);
        for node in &nodes {
            assert_eq!(node.token(&client, &[("scope", "opaque")]).status, 200, "{table}");
        }
    }
    for load in loads {
        let acknowledged = load.end();
        assert_eq!(acknowledged.refused, 0);
        assert!(!acknowledged.issued.is_empty() && !acknowledged.revoked.is_empty());
        nodes.iter().for_each(|node| acknowledged.holds_at(node, &client));
    }
}

/// A verifier keeps the key set and reads it again, from the node that has not signed, only for a key that it does not know:
/// it finds it, and each signature is good.
#[test]
fn keys_that_follow_one_another_are_published_everywhere_before_they_sign() {
    // The settings have no less.
    let settings = [("DOORWARD__KEYS__PUBLISH_BEFORE_USE", "11"), ("DOORWARD__TOKENS__JWKS_MAX_AGE", "1")];
    let Some((_cluster, nodes)) = on_cluster::two_nodes(&settings) else { return };
    let client = client_of_both_formats(&nodes);
    // So many, and so many more as it takes until some of the keys have signed.
    let (rotations, some, patience) = (rounds(5, 60), 3, 60);
    let (done, signers) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ((verified, reads), took) = time(|| {
        thread::scope(|scope| {
            let verify = || {
                let turn = Cell::new(0);
                let mut verifier = Verifier::new(|| nodes[(turn.get() + 1) % 2].get("/oauth2/jwks").json());
                while !done.load(Ordering::SeqCst) {
                    let token = nodes[turn.get() % 2].access_token(&client, &[("scope", "jwt")]);
                    assert_eq!(verifier.verify(&token), Ok(()));
                    signers.store(verifier.signers.len(), Ordering::SeqCst);
                    turn.set(turn.get() + 1);
                }
                (verifier.verified, verifier.reads)
            };
            let verifiers = [scope.spawn(verify), scope.spawn(verify)];
            for rotation in 0..rotations + patience {
                if rotation >= rotations && signers.load(Ordering::SeqCst) >= some {
                    break;
                }
                nodes[0].cli(&["keys", "rotate", "--algorithm", "ES256"]).ok();
                let (_kept, never) = std::sync::mpsc::channel::<()>();
                assert!(never.recv_timeout(std::time::Duration::from_secs(1)).is_err());
            }
            done.store(true, Ordering::SeqCst);
            let all = verifiers.map(|one| one.join().expect("every token was verified"));
            (all[0].0 + all[1].0, all[0].1 + all[1].1)
        })
    });
    let signers = signers.into_inner();
    assert!(signers >= some, "{signers} keys have signed");
    tell(&format!(
        "{signers} keys have signed in {} s, a new one each second: {verified} tokens verified, none in vain, by two key sets \
         read {reads} times",
        took.as_secs()
    ));
}
