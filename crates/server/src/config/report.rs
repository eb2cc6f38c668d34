//! What `config show` and `config check` print: every effective value with its source, as TOML that could be read back,
//! or as JSON. Owns the masking: no secret gets past this module.

use super::database_url;
use super::setting::{Secrecy, Setting};
use super::settings::SETTINGS;
use super::settled::{Effective, Settled};
use super::units;
use super::value::Value;
use serde::Serialize;
use std::fmt;
use std::path::Path;

const MASK: &str = "********";

/// Every effective value with its source.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// The configuration file that was read, if any.
    file: Option<String>,
    settings: Vec<Line>,
}

#[derive(Clone, Debug, Serialize)]
struct Line {
    key: &'static str,
    /// Absent where nothing is set.
    value: Option<serde_json::Value>,
    source: Option<String>,
    /// Who else gave a value and was overruled.
    overrules: Vec<String>,
    default: String,
    description: &'static str,
    #[serde(skip)]
    shown: Shown,
}

/// How the text form shows a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Plainly,
    /// As a comment: what stands there is no value, or not the whole of it.
    Commented,
}

impl Report {
    pub(super) fn of(settled: &Settled, file: Option<&Path>) -> Self {
        Self {
            file: file.map(|path| path.display().to_string()),
            settings: SETTINGS.iter().map(|setting| line(setting, settled.effective(setting.key))).collect(),
        }
    }
}

fn line(setting: &Setting, effective: Option<&Effective>) -> Line {
    let masked = setting.kind.secrecy() == Secrecy::Secret || effective.is_none();
    Line {
        key: setting.key,
        value: effective.map(|effective| shown(&effective.value)),
        source: effective.map(|effective| effective.source.to_string()),
        overrules: effective.map_or_else(Vec::new, |e| e.beaten.iter().map(ToString::to_string).collect()),
        default: setting.default.description(),
        description: setting.doc,
        shown: if masked { Shown::Commented } else { Shown::Plainly },
    }
}

fn shown(value: &Value) -> serde_json::Value {
    match value {
        Value::Secret(_) => MASK.into(),
        Value::Text(text) => text.as_str().into(),
        Value::Path(path) => path.to_string_lossy().into(),
        Value::Address(address) => address.map(|address| address.to_string()).unwrap_or_default().into(),
        Value::Networks(networks) => networks.iter().map(ToString::to_string).collect(),
        Value::Database(url) => database_url::masked(&url.to_string()).into(),
        Value::Integer(number) => (*number).into(),
        Value::Size(bytes) => units::show_size(*bytes).into(),
        Value::Lifetime(lifetime) => units::show_lifetime(*lifetime).into(),
        Value::Bool(value) => (*value).into(),
        Value::List(words) => words.as_slice().into(),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut section = "";
        for line in &self.settings {
            let (of, name) = line.key.split_once('.').unwrap_or(("", line.key));
            if of != section {
                let gap = if section.is_empty() { "" } else { "\n" };
                writeln!(f, "{gap}[{of}]")?;
                section = of;
            }
            writeln!(f, "{}", line.text(name))?;
        }
        Ok(())
    }
}

impl Line {
    fn text(&self, name: &str) -> String {
        // JSON writes strings, numbers, booleans and lists of strings just as TOML does.
        let assignment = match &self.value {
            Some(value) => format!("{name} = {value}"),
            None => format!("{name} is not set"),
        };
        let assignment = match self.shown {
            Shown::Plainly => assignment,
            Shown::Commented => format!("# {assignment}"),
        };
        let Some(source) = &self.source else { return assignment };
        let over = match self.overrules.as_slice() {
            [] => String::new(),
            overruled => format!(", not from {}", overruled.join(", ")),
        };
        format!("{assignment:<48} # {source}{over}")
    }
}
