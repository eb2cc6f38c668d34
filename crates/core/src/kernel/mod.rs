//! The kernel: the only place that knows oxide-auth. It drives that crate's sans-IO machines for the grants of RFC 6749,
//! which guarantee the order of checks, and translates between its values and ours. Owns the translation; clients,
//! tokens and error bodies are ours.
//!
//! What is known of the machines, and minded here: their error words are not always those of the RFC, so a refusal is
//! made by whoever answers the machine's question; they are shown an authenticated user name, never a secret; they read
//! the wall clock for expiry, which therefore is checked by us; their `Scope` prints in random order, so ours is parsed
//! back from it.

pub mod client_credentials;

use doorward_protocol::error::OAuthError;
use doorward_protocol::scope::Scope;

/// Our scope as oxide-auth's.
fn to_oxide(scope: &Scope) -> Result<oxide_auth::primitives::scope::Scope, OAuthError> {
    scope.to_string().parse().map_err(|_| OAuthError::invalid_scope("the scope is malformed"))
}

/// oxide-auth's scope as ours, sorted again.
fn from_oxide(scope: &oxide_auth::primitives::scope::Scope) -> Result<Scope, OAuthError> {
    Scope::of(scope.iter()).map_err(|_| OAuthError::invalid_scope("the scope is malformed"))
}
