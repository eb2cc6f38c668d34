//! A signing key in JSON.

use super::Instant;
use doorward_core::keys::signing_key::{SigningKeyRecord, State};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Seconds;
use serde::Serialize;

/// A signing key, without its private half.
#[derive(Debug, Serialize)]
pub struct SigningKeyResource {
    /// RFC 7517 §4.5: its name.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// What it is good for now.
    pub status: State,
    /// When it was made.
    pub created_at: Instant,
    /// When it begins to sign.
    pub activates_at: Instant,
    /// When what it signed ends, if it has a successor.
    pub expires_at: Option<Instant>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Instant>,
}

impl SigningKeyResource {
    /// A signing key as it stands at an instant, among all keys.
    #[must_use]
    pub fn of(key: &SigningKeyRecord, now: Seconds, all: &[SigningKeyRecord]) -> Self {
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
