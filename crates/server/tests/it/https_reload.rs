//! A certificate that is replaced under a server that goes on: who asks meanwhile notices nothing, and a pair that is of no use
//! changes nothing.

use crate::authority::{Authority, EC, RSA, install};
use crate::doorward::Place;
use crate::harness::{Server, until};
use doorward_testkit::http;
use doorward_testkit::ports::free_port;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

struct Renewed {
    old: Authority,
    new: Authority,
    server: Server,
}

/// A server certified by the old authority, and a new one.
fn renewed(place: Place) -> Option<Renewed> {
    let (old, new) = (Authority::new()?, Authority::new()?);
    install(&place, &old.certify(EC, 30));
    let server = Server::start_https(place, &old);
    Some(Renewed { old, new, server })
}

impl Renewed {
    /// Whether a new connection shows a certificate of this authority's.
    fn shows(&self, authority: &Authority) -> bool {
        let agent = http::agent_trusting(authority.root(), self.server.address().1);
        http::get(&agent, &self.server.url("/healthz")).is_ok_and(|answer| answer.status == 200)
    }

    fn says(&self, words: &str) -> usize {
        self.server.log().matches(words).count()
    }
}

#[test]
fn a_new_certificate_is_used_and_no_request_is_lost() {
    let Some(this) = renewed(Place::ready()) else { return };
    let (done, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    let port = this.server.address().1;
    let both = [this.old.root(), this.new.root()].map(|root| http::agent_trusting(root, port));
    let client = this.server.create_client(&[]);
    let url = this.server.url("/oauth2/token");
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let kept = both[0].clone();
                while !done.load(Ordering::SeqCst) {
                    // A connection that is kept goes on under the old certificate; new ones take whichever is shown.
                    let form = [("grant_type", "client_credentials")];
                    let answer = http::post(&kept, &url, &form, Some(&client)).expect("it goes on");
                    assert_eq!(answer.status, 200, "{answer:?}");
                    assert!(this.shows(&this.old) || this.shows(&this.new));
                    served.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        until("requests are served", || (served.load(Ordering::SeqCst) > 20).then_some(()));
        install(this.server.place(), &this.new.certify(RSA, 30));
        until("the new certificate is shown", || this.shows(&this.new).then_some(()));
        let before = served.load(Ordering::SeqCst);
        until("more requests are served", || (served.load(Ordering::SeqCst) > before + 20).then_some(()));
        done.store(true, Ordering::SeqCst);
    });
    assert!(!this.shows(&this.old), "each new handshake");
}

#[test]
fn a_pair_that_cannot_be_used_is_told_once_and_the_old_one_stays() {
    let Some(this) = renewed(Place::ready()) else { return };
    let [ec, rsa] = [EC, RSA].map(|key| this.new.certify(key, 30));
    let told = "a new certificate cannot be used; the one before stays in use";
    install(this.server.place(), &[ec[0].clone(), rsa[1].clone()]);
    until("it is told", || (this.says(told) == 1).then_some(()));
    assert!(this.says("belongs to another") == 1 && this.shows(&this.old));
    std::fs::remove_file(this.server.place().path("server.key")).unwrap();
    until("something else is told", || (this.says(told) == 2).then_some(()));
    assert!(this.shows(&this.old));
    install(this.server.place(), &rsa);
    until("what is mended is used", || this.shows(&this.new).then_some(()));
    assert_eq!(this.says(told), 2, "{}", this.server.log());
}

/// SIGHUP says that all is written: it is read at once, and a server that is told so goes on.
#[test]
fn at_sighup_the_files_are_read() {
    let Some(this) = renewed(Place::ready()) else { return };
    let used = "this certificate is used for https";
    assert_eq!(this.says(used), 1);
    this.server.signal("HUP");
    until("they are read", || (this.says(used) == 2).then_some(()));
    assert!(this.shows(&this.old) && !this.shows(&this.new));
}

#[test]
fn the_end_of_a_certificate_is_a_number_and_told_in_time() {
    let metrics = free_port();
    let place = Place::ready().with("DOORWARD__METRICS__LISTEN", &format!("127.0.0.1:{metrics}"));
    let Some(this) = renewed(place) else { return };
    let end = || {
        let page = http::get(&http::agent(), &format!("http://127.0.0.1:{metrics}/metrics")).unwrap().body;
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix("doorward_tls_certificate_end_timestamp_seconds "));
        line.expect("the number").parse::<f64>().unwrap()
    };
    let (soon, ended) = ("the certificate ends soon", "the certificate has ended");
    let before = end();
    assert_eq!((this.says(soon), this.says(ended)), (0, 0));
    install(this.server.place(), &this.old.certify(EC, 13));
    until("it is told", || (this.says(soon) == 1).then_some(()));
    let days = (before - end()) / 86_400.0;
    assert!((16.9..17.1).contains(&days), "{days}");
    install(this.server.place(), &this.old.certify(EC, 0));
    until("it is told", || (this.says(ended) == 1).then_some(()));
    assert_eq!(this.says("is not for the issuer's host"), 0);
}
