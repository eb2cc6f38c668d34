//! A value on its way from what somebody wrote to what the program uses. Owns the reading of each kind, with what is
//! wrong and what would be right; rules that join several settings belong to `checks`.

use super::database_url;
use super::error::Problem;
use super::setting::Kind;
use super::{issuer, networks, units};
use crate::telemetry::logs;
use doorward_protocol::network::Network;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_storage::url::DatabaseUrl;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What somebody wrote. The file has types of its own; elsewhere everything is text.
#[derive(Clone)]
pub(crate) enum Written {
    /// Text from the environment, a flag or a default.
    Text(String),
    /// A string in the file.
    String(String),
    /// An integer in the file.
    Integer(i64),
    /// A boolean in the file.
    Bool(bool),
    /// A list of strings in the file.
    List(Vec<String>),
    /// Something in the file that no setting takes, by its name: `a date`.
    Unusable(&'static str),
}

/// What the program uses.
#[derive(Clone)]
pub(crate) enum Value {
    /// A text or a word out of a choice.
    Text(String),
    /// A text that nobody may see.
    Secret(Secret),
    /// A path.
    Path(PathBuf),
    /// An address to listen on, or none.
    Address(Option<SocketAddr>),
    /// Networks of addresses.
    Networks(Vec<Network>),
    /// A database.
    Database(DatabaseUrl),
    /// A number.
    Integer(i64),
    /// A size in bytes.
    Size(i64),
    /// A duration.
    Lifetime(Lifetime),
    /// Yes or no.
    Bool(bool),
    /// Words out of a choice.
    List(Vec<String>),
}

impl Kind {
    /// Reads what was written.
    pub(crate) fn read(self, written: &Written) -> Result<Value, Problem> {
        match (self, written) {
            (Self::Choices(words), Written::List(list)) => choices(words, list),
            (Self::Choices(words), Written::Text(text)) => {
                choices(words, &text.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>())
            }
            (Self::Networks, Written::List(list)) => networks::read(list).map(Value::Networks),
            (Self::Networks, Written::Text(text)) => networks::read_text(text).map(Value::Networks),
            (Self::Integer(..) | Self::Seconds(..) | Self::Size(..), Written::Integer(number)) => {
                self.read_text(&number.to_string())
            }
            (Self::Bool, Written::Bool(value)) => Ok(Value::Bool(*value)),
            (_, Written::Text(text)) => self.read_text(text),
            (Self::Integer(..) | Self::Bool, Written::String(_)) => {
                Err(Problem::new("it is a string", format!("write {} without quotes", self.form())))
            }
            (Self::Choices(_) | Self::Networks, written) => Err(self.mistyped(written)),
            (_, Written::String(text)) => self.read_text(text),
            (_, written) => Err(self.mistyped(written)),
        }
    }

    fn read_text(self, text: &str) -> Result<Value, Problem> {
        let wrong = || Problem::new(format!("{text:?} will not do"), format!("write {}", self.form()));
        let within = |amount: i64, least: i64, most: i64| (least..=most).contains(&amount).then_some(amount);
        match self {
            Self::Secret if text.is_empty() => {
                Err(Problem::new("it is empty", "write the secret, or leave it out"))
            }
            Self::Secret => Ok(Value::Secret(Secret::new(text.to_owned()))),
            Self::Path if text.is_empty() => {
                Err(Problem::new("it is empty", "write a path, or leave it out"))
            }
            Self::Path => Ok(Value::Path(PathBuf::from(text))),
            Self::Issuer => issuer::read(text).map(Value::Text),
            Self::PathPrefix => is_path_prefix(text).then(|| Value::Text(text.to_owned())).ok_or_else(wrong),
            Self::OptionalAddress if text.is_empty() => Ok(Value::Address(None)),
            Self::Address | Self::OptionalAddress => {
                text.parse().map(|address| Value::Address(Some(address))).map_err(|_| wrong())
            }
            Self::Networks => networks::read_text(text).map(Value::Networks),
            Self::Database => database_url::read(text).map(Value::Database),
            Self::Integer(least, most) => text
                .parse()
                .ok()
                .and_then(|number| within(number, least, most))
                .map(Value::Integer)
                .ok_or_else(wrong),
            Self::Seconds(least, most) => units::read_lifetime(text)
                .filter(|lifetime| within(lifetime.0, least, most).is_some())
                .map(Value::Lifetime)
                .ok_or_else(wrong),
            Self::Size(least, most) => units::read_size(text)
                .and_then(|size| within(size, least, most))
                .map(Value::Size)
                .ok_or_else(wrong),
            Self::Bool => text.parse().map(Value::Bool).map_err(|_| wrong()),
            Self::Choice(words) => {
                words.contains(&text).then(|| Value::Text(text.to_owned())).ok_or_else(wrong)
            }
            Self::Choices(words) => choices(words, &[text.to_owned()]),
            Self::LogFilter => logs::filter(text).map(|_| Value::Text(text.to_owned())).ok_or_else(wrong),
        }
    }

    fn mistyped(self, written: &Written) -> Problem {
        let found = match written {
            Written::Text(_) | Written::String(_) => "a string",
            Written::Integer(_) => "a number",
            Written::Bool(_) => "a boolean",
            Written::List(_) => "a list",
            Written::Unusable(name) => name,
        };
        Problem::new(format!("it is {found}"), format!("write {}", self.form()))
    }
}

/// RFC 3986 §2.3: unreserved characters alone, so that every browser and proxy spells the path alike.
fn is_path_prefix(text: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let segment = |text: &str| !matches!(text, "" | "." | "..") && text.bytes().all(unreserved);
    text.is_empty() || text.strip_prefix('/').is_some_and(|path| path.split('/').all(segment))
}

fn choices(words: &'static [&'static str], list: &[String]) -> Result<Value, Problem> {
    let form = || format!("write {}", Kind::Choices(words).form());
    if let Some(word) = list.iter().find(|word| !words.contains(&word.as_str())) {
        return Err(Problem::new(format!("{word:?} will not do"), form()));
    }
    if list.is_empty() {
        return Err(Problem::new("the list is empty", form()));
    }
    match list.iter().enumerate().find(|(at, word)| list[..*at].contains(word)) {
        Some((_, word)) => Err(Problem::new(format!("{word} stands there twice"), "write each word once")),
        None => Ok(Value::List(list.to_vec())),
    }
}
