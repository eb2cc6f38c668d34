//! The authorization server does not answer.

use crate::keys::until;
use crate::server::{OPAQUE, SIGNED, Server};
use crate::signed::{bring, status};
use doorward_resource::settings::Settings;
use std::net::TcpListener;
use std::time::Duration;

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// RFC 9110 §15.6.4: without any keys nobody can say whether a token is good: not let in, and not told that it is bad.
#[tokio::test]
async fn an_api_that_starts_without_the_server_waits_for_it() {
    let mut server = Server::new();
    let (api, token) = (server.api(SIGNED), server.token(SIGNED, "read"));
    server.stop();
    let refusal = bring(&token, &api).await.unwrap_err();
    assert_eq!((refusal.status(), refusal.challenge()), (503, None));
    server.start();
    assert_eq!(status(&token, &api).await, 503, "it is left alone for a while");
    assert_eq!(server.asked(METADATA), 0);
    server.advance(5);
    assert_eq!(status(&token, &api).await, 200);
}

/// RFC 9110 §15.6.4: known keys go on for an hour beyond their time, an unknown one cannot be judged; and then the server is
/// back.
#[tokio::test]
async fn known_keys_outlast_an_outage() {
    let mut server = Server::new();
    let (api, token) = (server.api(SIGNED), server.token(SIGNED, "read"));
    assert_eq!(status(&token, &api).await, 200);
    server.stop();
    server.advance(301);
    assert_eq!(status(&token, &api).await, 200, "known");
    let unseen = server.token(SIGNED, "read");
    assert_eq!(status(&unseen, &api).await, 200, "of a known key");
    server.replace_keys();
    let of_a_new_key = server.token(SIGNED, "read");
    assert_eq!(status(&of_a_new_key, &api).await, 503, "of a key that may be the server's newest");
    assert_eq!(status(&token, &api).await, 200);
    server.start();
    server.advance(5);
    assert_eq!(status(&of_a_new_key, &api).await, 200, "back");
    assert_eq!(status(&token, &api).await, 401, "and the old key is gone");
}

/// RFC 9110 §15.6.4: an outage that lasts too long ends the trust in keys that nobody has confirmed since.
#[tokio::test]
async fn known_keys_do_not_last_for_ever() {
    let mut server = Server::new();
    let api = server.api(SIGNED);
    assert_eq!(status(&server.token(SIGNED, "read"), &api).await, 200);
    server.stop();
    server.advance(300 + 3600 - 1);
    let token = server.token(SIGNED, "read");
    assert_eq!(status(&token, &api).await, 200);
    server.advance(1);
    assert_eq!(status(&token, &api).await, 503);
}

/// While the server is gone nobody waits for it but the first.
#[tokio::test]
async fn an_outage_is_looked_after_aside() {
    let mut server = Server::new();
    let (api, token) = (server.api(SIGNED), server.token(SIGNED, "read"));
    assert_eq!(status(&token, &api).await, 200);
    server.stop();
    server.advance(300);
    assert_eq!(status(&token, &api).await, 200);
    server.start();
    server.advance(5);
    assert_eq!(status(&token, &api).await, 200);
    until(|| server.asked(METADATA) == 2).await;
}

/// RFC 9110 §15.6.4: a server that takes requests and says nothing is gone as well. Whoever waits for it learns so before giving
/// up, and goes on with the keys that are known.
#[tokio::test]
async fn a_server_that_says_nothing_is_out() {
    let mut server = Server::new();
    let settings = Settings { patience: Duration::from_millis(800), ..Settings::default() };
    let api = server.builder(SIGNED).settings(settings).build().unwrap();
    let token = server.token(SIGNED, "read");
    assert_eq!(status(&token, &api).await, 200);
    server.stop();
    let _mute = TcpListener::bind(server.issuer().trim_start_matches("http://")).unwrap();
    server.advance(300);
    assert_eq!(status(&token, &api).await, 200);
    server.advance(3600);
    assert_eq!(status(&token, &api).await, 503);
}

/// RFC 7662 §2: a token about which nobody can be asked is not let in, and not said to be bad; what was said a moment ago
/// still counts.
#[tokio::test]
async fn an_opaque_token_needs_the_server() {
    let mut server = Server::new();
    let api = server.api(OPAQUE);
    let (known, unknown) = (server.token(OPAQUE, "read"), server.token(OPAQUE, "read"));
    assert_eq!(status(&known, &api).await, 200);
    server.stop();
    assert_eq!((status(&known, &api).await, status(&unknown, &api).await), (200, 503));
    server.advance(5);
    assert_eq!(status(&known, &api).await, 503);
    server.start();
    assert_eq!((status(&known, &api).await, status(&unknown, &api).await), (200, 200));
}
