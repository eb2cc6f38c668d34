//! An API that trusts whoever stands before it: it lets everything in, and keeps what it was told, to the letter. Owns its socket; a
//! request may say by its header `X-Answer` which status it wants, so that the API has refusals of its own.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What the API says where it refuses by itself.
pub(crate) const ITS_OWN: &str = "Stock realm=\"back office\"";

/// A request as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// The API.
pub(crate) struct Upstream {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    is_over: AtomicBool,
}

impl Received {
    /// All values of headers that one server or another takes for this one: names in any case, with `_` or `.` for `-`.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let is = |other: &str| plain(other) == plain(name);
        self.headers.iter().filter(|(other, _)| is(other)).map(|(_, value)| value.as_str()).collect()
    }
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = thread::spawn(move || accept(&listener, &theirs));
        Self { port, shared, thread: Some(thread) }
    }

    /// What has come since this was asked last.
    pub(crate) fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.shared.received.lock().unwrap())
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.shared.is_over.store(true, SeqCst);
        // It wakes to see that.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_over.load(SeqCst) {
            break;
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || stream.map(|stream| answer(&stream, &shared)));
    }
}

/// One request, one answer, and the end of the connection.
fn answer(stream: &TcpStream, shared: &Shared) -> Option<()> {
    let received = read(stream)?;
    let wanted = received.all("X-Answer").first().map_or("200", |status| *status).to_owned();
    let body = if received.method == "HEAD" { String::new() } else { told(&received).to_string() };
    shared.received.lock().ok()?.push(received);
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {wanted} So\r\nWWW-Authenticate: {ITS_OWN}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .ok()
}

fn told(received: &Received) -> Value {
    json!({"method": received.method, "target": received.target, "headers": received.headers, "body": received.body})
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        match line.trim_end() {
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let mut first = lines.first()?.split(' ').map(str::to_owned);
    let (method, target) = (first.next()?, first.next()?);
    let pair = |line: &String| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    let pair =
        |line: &String| pair(line).or_else(|| Some((line.strip_suffix(':')?.to_owned(), String::new())));
    let headers = lines[1..].iter().filter_map(pair).collect();
    let mut received = Received { method, target, headers, body: String::new() };
    let length = received.all("content-length").first().and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    received.body = String::from_utf8(body).ok()?;
    Some(received)
}
