//! Tokens: what is stored of them, how they are minted, and how one that is presented is recognised. Owns their records;
//! who may have one is decided in `access`, who may take one back in the endpoints.

pub mod api_token;
pub mod family;
pub mod id_token;
pub mod last_use;
pub mod mint;
pub mod recognise;

use crate::keys::pepper::PepperVersion;
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

/// An opaque access token, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueToken {
    /// The keyed hash of its text.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// Its identifier (RFC 7662 §2.2 `jti`), which says nothing of the text.
    pub jti: Id,
    /// The client it was issued to.
    pub client: Id,
    /// The client's generation when it was minted.
    pub client_generation: i64,
    /// On whose behalf, where a person takes part.
    pub person: Option<Person>,
    /// The API it is for; the issuer itself where there is none.
    pub api: Option<Id>,
    /// What it may do there.
    pub scope: Scope,
    /// When it was minted.
    pub issued_at: Seconds,
    /// When it ends by itself.
    pub expires_at: Seconds,
    /// When it was taken back.
    pub revoked_at: Option<Seconds>,
}

/// The person a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub user: Id,
    /// The user's generation when the token was minted.
    pub user_generation: i64,
    /// The family it belongs to.
    pub family: Id,
}

/// A signed token that was taken back before its end: kept until it would have ended anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedJwt {
    /// The token's `jti`.
    pub jti: Id,
    /// Its `exp`.
    pub expires_at: Seconds,
}
