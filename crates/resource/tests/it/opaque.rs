//! Opaque tokens, about which the server is asked.

use crate::server::{OPAQUE, OTHER_OPAQUE, SIGNED, Server};
use crate::signed::{bring, status};
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::{self, TokenType};
use doorward_resource::access::Form;
use doorward_resource::protected_api::ProtectedApi;
use doorward_resource::settings::Settings;

const INTROSPECT: &str = "/oauth2/introspect";

/// RFC 7662 §2.2: what the server says of a token is what the API's code sees.
#[tokio::test]
async fn a_token_for_this_api_is_let_in() {
    let server = Server::new();
    let access = bring(&server.token(OPAQUE, "read"), &server.api(OPAQUE)).await.unwrap();
    assert_eq!((access.form(), access.subject(), access.client_id()), (Form::Opaque, "shop", Some("shop")));
    assert!(access.allows("read") && !access.allows("write"));
    assert_eq!(access.expires_at() - access.issued_at(), Lifetime::minutes(10));
}

/// RFC 7662 §4: a token that is active, but for another API, is refused, although this API's client may ask about it.
#[tokio::test]
async fn a_token_for_another_api_is_refused() {
    let server = Server::new();
    let token = server.token(OTHER_OPAQUE, "read");
    assert_eq!(status(&token, &server.api(OTHER_OPAQUE)).await, 200);
    assert_eq!(status(&token, &server.api(OPAQUE)).await, 401);
}

/// RFC 7662 §4: a revocation is noticed as soon as the answer before it is no longer kept.
#[tokio::test]
async fn a_revoked_token_is_refused_within_the_time_an_answer_is_kept() {
    let server = Server::new();
    let at_once = Settings { introspection_kept: Lifetime::seconds(0), ..Settings::default() };
    let (api, at_once) = (server.api(OPAQUE), server.builder(OPAQUE).settings(at_once).build().unwrap());
    let token = server.token(OPAQUE, "read");
    assert_eq!((status(&token, &api).await, status(&token, &at_once).await), (200, 200));
    server.revoke(&token);
    server.advance(1);
    assert_eq!((status(&token, &api).await, status(&token, &at_once).await), (200, 401));
    server.advance(1);
    assert_eq!(status(&token, &api).await, 401);
}

/// RFC 7662 §4: a clock that is set back does not make an answer count for longer.
#[tokio::test]
async fn a_clock_that_is_set_back_keeps_no_answer() {
    let server = Server::new();
    let (api, token) = (server.api(OPAQUE), server.token(OPAQUE, "read"));
    server.advance(300);
    assert_eq!(status(&token, &api).await, 200);
    server.revoke(&token);
    server.advance(-250);
    assert_eq!(status(&token, &api).await, 401);
}

/// RFC 7662 §4: where nothing is kept, everybody who comes is told what is so now, also beside a question that was sent before.
#[tokio::test]
async fn what_is_kept_for_no_time_is_shared_with_nobody() {
    let server = Server::new();
    let at_once = Settings { introspection_kept: Lifetime::seconds(0), ..Settings::default() };
    let api = server.builder(OPAQUE).settings(at_once).build().unwrap();
    let token = server.token(OPAQUE, "read");
    let (first, second) = tokio::join!(status(&token, &api), status(&token, &api));
    assert_eq!((first, second, server.asked(INTROSPECT)), (200, 200, 2));
}

/// RFC 7662 §4: an answer is not kept beyond the token's end.
#[tokio::test]
async fn a_kept_answer_does_not_outlive_the_token() {
    let server = Server::new();
    let api = server.api(OPAQUE);
    let token = server.token(OPAQUE, "read");
    server.advance(599);
    assert_eq!(status(&token, &api).await, 200);
    server.advance(1);
    assert_eq!(status(&token, &api).await, 401);
    assert_eq!(server.asked(INTROSPECT), 1);
}

/// Many requests with one token make one question; so does one token that is not good.
#[tokio::test]
async fn many_at_once_ask_once() {
    let server = Server::new();
    let api = server.api(OPAQUE);
    let unknown = token_text::write(TokenType::AccessToken, &[7; 32]).expose().to_owned();
    for (round, (token, expected)) in
        [(server.token(OPAQUE, "read"), 200), (unknown, 401)].into_iter().enumerate()
    {
        let all: Vec<_> = (0..200)
            .map(|_| {
                let (api, token) = (api.clone(), token.clone());
                tokio::spawn(async move { status(&token, &api).await })
            })
            .collect();
        for one in all {
            assert_eq!(one.await.unwrap(), expected);
        }
        assert_eq!(server.asked(INTROSPECT), round + 1);
    }
}

/// What is visibly no access token of ours is refused without asking anybody.
#[tokio::test]
async fn a_mistyped_token_is_refused_unasked() {
    let server = Server::new();
    let api = server.api(OPAQUE);
    let token = server.token(OPAQUE, "read");
    let mistyped = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    let refresh = token_text::write(TokenType::RefreshToken, &[7; 32]).expose().to_owned();
    for text in [&token[..40], &mistyped, &refresh, "dw_at_", "some-other-token", &format!("{token}0")] {
        assert_eq!(status(text, &api).await, 401, "{text}");
    }
    assert_eq!(server.asked(INTROSPECT), 0);
    assert_eq!(server.asked("/oauth2/jwks"), 0);
}

/// RFC 7662 §2.1: an API without a client to ask with takes no opaque token; and signed ones all the same.
#[tokio::test]
async fn without_a_client_opaque_tokens_are_refused() {
    let server = Server::new();
    let api = |resource: &str| {
        ProtectedApi::builder(server.issuer(), resource).clock(server.clock.clone()).build().unwrap()
    };
    assert_eq!(status(&server.token(OPAQUE, "read"), &api(OPAQUE)).await, 401);
    assert_eq!(server.asked(INTROSPECT), 0);
    assert_eq!(status(&server.token(SIGNED, "read"), &api(SIGNED)).await, 200);
}

/// RFC 7662 §2.3: that the API's own credentials are refused is no fault of who brings a token.
#[tokio::test]
async fn wrong_credentials_of_the_api_are_its_own_trouble() {
    let server = Server::new();
    let api = server.builder(OPAQUE).introspect_as("shop", "no-such-secret").build().unwrap();
    assert_eq!(status(&server.token(OPAQUE, "read"), &api).await, 503);
}
