//! Servers that are not what they say: metadata of another issuer, endpoints elsewhere, redirects, answers without an end; and
//! that TLS trusts those roots alone that were named.

use crate::server::{Running, SIGNED, Server};
use crate::signed::status;
use axum::Router;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::get;
use doorward_resource::builder::BuildError;
use doorward_resource::metadata::Metadata;
use doorward_resource::protected_api::ProtectedApi;
use doorward_testkit::ports::free_port;
use serde_json::{Value, json};
use std::net::SocketAddr;

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// A server that publishes these metadata, given its own issuer, and the keys of a real one.
fn publishing(server: &Server, metadata: impl Fn(&str) -> Value) -> (String, Running) {
    let port = free_port();
    let issuer = format!("http://127.0.0.1:{port}");
    let (document, keys) = (metadata(&issuer).to_string(), server.core.jwks());
    // Whoever looks at the body alone would be content with it.
    let (moved, missing) = (keys.clone(), keys.clone());
    let to_keys = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static("/keys"))]);
    let router = Router::new()
        .route(METADATA, get(|| async { document }))
        .route("/keys", get(|| async { keys }))
        .route("/moved", get(|| async { (StatusCode::FOUND, to_keys, moved) }))
        .route("/missing", get(|| async { (StatusCode::NOT_FOUND, missing) }))
        .route("/endless", get(|| async { "[".repeat(300 * 1024) }));
    (issuer, Running::serve(SocketAddr::from(([127, 0, 0, 1], port)), router))
}

/// The status of a token of the real server's key that names the other issuer.
async fn answered(server: &Server, metadata: impl Fn(&str) -> Value) -> u16 {
    let (issuer, _running) = publishing(server, metadata);
    let api = ProtectedApi::builder(&issuer, SIGNED).clock(server.clock.clone()).build().unwrap();
    status(&server.signed_by(&issuer), &api).await
}

/// RFC 8414 §3.3: metadata count for the issuer that they name, and for no other.
#[tokio::test]
async fn metadata_of_another_issuer_are_not_used() {
    let server = Server::new();
    let keys = |issuer: &str| format!("{issuer}/keys");
    assert_eq!(answered(&server, |issuer| json!({"issuer": issuer, "jwks_uri": keys(issuer)})).await, 200);
    for claimed in ["https://id.example", ""] {
        let lie = |issuer: &str| json!({"issuer": claimed, "jwks_uri": keys(issuer)});
        assert_eq!(answered(&server, lie).await, 503);
    }
    let slash = |issuer: &str| json!({"issuer": format!("{issuer}/"), "jwks_uri": keys(issuer)});
    assert_eq!(answered(&server, slash).await, 503);
}

/// RFC 8414 §6.2: keys elsewhere, behind a redirect, or without an end are not read.
#[tokio::test]
async fn keys_are_read_where_the_issuer_is() {
    let server = Server::new();
    let elsewhere = format!("{}/oauth2/jwks", server.issuer());
    for jwks_uri in ["moved", "missing", "endless", "nothing"] {
        let metadata = |issuer: &str| json!({"issuer": issuer, "jwks_uri": format!("{issuer}/{jwks_uri}")});
        assert_eq!(answered(&server, metadata).await, 503, "{jwks_uri}");
    }
    let metadata = |issuer: &str| json!({"issuer": issuer, "jwks_uri": elsewhere});
    assert_eq!(answered(&server, metadata).await, 503);
    assert_eq!(server.asked("/oauth2/jwks"), 0);
    let (issuer, _running) = publishing(&server, metadata);
    let api =
        ProtectedApi::builder(&issuer, SIGNED).clock(server.clock.clone()).trust_origin(server.issuer());
    assert_eq!(
        status(&server.signed_by(&issuer), &api.build().unwrap()).await,
        200,
        "once that origin is trusted"
    );
}

/// RFC 8414 §2, RFC 8707 §2, RFC 9728 §1.2: names that cannot be right stop the program when it starts.
#[test]
fn names_that_cannot_be_right_are_refused() {
    let built = |issuer: &str, resource: &str| ProtectedApi::builder(issuer, resource).build();
    assert!(built("https://id.example", SIGNED).is_ok());
    assert!(built("https://id.example", "urn:example:orders").is_ok());
    for issuer in ["http://id.example", "id.example", "https://id.example?x", "https://a@id.example"] {
        assert!(matches!(built(issuer, SIGNED), Err(BuildError::Url(_))), "{issuer}");
    }
    for resource in ["", "orders", "https://orders.example#x", "https://orders.example/a b"] {
        assert!(matches!(built("https://id.example", resource), Err(BuildError::Resource(_))), "{resource}");
    }
    let described =
        ProtectedApi::builder("https://id.example", "urn:example:orders").metadata(Metadata::new());
    assert!(matches!(described.build(), Err(BuildError::NoPlaceForMetadata(_))));
    for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let rooted = ProtectedApi::builder("https://id.example", SIGNED).root_certificate(pem);
        assert!(matches!(rooted.build(), Err(BuildError::Tls(_))), "{pem:?}");
    }
}
