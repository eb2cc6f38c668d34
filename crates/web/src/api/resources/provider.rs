//! A provider in JSON.

use super::{Instant, moment};
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample};
use doorward_core::manage::Refused;
use doorward_core::manage::providers::Members;
use doorward_core::vault::provider::{Field, Preset, Provider};
use doorward_protocol::id::Id;
use doorward_protocol::words::FieldType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Somebody for whose services auths can be registered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProviderResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// What it is called where an auth names it.
    pub key: String,
    /// What people see.
    pub name: String,
    /// What signing in there takes, in the order of a form.
    pub fields: Vec<FieldResource>,
    /// Values that come together, as those of a trial system.
    pub presets: Vec<PresetResource>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// A field of a provider's form.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldResource {
    /// What it is called in a registered auth.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// What people see.
    #[schemars(length(min = 1, max = 200))]
    pub label: String,
    /// What it takes: a text that everybody sees who sees the auth, a `secret`, which is masked, an address, or a choice.
    #[serde(rename = "type")]
    #[schemars(with = "schema::FieldType")]
    pub kind: FieldType,
    /// Whether there is no auth without it.
    #[serde(default)]
    pub required: bool,
    /// A regular expression that the whole value has to match. It is matched in time that grows with the value alone, so it knows
    /// no look-around and no back-references.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub pattern: Option<String>,
    /// What can be chosen, where it takes a choice.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub choices: Vec<String>,
    /// What helps people fill it in.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub help: String,
}

/// Values that come together.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PresetResource {
    /// What it is called in a registered auth.
    #[schemars(length(min = 1, max = 64))]
    pub key: String,
    /// What people see.
    #[schemars(length(min = 1, max = 200))]
    pub label: String,
    /// Whether it is for trying only; an auth that is made with it is so, too.
    #[serde(default)]
    pub testing: bool,
    /// What it fills in where nothing is said, by the names of fields; no secrets.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

/// What is chosen of a provider.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ProviderInput {
    /// What people see.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// What signing in there takes, in the order of a form. While auths are registered for it, each of them stays, and a secret stays
    /// one.
    #[schemars(length(max = 32))]
    pub(crate) fields: Vec<FieldResource>,
    /// Values that come together, as those of a trial system.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub(crate) presets: Vec<PresetResource>,
}

/// A provider to be made.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NewProviderInput {
    /// What it is called where an auth names it: small letters, digits, `_`, `-` and `.`. It stays.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) key: String,
    #[serde(flatten)]
    pub(crate) chosen: ProviderInput,
}

impl From<&Provider> for ProviderResource {
    fn from(provider: &Provider) -> Self {
        Self {
            id: provider.id,
            key: provider.key.clone(),
            name: provider.name.clone(),
            fields: provider.fields.iter().map(FieldResource::from).collect(),
            presets: provider.presets.iter().map(PresetResource::from).collect(),
            created_at: Instant(provider.created_at),
            updated_at: Instant(provider.updated_at),
        }
    }
}

impl From<&Field> for FieldResource {
    fn from(field: &Field) -> Self {
        let Field { name, label, kind, required, pattern, choices, help } = field.clone();
        Self { name, label, kind, required, pattern, choices, help }
    }
}

impl From<FieldResource> for Field {
    fn from(field: FieldResource) -> Self {
        let FieldResource { name, label, kind, required, pattern, choices, help } = field;
        Self { name, label, kind, required, pattern, choices, help }
    }
}

impl From<&Preset> for PresetResource {
    fn from(preset: &Preset) -> Self {
        let Preset { key, label, testing, values } = preset.clone();
        Self { key, label, testing, values }
    }
}

impl From<PresetResource> for Preset {
    fn from(preset: PresetResource) -> Self {
        let PresetResource { key, label, testing, values } = preset;
        Self { key, label, testing, values }
    }
}

impl Chosen for ProviderInput {
    type Members = Members;

    fn of(members: &Members) -> Self {
        Self {
            name: members.name.clone(),
            fields: members.fields.iter().map(FieldResource::from).collect(),
            presets: members.presets.iter().map(PresetResource::from).collect(),
        }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        *members = Members {
            name: self.name,
            fields: self.fields.into_iter().map(Field::from).collect(),
            presets: self.presets.into_iter().map(Preset::from).collect(),
        };
        Ok(())
    }
}

impl Sample for ProviderInput {
    fn sample() -> Self {
        let field = |name: &str, label: &str, kind, pattern: Option<&str>| FieldResource {
            name: name.to_owned(),
            label: label.to_owned(),
            kind,
            required: true,
            pattern: pattern.map(str::to_owned),
            choices: vec![],
            help: String::new(),
        };
        let url = "https://trial.parcels.example".to_owned();
        Self {
            name: "Parcels Express".to_owned(),
            fields: vec![
                field("base_url", "Address", FieldType::Url, None),
                field("customer", "Customer number", FieldType::Text, Some("[0-9]{6,10}")),
                field("password", "Password", FieldType::Secret, None),
            ],
            presets: vec![PresetResource {
                key: "trial".to_owned(),
                label: "Trial system".to_owned(),
                testing: true,
                values: [("base_url".to_owned(), url)].into(),
            }],
        }
    }
}

impl Sample for NewProviderInput {
    fn sample() -> Self {
        Self { key: "parcels".to_owned(), chosen: ProviderInput::sample() }
    }
}

impl Sample for ProviderResource {
    fn sample() -> Self {
        let NewProviderInput { key, chosen: ProviderInput { name, fields, presets } } =
            NewProviderInput::sample();
        let id = Id::from_parts(1_764_201_600_000, 81);
        Self { id, key, name, fields, presets, created_at: moment(0), updated_at: moment(0) }
    }
}
