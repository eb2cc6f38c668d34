//! `kill -9` in the middle of work, again and again: what was answered must still hold afterwards (security.md R1).
//!
//! Workers get, revoke and remember; a token counts as issued, or as revoked, from the moment its answer was read. After
//! each kill the server is started again on the same database, and every memory is compared with what it says.

use crate::harness::{Server, within};
use doorward_testkit::http::{self, Credentials};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const KILLS: usize = 20;
const WORKERS: usize = 6;
/// Acknowledged operations between one start and the next kill: enough that the kill falls into commits under way.
const OPERATIONS: usize = 120;
/// From the start of the process to the first answer.
const READY_WITHIN: Duration = Duration::from_secs(2);

/// What was acknowledged.
#[derive(Default)]
struct Acknowledged {
    issued: Vec<String>,
    revoked: Vec<String>,
}

/// RFC 7009 §2: a revocation that was answered holds, and so does an opaque token, whatever happens to the process.
#[test]
fn twenty_kills_under_load_lose_nothing_that_was_acknowledged() {
    let mut server = Server::start();
    server.create_api("https://jwt.example", &["--scope", "jwt", "--access-token-lifetime", "3600"]);
    let opaque = ["--scope", "opaque", "--token-format", "opaque", "--access-token-lifetime", "3600"];
    server.create_api("https://opaque.example", &opaque);
    let client = server.create_client(&["--scope", "jwt", "--scope", "opaque"]);
    let (mut issued, mut revoked) = (0, 0);
    for kill in 0..KILLS {
        let acknowledged = load_until_killed(&mut server, &client);
        server.spawn();
        within(READY_WITHIN, "the server is ready again", || {
            let agent = http::agent();
            http::get(&agent, &server.url("/readyz")).is_ok_and(|answer| answer.status == 200).then_some(())
        });
        for token in &acknowledged.issued {
            assert!(is_active(&server, token, &client), "kill {kill}: a token that was issued is lost");
        }
        for token in &acknowledged.revoked {
            assert!(!is_active(&server, token, &client), "kill {kill}: a token that was revoked is active");
        }
        issued += acknowledged.issued.len();
        revoked += acknowledged.revoked.len();
    }
    assert!(
        issued > KILLS * 10 && revoked > KILLS * 10,
        "the load was none: {issued} issued, {revoked} revoked"
    );
}

/// Lets the workers go on until enough was acknowledged, then kills the server under their hands.
fn load_until_killed(server: &mut Server, client: &Credentials) -> Acknowledged {
    let memory = Arc::new(Mutex::new(Acknowledged::default()));
    let (done, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let (memory, done, stop) = (Arc::clone(&memory), Arc::clone(&done), Arc::clone(&stop));
            let (issuer, client) = (server.issuer(), client.clone());
            std::thread::spawn(move || {
                work(worker, &issuer, &client, &memory, &done, &stop);
            })
        })
        .collect();
    within(Duration::from_secs(60), "enough is acknowledged", || {
        (done.load(Ordering::Relaxed) >= OPERATIONS).then_some(())
    });
    server.kill();
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.join().expect("a worker ends when the server is gone");
    }
    std::mem::take(&mut *memory.lock().expect("no worker panicked"))
}

/// Gets tokens of both forms in turn and takes every second one back, until the connection breaks.
fn work(
    worker: usize,
    issuer: &str,
    client: &Credentials,
    memory: &Mutex<Acknowledged>,
    done: &AtomicUsize,
    stop: &AtomicBool,
) {
    let agent = http::agent();
    for round in worker.. {
        let scope = if round % 2 == 0 { "jwt" } else { "opaque" };
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let Ok(answer) = http::post(&agent, &format!("{issuer}/oauth2/token"), &form, Some(client)) else {
            return;
        };
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.json()["access_token"].as_str().expect("an access token").to_owned();
        done.fetch_add(1, Ordering::Relaxed);
        if round % 4 < 2 {
            memory.lock().expect("no worker panicked").issued.push(token);
        } else {
            let form = [("token", token.as_str())];
            let Ok(answer) = http::post(&agent, &format!("{issuer}/oauth2/revoke"), &form, Some(client))
            else {
                return;
            };
            assert_eq!(answer.status, 200, "{answer:?}");
            memory.lock().expect("no worker panicked").revoked.push(token);
            done.fetch_add(1, Ordering::Relaxed);
        }
        if stop.load(Ordering::Relaxed) {
            return;
        }
    }
}

fn is_active(server: &Server, token: &str, client: &Credentials) -> bool {
    let answer = server.introspect(token, client);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["active"].as_bool().expect("RFC 7662 §2.2: active is a boolean")
}
