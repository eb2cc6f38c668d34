//! API tokens, which somebody has made for a program of theirs: the server is asked about them.

use crate::server::{OPAQUE, OTHER, SIGNED, Server};
use crate::signed::{bring, status};
use doorward_protocol::words::Level;
use doorward_resource::access::Form;
use doorward_resource::protected_api::ProtectedApi;

const INTROSPECT: &str = "/oauth2/introspect";

/// RFC 7662 §2.2: an API token is taken wherever it has a level, also where the API's access tokens are signed, and says which.
#[tokio::test]
async fn an_api_token_is_let_in_where_it_has_a_level() {
    let server = Server::new();
    let (id, token) = server.api_token(&[(SIGNED, Level::Read), (OPAQUE, Level::Full)]);
    for (resource, level) in [(SIGNED, Level::Read), (OPAQUE, Level::Full)] {
        let access = bring(&token, &server.api(resource)).await.unwrap();
        assert_eq!((access.form(), access.level(), access.jti()), (Form::ApiToken, Some(level), id));
        assert_eq!(access.client_id(), None);
    }
    assert_eq!(status(&token, &server.api(OTHER)).await, 401);
}

/// RFC 7662 §4: one that is revoked is refused as soon as the answer before it is no longer kept; and nobody is asked twice about it
/// while it is.
#[tokio::test]
async fn a_revoked_api_token_is_refused() {
    let server = Server::new();
    let (api, (id, token)) = (server.api(SIGNED), server.api_token(&[(SIGNED, Level::Read)]));
    assert_eq!((status(&token, &api).await, status(&token, &api).await), (200, 200));
    assert_eq!(server.asked(INTROSPECT), 1);
    server.revoke_api_token(id);
    server.advance(5);
    assert_eq!(status(&token, &api).await, 401);
}

/// RFC 7662 §2.1: an API without a client to ask with takes none.
#[tokio::test]
async fn without_a_client_api_tokens_are_refused() {
    let server = Server::new();
    let api = ProtectedApi::builder(server.issuer(), SIGNED).clock(server.clock.clone()).build().unwrap();
    assert_eq!(status(&server.api_token(&[(SIGNED, Level::Full)]).1, &api).await, 401);
    assert_eq!(server.asked(INTROSPECT), 0);
}
