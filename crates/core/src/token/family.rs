//! The family: all tokens that follow from one authorization by one person. Owns its record, which decides about all its
//! members, and the record of refresh tokens, which decides nothing.
//!
//! Refresh tokens are numbered; the family knows the number of the newest. That one number tells everything about a token
//! that is presented: the newest is good, the one before it is being retried, an older one has a successor that was used.

use crate::identity::authentication::Authentication;
use crate::keys::pepper::PepperVersion;
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

/// What one authorization has brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The internal identifier; access tokens carry it in the claim `grant`.
    pub id: Id,
    /// The client that holds the tokens.
    pub client: Id,
    /// The client's generation when the family began.
    pub client_generation: i64,
    /// The person they speak for.
    pub user: Id,
    /// The user's generation then.
    pub user_generation: i64,
    /// The session it began in.
    pub session: Id,
    /// OpenID Connect Core §11: whether it outlives that session.
    pub offline: bool,
    /// The consent it rests on, in which generation.
    pub consent: Option<(Id, i64)>,
    /// What was allowed: the server's own scopes and those of one API. It never grows, and a narrower request leaves it as
    /// it is (RFC 6749 §6).
    pub scope: Scope,
    /// That API.
    pub api: Option<Id>,
    /// How the person had signed in.
    pub authentication: Authentication,
    /// The number of the newest refresh token, from 1 on; 0 where there is none.
    pub newest: i64,
    /// When the newest refresh token came into being.
    pub rotated_at: Seconds,
    /// When it began.
    pub created_at: Seconds,
    /// When it ends in any case.
    pub expires_at: Seconds,
    /// When it was revoked.
    pub revoked_at: Option<Seconds>,
}

/// A refresh token, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The keyed hash of its text.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// Its family.
    pub family: Id,
    /// Its number there.
    pub number: i64,
    /// When it came into being.
    pub issued_at: Seconds,
    /// When it ends if it is not used.
    pub expires_at: Seconds,
}

/// A family that was revoked, for those who know access tokens by their signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedFamily {
    /// The family.
    pub id: Id,
    /// When it was revoked.
    pub revoked_at: Seconds,
}
