//! `doorward token inspect`: what a token says of itself.

use crate::doorward::{Place, Ran};
use serde_json::json;
use std::io::Write;
use std::process::Stdio;

fn inspect(token: &str, arguments: &[&str]) -> Ran {
    let mut command = Place::bare().command(&[&["token", "inspect"], arguments].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.current_dir("/").spawn().expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(token.as_bytes()).expect("it reads");
    Ran::of(&child.wait_with_output().expect("it ends"))
}

fn secret() -> String {
    let place = Place::migrated();
    let client = place.run(&["client", "create", "--json", "--name", "A"]).json();
    client["client_secret"].as_str().expect("a secret").to_owned()
}

#[test]
fn a_token_is_recognised_without_a_server_and_not_repeated() {
    let secret = secret();
    let seen = inspect(&format!("{secret}\n"), &["--json"]).json();
    assert_eq!(seen, json!({"type": "client_secret", "prefix": "dw_cs_", "checksum": "valid"}));
    let text = inspect(&secret, &[]).ok();
    assert!(text.contains("a client's secret") && !text.contains(&secret), "{text}");
}

#[test]
fn a_token_that_was_mistyped_or_is_not_ours_is_refused_and_not_repeated() {
    let secret = secret();
    let cut = &secret[..secret.len() - 1];
    let last = if secret.ends_with('0') { "1" } else { "0" };
    for wrong in [cut, &format!("{cut}{last}"), "", "password"] {
        let problem = inspect(wrong, &["--json"]).problem(1);
        assert!(wrong.is_empty() || !problem.to_string().contains(wrong));
    }
}
