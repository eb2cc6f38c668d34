//! What an API learns of itself from the feed: all that the decision about a request needs beside the token. Owns its members; the
//! decision is [`crate::access::decision`]'s.

use crate::access::decision::Target;
use crate::access::level::{Levels, PathPattern, Rule};
use crate::id::Id;
use crate::scope::{InvalidScope, Scope};
use crate::time::Seconds;
use crate::words::{Preflight, Status};
use serde::{Deserialize, Serialize};

/// An API, as it is registered at the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnforcedApi {
    /// Its internal identifier.
    pub id: Id,
    /// What stands in the `aud` of its tokens.
    pub identifier: String,
    /// Whether it takes part at all.
    pub status: Status,
    /// When it was registered: a token that was issued before is for another API that had the same identifier.
    pub created_at: Seconds,
    /// How it maps levels.
    #[serde(with = "LevelMembers")]
    pub levels: Levels,
    /// How it treats a CORS preflight.
    pub preflight: Preflight,
    /// Whether it is the management API, which is never meant by "all others".
    pub management: bool,
}

impl EnforcedApi {
    /// The API, as the decision sees it.
    #[must_use]
    pub const fn target(&self) -> Target<'_> {
        Target {
            id: self.id,
            is_active: matches!(self.status, Status::Active),
            is_management: self.management,
            levels: &self.levels,
        }
    }

    /// Whether it says which scopes reach a level: else a token's scope says nothing about its level here.
    #[must_use]
    pub fn maps_scopes(&self) -> bool {
        !(self.levels.read.scopes.is_empty() && self.levels.full.scopes.is_empty())
    }
}

/// Both levels, as the management API writes them, and how scopes are read.
#[derive(Serialize, Deserialize)]
struct LevelMembers {
    read: RuleMembers,
    full: RuleMembers,
    by_any_scope: bool,
}

#[derive(Serialize, Deserialize)]
struct RuleMembers {
    methods: Vec<String>,
    paths: Vec<String>,
    scopes: Vec<String>,
}

/// A rule that cannot stand at an API of ours.
#[derive(Debug, thiserror::Error)]
enum NotARule {
    #[error(transparent)]
    Path(#[from] crate::access::path::InvalidPattern),
    #[error(transparent)]
    Scope(#[from] InvalidScope),
}

impl LevelMembers {
    fn serialize<S: serde::Serializer>(levels: &Levels, serializer: S) -> Result<S::Ok, S::Error> {
        let members = Self {
            read: RuleMembers::of(&levels.read),
            full: RuleMembers::of(&levels.full),
            by_any_scope: levels.by_any_scope,
        };
        Serialize::serialize(&members, serializer)
    }

    fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Levels, D::Error> {
        let Self { read, full, by_any_scope } = Deserialize::deserialize(deserializer)?;
        let rule = |members: RuleMembers| members.rule().map_err(serde::de::Error::custom);
        Ok(Levels { read: rule(read)?, full: rule(full)?, by_any_scope })
    }
}

impl RuleMembers {
    fn of(rule: &Rule) -> Self {
        Self {
            methods: rule.methods.clone(),
            paths: rule.paths.iter().map(PathPattern::to_string).collect(),
            scopes: rule.scopes.tokens().map(str::to_owned).collect(),
        }
    }

    fn rule(self) -> Result<Rule, NotARule> {
        Ok(Rule {
            methods: self.methods,
            paths: self.paths.iter().map(|path| path.parse()).collect::<Result<_, _>>()?,
            scopes: Scope::of(&self.scopes)?,
        })
    }
}
