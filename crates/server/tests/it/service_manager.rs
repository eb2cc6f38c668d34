//! What a service manager hears from the server over a socket of its own, as sd_notify(3) has it.

use crate::doorward::Place;
use crate::harness::{Server, until};
use doorward_testkit::http;
use std::fs;
use std::io::Write;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

/// Longer than any word takes to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A service manager's ear.
struct Ear(UnixDatagram);

impl Ear {
    fn at(socket: UnixDatagram) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    /// The next message, line by line.
    #[track_caller]
    fn hear(&self) -> Vec<String> {
        let mut message = [0; 4096];
        let length = self.0.recv(&mut message).expect("the server says something");
        let text = std::str::from_utf8(&message[..length]).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    /// All messages up to the one with this line.
    #[track_caller]
    fn hear_until(&self, line: &str) -> Vec<String> {
        let mut heard = vec![];
        while !heard.iter().any(|said| said == line) {
            heard.extend(self.hear());
        }
        heard
    }
}

fn place_with_ear() -> (Place, Ear) {
    let place = Place::ready();
    let path = place.path("notify");
    let ear = Ear::at(UnixDatagram::bind(&path).unwrap());
    let place = place.with("NOTIFY_SOCKET", path.to_str().unwrap());
    (place, ear)
}

fn count(heard: &[String], line: &str) -> usize {
    heard.iter().filter(|said| *said == line).count()
}

#[test]
fn it_is_ready_once_it_answers_and_stopping_once_it_is_told_to_stop() {
    let (place, ear) = place_with_ear();
    let place = place.with("DOORWARD__SERVER__DRAIN", "3 s").with("DOORWARD__SERVER__SHUTDOWN_GRACE", "4 s");
    let mut server = Server::start_at(place);
    // Once more, for the first start was waited for by asking.
    ear.hear_until("READY=1");
    server.kill();
    server.spawn();
    let heard = ear.hear_until("READY=1");
    assert_eq!(server.get("/readyz").status, 200, "at the first attempt");
    assert_eq!(
        heard[..2],
        ["STATUS=opening the database", "EXTEND_TIMEOUT_USEC=30000000"],
        "it may take long"
    );
    let address = format!("STATUS=listening on 127.0.0.1:{} as {}", server.address().1, server.issuer());
    assert_eq!(heard.last(), Some(&address));
    server.signal("TERM");
    let stopping = ear.hear();
    assert_eq!(
        stopping,
        ["STOPPING=1", "STATUS=finishing what is under way", "EXTEND_TIMEOUT_USEC=22000000"],
        "the drain, the grace and some more"
    );
    assert_eq!(server.get("/readyz").status, 503, "it says so to proxies, too, and still answers");
    server.signal("TERM");
    server.wait_for_end();
}

#[test]
fn a_name_in_the_abstract_namespace_is_reached() {
    let place = Place::ready();
    let name = format!("doorward-test-{}", place.path("").display());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let ear = Ear::at(UnixDatagram::bind_addr(&address).unwrap());
    let _server = Server::start_at(place.with("NOTIFY_SOCKET", &format!("@{name}")));
    ear.hear_until("READY=1");
}

#[test]
fn a_watchdog_hears_that_it_lives_until_the_end() {
    let (place, ear) = place_with_ear();
    let mut server = Server::start_at(place.with("WATCHDOG_USEC", "200000"));
    ear.hear_until("READY=1");
    for _ in 0..3 {
        ear.hear_until("WATCHDOG=1");
    }
    server.signal("TERM");
    ear.hear_until("STOPPING=1");
    assert!(server.wait_for_end().success());
    assert!(!server.log().contains("the watchdog is not told"), "{}", server.log());
}

#[test]
fn a_watchdog_of_another_process_hears_nothing() {
    let (place, ear) = place_with_ear();
    let place = place.with("WATCHDOG_USEC", "2000").with("WATCHDOG_PID", "1");
    let mut server = Server::start_at(place);
    server.signal("TERM");
    let heard = ear.hear_until("STOPPING=1");
    server.wait_for_end();
    assert_eq!((count(&heard, "WATCHDOG=1"), count(&heard, "READY=1")), (0, 1), "{heard:?}");
}

#[test]
fn what_cannot_start_is_never_ready() {
    let (place, ear) = place_with_ear();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    place.with("DOORWARD__SERVER__LISTEN", &listen).run(&["serve"]).refused(1);
    ear.0.set_nonblocking(true).unwrap();
    let mut message = [0; 4096];
    while let Ok(length) = ear.0.recv(&mut message) {
        assert!(!message[..length].starts_with(b"READY"));
    }
}

#[test]
fn without_anybody_to_tell_it_serves_all_the_same() {
    let place = Place::ready();
    let nowhere = place.path("nobody").display().to_string();
    let server = Server::start_at(place.with("NOTIFY_SOCKET", &nowhere));
    assert!(server.log().contains("NOTIFY_SOCKET is of no use"), "{}", server.log());
    assert_eq!(http::get(server.agent(), &server.url("/healthz")).unwrap().status, 200);
}

/// A tracer that holds one thread back whenever it would wait for something to do.
struct Held(Child);

impl Held {
    /// Holds the thread that answers requests.
    fn worker_of(process: u32) -> Self {
        let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
        let is_worker = |task: &Path| fs::read_to_string(task.join("comm")).unwrap().starts_with("actix-rt");
        let worker = tasks.map(|task| task.unwrap().path()).find(|task| is_worker(task)).expect("a worker");
        let mut strace = Command::new("strace");
        strace.args(["-qq", "-o", "/dev/null", "-e", "inject=epoll_wait,epoll_pwait:delay_enter=60s", "-p"]);
        Self(strace.arg(worker.file_name().unwrap()).spawn().unwrap())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_thread_that_is_stuck_is_not_vouched_for() {
    if !Command::new("strace").arg("--version").output().is_ok_and(|output| output.status.success()) {
        drop(writeln!(std::io::stderr(), "skipped: needs strace"));
        return;
    }
    let (place, ear) = place_with_ear();
    let place = place.with("WATCHDOG_USEC", "200000").with("DOORWARD__SERVER__WORKERS", "1");
    let server = Server::start_at(place);
    ear.hear_until("WATCHDOG=1");
    let held = Held::worker_of(server.pid());
    until("it is noticed", || server.log().contains("a thread that answers requests is stuck").then_some(()));
    drop(held);
    ear.0.set_nonblocking(true).unwrap();
    while ear.0.recv(&mut [0; 4096]).is_ok() {}
    ear.0.set_nonblocking(false).unwrap();
    ear.hear_until("WATCHDOG=1");
    assert_eq!(server.get("/healthz").status, 200, "it goes on");
}
