//! `doorward serve`: starting, seeing what others change, and stopping without losing anything.

use crate::doorward::Place;
use crate::harness::{Server, until, within};
use doorward_testkit::http::{self, Credentials};
use doorward_testkit::ports::free_port;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A change made beside the server counts after this long.
const AT_ONCE: Duration = Duration::from_secs(1);

fn logged(server: &Server) -> Vec<Value> {
    server.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn the_log_says_where_it_listens_and_as_whom() {
    let server = Server::start();
    let log = logged(&server);
    let line = log.iter().find(|line| line["message"] == "listening").expect("a line");
    assert_eq!(line["issuer"], server.issuer());
    assert_eq!(format!("http://{}", line["address"].as_str().unwrap()), server.issuer());
    assert!(log.iter().all(|line| !line["target"].as_str().unwrap().starts_with("actix")), "{log:?}");
}

#[test]
fn a_token_is_got_checked_and_taken_back_across_a_kill() {
    let mut server = Server::start();
    server.create_api("https://api.example", &["--scope", "read"]);
    let client = server.create_client(&[]);
    let token = server.access_token(&client, &[]);
    assert_eq!(server.introspect(&token, &client).json()["active"], true);
    server.kill();
    server.restart();
    assert_eq!(server.introspect(&token, &client).json()["active"], true);
    assert_eq!(server.revoke(&token, &client).status, 200);
    server.kill();
    server.restart();
    assert_eq!(server.introspect(&token, &client).json()["active"], false);
}

#[test]
fn a_change_from_the_command_line_is_seen_within_a_second() {
    // Asking again and again as a client that is switched off looks like guessing.
    let server = Server::start_with(&[("DOORWARD__LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE", "100000")]);
    let client = server.create_client(&["--client-id", "billing"]);
    assert_eq!(server.token(&client, &[]).status, 200);
    server.cli(&["client", "disable", "billing"]).ok();
    within(AT_ONCE, "the client is off", || (server.token(&client, &[]).status == 401).then_some(()));
    server.cli(&["client", "enable", "billing"]).ok();
    within(AT_ONCE, "the client is on", || (server.token(&client, &[]).status == 200).then_some(()));
    server.create_api("https://api.example", &["--scope", "read", "--token-format", "opaque"]);
    server.cli(&["client", "update", "billing", "--scope", "read"]).ok();
    within(AT_ONCE, "the API is known", || {
        let answer = server.token(&client, &[("resource", "https://api.example")]);
        (answer.status == 200 && answer.json()["access_token"].as_str()?.starts_with("dw_at_")).then_some(())
    });
}

/// A line about a request can be found by the id that the client was given.
#[test]
fn what_is_logged_about_a_request_names_it() {
    for format in ["json", "pretty"] {
        let server = Server::start_with(&[("DOORWARD__LOG__FORMAT", format)]);
        let stranger = Credentials { client_id: "nobody".to_owned(), client_secret: "wrong".to_owned() };
        let answer = server.token(&stranger, &[]);
        let id = answer.header("x-request-id").expect("a request id");
        let line = until("it is logged", || {
            let log = server.log();
            log.lines().find(|line| line.contains("client authentication failed")).map(str::to_owned)
        });
        let named =
            if format == "json" { format!("\"request_id\":\"{id}\"") } else { format!("request_id={id}") };
        assert!(line.contains(&named), "{id}: {line}");
        assert_eq!(line.matches("request_id").count(), 1, "{line}");
    }
}

/// RFC 7517 §5: the published set changes with the keys.
#[test]
fn a_rotated_key_is_published_within_a_second() {
    let server = Server::start();
    let new = server.cli(&["keys", "rotate", "--json"]).json()["items"][0]["kid"].clone();
    within(AT_ONCE, "the key is published", || {
        let set = server.get("/oauth2/jwks").json();
        set["keys"].as_array().unwrap().iter().any(|key| key["kid"] == new).then_some(())
    });
}

#[test]
fn a_new_version_of_the_master_key_takes_over_what_was_sealed() {
    let mut server = Server::start();
    let client = server.create_client(&[]);
    server.kill();
    server.cli(&["keys", "init", "--next-version"]).ok();
    server.restart();
    assert_eq!(server.token(&client, &[]).status, 200, "the secret is known under its old pepper");
    let status = server.cli(&["keys", "status", "--json"]).json();
    let versions = status["master_key"]["versions"].as_array().unwrap().clone();
    let sealed: Vec<_> = versions
        .iter()
        .map(|v| (v["version"].as_i64().unwrap(), v["signing_keys"].as_i64().unwrap()))
        .collect();
    assert_eq!(sealed, [(2, 1), (1, 0)]);
}

/// Sends the head of a token request and half of its body.
fn half_a_request(server: &Server, client: &http::Credentials) -> (TcpStream, &'static str) {
    let (body, rest) = ("grant_type=client_", "credentials");
    let mut stream = TcpStream::connect(server.address()).expect("it listens");
    let head = format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        server.issuer().trim_start_matches("http://"),
        client.basic(),
        body.len() + rest.len(),
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    (stream, rest)
}

#[test]
fn a_request_under_way_is_finished_after_sigterm_and_the_exit_is_clean() {
    let mut server = Server::start();
    let client = server.create_client(&[]);
    let (mut stream, rest) = half_a_request(&server, &client);
    // Until the server has begun to read it, the request is not under way.
    server.get("/readyz");
    server.signal("TERM");
    until("it stops", || server.log().contains("\"stopping\"").then_some(()));
    until("it accepts nobody", || TcpStream::connect(server.address()).is_err().then_some(()));
    stream.write_all(rest.as_bytes()).expect("it still reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    assert_eq!(server.wait_for_end().code(), Some(0), "{}", server.log());
}

#[test]
fn an_idle_server_stops_at_once_by_either_signal() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start();
        server.signal(signal);
        assert_eq!(server.wait_for_end().code(), Some(0), "{}", server.log());
        assert!(server.log().contains("\"stopped\""));
    }
}

#[test]
fn an_idle_connection_does_not_hold_the_server_up() {
    let mut server = Server::start_with(&[("DOORWARD__SERVER__SHUTDOWN_GRACE", "20 s")]);
    // The agent keeps its connection open for the next request.
    server.get("/healthz");
    server.signal("TERM");
    within(Duration::from_secs(5), "it stops", || server.log().contains("\"stopped\"").then_some(()));
    assert_eq!(server.wait_for_end().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut server = Server::start_with(&[("DOORWARD__SERVER__SHUTDOWN_GRACE", "10 min")]);
    let client = server.create_client(&[]);
    let (_stream, _) = half_a_request(&server, &client);
    server.get("/readyz");
    server.signal("TERM");
    until("it stops", || server.log().contains("\"stopping\"").then_some(()));
    server.signal("TERM");
    assert_eq!(server.wait_for_end().code(), Some(1));
}

#[test]
fn an_address_that_is_taken_is_named() {
    let server = Server::start();
    let ran = server.cli(&["serve"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("cannot listen on") && ran.stderr.contains("--listen"), "{}", ran.stderr);
}

#[test]
fn metrics_are_served_on_an_address_of_their_own() {
    let address = format!("127.0.0.1:{}", free_port());
    let server = Server::start_with(&[("DOORWARD__METRICS__LISTEN", &address)]);
    let client = server.create_client(&[]);
    server.access_token(&client, &[]);
    assert_eq!(server.get("/metrics").status, 404, "not where everybody may look");
    let numbers = http::get(&http::agent(), &format!("http://{address}/metrics")).unwrap();
    assert_eq!(numbers.status, 200);
    assert!(numbers.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    for line in [
        "doorward_http_requests_total{endpoint=\"token\",status=\"200\"} 1",
        "# TYPE doorward_store_jobs_total counter",
    ] {
        assert!(numbers.body.contains(line), "{line} is missing in {}", numbers.body);
    }
}

#[test]
fn no_secret_is_in_the_log() {
    let server = Server::start_with(&[("DOORWARD__LOG__LEVEL", "trace")]);
    server.create_api("https://api.example", &["--scope", "read"]);
    let client = server.create_client(&[]);
    let token = server.access_token(&client, &[]);
    server.introspect(&token, &client);
    server.revoke(&token, &client);
    let log = server.log();
    let key = server.place().read("master.key");
    let master = key.lines().find_map(|line| line.strip_prefix("v1:")).expect("a version");
    for secret in [client.client_secret.as_str(), &client.basic()["Basic ".len()..], &token, master] {
        assert!(!log.contains(secret), "{secret}");
    }
    assert!(log.contains("\"answered\""), "the log was written");
}

#[test]
fn a_server_without_an_issuer_or_a_key_does_not_start() {
    let place = Place::bare();
    assert!(place.run(&["serve"]).refused(1).contains("server.issuer"));
    let place = Place::configured();
    assert!(place.run(&["serve"]).refused(1).contains("doorward keys init"));
    assert!(
        !place.path("master.key").exists() && !place.path("doorward.db").exists(),
        "nothing is made silently"
    );
}

#[cfg(not(feature = "otel"))]
#[test]
fn a_build_without_traces_says_so_to_whoever_expects_some() {
    let endpoint = "http://collector:hunter2@127.0.0.1:4318/?key=hunter2";
    let server = Server::start_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
    let line = logged(&server).into_iter().find(|line| line["endpoint"] == "http://127.0.0.1:4318/");
    assert!(line.expect("a line")["message"].as_str().unwrap().contains("without the feature `otel`"));
    assert!(!server.log().contains("hunter2"));
}
