//! A client's secret in JSON. Its text goes out once, to whoever made it.

use super::{Instant, moment};
use crate::api::schema::{self, Sample, ShownOnce};
use doorward_core::client::ClientSecret;
use doorward_core::token::last_use::LastUse;
use doorward_protocol::id::Id;
use doorward_protocol::token_text::TokenType;
use doorward_protocol::words::ApiTokenStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A secret of a client.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClientSecretResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// The secret itself, only in the answer to its making.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// What it ends with.
    pub last_four: String,
    /// When it was made.
    pub created_at: Instant,
    /// Whether it proves anything: `active`, or `revoked` with a reason, of which it tells for 90 days.
    #[schemars(with = "schema::ApiTokenStatus")]
    pub status: ApiTokenStatus,
    /// Why it was taken back: `leaked`, where somebody has presented it as a leaked one.
    pub inactive_reason: Option<String>,
    /// When it ends, where another has replaced it; when it ended, where it was taken back.
    pub expires_at: Option<Instant>,
    /// When it was last used.
    pub last_used_at: Option<Instant>,
    /// Where it was last used from, as far as that is known.
    pub last_used_ip: Option<String>,
}

/// How secrets are replaced by a new one.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReplacementInput {
    /// So long the old one goes on beside the new, in seconds; at most thirty days.
    #[schemars(range(min = 0, max = 2_592_000))]
    pub(crate) overlap_seconds: i64,
}

impl ClientSecretResource {
    /// A secret, and its last use, if it was used.
    #[must_use]
    pub fn of(secret: &ClientSecret, used: Option<&LastUse>) -> Self {
        Self {
            id: secret.id,
            client_secret: None,
            last_four: secret.last_four.clone(),
            created_at: Instant(secret.created_at),
            status: match secret.inactive_reason {
                Some(_) => ApiTokenStatus::Revoked,
                None => ApiTokenStatus::Active,
            },
            inactive_reason: secret.inactive_reason.clone(),
            expires_at: secret.expires_at.map(Instant),
            last_used_at: used.map(|used| Instant(used.used_at)),
            last_used_ip: used.and_then(|used| used.address).map(|address| address.to_string()),
        }
    }
}

impl Sample for ClientSecretResource {
    fn sample() -> Self {
        Self {
            id: Id::from_parts(1_764_201_600_000, 71),
            client_secret: None,
            last_four: "9sKd".to_owned(),
            created_at: moment(0),
            status: ApiTokenStatus::Active,
            inactive_reason: None,
            expires_at: None,
            last_used_at: Some(moment(3_600)),
            last_used_ip: Some("192.0.2.7".to_owned()),
        }
    }
}

impl ShownOnce for ClientSecretResource {
    fn made() -> Self {
        let (text, last_four) = schema::made_up(TokenType::ClientSecret);
        let unused = Self { last_used_at: None, last_used_ip: None, ..Self::sample() };
        Self { client_secret: Some(text), last_four, ..unused }
    }
}

impl Sample for ReplacementInput {
    fn sample() -> Self {
        Self { overlap_seconds: 86_400 }
    }
}
