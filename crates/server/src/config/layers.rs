//! The layers that make a configuration, highest first: flags, `--dev`, environment, file, defaults. Owns precedence,
//! and the memory of where each value came from; the file's layer is read by `file`.

use super::database_url;
use super::error::{ConfigError, Problem};
use super::setting::{Default, PREFIX, Secrecy, Setting};
use super::settings::SETTINGS;
use super::source::Source;
use super::surroundings::Surroundings;
use super::value::Written;
use super::{issuer, nearest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What one layer says, by key.
pub(crate) type Layer = BTreeMap<&'static str, Given>;

/// What somebody wrote, and where.
#[derive(Clone)]
pub(crate) struct Given {
    /// Where it was written.
    pub(crate) source: Source,
    /// What was written.
    pub(crate) written: Written,
}

/// The layer of the command line: pairs of key and text.
pub(crate) fn flags(flags: &[(&'static str, String)]) -> Layer {
    flags
        .iter()
        .map(|(key, text)| {
            let flag = SETTINGS.iter().find(|setting| setting.key == *key).and_then(|setting| setting.flag);
            (*key, text_from(Source::Flag(flag.unwrap_or(key)), text.clone()))
        })
        .collect()
}

/// The layer of `--dev`. It stands above environment and file, so that trying something out never touches a database
/// that somebody configured for earnest; only flags go before it. What they say is followed: the issuer goes with the
/// address, the key with the database.
pub(crate) fn dev(flags: &Layer) -> Layer {
    let flag = |key| match flags.get(key) {
        Some(Given { written: Written::Text(text), .. }) => Some(text.as_str()),
        _ => None,
    };
    let issuer = flag("server.listen").and_then(|listen| listen.parse().ok()).map(issuer::at);
    let database = flag("database.url").and_then(|url| database_url::read(url).ok());
    let folder = database.as_ref().and_then(database_url::folder).unwrap_or(Path::new(""));
    let key_file = folder.join("doorward-dev.key").to_string_lossy().into_owned();
    // A build without SQLite has no database to try out with: it wants one named, and says so.
    let database = cfg!(feature = "sqlite").then(|| ("database.url", "sqlite:doorward-dev.db".to_owned()));
    [
        ("server.listen", "127.0.0.1:8080".to_owned()),
        ("server.issuer", issuer.unwrap_or_else(|| "http://127.0.0.1:8080".to_owned())),
        ("keys.master_key_file", key_file),
        ("metrics.listen", String::new()),
        ("server.trusted_proxies", "127.0.0.0/8,::1".to_owned()),
        // Who tries things out mistypes them, and runs tests that fail on purpose.
        ("limits.failed_authentications_per_minute", "1000".to_owned()),
        ("limits.sign_ins_per_account", "1000".to_owned()),
        ("limits.sign_ins_per_address", "1000".to_owned()),
    ]
    .into_iter()
    .chain(database)
    .map(|(key, text)| (key, text_from(Source::Dev, text)))
    .collect()
}

/// The layer of the environment. A variable that begins like ours and is not, is an error.
pub(crate) fn environment(surroundings: &Surroundings, errors: &mut Vec<ConfigError>) -> Layer {
    let mut layer = Layer::new();
    for (variable, text) in surroundings.variables() {
        let Some(variable) = variable.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        let source = Source::Environment(variable.to_owned());
        let Some(text) = text.to_str() else {
            errors.push(Problem::new("it is not UTF-8", "write UTF-8").of(variable, &source));
            continue;
        };
        let given = match named(variable) {
            Some((setting, Form::Itself)) => Ok((setting, text_from(source.clone(), text.to_owned()))),
            Some((setting, Form::NamesFile)) => secret_file(variable, text).map(|given| (setting, given)),
            None => Err(unknown(variable)),
        };
        match given {
            Ok((setting, given)) => {
                if let Some(other) = layer.insert(setting.key, given) {
                    let wrong = format!("{} says it too", other.source);
                    errors.push(Problem::new(wrong, "set one of the two").of(variable, &source));
                }
            }
            Err(problem) => errors.push(problem.of(variable, &source)),
        }
    }
    layer
}

/// The lowest layer.
pub(crate) fn defaults(surroundings: &Surroundings) -> Layer {
    SETTINGS
        .iter()
        .filter_map(|setting| {
            let text = match setting.default {
                Default::Text(text) => Some(text.to_owned()),
                Default::Found(find, _) => find(surroundings),
                Default::Absent | Default::Required => None,
            }?;
            Some((setting.key, text_from(Source::Default, text)))
        })
        .collect()
}

fn text_from(source: Source, text: String) -> Given {
    Given { source, written: Written::Text(text) }
}

enum Form {
    Itself,
    NamesFile,
}

/// The setting a variable sets. An exact name goes before the `…_FILE` form of another: `keys.master_key_file` is a
/// setting of its own and means the same.
fn named(variable: &str) -> Option<(&'static Setting, Form)> {
    let exact = SETTINGS.iter().find(|setting| setting.variable() == variable);
    let file = || {
        let stem = variable.strip_suffix("_FILE")?;
        SETTINGS.iter().find(|s| s.variable() == stem && s.kind.secrecy() != Secrecy::Open)
    };
    exact.map(|setting| (setting, Form::Itself)).or_else(|| Some((file()?, Form::NamesFile)))
}

fn secret_file(variable: &str, path: &str) -> Result<Given, Problem> {
    let path = PathBuf::from(path);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Problem::new(format!("{} cannot be read ({error})", path.display()), "name a readable file")
    })?;
    let source = Source::NamedFile { variable: variable.to_owned(), path };
    Ok(text_from(source, text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn unknown(variable: &str) -> Problem {
    let key = variable.trim_start_matches(PREFIX).to_ascii_lowercase().replace("__", ".");
    Problem::new("there is no such setting", nearest::instead_of(&key, Setting::variable))
}
