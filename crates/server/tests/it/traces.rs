//! Traces as a collector gets them: the real binary, built with the feature `otel`, and what it sends, decoded by
//! OpenTelemetry's own messages.

use crate::harness::{Server, until};
use crate::person::{authorization, code, create_alice, create_app, redeem};
use doorward_testkit::browser::Browser;
use doorward_testkit::http::{self, Credentials};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use prost::Message;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A collector: takes every batch, and keeps its bytes.
struct Collector {
    endpoint: String,
    batches: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let batches = Arc::new(Mutex::new(vec![]));
        let kept = Arc::clone(&batches);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || take(stream.unwrap(), &kept));
            }
        });
        Self { endpoint, batches }
    }

    fn raw(&self) -> Vec<u8> {
        self.batches.lock().unwrap().concat()
    }

    fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let batches = self.batches.lock().unwrap();
        batches.iter().map(|batch| ExportTraceServiceRequest::decode(&batch[..]).expect("OTLP")).collect()
    }

    fn spans(&self) -> Vec<Span> {
        let resources = self.requests().into_iter().flat_map(|request| request.resource_spans);
        resources.flat_map(|spans| spans.scope_spans).flat_map(|spans| spans.spans).collect()
    }
}

/// Requests of one connection, one after the other.
fn take(mut stream: TcpStream, batches: &Mutex<Vec<Vec<u8>>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut length, mut line) = (0, String::new());
        let mut first = true;
        while reader.read_line(&mut line).is_ok_and(|read| read > 0) && line != "\r\n" {
            assert!(!first || line.starts_with("POST /v1/traces "), "{line}");
            first = false;
            if let Some((_, value)) = line.to_ascii_lowercase().split_once("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        if length == 0 || reader.read_exact(&mut body).is_err() {
            return;
        }
        batches.lock().unwrap().push(body);
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn server(endpoint: &str, variables: &[(&str, &str)]) -> Server {
    let ours = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    Server::start_with(&[&ours, variables].concat())
}

/// Asks for a token, as part of a caller's trace.
fn ask(server: &Server, client: &Credentials, traceparent: &str) -> http::Answer {
    let request = ureq::http::Request::post(server.url("/oauth2/token"))
        .header("authorization", client.basic())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("traceparent", traceparent)
        .body("grant_type=client_credentials".to_owned());
    http::send(server.agent(), request.unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(span: &Span, key: &str) -> Option<String> {
    let value = span.attributes.iter().find(|attribute| attribute.key == key)?.value.clone()?.value?;
    Some(match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        other => panic!("{other:?}"),
    })
}

fn children<'a>(spans: &'a [Span], parent: &Span) -> Vec<&'a Span> {
    spans.iter().filter(|span| span.parent_span_id == parent.span_id).collect()
}

fn child<'a>(spans: &'a [Span], parent: &Span, name: &str) -> &'a Span {
    let children = children(spans, parent);
    let found = children.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| panic!("{name} below {}: {children:#?}", parent.name))
}

#[test]
fn a_collector_sees_where_a_request_went_in_the_trace_of_its_caller() {
    let collector = Collector::listen();
    let mut server = server(&collector.endpoint, &[]);
    let client = server.create_client(&[]);
    assert_eq!(ask(&server, &client, &format!("00-{TRACE}-{PARENT}-00")).status, 200);
    server.get("/nothing/of/ours?note=left-in-the-query");
    server.signal("TERM");
    assert!(server.wait_for_end().success(), "{}", server.log());
    let spans = collector.spans();
    let resource = collector.requests()[0].resource_spans[0].resource.clone().unwrap();
    let named = resource.attributes.iter().find(|attribute| attribute.key == "service.name").unwrap();
    assert_eq!(named.value.clone().unwrap().value, Some(Value::StringValue("doorward".to_owned())));
    let token = spans.iter().find(|span| span.name == "POST /oauth2/token").expect("a span");
    assert_eq!((hex(&token.trace_id).as_str(), hex(&token.parent_span_id).as_str()), (TRACE, PARENT));
    assert_eq!(token.kind(), SpanKind::Server);
    for (key, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/oauth2/token"),
        ("http.response.status_code", "200"),
    ] {
        assert_eq!(attribute(token, key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(attribute(token, "request_id").unwrap().len(), 26);
    child(&spans, token, "store.read");
    assert_eq!(attribute(child(&spans, token, "sign"), "algorithm").as_deref(), Some("ES256"));
    let unknown = spans.iter().find(|span| span.name == "GET").expect("a span of what is not ours");
    assert_eq!(attribute(unknown, "http.route"), None);
    assert_eq!(attribute(unknown, "http.response.status_code").as_deref(), Some("404"));
    let roots = spans.iter().filter(|span| span.parent_span_id.is_empty());
    let ours: Vec<_> = roots.filter(|span| span.kind() != SpanKind::Server).collect();
    assert!(ours.is_empty(), "what a server does by itself is in no trace: {ours:?}");
    assert!(
        spans.iter().all(|span| !span.name.contains("readyz")),
        "those who watch over us are in no trace"
    );
}

#[test]
fn no_trace_holds_a_secret_and_the_log_names_the_trace() {
    let collector = Collector::listen();
    let mut server = server(&collector.endpoint, &[("DOORWARD__LOG__LEVEL", "trace")]);
    create_alice(&server);
    let app = create_app(std::slice::from_ref(&server));
    let browser = Browser::new(server.agent().clone());
    let wrong = [("username", "alice"), ("password", "not hers at all")];
    browser.open(&authorization(&server, &app)).submit(&wrong);
    let code = code(&browser, &server, &app);
    let tokens = redeem(&server, &app, &code).json();
    let wrong = Credentials { client_secret: "a-wrong-secret".to_owned(), ..app.clone() };
    assert_eq!(ask(&server, &wrong, &format!("00-{TRACE}-{PARENT}-01")).status, 401);
    server.get("/left-in-the-path?note=left-in-the-query");
    server.signal("TERM");
    assert!(server.wait_for_end().success(), "{}", server.log());
    let (spans, raw) = (collector.spans(), collector.raw());
    let login = spans.iter().find(|span| span.name == "POST /login").expect("a sign-in");
    let password = child(&spans, login, "password");
    assert!(!children(&spans, password).is_empty(), "the hash itself");
    let write = spans.iter().find(|span| span.name == "store.write").expect("a change");
    child(&spans, write, "store.run");
    let token = |member: &str| tokens[member].as_str().unwrap();
    for secret in [
        &app.client_secret,
        &app.basic()["Basic ".len()..],
        "a-wrong-secret",
        "left-in-the-query",
        "left-in-the-path",
        "tidy kettle mosses",
        "not hers at all",
        "alice",
        &code,
        token("access_token"),
        token("refresh_token"),
        token("id_token"),
    ] {
        assert!(!raw.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret}");
    }
    assert!(spans.iter().all(|span| span.events.is_empty()), "what is logged is not traced");
    let log = server.log();
    let failed: Vec<_> = log.lines().filter(|line| line.contains("client authentication failed")).collect();
    assert!(failed.iter().any(|line| line.contains(&format!("\"trace_id\":\"{TRACE}\""))), "{failed:#?}");
    assert!(!log.contains("otel.name"), "log lines leave spans out");
}

#[test]
fn nobodys_trace_is_continued_where_the_operator_says_so() {
    let collector = Collector::listen();
    let mut server = server(&collector.endpoint, &[("OTEL_PROPAGATORS", "none")]);
    let client = server.create_client(&[]);
    assert_eq!(ask(&server, &client, &format!("00-{TRACE}-{PARENT}-01")).status, 200);
    server.signal("TERM");
    server.wait_for_end();
    let spans = collector.spans();
    let token = spans.iter().find(|span| span.name == "POST /oauth2/token").expect("a span");
    assert!(token.parent_span_id.is_empty() && hex(&token.trace_id) != TRACE);
}

#[test]
fn what_is_no_traceparent_begins_a_trace_of_its_own() {
    let collector = Collector::listen();
    let mut server = server(&collector.endpoint, &[]);
    let client = server.create_client(&[]);
    for odd in
        ["", "00", "00-zz-zz-zz", &format!("ff-{TRACE}-{PARENT}-01"), &format!("00-{TRACE}-{:016}-01", 0)]
    {
        assert_eq!(ask(&server, &client, odd).status, 200, "{odd}");
    }
    server.signal("TERM");
    server.wait_for_end();
    let spans = collector.spans();
    let tokens: Vec<_> = spans.iter().filter(|span| span.name == "POST /oauth2/token").collect();
    assert_eq!(tokens.len(), 5);
    assert!(tokens.iter().all(|span| span.parent_span_id.is_empty() && hex(&span.trace_id) != TRACE));
}

/// A collector that takes connections and answers nothing holds up neither requests nor the end.
#[test]
fn a_collector_that_hangs_or_is_away_costs_spans_and_no_request() {
    let hangs = TcpListener::bind("127.0.0.1:0").unwrap();
    let away = format!("http://127.0.0.1:{}", doorward_testkit::ports::free_port());
    for endpoint in [format!("http://{}", hangs.local_addr().unwrap()), away] {
        let mut server = server(&endpoint, &[]);
        let client = server.create_client(&[]);
        for _ in 0..300 {
            server.access_token(&client, &[]);
        }
        server.signal("TERM");
        assert_eq!(until("it ends", || Some(server.wait_for_end())).code(), Some(0), "{}", server.log());
    }
}
