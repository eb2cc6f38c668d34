//! The program as it is, against a real Doorward: its whole story, twice, so that it is seen to leave nothing behind.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot be had is a failure")]

mod server;

use crate::server::Server;
use std::process::{Command, Output};

const STORY: &str = r#"who         a user, who may 31 things
client      made once
listed      "Web shop" ["https://shop.example/callback"]
a mistake   422 at ["/redirect_uris/1"]
changed     2 redirect URIs
overtaken   412
read        GET 200, POST 403
full        GET 200, POST 200
regenerated GET 200, POST 200
overlap     GET 200, POST 200
revoked     GET 401, POST 401
all APIs    GET 200, POST 403
revoke-all  1 token
nothing     GET 401, POST 401
"#;

fn run(server: &Server, token: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_manage-by-rest"));
    program.env("ISSUER", &server.issuer).env("MANAGEMENT_TOKEN", token).output().unwrap()
}

/// RFC 7662 §2.2: what is managed is what an API sees, from its next question on.
#[test]
fn a_program_with_nothing_but_a_token_manages_clients_and_tokens() {
    let server = Server::new();
    for _ in 0..2 {
        let ran = run(&server, &server.token);
        assert_eq!(String::from_utf8_lossy(&ran.stderr), "");
        assert_eq!((ran.status.code(), String::from_utf8_lossy(&ran.stdout).as_ref()), (Some(0), STORY));
    }
}

/// RFC 6750 §3.1: without a good token nothing is managed.
#[test]
fn a_program_without_a_good_token_is_told_so() {
    let server = Server::new();
    let ran = run(&server, "dw_pat_nobody");
    assert_eq!((ran.status.code(), ran.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("401"), "{ran:?}");
}
