//! Which database: `sqlite:PATH`. Owns the choice of the backend by scheme (diesel would guess by trying them in turn) and
//! the form in which a path is handed to SQLite; where the URL comes from is the server's business.

use std::ffi::OsString;
use std::fmt::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A database to open: for now, a file of SQLite's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl(PathBuf);

/// A URL that names no database this build can open. Says nothing of the URL itself, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// No scheme, or no file.
    #[error("it is not a database URL, or names no file")]
    Malformed,
    /// A server of PostgreSQL's.
    #[error("PostgreSQL is not in this build yet")]
    NoPostgres,
    /// Any other database.
    #[error("databases of this kind are unknown")]
    UnknownScheme,
    /// A store that must survive a crash cannot live in memory.
    #[error("databases in memory and SQLite's own URL options are not supported")]
    Options,
}

impl DatabaseUrl {
    /// The database in this file.
    #[must_use]
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file beside the database, which shares its name: `doorward.db-wal`.
    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = OsString::from(&self.0);
        name.push(suffix);
        PathBuf::from(name)
    }

    /// The URI for SQLite. `mode=rw`, because a database that vanished must be an error, not a new and empty one.
    pub(crate) fn uri(&self) -> String {
        let mut uri = String::from("file:");
        for byte in self.0.as_os_str().as_encoded_bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                    uri.push(char::from(*byte));
                }
                // Writing to a string cannot fail.
                _ => write!(uri, "%{byte:02X}").unwrap_or_default(),
            }
        }
        uri + "?mode=rw"
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidUrl;

    fn from_str(url: &str) -> Result<Self, InvalidUrl> {
        let (scheme, rest) = url.split_once(':').ok_or(InvalidUrl::Malformed)?;
        match scheme {
            "sqlite" => file(rest.strip_prefix("//").unwrap_or(rest)),
            "postgres" | "postgresql" => Err(InvalidUrl::NoPostgres),
            _ => Err(InvalidUrl::UnknownScheme),
        }
    }
}

fn file(path: &str) -> Result<DatabaseUrl, InvalidUrl> {
    if path.is_empty() || path.ends_with('/') || path.contains('\0') {
        return Err(InvalidUrl::Malformed);
    }
    if path.contains(":memory:") || path.contains('?') {
        return Err(InvalidUrl::Options);
    }
    Ok(DatabaseUrl(PathBuf::from(path)))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.0.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_name_the_file() {
        for (url, path) in
            [("sqlite:a.db", "a.db"), ("sqlite://a.db", "a.db"), ("sqlite:///var/a.db", "/var/a.db")]
        {
            assert_eq!(url.parse(), Ok(DatabaseUrl::sqlite(path)));
        }
    }

    #[test]
    fn every_other_database_is_refused_by_name() {
        for (url, why) in [
            ("a.db", InvalidUrl::Malformed),
            ("sqlite:", InvalidUrl::Malformed),
            ("sqlite:/var/", InvalidUrl::Malformed),
            ("sqlite::memory:", InvalidUrl::Options),
            ("sqlite:a.db?mode=memory", InvalidUrl::Options),
            ("postgres://a:hunter2@b/c", InvalidUrl::NoPostgres),
            ("mysql://a/b", InvalidUrl::UnknownScheme),
        ] {
            assert_eq!(url.parse::<DatabaseUrl>(), Err(why), "{url}");
        }
    }

    #[test]
    fn no_character_of_a_path_is_read_as_an_option() {
        assert_eq!(DatabaseUrl::sqlite("/a b/c?d#e%f.db").uri(), "file:/a%20b/c%3Fd%23e%25f.db?mode=rw");
    }
}
