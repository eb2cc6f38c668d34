//! Whoever calls, in JSON.

use crate::api::schema::{self, Sample};
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use schemars::JsonSchema;
use serde::Serialize;

/// Whoever calls, and what they may do by the token that they called with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MeResource {
    /// Whether a person calls or a client for itself.
    pub r#type: Kind,
    /// Their identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// The organization outside of which nothing is there for them, if they belong to one.
    #[schemars(with = "Option<schema::Id>")]
    pub organization_id: Option<Id>,
    /// What they may do.
    #[schemars(with = "Vec<schema::Permission>")]
    pub permissions: Vec<Permission>,
}

/// Who calls.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person, by a token of theirs.
    User,
    /// A client, for itself.
    Client,
}

impl Sample for MeResource {
    fn sample() -> Self {
        Self {
            r#type: Kind::User,
            id: Id::from_parts(1_764_201_600_000, 22),
            organization_id: None,
            permissions: vec![Permission::ApiTokensSelf],
        }
    }
}
