//! Whether the server lives, and whether it can do its work. Owns what "ready" means: the store answers, what others
//! changed is known, a key signs, and whatever else the binary demands.

use crate::http::answer;
use crate::settings::ReadyCheck;
use bytes::Bytes;
use doorward_core::authorization_server::AuthorizationServer;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<&'static str>,
}

/// Alive: the process answers. Asks nobody else, so that no outage makes a supervisor restart it in vain.
pub(crate) fn alive() -> Response<Bytes> {
    text("text/plain; charset=utf-8", Bytes::from_static(b"ok\n"))
}

/// Ready: requests sent here will be served. The reasons are words of ours, without any detail of the surroundings.
pub(crate) async fn ready(server: &AuthorizationServer, checks: &[ReadyCheck]) -> Response<Bytes> {
    let mut reasons: Vec<_> =
        checks.iter().filter(|check| !(check.holds)()).map(|check| check.reason).collect();
    if let Err(fault) = server.cache().store().read(|tx| tx.last_revision()).await {
        tracing::warn!(%fault, "not ready: the store does not answer");
        reasons.push("the store does not answer");
    }
    if server.cache().is_behind() {
        reasons.push("changes made elsewhere cannot be applied");
    }
    if !signs(server) {
        reasons.push("there is no signing key");
    }
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let readiness = Readiness { ready: reasons.is_empty(), reasons };
    // A boolean and strings always serialize; the status says it all anyway.
    answer::json(status, serde_json::to_string(&readiness).unwrap_or_else(|_| "{}".to_owned()))
}

fn signs(server: &AuthorizationServer) -> bool {
    let context = server.context();
    context.cache.keyring().signing(context.settings.signing_algorithm, context.now).is_some()
}

/// Numbers for Prometheus.
pub(crate) fn metrics(numbers: String) -> Response<Bytes> {
    text("text/plain; version=0.0.4; charset=utf-8", numbers.into())
}

fn text(content_type: &'static str, body: Bytes) -> Response<Bytes> {
    let mut response = answer::with_body(StatusCode::OK, body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, answer::NO_STORE);
    response
}
