//! Tests of the whole way from what people write to what the program gets. Each test brings surroundings of its own.

mod dev;
mod faults;
mod precedence;
mod secrets;

use super::surroundings::Surroundings;
use super::{Config, Overrides, load};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A machine of its own: a folder that is home, holds the system's configuration file, and nothing else.
struct Machine {
    home: TempDir,
    variables: Vec<(String, String)>,
}

impl Machine {
    /// A machine on which nobody has configured anything.
    fn bare() -> Self {
        let home = TempDir::new().unwrap();
        let variables = vec![("HOME".to_owned(), home.path().to_str().unwrap().to_owned())];
        Self { home, variables }
    }

    /// A machine whose environment holds what a server cannot do without.
    fn ready() -> Self {
        Self::bare().with("DOORWARD__SERVER__ISSUER", "http://127.0.0.1:8080")
    }

    /// The same with another environment variable.
    fn with(mut self, variable: &str, text: &str) -> Self {
        self.variables.push((variable.to_owned(), text.to_owned()));
        self
    }

    /// The same with a system-wide configuration file.
    fn with_file(self, text: &str) -> Self {
        self.write("doorward.toml", text);
        self
    }

    /// Writes a file below home.
    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.home.path().join(path)
    }

    fn surroundings(&self) -> Surroundings {
        let variables = self.variables.iter().map(|(name, text)| (name.into(), text.into()));
        Surroundings::new(variables, self.path("doorward.toml"))
    }

    /// Loads for a server, with these flags.
    fn serve(&self, flags: &[(&'static str, &str)]) -> Result<Config, Vec<String>> {
        self.load(&Overrides { serve: true, flags: owned(flags), ..Overrides::default() })
    }

    /// Loads under `--dev`, with these flags.
    fn dev(&self, flags: &[(&'static str, &str)]) -> Result<Config, Vec<String>> {
        self.load(&Overrides { serve: true, dev: true, flags: owned(flags), ..Overrides::default() })
    }

    /// Loads; errors come as people read them, with the home folder written as `~`.
    fn load(&self, overrides: &Overrides) -> Result<Config, Vec<String>> {
        let home = self.home.path().to_str().unwrap();
        load(overrides, &self.surroundings())
            .map_err(|errors| errors.iter().map(|error| error.to_string().replace(home, "~")).collect())
    }
}

fn owned(flags: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    flags.iter().map(|(key, text)| (*key, (*text).to_owned())).collect()
}

/// The source of a key, as `config show --json` names it.
fn source(config: &Config, key: &str) -> String {
    let report = serde_json::to_value(config.report()).unwrap();
    let lines = report["settings"].as_array().unwrap().clone();
    lines.iter().find(|line| line["key"] == key).unwrap()["source"].as_str().unwrap().to_owned()
}
