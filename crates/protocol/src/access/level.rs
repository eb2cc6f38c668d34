//! The level of access to an API. Owns what a level lets through: methods, paths and scopes, as the API has mapped them, and the
//! list of levels that a credential holds.

use crate::id::Id;
use crate::scope::Scope;
use crate::words::Level;
use serde::{Deserialize, Serialize};

/// How an API maps the two levels that let something through to its requests. What `read` may, `full` may, too, whatever is
/// written here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Levels {
    /// What [`Level::Read`] lets through.
    pub read: Rule,
    /// What [`Level::Full`] lets through.
    pub full: Rule,
    /// Whether a token reaches a level by any of its scopes instead of by all of them: where each scope is a permission of its
    /// own, as at the management API, the operation itself asks for its scope.
    pub by_any_scope: bool,
}

/// What one level lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Request methods, in upper case (RFC 9110 §9.1: they are case-sensitive); none means all.
    pub methods: Vec<String>,
    /// Patterns of paths; none means all.
    pub paths: Vec<PathPattern>,
    /// RFC 6749 §3.3: a token holds this level when it holds every one of these; with none, no scope reaches it.
    pub scopes: Scope,
}

/// A pattern of paths: segments as they stand, `*` for any one segment, `**` at the end for any number of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathPattern(pub(super) String);

/// A level at one API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// The API, by its internal identifier.
    pub api: Id,
    /// The level.
    pub level: Level,
}

/// The levels that a credential holds: those named for single APIs, and perhaps one for all others. What is to hold for all APIs
/// that there are now, and for none that come later, is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessList {
    /// Named for single APIs; each API once.
    pub named: Vec<Access>,
    /// For every API that is not named, those that are registered later too, but never for the management API.
    pub others: Option<Level>,
}

/// A level at one API, as messages and claims write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelAt {
    /// The API's identifier.
    pub api: String,
    /// The level.
    pub level: Level,
}

impl Levels {
    /// What this level itself is mapped to; nothing for no level.
    #[must_use]
    pub const fn rule(&self, level: Level) -> Option<&Rule> {
        match level {
            Level::None => None,
            Level::Read => Some(&self.read),
            Level::Full => Some(&self.full),
        }
    }

    /// The level that a scope reaches: the highest whose scopes it holds, where the level has any.
    #[must_use]
    pub fn reached_by(&self, scope: &Scope) -> Level {
        let holds = |rule: &Rule| match self.by_any_scope {
            true => rule.scopes.tokens().any(|token| scope.contains(token)),
            false => !rule.scopes.is_empty() && rule.scopes.is_within(scope),
        };
        let reached =
            [Level::Full, Level::Read].into_iter().find(|level| self.rule(*level).is_some_and(holds));
        reached.unwrap_or(Level::None)
    }

    /// The scopes that this level stands for; `full` is all that `read` is, too.
    #[must_use]
    pub fn scope(&self, level: Level) -> Scope {
        match level {
            Level::None => Scope::default(),
            Level::Read => self.read.scopes.clone(),
            Level::Full => self.full.scopes.union(&self.read.scopes),
        }
    }
}

impl AccessList {
    /// The level at this API: the one that is named for it, else the one for all others, of which the management API is never one.
    #[must_use]
    pub fn at(&self, api: Id, is_management: bool) -> Level {
        let named = self.named.iter().find(|access| access.api == api).map(|access| access.level);
        named.or(if is_management { None } else { self.others }).unwrap_or(Level::None)
    }
}

impl Default for Levels {
    /// To look, and everything; no scope reaches either.
    fn default() -> Self {
        let methods = ["GET", "HEAD", "OPTIONS"].map(str::to_owned).to_vec();
        Self { read: Rule { methods, ..Rule::default() }, full: Rule::default(), by_any_scope: false }
    }
}
