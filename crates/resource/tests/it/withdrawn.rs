//! How long a key is trusted that its server publishes no more.

use crate::server::{Running, SIGNED, Server};
use crate::signed::status;
use axum::Router;
use axum::routing::get;
use doorward_resource::protected_api::ProtectedApi;
use doorward_testkit::ports::free_port;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// A server whose documents a test replaces, with the keys of a real one to begin with.
struct Publisher {
    issuer: String,
    metadata: Arc<Mutex<Value>>,
    keys: Arc<Mutex<String>>,
    _running: Running,
}

impl Publisher {
    /// One whose keys are two minutes old when they come, of the five that they may be kept.
    fn new(server: &Server) -> Self {
        let port = free_port();
        let issuer = format!("http://127.0.0.1:{port}");
        let metadata = Arc::new(Mutex::new(json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")})));
        let keys = Arc::new(Mutex::new(server.core.jwks().clone()));
        let (described, published) = (Arc::clone(&metadata), Arc::clone(&keys));
        let kept = [("cache-control", "max-age=300"), ("age", "120")];
        let router = Router::new()
            .route(
                "/.well-known/oauth-authorization-server",
                get(|| async move { described.lock().unwrap().to_string() }),
            )
            .route("/keys", get(move || async move { (kept, published.lock().unwrap().clone()) }));
        let running = Running::serve(SocketAddr::from(([127, 0, 0, 1], port)), router);
        Self { issuer, metadata, keys, _running: running }
    }

    fn api(&self, server: &Server) -> ProtectedApi {
        ProtectedApi::builder(&self.issuer, SIGNED).clock(server.clock.clone()).build().unwrap()
    }
}

/// RFC 9111 §4.2.3: the time that an answer has spent on its way counts.
#[tokio::test]
async fn keys_that_come_old_are_kept_for_the_rest_of_their_time() {
    let server = Server::new();
    let publisher = Publisher::new(&server);
    let (api, token) = (publisher.api(&server), server.signed_by(&publisher.issuer));
    assert_eq!(status(&token, &api).await, 200);
    *publisher.keys.lock().unwrap() = json!({"keys": []}).to_string();
    server.advance(134);
    assert_eq!(status(&token, &api).await, 200);
    server.advance(46);
    assert_eq!(status(&token, &api).await, 401, "after 180 s, not 300");
}

/// RFC 8414 §3.3: a server that answers with what is not to be used is there: that is no outage, in which its keys would go on to
/// be trusted.
#[tokio::test]
async fn metadata_that_do_not_count_are_no_outage() {
    let server = Server::new();
    for (member, value) in [("issuer", "https://id.example"), ("jwks_uri", "https://id.example/keys")] {
        let publisher = Publisher::new(&server);
        let (api, token) = (publisher.api(&server), server.signed_by(&publisher.issuer));
        assert_eq!(status(&token, &api).await, 200);
        let honest = publisher.metadata.lock().unwrap().clone();
        publisher.metadata.lock().unwrap()[member] = value.into();
        server.advance(180);
        assert_eq!(status(&token, &api).await, 503, "{member}");
        *publisher.metadata.lock().unwrap() = honest;
        server.advance(5);
        assert_eq!(status(&token, &api).await, 200, "{member}, mended");
    }
}
