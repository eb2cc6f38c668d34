//! Configuration: what the administrator wants, read once at the start, typed and checked. Owns the settings, where they
//! come from (flag, `--dev`, environment, file, default, in this order) and what is said about the wrong ones; acting on
//! them is left to the rest of the binary.

mod checks;
pub(crate) mod database_url;
pub(crate) mod error;
mod file;
mod issuer;
mod layers;
mod nearest;
mod networks;
#[cfg(test)]
mod reference;
pub(crate) mod report;
pub(crate) mod sections;
mod setting;
mod settings;
mod settled;
pub(crate) mod source;
pub(crate) mod surroundings;
#[cfg(test)]
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod tests;
#[cfg(test)]
#[cfg(not(feature = "sqlite"))]
mod tests_without_sqlite;
mod units;
mod value;

use self::error::ConfigError;
use self::report::Report;
use self::sections::{Audit, Database, Keys, Limits, Log, Metrics, Passwords, Server, Sessions, Tokens};
use self::settled::Settled;
use self::surroundings::Surroundings;
use doorward_core::settings::Memory;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What the command line says about the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// `--config`: the file to read instead of the standard ones.
    pub(crate) config: Option<PathBuf>,
    /// `--dev`: trying out, on this machine, in this folder.
    pub(crate) dev: bool,
    /// Whether a server is to start (or is to be checked): what only a server needs is required then.
    pub(crate) serve: bool,
    /// Further flags, as pairs of key and text: `("server.listen", "127.0.0.1:9000")`.
    pub(crate) flags: Vec<(&'static str, String)>,
}

/// The configuration of one process.
#[derive(Clone)]
pub(crate) struct Config {
    /// Whether this is for trying out.
    pub(crate) dev: bool,
    /// `[server]`
    pub(crate) server: Server,
    /// `[database]`
    pub(crate) database: Database,
    /// `[keys]`
    pub(crate) keys: Keys,
    /// `[tokens]`
    pub(crate) tokens: Tokens,
    /// `[sessions]`
    pub(crate) sessions: Sessions,
    /// `[passwords]`
    pub(crate) passwords: Passwords,
    /// `[memory]`, in bytes.
    pub(crate) memory: Memory,
    /// `[limits]`
    pub(crate) limits: Limits,
    /// `[audit]`
    pub(crate) audit: Audit,
    /// `[metrics]`
    pub(crate) metrics: Metrics,
    /// `[log]`
    pub(crate) log: Log,
    file: Option<PathBuf>,
    settled: Settled,
}

/// Reads, joins and checks everything. All that is wrong is said at once.
pub(crate) fn load(overrides: &Overrides, surroundings: &Surroundings) -> Result<Config, Vec<ConfigError>> {
    let mut errors = Vec::new();
    let file = file_to_read(overrides, surroundings);
    let flags = layers::flags(&overrides.flags);
    let dev = if overrides.dev { layers::dev(&flags) } else { layers::Layer::new() };
    let environment = layers::environment(surroundings, &mut errors);
    let written = file.as_deref().map(|path| file::read(path, &mut errors)).unwrap_or_default();
    let layers = vec![flags, dev, environment, written, layers::defaults(surroundings)];
    let settled = settled::settle(layers, &mut errors);
    errors.extend(checks::broken(&settled, overrides));
    if !errors.is_empty() {
        return Err(errors);
    }
    // Nothing is missing here: each setting has a default, or a check that names it.
    Config::of(settled, file, overrides.dev).ok_or(errors)
}

/// The issuer that goes with an address under `--dev`, where no other is named.
pub(crate) fn listening_at(address: SocketAddr) -> String {
    issuer::at(address)
}

/// `--dev` looks at no standard place, so that what is tried out is the same on every machine.
fn file_to_read(overrides: &Overrides, surroundings: &Surroundings) -> Option<PathBuf> {
    match (&overrides.config, overrides.dev) {
        (None, true) => None,
        (named, _) => file::find(named.as_deref(), surroundings),
    }
}

impl Config {
    /// The issuer, for those who cannot do without: `server.issuer` may be absent where no server is to start.
    pub(crate) fn issuer(&self) -> Result<&str, ConfigError> {
        self.server.issuer.as_deref().ok_or_else(checks::issuer_missing)
    }

    /// The configuration file that was read, if any.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Every effective value with its source, secrets masked, for `config show`.
    pub(crate) fn report(&self) -> Report {
        Report::of(&self.settled, self.file())
    }

    fn of(settled: Settled, file: Option<PathBuf>, dev: bool) -> Option<Self> {
        Some(Self {
            dev,
            server: Server::of(&settled, dev)?,
            database: Database::of(&settled)?,
            keys: Keys::of(&settled)?,
            tokens: Tokens::of(&settled)?,
            sessions: Sessions::of(&settled)?,
            passwords: Passwords::of(&settled)?,
            memory: sections::memory(&settled)?,
            limits: Limits::of(&settled)?,
            audit: Audit::of(&settled),
            metrics: Metrics::of(&settled, dev)?,
            log: Log::of(&settled)?,
            file,
            settled,
        })
    }
}

/// Shows what `config show` shows: secrets stay masked.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().fmt(f)
    }
}
