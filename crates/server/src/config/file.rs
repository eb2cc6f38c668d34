//! The configuration file: finding it, reading it, and saying on which line something stands. Owns the way from TOML to
//! written values; what the values mean is left to `value`.

use super::error::{ConfigError, Problem};
use super::layers::{Given, Layer};
use super::nearest;
use super::setting::Secrecy;
use super::settings::{SECTIONS, SETTINGS};
use super::source::Source;
use super::surroundings::Surroundings;
use super::value::Written;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The file to read: the one that is named, which must then exist, else the first standard one that exists.
pub(crate) fn find(named: Option<&Path>, surroundings: &Surroundings) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| surroundings.standard_config_files().find(|path| path.exists()))
}

/// What stands in the file, by key. Faults are added to `errors`, and the rest is still read.
pub(crate) fn read(path: &Path, errors: &mut Vec<ConfigError>) -> Layer {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let source = Source::File { path: path.to_owned(), line: None };
            let right = "name a readable file with --config, or leave it out";
            errors.push(Problem::new(format!("cannot be read ({error})"), right).of_source(source));
            return Layer::new();
        }
    };
    let file = File { path, text: &text };
    let (document, faults) = DeTable::parse_recoverable(&text);
    for fault in &faults {
        let problem = Problem::new(format!("is not TOML ({})", fault.message()), "mend the syntax");
        errors.push(problem.of_source(file.at(fault.span().as_ref())));
    }
    file.layer(document.get_ref(), errors)
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn layer(&self, document: &DeTable<'_>, errors: &mut Vec<ConfigError>) -> Layer {
        let mut layer = Layer::new();
        for (section, content) in document {
            let source = self.at(Some(&section.span()));
            match content.get_ref() {
                DeValue::Table(table) => self.section(section.get_ref(), table, &mut layer, errors),
                _ if SECTIONS.iter().any(|(name, _)| name == section.get_ref()) => {
                    let right = format!("write [{}] on a line of its own", section.get_ref());
                    errors
                        .push(Problem::new("it is a section", right).of(section.get_ref().as_ref(), &source));
                }
                _ => errors.push(unknown(section.get_ref(), &source)),
            }
        }
        layer
    }

    /// A section, or a table within one.
    fn section(&self, section: &str, table: &DeTable<'_>, layer: &mut Layer, errors: &mut Vec<ConfigError>) {
        for (name, content) in table {
            let key = format!("{section}.{}", name.get_ref());
            let source = self.at(Some(&name.span()));
            match SETTINGS.iter().find(|setting| setting.key == key) {
                None if let (DeValue::Table(table), true) = (content.get_ref(), is_table(&key)) => {
                    self.section(&key, table, layer, errors);
                }
                None => errors.push(unknown(&key, &source)),
                Some(setting) if setting.kind.secrecy() == Secrecy::Secret => {
                    let right = format!("remove it, and set {} or {}_file", setting.variable(), setting.key);
                    errors.push(
                        Problem::new("a secret cannot stand in the configuration file", right)
                            .of(key, &source),
                    );
                }
                Some(setting) => {
                    layer.insert(setting.key, Given { source, written: written(content.get_ref()) });
                }
            }
        }
    }

    fn at(&self, span: Option<&Range<usize>>) -> Source {
        let line =
            span.and_then(|span| self.text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
        Source::File { path: self.path.to_owned(), line }
    }
}

/// Whether settings stand below this name.
fn is_table(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

fn unknown(key: &str, source: &Source) -> ConfigError {
    Problem::new("there is no such setting", nearest::instead_of(key, |s| s.key.to_owned())).of(key, source)
}

fn written(value: &DeValue<'_>) -> Written {
    match value {
        DeValue::String(text) => Written::String(text.clone().into_owned()),
        DeValue::Boolean(value) => Written::Bool(*value),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Written::Unusable("a number beyond all bounds"), Written::Integer),
        DeValue::Float(_) => Written::Unusable("a number with a fraction"),
        DeValue::Datetime(_) => Written::Unusable("a date"),
        DeValue::Table(_) => Written::Unusable("a table"),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map_or(Written::Unusable("a list that holds more than strings"), Written::List),
    }
}
