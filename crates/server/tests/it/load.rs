//! Work for a server whose database is in trouble: tokens issued and taken back without a pause, and what needs no database
//! asked for all the time. Owns the memory of what was acknowledged, and what an answer may be meanwhile: done, or 503 with
//! `Retry-After`, within five seconds.

use crate::harness::Server;
use crate::on_cluster::is_active;
use crate::spread::{Spread, time};
use doorward_testkit::http::{self, Answer, Credentials};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const WORKERS: usize = 6;
/// Whatever happens to the database.
const EVERY_ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A load that goes on until it is ended.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    workers: Vec<JoinHandle<Acknowledged>>,
    prober: JoinHandle<usize>,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Acknowledged {
    pub(crate) issued: Vec<String>,
    pub(crate) revoked: Vec<String>,
    /// Answers of 503.
    pub(crate) refused: usize,
    pub(crate) answers: Spread,
}

impl Load {
    pub(crate) fn start(server: &Server, client: &Credentials) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let jwt = server.access_token(client, &[("scope", "jwt")]);
        assert!(is_active(server, &jwt, client), "from now on it is remembered");
        let caller = || Caller {
            server: server.issuer(),
            agent: http::agent_at(server.address().1),
            client: client.clone(),
        };
        let workers = (0..WORKERS).map(|_| {
            let (caller, stop) = (caller(), Arc::clone(&stop));
            thread::spawn(move || caller.work(&stop))
        });
        let (prober, stopped) = (caller(), Arc::clone(&stop));
        Self { workers: workers.collect(), prober: thread::spawn(move || prober.probe(&jwt, &stopped)), stop }
    }

    /// Ends it, and tells what was acknowledged.
    pub(crate) fn end(self) -> Acknowledged {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Acknowledged::default();
        for worker in self.workers {
            let one = worker.join().expect("every answer was one that may be");
            all.issued.extend(one.issued);
            all.revoked.extend(one.revoked);
            all.refused += one.refused;
            all.answers.extend(one.answers);
        }
        assert!(self.prober.join().expect("what needs no database went on") > 0);
        assert!(all.answers.longest() <= EVERY_ANSWER_WITHIN, "{}", all.answers);
        all
    }
}

impl Acknowledged {
    /// All of it still is as it was answered.
    pub(crate) fn holds_at(&self, server: &Server, client: &Credentials) {
        let lost = self.issued.iter().filter(|token| !is_active(server, token, client)).count();
        let alive = self.revoked.iter().filter(|token| is_active(server, token, client)).count();
        assert_eq!(
            (lost, alive),
            (0, 0),
            "of {} issued and {} revoked",
            self.issued.len(),
            self.revoked.len()
        );
    }
}

struct Caller {
    server: String,
    agent: ureq::Agent,
    client: Credentials,
}

impl Caller {
    /// Gets opaque tokens and takes every second one back.
    fn work(&self, stop: &AtomicBool) -> Acknowledged {
        let mut all = Acknowledged::default();
        for round in 0.. {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let form = [("grant_type", "client_credentials"), ("scope", "opaque")];
            let Some(answer) = self.post("/oauth2/token", &form, &mut all) else { continue };
            let token = answer.json()["access_token"].as_str().expect("an access token").to_owned();
            if round % 2 == 0 {
                all.issued.push(token);
            } else if self.post("/oauth2/revoke", &[("token", &token)], &mut all).is_some() {
                all.revoked.push(token);
            }
        }
        all
    }

    /// None for an answer that says to come again.
    fn post(&self, path: &str, form: &[(&str, &str)], all: &mut Acknowledged) -> Option<Answer> {
        let url = format!("{}{path}", self.server);
        let (answer, took) = time(|| http::post(&self.agent, &url, form, Some(&self.client)));
        let answer = answer.expect("the server itself is there");
        all.answers.add(took);
        if answer.status == 200 {
            return Some(answer);
        }
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        all.refused += 1;
        None
    }

    /// What is known without the database.
    fn probe(&self, jwt: &str, stop: &AtomicBool) -> usize {
        let mut rounds = 0;
        while !stop.load(Ordering::SeqCst) {
            for path in ["/.well-known/openid-configuration", "/oauth2/jwks"] {
                let answer = http::get(&self.agent, &format!("{}{path}", self.server)).expect("it answers");
                assert_eq!(answer.status, 200, "{answer:?}");
            }
            let url = format!("{}/oauth2/introspect", self.server);
            let answer =
                http::post(&self.agent, &url, &[("token", jwt)], Some(&self.client)).expect("it answers");
            assert!(answer.status == 200 && answer.json()["active"] == true, "{answer:?}");
            rounds += 1;
        }
        rounds
    }
}
