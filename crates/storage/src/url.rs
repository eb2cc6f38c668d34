//! Which database: `sqlite:PATH` or `postgres://…`. Owns the choice of the backend by scheme (diesel would guess by trying
//! them in turn) and the form in which a path is handed to SQLite; where the URL comes from is the server's business.

#[cfg(feature = "postgres")]
use doorward_pg::Config;
#[cfg(feature = "sqlite")]
use std::ffi::OsString;
use std::fmt;
#[cfg(feature = "sqlite")]
use std::fmt::Write;
use std::path::Path;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::str::FromStr;

/// A database to open. Shown without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl(Place);

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a file of SQLite's.
    #[cfg(feature = "sqlite")]
    File(DatabaseFile),
    /// On a server of PostgreSQL's.
    #[cfg(feature = "postgres")]
    Server(Box<ServerUrl>),
}

/// A database on a server of PostgreSQL's.
#[cfg(feature = "postgres")]
#[derive(Clone)]
pub(crate) struct ServerUrl {
    /// The whole of it: it may hold a password.
    text: String,
    config: Config,
}

/// A file of SQLite's.
#[cfg(feature = "sqlite")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DatabaseFile(PathBuf);

/// A URL that names no database this build can open. Says nothing of the URL itself, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// No scheme, or no file.
    #[error("it is not a database URL, or names no file")]
    Malformed,
    /// A URL of PostgreSQL's that cannot stand.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(#[from] doorward_pg::ConfigError),
    /// A database that another build could open.
    #[error("this build opens no such database: its feature `{0}` was left out")]
    NotBuilt(&'static str),
    /// Any other database.
    #[error("databases of this kind are unknown")]
    UnknownScheme,
    /// A store that must survive a crash cannot live in memory.
    #[error("databases in memory and SQLite's own URL options are not supported")]
    Options,
}

impl DatabaseUrl {
    /// The database in this file.
    #[cfg(feature = "sqlite")]
    #[must_use]
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Place::File(DatabaseFile(path.into())))
    }

    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Place::File(file) => Some(file.path()),
            #[cfg(feature = "postgres")]
            Place::Server(_) => None,
        }
    }

    pub(crate) const fn place(&self) -> &Place {
        &self.0
    }
}

#[cfg(feature = "sqlite")]
impl DatabaseFile {
    pub(crate) fn path(&self) -> &Path {
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

#[cfg(feature = "postgres")]
impl ServerUrl {
    fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let config = url.parse::<Config>()?.default_application_name("doorward");
        Ok(Self { text: url.to_owned(), config })
    }

    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    /// For libpq, which reads it by itself.
    #[cfg(feature = "libpq")]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(feature = "postgres")]
impl PartialEq for ServerUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

#[cfg(feature = "postgres")]
impl Eq for ServerUrl {}

#[cfg(feature = "postgres")]
impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidUrl;

    fn from_str(url: &str) -> Result<Self, InvalidUrl> {
        let (scheme, _) = url.split_once(':').ok_or(InvalidUrl::Malformed)?;
        let place = match scheme {
            #[cfg(feature = "sqlite")]
            "sqlite" => Place::File(file(url)?),
            #[cfg(not(feature = "sqlite"))]
            "sqlite" => return Err(InvalidUrl::NotBuilt("sqlite")),
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Place::Server(Box::new(ServerUrl::parse(url)?)),
            #[cfg(not(feature = "postgres"))]
            "postgres" | "postgresql" => return Err(InvalidUrl::NotBuilt("postgres")),
            _ => return Err(InvalidUrl::UnknownScheme),
        };
        Ok(Self(place))
    }
}

#[cfg(feature = "sqlite")]
fn file(url: &str) -> Result<DatabaseFile, InvalidUrl> {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.ends_with('/') || path.contains('\0') {
        return Err(InvalidUrl::Malformed);
    }
    if path.contains(":memory:") || path.contains('?') {
        return Err(InvalidUrl::Options);
    }
    Ok(DatabaseFile(PathBuf::from(path)))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Place::File(file) => file.fmt(f),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.config.fmt(f),
        }
    }
}

#[cfg(feature = "sqlite")]
impl fmt::Display for DatabaseFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.0.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "sqlite")]
    #[test]
    fn both_spellings_name_the_file() {
        for (url, path) in
            [("sqlite:a.db", "a.db"), ("sqlite://a.db", "a.db"), ("sqlite:///var/a.db", "/var/a.db")]
        {
            assert_eq!(url.parse(), Ok(DatabaseUrl::sqlite(path)));
        }
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn every_other_database_is_refused_by_name() {
        for (url, why) in [
            ("a.db", InvalidUrl::Malformed),
            ("sqlite:", InvalidUrl::Malformed),
            ("sqlite:/var/", InvalidUrl::Malformed),
            ("sqlite::memory:", InvalidUrl::Options),
            ("sqlite:a.db?mode=memory", InvalidUrl::Options),
            ("mysql://a/b", InvalidUrl::UnknownScheme),
        ] {
            assert_eq!(url.parse::<DatabaseUrl>(), Err(why), "{url}");
        }
    }

    #[test]
    fn a_database_that_was_left_out_is_refused_by_its_feature() {
        let kinds = [
            ("sqlite:a.db", "sqlite", cfg!(feature = "sqlite")),
            ("postgres://db.example/a", "postgres", cfg!(feature = "postgres")),
            ("postgresql://db.example/a", "postgres", cfg!(feature = "postgres")),
        ];
        for (url, feature, built) in kinds {
            let read = url.parse::<DatabaseUrl>();
            assert_eq!(read.as_ref().err(), (!built).then_some(&InvalidUrl::NotBuilt(feature)), "{url}");
            assert!(read.err().is_none_or(|error| error.to_string().contains(&format!("`{feature}`"))));
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn a_server_is_shown_without_its_password() {
        let url: DatabaseUrl = "postgres://ann:hunter2@db.example/doorward".parse().unwrap();
        assert_eq!(url.file(), None);
        for shown in [url.to_string(), format!("{url:?}")] {
            assert!(shown.contains("db.example") && !shown.contains("hunter2"), "{shown}");
        }
        let refused = "postgres://ann:hunter2@db.example/doorward?nonsense=1".parse::<DatabaseUrl>();
        assert!(!refused.unwrap_err().to_string().contains("hunter2"));
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn no_character_of_a_path_is_read_as_an_option() {
        let file = DatabaseFile(PathBuf::from("/a b/c?d#e%f.db"));
        assert_eq!(file.uri(), "file:/a%20b/c%3Fd%23e%25f.db?mode=rw");
    }
}
