//! A signing key in JSON.

use super::{Instant, moment};
use crate::api::schema::{self, Sample};
use doorward_core::keys::signing_key::{SigningKeyRecord, State};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Seconds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A signing key, without its private half.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SigningKeyResource {
    /// Its name (RFC 7517 §4.5), which stands in the head of what it signs.
    pub kid: String,
    /// What it signs with.
    #[schemars(with = "schema::Algorithm")]
    pub algorithm: Algorithm,
    /// What it is good for now.
    #[schemars(with = "schema::KeyState")]
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

/// How a key is followed by a new one.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RotationInput {
    /// Of which algorithm; the server's default where none is named.
    #[schemars(with = "Option<schema::Algorithm>")]
    pub(crate) algorithm: Option<Algorithm>,
    /// Whether the current key is not safe: the new one signs at once, and everything signed before is void. Without this, the new
    /// one is published first, and nobody notices.
    pub(crate) revoke_current: bool,
}

impl Sample for RotationInput {
    fn sample() -> Self {
        Self { algorithm: Some(Algorithm::ES256), revoke_current: false }
    }
}

impl Sample for SigningKeyResource {
    fn sample() -> Self {
        Self {
            kid: "0Yt7zq4bWjDKkYw1gxH2pg".to_owned(),
            algorithm: Algorithm::ES256,
            status: State::Published,
            created_at: moment(0),
            activates_at: moment(86_400),
            expires_at: None,
            revoked_at: None,
        }
    }
}
