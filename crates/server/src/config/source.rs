//! Where a value came from, as `config show` and every error name it.

use std::fmt;
use std::path::PathBuf;

/// The origin of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A command-line flag, by its name: `--listen`.
    Flag(&'static str),
    /// The values that `--dev` brings along.
    Dev,
    /// An environment variable, by its name.
    Environment(String),
    /// A file that an environment variable `…_FILE` names.
    NamedFile {
        /// The environment variable.
        variable: String,
        /// The file it names.
        path: PathBuf,
    },
    /// The configuration file, with the line where one is known.
    File {
        /// The configuration file.
        path: PathBuf,
        /// Counted from 1.
        line: Option<usize>,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => f.write_str(name),
            Self::Dev => f.write_str("--dev"),
            Self::Environment(variable) => f.write_str(variable),
            Self::NamedFile { variable, path } => write!(f, "{variable} = {}", path.display()),
            Self::File { path, line: Some(line) } => write!(f, "{}:{line}", path.display()),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}
