//! A secret of a client in JSON. What it says is told once, when it is made.

use super::Instant;
use doorward_core::client::ClientSecret;
use doorward_core::token::last_use::LastUse;
use doorward_protocol::id::Id;
use serde::Serialize;
use std::net::IpAddr;

/// A secret of a client.
#[derive(Debug, Serialize)]
pub struct ClientSecretResource {
    /// The internal identifier, which says nothing of the secret.
    pub id: Id,
    /// Only in the answer to its making.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The last four characters, by which its owner tells it from another.
    pub last_four: String,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends: one that another has replaced overlaps with it for a while.
    pub expires_at: Option<Instant>,
    /// When it last proved something.
    pub last_used_at: Option<Instant>,
    /// Where from.
    pub last_used_ip: Option<IpAddr>,
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
            expires_at: secret.expires_at.map(Instant),
            last_used_at: used.map(|used| Instant(used.used_at)),
            last_used_ip: used.and_then(|used| used.address),
        }
    }
}
