//! The server's own feed: whatever is taken back or changed there is noticed here, without anybody who asks, and without waiting until
//! what was said before is no longer kept. Time stands still in these tests, so nothing ends by itself.

use crate::feed::comes_to;
use crate::guard::status;
use crate::server::{self, OPAQUE, OTHER, SIGNED, Server};
use crate::signed;
use doorward_core::manage::api_tokens::access::{Named, Reach};
use doorward_core::manage::signing_keys::Occasion;
use doorward_core::manage::{api_tokens, apis, clients};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::words::{Level, Status};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

const LINE: &str = "GET /orders";

/// RFC 7009 §2.1: a signed token that is revoked is refused, by whichever guard.
#[tokio::test]
async fn a_signed_token_that_is_revoked_is_refused() {
    let server = Server::new();
    let api = server.api(SIGNED);
    let guard = api.guard();
    let (token, other) = (server.token(SIGNED, "read"), server.token(SIGNED, "read"));
    for token in [&token, &other] {
        assert_eq!((status(&guard, LINE, token).await, signed::status(token, &api).await), (200, 200));
    }
    server.revoke(&token);
    comes_to(401, &guard, &token).await;
    assert_eq!((signed::status(&token, &api).await, status(&guard, LINE, &other).await), (401, 200));
    assert_eq!(server.asked("/oauth2/introspect"), 0);
}

/// RFC 7662 §4: what was said of an API token ends with it, and not only when it is no longer kept.
#[tokio::test]
async fn an_api_token_that_is_revoked_is_refused() {
    let server = Server::new();
    for resource in [SIGNED, OPAQUE] {
        let guard = server.api(resource).guard();
        let (id, token) = server.api_token(&[(resource, Level::Read)]);
        assert_eq!(
            (status(&guard, LINE, &token).await, status(&guard, "POST /orders", &token).await),
            (200, 403)
        );
        server.revoke_api_token(id);
        comes_to(401, &guard, &token).await;
    }
}

/// RFC 7662 §4: that a token is bad is not said for longer than it is so, either.
#[tokio::test]
async fn an_api_token_that_becomes_good_is_let_in() {
    let server = Server::new();
    let guard = server.api(SIGNED).guard();
    let (id, token) = server.api_token(&[(OTHER, Level::Read)]);
    // The feed is followed from the first good one on.
    let statuses =
        (status(&guard, LINE, &server.token(SIGNED, "read")).await, status(&guard, LINE, &token).await);
    assert_eq!(statuses, (200, 401));
    let context = server.core.context();
    let here = |token: &mut api_tokens::Members| {
        token.reach = Reach::Named(vec![Named { api: SIGNED.to_owned(), level: Level::Read }]);
        Ok(())
    };
    let (id, call) = (id.to_string(), by_operator(&context));
    assert!(block_on(api_tokens::update(&id, &call, &context, here)).is_ok());
    comes_to(200, &guard, &token).await;
}

/// A client that is switched off takes its tokens along, signed or opaque.
#[tokio::test]
async fn a_client_that_is_switched_off_is_refused() {
    let server = Server::new();
    let guard = server.api(SIGNED).guard();
    let token = server.token(SIGNED, "read");
    assert_eq!(status(&guard, LINE, &token).await, 200);
    let context = server.core.context();
    let off = |client: &mut clients::Members| {
        client.status = Status::Inactive;
        Ok(())
    };
    assert!(block_on(clients::update("shop", &by_operator(&context), &context, off)).is_ok());
    // Nor may it ask any more, so that nobody can say what has become of the token.
    while status(&guard, LINE, &token).await == 200 {
        tokio::task::yield_now().await;
    }
}

/// How the API is registered counts once it is changed: what a level lets through, and whether it takes part at all.
#[tokio::test]
async fn a_change_of_the_api_counts() {
    let server = Server::new();
    let guard = server.api(SIGNED).guard();
    let (token, api_token) = (server.token(SIGNED, "read"), server.api_token(&[(SIGNED, Level::Read)]).1);
    for token in [&token, &api_token] {
        assert_eq!(status(&guard, LINE, token).await, 200);
    }
    let context = server.core.context();
    let heads_only = |api: &mut apis::Members| {
        api.levels.read.methods = vec!["HEAD".to_owned()];
        Ok(())
    };
    assert!(block_on(apis::update(SIGNED, &by_operator(&context), &context, heads_only)).is_ok());
    for token in [&token, &api_token] {
        comes_to(403, &guard, token).await;
        assert_eq!(status(&guard, "HEAD /orders", token).await, 200);
    }
}

/// RFC 9110 §15.6.4: an API that has never heard the feed decides nothing, and does once the server is there.
#[tokio::test]
async fn a_server_that_comes_later_is_heard() {
    let mut server = Server::new();
    let (guard, token) = (server.api(SIGNED).guard(), server.token(SIGNED, "read"));
    server.stop();
    assert_eq!(status(&guard, LINE, &token).await, 503);
    server.start();
    server.advance(5);
    assert_eq!(status(&guard, LINE, &token).await, 200);
}

/// RFC 7517 §5: a key that is revoked because it was stolen is not trusted for what is signed with it later, either: such a token was
/// issued after everything that the feed speaks of.
#[tokio::test]
async fn what_is_signed_with_a_key_that_is_revoked_is_refused() {
    let server = Server::new();
    let guard = server.api(SIGNED).guard();
    // Not the one that signs the feed, whose successor would be missed.
    let rotate = |occasion| server::rotate(Algorithm::EdDSA, occasion, &server.core);
    rotate(Occasion::Requested);
    let stolen = server.signing_key_of(Algorithm::EdDSA);
    let forged = |seconds| {
        server.advance(seconds);
        stolen.sign(&server.claims(&server.issuer()), Typ::AccessToken).unwrap()
    };
    assert_eq!(status(&guard, LINE, &forged(0)).await, 200);
    rotate(Occasion::Compromise);
    comes_to(401, &guard, &forged(4)).await;
}

/// RFC 7517 §5: a key that was revoked is trusted by nobody who has heard of it, also where it is still published: by a node that has not,
/// or by a cache on the way. What other keys have signed is as good as before.
#[tokio::test]
async fn a_revoked_key_that_is_still_published_verifies_nothing() {
    let server = Server::new();
    let (guard, good) = (server.api(SIGNED).guard(), server.token(SIGNED, "read"));
    let rotate = |occasion| server::rotate(Algorithm::EdDSA, occasion, &server.core);
    rotate(Occasion::Requested);
    let stolen = server.signing_key_of(Algorithm::EdDSA);
    server.teller.keep_keys();
    let forged = |seconds| {
        server.advance(seconds);
        stolen.sign(&server.claims(&server.issuer()), Typ::AccessToken).unwrap()
    };
    assert_eq!(status(&guard, LINE, &forged(0)).await, 200);
    rotate(Occasion::Compromise);
    comes_to(401, &guard, &forged(4)).await;
    let read = server.asked("/oauth2/jwks");
    for _ in 0..2 {
        assert_eq!(status(&guard, LINE, &forged(280)).await, 401);
    }
    assert!(server.asked("/oauth2/jwks") > read, "it came with the keys once more");
    assert_eq!(status(&guard, LINE, &good).await, 200);
    assert_eq!(server.asked("/oauth2/introspect"), 0);
    assert_eq!(status(&server.api(SIGNED).guard(), LINE, &forged(0)).await, 401, "nor by who comes later");
}
