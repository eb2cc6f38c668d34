//! Both programs as they are, against a real Doorward: everybody does what the level of their token lets them, and nothing else.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot be had is a failure")]

mod server;

use crate::server::{API, CLIENT, Server};
use doorward_protocol::words::{Level, TokenFormat};
use doorward_testkit::http::agent;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// One of the programs, running.
struct Program {
    child: Child,
    /// Held, so that what the program prints has somewhere to go.
    _out: BufReader<ChildStdout>,
    url: String,
}

impl Program {
    fn start(program: &str, server: &Server) -> Self {
        let mut child = Command::new(program)
            .env("ISSUER", &server.issuer)
            .env("RESOURCE", API)
            .env("CLIENT_ID", CLIENT)
            .env("CLIENT_SECRET", &server.secret)
            .env("LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("orders at ").unwrap().to_owned();
        Self { child, _out: out, url }
    }

    fn list(&self, token: &str) -> (u16, String) {
        let bearer = format!("Bearer {token}");
        let mut answer = agent().get(&self.url).header("authorization", bearer).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    fn add(&self, token: &str) -> u16 {
        let request = agent().post(&self.url).header("authorization", format!("Bearer {token}"));
        let request = request.header("content-type", "application/json");
        request.send(r#"{"pieces":3,"item":"lamp"}"#).unwrap().status().as_u16()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// RFC 6750 §3.1: the level of a token decides, signed, opaque or an API token, under either framework.
#[test]
fn orders_are_read_and_added_by_those_who_may() {
    for token_format in [TokenFormat::Jwt, TokenFormat::Opaque] {
        let server = Server::new(token_format);
        for program in [env!("CARGO_BIN_EXE_orders-actix"), env!("CARGO_BIN_EXE_orders-axum")] {
            let program = Program::start(program, &server);
            let (read, write) = (server.token("read"), server.token("write"));
            assert_eq!(program.list(&read), (200, "[]".to_owned()));
            assert_eq!((program.list(&write).0, program.add(&read)), (200, 403));
            assert_eq!(program.add(&write), 201);
            assert_eq!(program.list(&read), (200, r#"[{"pieces":3,"item":"lamp"}]"#.to_owned()));
            let (looks, works) = (server.api_token(Level::Read), server.api_token(Level::Full));
            assert_eq!((program.list(&looks).0, program.add(&looks)), (200, 403));
            assert_eq!((program.list(&works).0, program.add(&works)), (200, 201));
            assert_eq!((program.list("nonsense").0, program.list(&format!("{read}x")).0), (401, 401));
            let metadata = program.url.replace("/orders", "/.well-known/oauth-protected-resource");
            let document = agent().get(&metadata).call().unwrap().body_mut().read_to_string().unwrap();
            assert!(document.contains(&server.issuer) && document.contains(API), "{document}");
        }
    }
}

/// Whom a program trusts that was not told whom to trust, it says.
#[test]
fn trying_out_is_said_to_be_that() {
    for program in [env!("CARGO_BIN_EXE_orders-actix"), env!("CARGO_BIN_EXE_orders-axum")] {
        for (issuer, is_said) in [(None, true), (Some("http://127.0.0.1:1"), false)] {
            let mut command = Command::new(program);
            command.env_remove("ISSUER").env("LISTEN", "nowhere").stdout(Stdio::null());
            // It cannot listen, and ends.
            let ended = command.envs(issuer.map(|issuer| ("ISSUER", issuer))).output().unwrap();
            let said = String::from_utf8(ended.stderr).unwrap();
            assert!(!ended.status.success());
            assert_eq!(said.contains("for trying out only: ISSUER is not set"), is_said, "{said}");
        }
    }
}
