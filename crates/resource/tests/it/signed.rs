//! Signed tokens as the server issues them.

use crate::server::{OTHER, SIGNED, Server};
use doorward_protocol::access::level::LevelAt;
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::claims::{AccessTokenClaims, ExchangedClaims};
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use doorward_resource::access::{Access, Form};
use doorward_resource::protected_api::ProtectedApi;
use doorward_resource::refusal::Refusal;
use doorward_resource::settings::Settings;

pub(crate) async fn bring(token: &str, api: &ProtectedApi) -> Result<Access, Refusal> {
    api.verify([format!("Bearer {token}").as_bytes()]).await
}

/// The status that a token is answered with; 200 for one that is let in.
pub(crate) async fn status(token: &str, api: &ProtectedApi) -> u16 {
    bring(token, api).await.map_or_else(|refusal| refusal.status(), |_| 200)
}

/// RFC 9068 §4: a token of the issuer for this API is taken, and says whom it speaks for and what it may do.
#[tokio::test]
async fn a_token_for_this_api_is_let_in() {
    for algorithm in Algorithm::ALL {
        let server = Server::signing_with(algorithm);
        let access = bring(&server.token(SIGNED, "read"), &server.api(SIGNED)).await.unwrap();
        assert_eq!(
            (access.form(), access.subject(), access.client_id()),
            (Form::Signed, "shop", Some("shop"))
        );
        assert!(access.allows("read") && !access.allows("write") && access.person().is_none());
        assert_eq!(access.expires_at() - access.issued_at(), Lifetime::minutes(10));
        assert!(access.require("read").is_ok());
        assert_eq!(access.require("read write").unwrap_err().status(), 403, "{algorithm}");
    }
}

/// RFC 8693 §2.2.1: what a token was exchanged for may limit it to a level and to networks; the API's code is told both.
#[tokio::test]
async fn a_level_and_networks_are_told_as_the_token_says_them() {
    let server = Server::new();
    let api = server.api(SIGNED);
    let plain = bring(&server.token(SIGNED, "read"), &api).await.unwrap();
    assert!(plain.level().is_none() && plain.allowed_ips().is_empty() && plain.admits([192, 0, 2, 1].into()));
    let claims = AccessTokenClaims {
        access: vec![LevelAt { api: SIGNED.to_owned(), level: Level::Read }],
        allowed_ips: vec!["10.0.0.0/8".parse().unwrap()],
        exchanged: Some(ExchangedClaims { api_token: Id::from_parts(0, 2), api_token_gen: 0 }),
        ..server.claims(&server.issuer())
    };
    let token = server.signing_key().sign(&claims, Typ::AccessToken).unwrap();
    let access = bring(&token, &api).await.unwrap();
    assert_eq!((access.level(), access.allowed_ips()), (Some(Level::Read), &claims.allowed_ips[..]));
    assert!(access.admits([10, 1, 2, 3].into()) && !access.admits([192, 0, 2, 1].into()));
}

/// RFC 6749 §3.3: the grammar has no empty scope; who asks for one has forgotten which, and guards nothing.
#[tokio::test]
async fn a_guard_asks_for_some_scope() {
    let server = Server::new();
    let api = server.api(SIGNED);
    assert!(api.require("").is_err() && api.require(" ").is_err());
    let access = bring(&server.token(SIGNED, "read"), &api).await.unwrap();
    assert_eq!(access.require("").unwrap_err().status(), 500);
}

/// RFC 9068 §4: a token for another API is none here.
#[tokio::test]
async fn a_token_for_another_api_is_refused() {
    let server = Server::new();
    let token = server.token(OTHER, "read");
    assert_eq!(status(&token, &server.api(OTHER)).await, 200);
    assert_eq!(status(&token, &server.api(SIGNED)).await, 401);
    assert_eq!(
        status(&token, &server.api("https://orders.example/")).await,
        401,
        "nor one that is spelled alike"
    );
}

/// RFC 9068 §4: a token of another issuer is none here, even under the same name of an API.
#[tokio::test]
async fn a_token_of_another_issuer_is_refused() {
    let (ours, theirs) = (Server::new(), Server::new());
    assert_eq!(status(&theirs.token(SIGNED, "read"), &ours.api(SIGNED)).await, 401);
}

/// RFC 7519 §4.1.4: after its end, and the leeway, a token is no longer taken; one seen before neither.
#[tokio::test]
async fn a_token_ends_with_the_leeway() {
    let server = Server::new();
    let settings = |leeway| Settings { leeway: Lifetime::seconds(leeway), ..Settings::default() };
    let apis = [0, 10, 60].map(|leeway| server.builder(SIGNED).settings(settings(leeway)).build().unwrap());
    let token = server.token(SIGNED, "read");
    let mut statuses = vec![];
    for seconds in [599, 1, 9, 1, 49, 1] {
        server.advance(seconds);
        for api in &apis {
            statuses.push(status(&token, api).await);
        }
    }
    let expected = [
        [200, 200, 200],
        [401, 200, 200],
        [401, 200, 200],
        [401, 401, 200],
        [401, 401, 200],
        [401, 401, 401],
    ];
    assert_eq!(statuses, expected.as_flattened());
    let broken = server.builder(SIGNED).settings(settings(61)).build();
    assert!(broken.is_err(), "more leeway hides a broken clock");
}

/// RFC 8725 §3.1: one look at the keys serves all tokens, whoever brings them first.
#[tokio::test]
async fn many_at_once_read_the_keys_once() {
    let server = Server::new();
    let api = server.api(SIGNED);
    let token = server.token(SIGNED, "read");
    let all: Vec<_> = (0..200)
        .map(|_| {
            let (api, token) = (api.clone(), token.clone());
            tokio::spawn(async move { status(&token, &api).await })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap(), 200);
    }
    assert_eq!(server.asked("/oauth2/jwks"), 1);
    assert_eq!(server.asked("/.well-known/oauth-authorization-server"), 1);
    assert_eq!(server.asked("/oauth2/introspect"), 0);
}
