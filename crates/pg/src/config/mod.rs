//! Where the database is and how to reach it. Owns what a connection needs to know and the defaults; how a URL is read
//! stands in `url.rs`, what its parameters mean in `parameters.rs`. Nothing here shows the password.

pub(crate) mod error;
pub(crate) mod host;
mod parameters;
mod url;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use error::ConfigError;
use host::Host;

/// How many prepared statements one connection keeps.
const STATEMENT_CACHE_CAPACITY: usize = 256;

/// Where a PostgreSQL database is and how to talk to it, read from a URL by [`FromStr`].
///
/// `Display` and `Debug` show user, hosts and database, never the password.
///
/// ```
/// let config: doorward_pg::Config = "postgresql://app:s3cret@db1:5433,db2/app?connect_timeout=3".parse()?;
/// assert_eq!(config.to_string(), "postgres://app@db1:5433,db2/app");
/// # Ok::<(), doorward_pg::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Config {
    /// In the order in which they are tried; never empty.
    pub(crate) hosts: Vec<Host>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) dbname: Option<String>,
    pub(crate) ssl_mode: Option<SslMode>,
    /// Whose word counts, if the URL says so.
    pub(crate) roots: Option<Roots>,
    /// How long one attempt to connect to one host may take, if the URL says so.
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) target: Option<Target>,
    pub(crate) application_name: Option<String>,
    pub(crate) options: Option<String>,
    pub(crate) keep_alive: KeepAlive,
    pub(crate) prepared_statements: bool,
    pub(crate) statement_cache_capacity: usize,
}

/// What a server has to prove. There is no mode that encrypts without knowing to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SslMode {
    /// No TLS.
    Disable,
    /// A certificate from a known authority, for whatever name.
    VerifyCa,
    /// A certificate from a known authority for the host's name.
    VerifyFull,
}

/// Which authorities may vouch for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those the system trusts.
    System,
    /// Those in a PEM file.
    File(PathBuf),
}

/// What kind of server will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Any that lets us in.
    Any,
    /// One that takes writes: no standby, and none whose transactions are read-only by default.
    ReadWrite,
}

/// How a dead peer is noticed on an idle or stuck TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeepAlive {
    /// Whether idle connections are probed at all.
    pub(crate) on: bool,
    /// Silence before the first probe.
    pub(crate) idle: Duration,
    /// Time between probes.
    pub(crate) interval: Duration,
    /// Probes without an answer before the connection counts as dead.
    pub(crate) count: u32,
    /// How long sent data may stay unacknowledged (Linux); zero leaves it to the system.
    pub(crate) user_timeout: Duration,
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self {
            on: true,
            idle: Duration::from_secs(30),
            interval: Duration::from_secs(10),
            count: 3,
            user_timeout: Duration::from_secs(30),
        }
    }
}

impl Config {
    /// A database on these hosts, with every default.
    pub(crate) fn on(hosts: Vec<Host>) -> Self {
        Self {
            hosts,
            user: None,
            password: None,
            dbname: None,
            ssl_mode: None,
            roots: None,
            connect_timeout: None,
            target: None,
            application_name: None,
            options: None,
            keep_alive: KeepAlive::default(),
            prepared_statements: true,
            statement_cache_capacity: STATEMENT_CACHE_CAPACITY,
        }
    }

    /// Gives the session a name (in `pg_stat_activity` and the server's log) unless the URL gives one.
    #[must_use]
    pub fn default_application_name(mut self, name: &str) -> Self {
        self.application_name.get_or_insert_with(|| name.to_owned());
        self
    }

    /// Whether statements are kept prepared, as they are unless the URL says otherwise.
    #[must_use]
    pub const fn prepared_statements(&self) -> bool {
        self.prepared_statements
    }

    /// What this host has to prove. Without a word in the URL: nothing where no network lies between, everything
    /// elsewhere.
    pub(crate) fn ssl_mode(&self, host: &Host) -> SslMode {
        let unsaid = match host {
            Host::Unix { .. } => SslMode::Disable,
            Host::Tcp { .. } if self.roots.is_some() => SslMode::VerifyFull,
            Host::Tcp { name, .. } if host::is_loopback(name) => SslMode::Disable,
            Host::Tcp { .. } => SslMode::VerifyFull,
        };
        self.ssl_mode.unwrap_or(unsaid)
    }

    /// Which authorities may vouch for a server.
    pub(crate) fn roots(&self) -> &Roots {
        self.roots.as_ref().unwrap_or(&Roots::System)
    }

    /// What kind of server will do: whoever names several hosts means the one that takes writes.
    pub(crate) fn target(&self) -> Target {
        self.target.unwrap_or(if self.hosts.len() > 1 { Target::ReadWrite } else { Target::Any })
    }
}

impl FromStr for Config {
    type Err = ConfigError;

    fn from_str(url: &str) -> Result<Self, ConfigError> {
        url::config(url)
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = &self.user {
            write!(f, "{}@", url::encoded(user))?;
        }
        for (place, host) in self.hosts.iter().enumerate() {
            write!(f, "{}{host}", if place == 0 { "" } else { "," })?;
        }
        match &self.dbname {
            Some(name) => write!(f, "/{}", url::encoded(name)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Config").field(&format_args!("{self}")).finish()
    }
}
