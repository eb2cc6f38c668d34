//! The database as operators name it. Owns the syntax of `sqlite:PATH`, and keeping a password in a URL out of sight;
//! opening the database belongs to the storage crate.

use super::error::Problem;
use std::fmt;
use std::path::{Path, PathBuf};

const FORM: &str = "write sqlite:PATH, for example sqlite:/var/lib/doorward/doorward.db";

/// A database this build can open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    /// A SQLite file, in WAL mode, owned by this one server.
    Sqlite(PathBuf),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` or `sqlite://PATH`. The problem never repeats the URL: it may hold a password.
    pub(crate) fn read(text: &str) -> Result<Self, Problem> {
        let (scheme, rest) =
            text.split_once(':').ok_or_else(|| Problem::new("it is not a database URL", FORM))?;
        match scheme {
            "sqlite" => sqlite(rest.strip_prefix("//").unwrap_or(rest)),
            "postgres" | "postgresql" => {
                Err(Problem::new("PostgreSQL is not in this build yet", format!("use SQLite: {FORM}")))
            }
            _ => Err(Problem::new(format!("databases of the kind {scheme:?} are unknown"), FORM)),
        }
    }

    /// The folder the database lies in, where there is one on this machine.
    pub(crate) fn folder(&self) -> Option<&Path> {
        let Self::Sqlite(path) = self;
        path.parent().filter(|folder| !folder.as_os_str().is_empty())
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Sqlite(path) = self;
        write!(f, "sqlite:{}", path.display())
    }
}

/// The URL as it may be shown: without the password in `user:password@host`, and without options that hold one.
/// Masks too much rather than too little, since a password may hold any of the characters that end it.
pub(crate) fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| *scheme != "sqlite") else {
        return url.to_owned();
    };
    let rest = match rest.split_once('?') {
        Some((rest, options)) if options.contains("password") => format!("{rest}?********"),
        _ => rest.to_owned(),
    };
    match rest.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{scheme}://{user}:********@{host}"),
        None => format!("{scheme}://{rest}"),
    }
}

fn sqlite(path: &str) -> Result<DatabaseUrl, Problem> {
    if path.is_empty() {
        return Err(Problem::new("it names no file", FORM));
    }
    if path.contains(":memory:") || path.contains('?') {
        return Err(Problem::new("databases in memory and SQLite's own URL options are not supported", FORM));
    }
    Ok(DatabaseUrl::Sqlite(PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_sqlite_url_name_the_file() {
        for (url, path) in [
            ("sqlite:doorward.db", "doorward.db"),
            ("sqlite://doorward.db", "doorward.db"),
            ("sqlite:/var/lib/doorward.db", "/var/lib/doorward.db"),
            ("sqlite:///var/lib/doorward.db", "/var/lib/doorward.db"),
        ] {
            assert_eq!(DatabaseUrl::read(url), Ok(DatabaseUrl::Sqlite(PathBuf::from(path))));
        }
    }

    #[test]
    fn every_other_database_is_refused_without_repeating_the_url() {
        for (url, wrong) in [
            ("doorward.db", "it is not a database URL"),
            ("sqlite:", "it names no file"),
            ("sqlite::memory:", "databases in memory and SQLite's own URL options are not supported"),
            ("sqlite:a.db?mode=ro", "databases in memory and SQLite's own URL options are not supported"),
            ("mysql://a:hunter2@b/c", "databases of the kind \"mysql\" are unknown"),
            ("postgres://a:hunter2@b/c", "PostgreSQL is not in this build yet"),
            ("postgresql://a:hunter2@b/c", "PostgreSQL is not in this build yet"),
        ] {
            assert_eq!(DatabaseUrl::read(url).unwrap_err().wrong, wrong);
        }
    }

    #[test]
    fn a_password_in_a_database_url_is_masked() {
        assert_eq!(masked("postgres://a:hunter2@b:5432/c?d=e"), "postgres://a:********@b:5432/c?d=e");
        assert_eq!(masked("postgres://a:hun@ter2@b,c/d"), "postgres://a:********@b,c/d");
        assert_eq!(masked("postgres://a:hun/ter2@b/c"), "postgres://a:********@b/c");
        assert_eq!(masked("postgres://b/c?user=a&password=hunter2"), "postgres://b/c?********");
        assert_eq!(masked("postgres://a@b/c"), "postgres://a@b/c");
        assert_eq!(masked("sqlite:///var/a:b@c"), "sqlite:///var/a:b@c");
    }
}
