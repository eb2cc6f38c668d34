//! Which value each setting has in the end, and why. Owns the choice between layers, and typed access by key for
//! `checks` and for [`super::Config`]; what the layers say is read before.

use super::error::ConfigError;
use super::layers::{Given, Layer};
use super::settings::SETTINGS;
use super::source::Source;
use super::value::Value;
use doorward_protocol::network::Network;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_storage::url::DatabaseUrl;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

/// A value that won, and those it beat.
#[derive(Clone)]
pub(crate) struct Effective {
    /// The value.
    pub(crate) value: Value,
    /// Where it came from.
    pub(crate) source: Source,
    /// Which layer that is, 0 for the highest.
    pub(crate) rank: usize,
    /// Who else gave a value, highest first, the default left out.
    pub(crate) beaten: Vec<Source>,
}

/// All effective values, by key.
#[derive(Clone)]
pub(crate) struct Settled {
    values: BTreeMap<&'static str, Effective>,
    broken: BTreeSet<&'static str>,
}

/// Takes each setting from the highest layer that has it.
pub(crate) fn settle(mut layers: Vec<Layer>, errors: &mut Vec<ConfigError>) -> Settled {
    let mut settled = Settled { values: BTreeMap::new(), broken: BTreeSet::new() };
    for setting in SETTINGS {
        let mut given = layers
            .iter_mut()
            .enumerate()
            .filter_map(|(rank, layer)| Some((rank, layer.remove(setting.key)?)));
        let Some((rank, Given { source, written })) = given.next() else { continue };
        match setting.kind.read(&written) {
            Ok(value) => {
                let beaten = given.map(|(_, given)| given.source).filter(|s| *s != Source::Default).collect();
                settled.values.insert(setting.key, Effective { value, source, rank, beaten });
            }
            Err(problem) => {
                settled.broken.insert(setting.key);
                errors.push(problem.of(setting.key, &source));
            }
        }
    }
    settled
}

impl Settled {
    /// The value of a setting with all that is known about it; nothing when it is absent or could not be read.
    pub(crate) fn effective(&self, key: &str) -> Option<&Effective> {
        self.values.get(key)
    }

    /// Whether nobody gave a value, not even one that could not be read.
    pub(crate) fn is_absent(&self, key: &str) -> bool {
        !self.values.contains_key(key) && !self.broken.contains(key)
    }

    /// A text or a word.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A secret.
    pub(crate) fn secret(&self, key: &str) -> Option<&Secret> {
        match self.value(key)? {
            Value::Secret(secret) => Some(secret),
            _ => None,
        }
    }

    /// A path.
    pub(crate) fn path(&self, key: &str) -> Option<&Path> {
        match self.value(key)? {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    /// An address, or the wish for none.
    pub(crate) fn address(&self, key: &str) -> Option<Option<SocketAddr>> {
        match self.value(key)? {
            Value::Address(address) => Some(*address),
            _ => None,
        }
    }

    /// Networks of addresses.
    pub(crate) fn networks(&self, key: &str) -> Option<&[Network]> {
        match self.value(key)? {
            Value::Networks(networks) => Some(networks),
            _ => None,
        }
    }

    /// A database.
    pub(crate) fn database(&self, key: &str) -> Option<&DatabaseUrl> {
        match self.value(key)? {
            Value::Database(url) => Some(url),
            _ => None,
        }
    }

    /// A number or a size, in the type its bounds allow for.
    pub(crate) fn number<N: TryFrom<i64>>(&self, key: &str) -> Option<N> {
        match self.value(key)? {
            Value::Integer(number) | Value::Size(number) => N::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A duration.
    pub(crate) fn lifetime(&self, key: &str) -> Option<Lifetime> {
        match self.value(key)? {
            Value::Lifetime(lifetime) => Some(*lifetime),
            _ => None,
        }
    }

    /// Yes or no.
    pub(crate) fn is(&self, key: &str) -> Option<bool> {
        match self.value(key)? {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Words.
    pub(crate) fn words(&self, key: &str) -> Option<&[String]> {
        match self.value(key)? {
            Value::List(words) => Some(words),
            _ => None,
        }
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key).map(|effective| &effective.value)
    }
}
