//! Requests written down byte by byte, from an address of one's own: what well-behaved clients never send. Each has a connection to itself.

use doorward_testkit::http::Answer;
use socket2::{Domain, Socket, Type};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// No answer takes that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request: its method, its target, and lines of its head.
#[derive(Clone, Debug)]
pub(crate) struct Plain<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: &'a str,
}

impl<'a> Plain<'a> {
    pub(crate) fn new(method: &'a str, target: &'a str) -> Self {
        Self { method, target, headers: Vec::new(), body: "" }
    }

    /// The same with one more line.
    pub(crate) fn with(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends it to this port, from there.
    pub(crate) fn send(&self, port: u16, from: Ipv4Addr) -> Answer {
        let mut stream = connected(port, from);
        stream.write_all(self.written().as_bytes()).expect("it is taken");
        let mut bytes = Vec::new();
        // A server that has refused may close the connection with something unread in it.
        drop(stream.read_to_end(&mut bytes));
        read(&String::from_utf8_lossy(&bytes))
    }

    fn written(&self) -> String {
        let Self { method, target, headers, body } = self;
        let mut text = format!("{method} {target} HTTP/1.1\r\nHost: stock.example\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("connection")) {
            text += "Connection: close\r\n";
        }
        if !body.is_empty() {
            text += &format!("Content-Length: {}\r\n", body.len());
        }
        text + "\r\n" + body
    }
}

fn connected(port: u16, from: Ipv4Addr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.bind(&SocketAddr::from((from, 0)).into()).expect("an address of this machine");
    socket.connect(&SocketAddr::from(([127, 0, 0, 1], port)).into()).expect("it listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    socket.into()
}

fn read(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let pair =
        |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Answer {
        status: status.unwrap_or_else(|| panic!("no status: {head}")),
        headers: lines.filter_map(pair).collect(),
        body: body.to_owned(),
    }
}
