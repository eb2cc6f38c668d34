//! Patterns of paths, as they are written and stored. Owns their text form.

use crate::access::level::PathPattern;
use std::fmt;
use std::str::FromStr;

/// Why a text is not a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidPattern {
    /// It does not begin with a slash, or holds what no path holds.
    NotAPath,
}

impl FromStr for PathPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let is_path = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_path { Ok(Self(text.to_owned())) } else { Err(InvalidPattern::NotAPath) }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is not a path that begins with a slash")
    }
}

impl std::error::Error for InvalidPattern {}
