//! The listening server: connections that behave, in the clear and (`over_tls`) through TLS.

use crate::over_tls::{self, Wire};
use crate::support::{FORM, GRANT, JWKS, TOKEN, TestApp};
use doorward_web::actix::handle::Handle;
use doorward_web::actix::{self, Listen, ServeOptions};
use doorward_web::settings::WebSettings;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A server on a port of its own, with short deadlines.
pub(crate) struct Listening {
    pub(crate) app: TestApp,
    pub(crate) address: SocketAddr,
    pub(crate) handle: Handle,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Listening {
    pub(crate) fn new() -> Self {
        Self::with(WebSettings { body_timeout: Duration::from_millis(200), ..WebSettings::default() })
    }

    pub(crate) fn with(settings: WebSettings) -> Self {
        Self::serving(settings, ServeOptions::default().keep_alive)
    }

    /// With a time for idle connections; other times are as short as can be.
    pub(crate) fn serving(settings: WebSettings, keep_alive: Duration) -> Self {
        Self::offering(settings, keep_alive, ServeOptions::default().max_connections)
    }

    /// The same, with a limit on connections.
    pub(crate) fn offering(settings: WebSettings, keep_alive: Duration, max_connections: usize) -> Self {
        Self::open(settings, ServeOptions { keep_alive, max_connections, ..ServeOptions::default() })
    }

    /// With a time in which connections that are kept may still bring a request once it is stopped.
    fn parting(farewell: Duration) -> Self {
        Self::open(WebSettings::default(), ServeOptions { farewell, ..ServeOptions::default() })
    }

    fn open(settings: WebSettings, options: ServeOptions) -> Self {
        let app = TestApp::with("https://as.example", settings);
        let served = Arc::clone(&app.app);
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let listen = vec![Listen::Address(([127, 0, 0, 1], 0).into())];
                let options = ServeOptions {
                    listen,
                    tls: over_tls::server(),
                    head_timeout: Duration::ZERO,
                    linger: Duration::ZERO,
                    ..options
                };
                let (server, handle, addresses) = actix::server(&served, options)?;
                tell.send((addresses[0], handle)).unwrap();
                server.await
            })
        });
        let (address, handle) = told.recv().unwrap();
        Self { app, address, handle, thread: Some(thread) }
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::to(self.address)
    }

    /// A form, head and body.
    pub(crate) fn form(&self, body: &str) -> String {
        format!("{}content-length: {}\r\n\r\n{body}", self.head(), body.len())
    }

    /// The head of a form, open for more headers.
    pub(crate) fn head(&self) -> String {
        let basic = &self.app.basic;
        format!(
            "POST {TOKEN} HTTP/1.1\r\nhost: as.example\r\ncontent-type: {FORM}\r\nauthorization: {basic}\r\n"
        )
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // Sent at once; the future only waits for the end, and so does the thread.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

pub(crate) struct Connection(BufReader<Wire>);

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        // A test that waits longer than this waits for something that will not come.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(BufReader::new(Wire::open(stream)))
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Writes the same bytes every few milliseconds until the server cuts the connection, or twenty
    /// seconds are over; what it said meanwhile, and whether it cut.
    pub(crate) fn drip(&mut self, bytes: &[u8]) -> (String, bool) {
        self.0.get_ref().socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        let mut said = vec![];
        for _ in 0..4_000 {
            if self.0.get_mut().write_all(bytes).is_err() {
                return (String::from_utf8(said).unwrap(), true);
            }
            let mut bytes = [0; 1024];
            match self.0.get_mut().read(&mut bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return (String::from_utf8(said).unwrap(), true),
                Ok(read) => said.extend_from_slice(&bytes[..read]),
            }
        }
        (String::from_utf8(said).unwrap(), false)
    }

    /// Writes without ever reading; whether the server cut the connection.
    pub(crate) fn flood(&mut self, bytes: &[u8]) -> bool {
        self.0.get_ref().socket.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        loop {
            if let Err(error) = self.0.get_mut().write_all(bytes) {
                return error.kind() != ErrorKind::WouldBlock;
            }
        }
    }

    pub(crate) fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        let length = answer.header("content-length").parse().unwrap_or(0);
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// Status line and headers, without the body that may follow.
    pub(crate) fn head(&mut self) -> Answer {
        let status = self.line();
        let status =
            status.split(' ').nth(1).unwrap_or_else(|| panic!("no status line: {status:?}")).parse().unwrap();
        let mut headers = vec![];
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_owned(), value.trim_start().to_owned()));
        }
        Answer { status, headers, body: String::new() }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until the server closes; whether it did so without another byte.
    pub(crate) fn is_closed(&mut self) -> bool {
        match self.0.read(&mut [0; 64]) {
            Ok(read) => read == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }
}

#[test]
fn a_form_in_one_packet_is_answered_and_the_connection_kept() {
    let server = Listening::new();
    let mut connection = server.connect();
    for _ in 0..3 {
        connection.write(server.form(GRANT));
        let answer = connection.answer();
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.body);
        assert_eq!(answer.header("connection"), "");
    }
}

#[test]
fn a_body_may_come_in_pieces() {
    let server = Listening::new();
    let mut connection = server.connect();
    let (head, body) = (server.head(), GRANT);
    connection.write(format!("{head}content-length: {}\r\n\r\n", body.len()));
    for piece in body.as_bytes().chunks(7) {
        connection.write(piece);
    }
    assert_eq!(connection.answer().status, 200);
}

/// RFC 9112 §7.1: a body may be chunked.
#[test]
fn a_body_may_be_chunked() {
    let server = Listening::new();
    let mut connection = server.connect();
    let chunks = GRANT
        .as_bytes()
        .chunks(10)
        .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)));
    connection.write(format!(
        "{}transfer-encoding: chunked\r\n\r\n{}0\r\n\r\n",
        server.head(),
        chunks.collect::<String>()
    ));
    assert_eq!(connection.answer().status, 200);
    connection.write(server.form(GRANT));
    assert_eq!(connection.answer().status, 200);
}

/// RFC 9112 §9.3.2: pipelined requests are answered in their order.
#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(format!(
        "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n{}GET {JWKS} HTTP/1.1\r\nhost: as.example\r\n\r\nGET /nothing HTTP/1.1\r\nhost: as.example\r\n\r\n",
        server.form(GRANT)
    ));
    let answers: Vec<_> = (0..4).map(|_| connection.answer()).collect();
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200, 200, 404]);
    assert!(answers[1].body.contains("access_token") && answers[2].body.contains("keys"));
}

/// RFC 9110 §9.3.2: HEAD is answered with the length of the body and without the body.
#[test]
fn head_has_no_body() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(format!(
        "HEAD {JWKS} HTTP/1.1\r\nhost: as.example\r\n\r\nGET {JWKS} HTTP/1.1\r\nhost: as.example\r\n\r\n"
    ));
    let (head, get) = (connection.head(), connection.answer());
    assert_eq!((head.status, get.status), (200, 200));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    assert_eq!(head.header("etag"), get.header("etag"));
}

/// RFC 9110 §15.4.5: a 304 ends with its headers.
#[test]
fn a_304_has_no_body() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(format!("GET {JWKS} HTTP/1.1\r\nhost: as.example\r\n\r\n"));
    let etag = connection.answer().header("etag").to_owned();
    connection.write(format!("GET {JWKS} HTTP/1.1\r\nhost: as.example\r\nif-none-match: {etag}\r\n\r\n"));
    assert_eq!(connection.head().status, 304);
    connection.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(connection.answer().body, "ok\n");
}

#[test]
fn the_connection_outlives_a_refusal() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(server.form("x=1&x=1"));
    assert_eq!(connection.answer().status, 400);
    connection.write(server.form(GRANT));
    assert_eq!(connection.answer().status, 200);
}

/// RFC 9110 §10.1.1: who waits for permission to send the body gets it.
#[test]
fn a_client_that_expects_100_is_told_to_continue() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(format!(
        "{}expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        server.head(),
        GRANT.len()
    ));
    assert_eq!(connection.head().status, 100);
    connection.write(GRANT);
    assert_eq!(connection.answer().status, 200);
}

/// RFC 9112 §2.6: proxies may speak HTTP/1.0 to us, as nginx does by default.
#[test]
fn http_1_0_is_served() {
    let server = Listening::new();
    let mut connection = server.connect();
    connection.write(server.form(GRANT).replace("HTTP/1.1", "HTTP/1.0"));
    assert_eq!(connection.answer().status, 200);
    assert!(connection.is_closed());
    let mut probe = server.connect();
    probe.write("GET /healthz HTTP/1.0\r\n\r\n");
    assert_eq!(probe.answer().body, "ok\n");
}

/// What is under way when the server is stopped is finished, and what a connection that is kept still brings is answered,
/// each answer the last on its connection; nobody new is let in.
#[test]
fn stopping_finishes_what_is_under_way() {
    // However long this machine takes to come to the next line, they are kept.
    let server = Listening::parting(Duration::from_secs(600));
    let [mut kept, mut connection] = [(); 2].map(|()| server.connect());
    kept.write(server.form(GRANT));
    assert_eq!(kept.answer().header("connection"), "");
    connection.write(format!(
        "{}expect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        server.head(),
        GRANT.len()
    ));
    assert_eq!(connection.head().status, 100);
    let stopped = server.handle.stop(true);
    while TcpStream::connect(server.address).is_ok() {}
    kept.write(server.form(GRANT));
    connection.write(GRANT);
    for last in [&mut kept, &mut connection] {
        let answer = last.answer();
        assert_eq!((answer.status, answer.header("connection")), (200, "close"));
    }
    assert!(kept.is_closed() && connection.is_closed());
    doorward_testkit::block_on::block_on(stopped);
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn a_connection_that_brings_nothing_more_is_let_go_after_the_farewell() {
    let server = Listening::parting(Duration::from_millis(1));
    let mut kept = server.connect();
    kept.write(server.form(GRANT));
    assert_eq!(kept.answer().header("connection"), "");
    let stopped = server.handle.stop(true);
    assert!(kept.is_closed());
    doorward_testkit::block_on::block_on(stopped);
}

#[test]
fn an_embedder_mounts_the_paths_beside_its_own() {
    actix_web::rt::System::new().block_on(async {
        let app = TestApp::new();
        let own = actix_web::web::resource("/own").to(|| async { "mine" });
        let service =
            actix_web::App::new().service(own).configure(|config| actix::configure(config, &app.app));
        let service = actix_web::test::init_service(service).await;
        for (path, status) in
            [("/own", 200), (JWKS, 200), ("/.well-known/openid-configuration", 200), ("/nothing", 404)]
        {
            let request = actix_web::test::TestRequest::get().uri(path).insert_header(("host", "as.example"));
            let request = request.peer_addr(([192, 0, 2, 1], 1).into()).to_request();
            let answer = actix_web::test::call_service(&service, request).await;
            assert_eq!(answer.status().as_u16(), status, "{path}");
        }
        let gone = actix_web::test::TestRequest::get().uri(JWKS).insert_header(("host", "as.example"));
        let refused = actix_web::test::call_service(&service, gone.to_request()).await;
        assert_eq!(refused.status().as_u16(), 400, "whoever asked is gone");
    });
}
