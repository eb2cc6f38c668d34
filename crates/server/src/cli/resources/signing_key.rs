//! A signing key in JSON.

use super::Instant;
use doorward_core::keys::signing_key::{SigningKeyRecord, State};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Seconds;
use serde::Serialize;

/// A signing key, without its private half.
#[derive(Debug, Serialize)]
pub(crate) struct SigningKeyResource {
    pub(crate) kid: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) status: State,
    pub(crate) created_at: Instant,
    pub(crate) activates_at: Instant,
    pub(crate) expires_at: Option<Instant>,
    pub(crate) revoked_at: Option<Instant>,
}

impl SigningKeyResource {
    /// A signing key as it stands at an instant, among all keys.
    pub(crate) fn of(key: &SigningKeyRecord, now: Seconds, all: &[SigningKeyRecord]) -> Self {
        Self {
            kid: key.kid.clone(),
            algorithm: key.algorithm,
            status: key.state(now, all),
            created_at: Instant(key.created_at),
            activates_at: Instant(key.activates_at),
            expires_at: key.expires_at.map(Instant),
            revoked_at: key.revoked_at.map(Instant),
        }
    }
}
