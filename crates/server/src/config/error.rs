//! What can be wrong with a configuration, said so that its reader can mend it: which key, where its value came from,
//! what is wrong and what would be right. Owns the sentence; finding the fault is left to `file`, `value` and `checks`.

use super::source::Source;
use std::fmt;

/// One fault. Several are reported together, each on its own line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) struct ConfigError {
    /// The key as it was written, where a key is to blame: `server.listen`, or the name of an environment variable.
    pub(crate) key: Option<String>,
    /// Where the value came from.
    pub(crate) source_of_value: Option<Source>,
    /// What is wrong, and what would be right.
    pub(crate) problem: Problem,
}

/// What is wrong with a value, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// A statement: `"yes" is not true or false`.
    pub(crate) wrong: String,
    /// An instruction: `write true or false`.
    pub(crate) right: String,
}

impl Problem {
    /// A problem from its two halves.
    pub(crate) fn new(wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self { wrong: wrong.into(), right: right.into() }
    }

    /// The error of a value that came from somewhere.
    pub(crate) fn of(self, key: impl Into<String>, source: &Source) -> ConfigError {
        ConfigError { key: Some(key.into()), source_of_value: Some(source.clone()), problem: self }
    }

    /// The error of a value that nobody gave.
    pub(crate) fn of_missing(self, key: &str) -> ConfigError {
        ConfigError { key: Some(key.to_owned()), source_of_value: None, problem: self }
    }

    /// The error of a whole source: a file that cannot be read or parsed.
    pub(crate) fn of_source(self, source: Source) -> ConfigError {
        ConfigError { key: None, source_of_value: Some(source), problem: self }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.key, &self.source_of_value) {
            (Some(key), Some(source)) if source.to_string() == *key => write!(f, "{key}: ")?,
            (Some(key), Some(source)) => write!(f, "{key} ({source}): ")?,
            (Some(key), None) => write!(f, "{key}: ")?,
            (None, Some(source)) => write!(f, "{source}: ")?,
            (None, None) => {}
        }
        write!(f, "{}; {}", self.problem.wrong, self.problem.right)
    }
}
