//! The kernel: the only place that knows oxide-auth. It drives that crate's sans-IO machines for the grants of RFC 6749,
//! which guarantee the order of checks, and translates between its values and ours. Owns the translation; clients,
//! tokens and error bodies are ours.
//!
//! What is known of the machines, and minded here: their error words are not always those of the RFC, so a refusal is
//! made by whoever answers the machine's question; they are shown an authenticated user name, never a secret; they read
//! the wall clock for expiry, which therefore is checked by us; their `Scope` prints in random order, so ours is parsed
//! back from it.

pub mod authorization;
pub mod authorization_code;
pub mod client_credentials;
pub mod refresh_token;

use crate::client::Client;
use chrono::{DateTime, Utc};
use doorward_protocol::error::OAuthError;
use doorward_protocol::scope::Scope;
use oxide_auth::primitives::registrar::{BoundClient, PreGrant};

/// Our scope as oxide-auth's.
pub(crate) fn to_oxide(scope: &Scope) -> Result<oxide_auth::primitives::scope::Scope, OAuthError> {
    scope.to_string().parse().map_err(|_| OAuthError::invalid_scope("the scope is malformed"))
}

/// oxide-auth's scope as ours, sorted again.
pub(crate) fn from_oxide(scope: &oxide_auth::primitives::scope::Scope) -> Result<Scope, OAuthError> {
    Scope::of(scope.iter()).map_err(|_| OAuthError::invalid_scope("the scope is malformed"))
}

/// A scope as it was asked for. The machines read a malformed one loosely, or call it an invalid request; the word of
/// RFC 6749 §4.1.2.1, §5.2 is `invalid_scope`.
fn parse(scope: &str) -> Result<Scope, OAuthError> {
    scope.parse().map_err(|_| OAuthError::invalid_scope("the scope is malformed"))
}

/// RFC 6749 §3.3: what was asked for if the client may have it, else its default.
pub(crate) fn permitted(asked: Option<Scope>, client: &Client) -> Result<Scope, OAuthError> {
    match asked {
        None => Ok(client.default_scopes.clone()),
        Some(scope) if scope.is_within(&client.scopes) => Ok(scope),
        Some(_) => Err(OAuthError::invalid_scope("the client may not have every scope that it asked for")),
    }
}

fn pre_grant(bound: &BoundClient<'_>, scope: &Scope) -> Result<PreGrant, OAuthError> {
    Ok(PreGrant {
        client_id: bound.client_id.clone().into_owned(),
        redirect_uri: bound.redirect_uri.clone().into_owned(),
        scope: to_oxide(scope)?,
    })
}

/// A time that no clock has come to: the machines compare it with the machine's clock.
const fn far_future() -> DateTime<Utc> {
    DateTime::<Utc>::MAX_UTC
}
