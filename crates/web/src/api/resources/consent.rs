//! A consent in JSON.

use super::{Instant, moment};
use crate::api::schema::{self, Sample};
use doorward_core::access::consent::Consent;
use doorward_protocol::id::Id;
use schemars::JsonSchema;
use serde::Serialize;

/// What somebody allows a client to do for them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConsentResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// The user who allows it.
    #[schemars(with = "schema::Id")]
    pub user_id: Id,
    /// The client that is allowed it.
    #[schemars(with = "schema::Id")]
    pub client: Id,
    /// The API where it is allowed; null for what concerns this server alone.
    #[schemars(with = "Option<schema::Id>")]
    pub api: Option<Id>,
    /// The scopes that are allowed.
    pub scopes: Vec<String>,
    /// When it was first allowed.
    pub created_at: Instant,
    /// When it was last renewed.
    pub updated_at: Instant,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Instant>,
}

impl From<&Consent> for ConsentResource {
    fn from(consent: &Consent) -> Self {
        Self {
            id: consent.id,
            user_id: consent.user,
            client: consent.client,
            api: consent.api,
            scopes: consent.scope.tokens().map(str::to_owned).collect(),
            created_at: Instant(consent.created_at),
            updated_at: Instant(consent.updated_at),
            revoked_at: consent.revoked_at.map(Instant),
        }
    }
}

impl Sample for ConsentResource {
    fn sample() -> Self {
        Self {
            id: Id::from_parts(1_764_201_600_000, 31),
            user_id: Id::from_parts(1_764_201_600_000, 22),
            client: Id::from_parts(1_764_201_600_000, 41),
            api: Some(Id::from_parts(1_764_201_600_000, 51)),
            scopes: vec!["orders:read".to_owned()],
            created_at: moment(0),
            updated_at: moment(0),
            revoked_at: None,
        }
    }
}
