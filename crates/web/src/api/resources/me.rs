//! Whoever calls, in JSON.

use super::{Instant, moment};
use crate::api::schema::{self, Sample};
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::words::Level;
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
    /// What they may do now, by this token. At the level `read`, whoever may have API tokens of their own may look at them, and has
    /// that permission not.
    #[schemars(with = "Vec<schema::Permission>")]
    pub permissions: Vec<Permission>,
    /// The token that they called with.
    pub token: TokenResource,
}

/// The token that somebody calls with.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenResource {
    /// Its kind.
    pub r#type: TokenKind,
    /// Its identifier; of an access token, its `jti`.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// The level that it has at the management API.
    #[schemars(with = "schema::Level")]
    pub level: Level,
    /// What an access token may do; an API token has the level instead.
    pub scope: Option<String>,
    /// When it ends.
    pub expires_at: Instant,
}

/// The kind of a token.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A short-lived one.
    AccessToken,
    /// An API token.
    ApiToken,
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
            token: TokenResource {
                r#type: TokenKind::ApiToken,
                id: Id::from_parts(1_764_201_600_000, 51),
                level: Level::Full,
                scope: None,
                expires_at: moment(0),
            },
        }
    }
}
