//! The listening server: connections that do not behave, and how they end.

use crate::socket::Listening;
use crate::support::{GRANT, JWKS};
use doorward_web::settings::{ReadyCheck, WebSettings};
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// RFC 9110 §15.5.9: a body that does not come in time is answered by 408, and the connection closed.
#[test]
fn a_body_that_never_comes_is_late() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(format!("{}content-length: 10\r\n\r\n", server.head()));
    let answer = connection.answer();
    assert_eq!((answer.status, answer.header("connection")), (408, "close"));
    assert!(answer.body.contains("invalid_request"));
    assert!(connection.is_closed());
}

/// The deadline holds for the body as a whole: each byte alone comes quickly enough. Whoever goes on after the answer is cut
/// off.
#[test]
fn a_body_that_drips_is_late() {
    let server = Listening::new();
    for (framing, drop) in [("content-length: 60000", "a"), ("transfer-encoding: chunked", "1\r\na\r\n")] {
        let mut connection = server.connect();
        connection.write(format!("{}{framing}\r\n\r\n", server.head()));
        let (said, cut) = connection.drip(drop.as_bytes());
        assert!(cut && said.starts_with("HTTP/1.1 408 "), "{framing}: {said}");
    }
}

/// A request that waits behind another has its deadline too.
#[test]
fn a_pipelined_body_that_never_comes_is_late() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(format!("{}{}content-length: 10\r\n\r\n", server.form(GRANT), server.head()));
    assert_eq!(connection.answer().status, 200);
    assert_eq!(connection.answer().status, 408);
    assert!(connection.is_closed());
}

/// RFC 9110 §15.5.14: a body that announces too much is refused before it comes.
#[test]
fn a_huge_body_is_refused_by_its_length() {
    let server = Listening::with(WebSettings::default());
    let mut connection = server.connect();
    connection.write(format!("{}content-length: 99999999999\r\n\r\n", server.head()));
    let answer = connection.answer();
    assert_eq!((answer.status, answer.header("connection")), (413, "close"));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(connection.is_closed());
}

/// RFC 9110 §15.5.14: a body that says nothing about its length is refused as soon as it is too long.
#[test]
fn a_huge_chunked_body_is_refused_while_it_comes() {
    let server = Listening::with(WebSettings::default());
    let mut connection = server.connect();
    connection.write(format!("{}transfer-encoding: chunked\r\n\r\n", server.head()));
    let chunk = format!("400\r\n{}\r\n", "a".repeat(1024));
    for _ in 0..65 {
        connection.write(&chunk);
    }
    let answer = connection.answer();
    assert_eq!((answer.status, answer.header("connection")), (413, "close"));
    assert!(connection.is_closed());
}

/// RFC 6585 §5: a head that is too large is refused by 431.
#[test]
fn large_heads_are_refused() {
    let server = Listening::new();
    let many = |lines: usize| format!("x-many: {}\r\n", "a".repeat(190)).repeat(lines);
    for (extra, status) in
        [(format!("x-long: {}\r\n", "a".repeat(17 * 1024)), 431), (many(85), 431), (many(78), 200)]
    {
        let mut connection = server.connect();
        connection.write(server.form(GRANT).replacen("host:", &format!("{extra}host:"), 1));
        assert_eq!(connection.answer().status, status, "{} bytes", extra.len());
    }
    for target in [format!("/{}", "a".repeat(17 * 1024)), format!("{JWKS}?{}", "a".repeat(17 * 1024))] {
        let mut connection = server.connect();
        connection.write(format!("GET {target} HTTP/1.1\r\nhost: as.example\r\n\r\n"));
        let answer = connection.answer();
        assert_eq!((answer.status, answer.header("connection")), (431, "close"));
    }
}

/// RFC 9112 §3.2: two hosts, or none, are a bad request.
#[test]
fn a_request_with_two_hosts_is_bad() {
    let server = Listening::new();
    for hosts in ["host: as.example\r\nhost: as.example\r\n", ""] {
        let mut connection = server.connect();
        connection.write(format!("GET {JWKS} HTTP/1.1\r\n{hosts}\r\n"));
        assert_eq!(connection.answer().status, 400, "{hosts:?}");
    }
}

/// RFC 9112 §3.2.2: an absolute target names the host, whatever the header beside it says.
#[test]
fn an_absolute_target_is_taken_at_its_word() {
    let server = Listening::new();
    for (target, host, status) in [
        ("https://as.example", "evil.example", 200),
        ("http://evil.example", "as.example", 421),
        ("http://as.example@evil.example", "as.example", 421),
    ] {
        let mut connection = server.connect();
        connection.write(format!("GET {target}{JWKS} HTTP/1.1\r\nhost: {host}\r\n\r\n"));
        assert_eq!(connection.answer().status, status, "{target} {host}");
    }
}

/// RFC 9112 §6.1, §6.3: a body of two lengths is not framed at all, and smuggles nothing.
#[test]
fn contradictory_framing_is_bad() {
    let server = Listening::new();
    for framing in [
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: gzip, chunked",
        "content-length: +5",
    ] {
        let mut connection = server.connect();
        connection.write(format!(
            "{}{framing}\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n",
            server.head()
        ));
        assert_eq!(connection.answer().status, 400, "{framing}");
        assert!(connection.is_closed(), "{framing}");
    }
}

/// RFC 9110 §7.8: a protocol switch is not offered; the request is served as it stands, and what follows is not read.
#[test]
fn an_upgrade_is_not_offered() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    let answer = connection.answer();
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok\n"));
    assert!(connection.is_closed());
}

/// A client that breaks off its body leaves nothing behind that would hurt the next one.
#[test]
fn a_body_that_breaks_off_harms_nobody() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(format!("{}content-length: 100\r\n\r\ngrant", server.head()));
    drop(connection);
    let mut next = server.connect();
    next.write(server.form(GRANT));
    assert_eq!(next.answer().status, 200);
}

/// RFC 9110 §15.6.1: a panic is answered by 500 on its own connection, which lives on.
#[test]
fn a_panic_does_not_kill_its_connection() {
    let settings =
        WebSettings { metrics: Some(std::sync::Arc::new(|| panic!("a bug"))), ..WebSettings::default() };
    let server = Listening::with(settings);
    let mut connection = server.connect();
    for _ in 0..2 {
        connection.write("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(connection.answer().status, 500);
    }
}

/// A connection that was of use once has to bring its next request in time all the same.
#[test]
fn a_head_that_never_ends_is_cut_off_on_every_request() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(connection.answer().status, 200);
    connection.write("G");
    assert!(connection.is_closed());
}

#[test]
fn a_head_that_drips_is_cut_off() {
    let server = Listening::new();
    for first in ["", "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"] {
        let mut connection = server.connect();
        connection.write(first);
        if !first.is_empty() {
            assert_eq!(connection.answer().status, 200);
        }
        connection.write("GET /healthz HTTP/1.1\r\nx: ");
        let (said, cut) = connection.drip(b"y");
        assert!(cut && (said.is_empty() || said.starts_with("HTTP/1.1 408 ")), "{said}");
    }
}

#[test]
fn an_idle_connection_is_closed() {
    let server = Listening::serving(WebSettings::default(), Duration::from_secs(1));
    let (mut used, mut unused) = (server.connect(), server.connect());
    used.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(used.answer().status, 200);
    assert!(used.is_closed());
    let (said, cut) = unused.drip(b"");
    assert!(cut && (said.is_empty() || said.starts_with("HTTP/1.1 408 ")), "{said}");
}

/// Answers pile up in the kernel's buffers and ours, then the connection is cut: no memory is held for who does not read.
#[test]
fn a_client_that_never_reads_is_cut_off() {
    let server = Listening::new();
    let mut connection = server.connect();
    assert!(
        connection.flood(format!("GET {JWKS} HTTP/1.1\r\nhost: as.example\r\n\r\n").repeat(100).as_bytes())
    );
}

/// RFC 9110 §15.6.4: bodies that are held back take up a bounded part of our memory, and others are told when to come back.
#[test]
fn what_bodies_take_up_together_is_bounded() {
    let server = Listening::with(WebSettings { body_budget: 100_000, ..WebSettings::default() });
    let filler = "a".repeat(8_000);
    let large = (0..7).fold(GRANT.to_owned(), |form, n| format!("{form}&filler{n}={filler}"));
    let mut first = server.connect();
    first.write(format!("{}expect: 100-continue\r\ncontent-length: {}\r\n\r\n", server.head(), large.len()));
    assert_eq!(first.head().status, 100);
    for framing in [format!("content-length: {}", large.len()), "transfer-encoding: chunked".to_owned()] {
        let mut second = server.connect();
        second.write(format!("{}{framing}\r\n\r\n", server.head()));
        let answer = second.answer();
        assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{framing}");
        assert_eq!(answer.header("connection"), "close");
        assert!(answer.body.contains("temporarily_unavailable"));
    }
    let mut small = server.connect();
    small.write(server.form(GRANT));
    assert_eq!(small.answer().status, 200, "a form of the usual size has room");
    first.write(&large);
    assert_eq!(first.answer().status, 200);
    small.write(server.form(&large));
    assert_eq!(small.answer().status, 200, "what was taken is given back");
}

/// Idle connections give way where free places are few.
#[test]
fn clients_that_keep_their_connections_shut_nobody_out() {
    let server = Listening::offering(WebSettings::default(), Duration::from_secs(75), 4);
    let mut idle: Vec<_> = (0..4).map(|_| server.connect()).collect();
    for connection in &mut idle {
        connection.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(connection.answer().status, 200);
    }
    let mut fifth = server.connect();
    fifth.write(server.form(GRANT));
    assert_eq!(fifth.answer().status, 200);
}

/// Whoever has gone already has no address, and a request of theirs would be counted as nobody's.
#[test]
fn a_connection_that_is_reset_brings_no_request() {
    let (tell, told) = mpsc::channel();
    let (free, held) = mpsc::channel();
    let (asked, held) = (AtomicUsize::new(0), Mutex::new(held));
    let holds = move || {
        if asked.fetch_add(1, Ordering::SeqCst) == 0 {
            tell.send(()).unwrap();
            held.lock().unwrap().recv().unwrap();
        }
        asked.load(Ordering::SeqCst) < 3
    };
    let check = ReadyCheck { reason: "asked too often", holds: Arc::new(holds) };
    let server = Listening::with(WebSettings { ready: vec![check], ..WebSettings::default() });
    let ask = "GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut first = server.connect();
    first.write(ask);
    told.recv().unwrap();
    // The one thread that answers is held up meanwhile.
    let gone = TcpStream::connect(server.address).unwrap();
    (&gone).write_all(ask.as_bytes()).unwrap();
    socket2::SockRef::from(&gone).set_linger(Some(Duration::ZERO)).unwrap();
    drop(gone);
    free.send(()).unwrap();
    assert_eq!(first.answer().status, 200);
    let mut next = server.connect();
    next.write(ask);
    let answer = next.answer();
    assert_eq!(answer.status, 200, "{}", answer.body);
}
