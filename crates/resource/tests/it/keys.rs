//! Keys that change under a running API.

use crate::server::{SIGNED, Server};
use crate::signed::status;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const JWKS: &str = "/oauth2/jwks";

/// RFC 7517 §4.5: a token whose key is not known yet makes the API look for it, at once.
#[tokio::test]
async fn a_new_key_is_found_when_its_first_token_comes() {
    let server = Server::new();
    let api = server.api(SIGNED);
    assert_eq!(status(&server.token(SIGNED, "read"), &api).await, 200);
    server.advance(5);
    server.replace_keys();
    assert_eq!(status(&server.token(SIGNED, "read"), &api).await, 200);
    assert_eq!(server.asked(JWKS), 2);
}

/// RFC 7517 §5: a key that is no longer published verifies nothing after the next look, also not for a token seen before.
#[tokio::test]
async fn a_key_that_is_gone_takes_its_tokens_along() {
    let server = Server::new();
    let api = server.api(SIGNED);
    let old = server.token(SIGNED, "read");
    assert_eq!(status(&old, &api).await, 200);
    server.advance(5);
    server.replace_keys();
    assert_eq!(status(&old, &api).await, 200, "nobody has looked since");
    assert_eq!(status(&server.token(SIGNED, "read"), &api).await, 200);
    assert_eq!(status(&old, &api).await, 401);
}

/// RFC 7517 §5: without anybody who asks for it, the keys are read again when their time is over.
#[tokio::test]
async fn keys_are_kept_as_long_as_they_say() {
    let server = Server::new();
    let api = server.api(SIGNED);
    let old = server.token(SIGNED, "read");
    assert_eq!(status(&old, &api).await, 200);
    server.replace_keys();
    server.advance(224);
    assert_eq!((status(&old, &api).await, server.asked(JWKS)), (200, 1));
    server.advance(76);
    assert_eq!(
        (status(&old, &api).await, server.asked(JWKS)),
        (401, 2),
        "after 300 s nobody is let in by old keys"
    );
}

/// Keys are renewed before their time is over, by one request, and nobody waits for it.
#[tokio::test]
async fn keys_are_renewed_aside() {
    let server = Server::new();
    let (api, token) = (server.api(SIGNED), server.token(SIGNED, "read"));
    assert_eq!(status(&token, &api).await, 200);
    server.advance(225);
    for _ in 0..50 {
        assert_eq!(status(&token, &api).await, 200);
    }
    until(|| server.asked(JWKS) == 2).await;
    assert_eq!(status(&token, &api).await, 200);
    assert_eq!(server.asked(JWKS), 2);
}

/// RFC 7517 §4.5: names that somebody makes up cost the server one request in five seconds, however many come.
#[tokio::test]
async fn made_up_key_names_are_looked_for_now_and_then() {
    let server = Server::new();
    let (api, token) = (server.api(SIGNED), server.token(SIGNED, "read"));
    assert_eq!(status(&token, &api).await, 200);
    let forged = |number: usize| {
        let header = format!(r#"{{"typ":"at+jwt","alg":"ES256","kid":"made-up-{number}"}}"#);
        let parts: Vec<_> = token.split('.').collect();
        format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), parts[1], parts[2])
    };
    for round in 1..4 {
        server.advance(5);
        let all: Vec<_> = (0..100)
            .map(|number| {
                let (api, token) = (api.clone(), forged(number));
                tokio::spawn(async move { status(&token, &api).await })
            })
            .collect();
        for one in all {
            assert_eq!(one.await.unwrap(), 401);
        }
        for number in 100..110 {
            assert_eq!(status(&forged(number), &api).await, 401);
        }
        assert_eq!(server.asked(JWKS), 1 + round);
    }
    assert_eq!(status(&token, &api).await, 200);
}

/// Lets others run until it is so; what never comes is a test that does not end.
pub(crate) async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::task::yield_now().await;
    }
}
