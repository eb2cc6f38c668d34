//! A provider: somebody with whom one has an account, and what signing in there takes. Owns the record and what a single value has to
//! be like; who may change the catalogue, and what of it can stand, is `manage`'s business.

use crate::vault::pattern::Pattern;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::FieldType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// As long as a value may be: a private key in PEM fits.
pub const LONGEST_VALUE: usize = 8 * 1024;
/// The same of what is no secret.
const LONGEST_OPEN_VALUE: usize = 2_000;

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Provider {
    /// The internal identifier.
    pub id: Id,
    /// What it is called where an auth names it; it stays.
    pub key: String,
    /// What people see.
    pub name: String,
    /// What signing in there takes, in the order of a form.
    pub fields: Vec<Field>,
    /// Values that come together.
    pub presets: Vec<Preset>,
    /// When it was made.
    pub created_at: Seconds,
    /// When it was last changed.
    pub updated_at: Seconds,
}

/// A field of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// What it is called in a registered auth.
    pub name: String,
    /// What people see.
    pub label: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Whether there is no auth without it.
    pub required: bool,
    /// What its value has to match, as a whole.
    #[serde(default)]
    pub pattern: Option<String>,
    /// What can be chosen.
    #[serde(default)]
    pub choices: Vec<String>,
    /// What helps people fill it in.
    #[serde(default)]
    pub help: String,
}

/// Values that come together, as those of a provider's trial system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Preset {
    /// What it is called in a registered auth.
    pub key: String,
    /// What people see.
    pub label: String,
    /// Whether it is for trying only.
    pub testing: bool,
    /// What it fills in.
    pub values: BTreeMap<String, String>,
}

impl Provider {
    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The preset of this name.
    #[must_use]
    pub fn preset(&self, key: &str) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.key == key)
    }
}

impl Field {
    /// Whether its value is kept sealed.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        matches!(self.kind, FieldType::Secret)
    }

    /// Whether a value can stand here.
    ///
    /// # Errors
    /// What would be right. It never quotes the value, which may be a secret, or one that was meant for another field.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let longest = if self.is_secret() { LONGEST_VALUE } else { LONGEST_OPEN_VALUE };
        if value.is_empty() {
            return Err("is not empty: leave it out".to_owned());
        }
        if value.len() > longest {
            return Err(format!("has at most {longest} bytes"));
        }
        if value.chars().any(|c| c.is_control() && !(self.is_secret() && matches!(c, '\n' | '\r' | '\t'))) {
            return Err("holds no control characters".to_owned());
        }
        match self.kind {
            FieldType::Choice if !self.choices.iter().any(|choice| choice == value) => {
                return Err(format!("is one of: {}", self.choices.join(", ")));
            }
            FieldType::Url => address(value)?,
            FieldType::Choice | FieldType::Text | FieldType::Secret => {}
        }
        let pattern = self.pattern.as_deref().map(Pattern::parse).transpose();
        match pattern.map_err(|error| error.to_string())? {
            Some(pattern) if !pattern.matches(value) => Err("does not match the field's pattern".to_owned()),
            _ => Ok(()),
        }
    }
}

/// An address that can be shown: a password in it would be no secret.
fn address(value: &str) -> Result<(), String> {
    let url = Url::parse(value).ok();
    let url = url.filter(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
    let url = url.ok_or_else(|| "is an address that begins with https:// or http://".to_owned())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "holds no user name and no password: it is shown to everybody who sees the auth".to_owned()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: FieldType) -> Field {
        let (name, label, help) = ("x".to_owned(), "X".to_owned(), String::new());
        Field { name, label, kind, required: true, pattern: None, choices: vec!["a".to_owned()], help }
    }

    #[test]
    fn each_type_takes_its_own() {
        let long = "x".repeat(2_001);
        for (kind, good, bad) in [
            (FieldType::Text, vec!["a", "a b", "ä"], vec!["", "a\nb", "\u{7f}", &long]),
            (FieldType::Secret, vec!["a", "a\nb", &long], vec!["", "\0", "a\u{1b}"]),
            (FieldType::Choice, vec!["a"], vec!["", "b", "A"]),
            (
                FieldType::Url,
                vec!["https://a.example/x", "http://127.0.0.1:8080"],
                vec![
                    "a.example",
                    "ftp://a.example",
                    "https://u:p@a.example",
                    "https://u@a.example",
                    "https:",
                ],
            ),
        ] {
            for value in good {
                assert_eq!(field(kind).check(value), Ok(()), "{kind} {value}");
            }
            for value in bad {
                assert!(field(kind).check(value).is_err(), "{kind} {value}");
            }
        }
    }

    #[test]
    fn no_refusal_quotes_the_value() {
        for kind in FieldType::ALL {
            let field = Field { pattern: Some("[0-9]+".to_owned()), ..field(*kind) };
            let said = field.check("hunter2\u{0}").unwrap_err() + &field.check("hunter2").unwrap_err();
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
