//! A registered auth in JSON. Its secrets are masked, but in the answers that reveal and release them.

use super::{Instant, moment};
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample, ShownOnce};
use doorward_core::manage::Refused;
use doorward_core::manage::registered_auths::disclosure::Disclosed;
use doorward_core::manage::registered_auths::{Members, Value};
use doorward_core::vault::registered_auth::{MASK, RegisteredAuth};
use doorward_protocol::id::Id;
use doorward_protocol::words::Release;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A third party's credential, kept under an API account.
#[derive(Serialize, JsonSchema)]
pub struct RegisteredAuthResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// The API account it is kept under.
    #[schemars(with = "schema::Id")]
    pub api_account_id: Id,
    /// The provider it is for, by its key.
    pub provider: String,
    /// By what people tell it from others.
    pub label: String,
    /// Whether it is for trying only.
    pub testing: bool,
    /// The preset it was made with, by its key.
    pub preset: Option<String>,
    /// To whom its secrets are given besides people who have them revealed.
    #[schemars(with = "schema::Release")]
    pub release: Release,
    /// The values, by the names of the provider's fields; in place of a secret stands `********`.
    pub fields: BTreeMap<String, String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What is chosen of a registered auth.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RegisteredAuthInput {
    /// By what people tell it from others, as the company it is for.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) label: String,
    /// Whether it is for trying only; where nothing is said, as the preset is.
    #[serde(default)]
    pub(crate) testing: Option<bool>,
    /// A preset of the provider, by its key: it fills in what is not said.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub(crate) preset: Option<String>,
    /// To whom its secrets are given besides people who have them revealed: to nobody, or to the API account, by a token of its own.
    #[serde(default = "never")]
    #[schemars(with = "schema::Release")]
    pub(crate) release: Release,
    /// The values, by the names of the provider's fields. A secret that is not named in a change stays, as does one for which
    /// `********` is sent back.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, String>,
}

/// An auth to be registered.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NewRegisteredAuthInput {
    /// The provider it is for, by its key. It stays.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) provider: String,
    #[serde(flatten)]
    pub(crate) chosen: RegisteredAuthInput,
}

/// Why secrets are to be shown.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevelationInput {
    /// Why, in a single line: whoever reads what happened reads it, too.
    #[schemars(length(min = 1, max = 500))]
    pub(crate) reason: String,
}

const fn never() -> Release {
    Release::Never
}

impl From<&RegisteredAuth> for RegisteredAuthResource {
    fn from(auth: &RegisteredAuth) -> Self {
        let masked = auth.secrets.iter().map(|name| (name.clone(), MASK.to_owned()));
        Self {
            id: auth.id,
            api_account_id: auth.account,
            provider: auth.provider.clone(),
            label: auth.label.clone(),
            testing: auth.testing,
            preset: auth.preset.clone(),
            release: auth.release,
            fields: auth.fields.clone().into_iter().chain(masked).collect(),
            created_at: Instant(auth.created_at),
            updated_at: Instant(auth.updated_at),
        }
    }
}

impl RegisteredAuthResource {
    /// With its secrets, for whoever may have them.
    pub(crate) fn disclosed(disclosed: &Disclosed) -> Self {
        let mut told = Self::from(&disclosed.auth);
        let secrets = disclosed.secrets.iter();
        told.fields.extend(secrets.map(|(name, secret)| (name.clone(), secret.expose().to_owned())));
        told
    }
}

impl Chosen for RegisteredAuthInput {
    type Members = Members;

    fn of(members: &Members) -> Self {
        let written = |value: &Value| match value {
            Value::Given(text) => text.expose().to_owned(),
            Value::Kept => MASK.to_owned(),
        };
        Self {
            label: members.label.clone(),
            testing: members.testing,
            preset: members.preset.clone(),
            release: members.release,
            fields: members.fields.iter().map(|(name, value)| (name.clone(), written(value))).collect(),
        }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        let read = |text: String| if text == MASK { Value::Kept } else { Value::given(text) };
        let Self { label, testing, preset, release, fields } = self;
        let fields = fields.into_iter().map(|(name, text)| (name, read(text))).collect();
        *members = Members { label, testing, preset, release, fields };
        Ok(())
    }
}

impl Sample for RegisteredAuthInput {
    fn sample() -> Self {
        let values = [("customer", "40213377"), ("password", "four kettles of moss")];
        Self {
            label: "Acme Ltd.".to_owned(),
            testing: Some(true),
            preset: Some("trial".to_owned()),
            release: Release::ApiAccount,
            fields: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        }
    }
}

impl Sample for NewRegisteredAuthInput {
    fn sample() -> Self {
        Self { provider: "parcels".to_owned(), chosen: RegisteredAuthInput::sample() }
    }
}

impl Sample for RevelationInput {
    fn sample() -> Self {
        Self { reason: "moving the account to another warehouse".to_owned() }
    }
}

impl Sample for RegisteredAuthResource {
    fn sample() -> Self {
        let mut sample = Self::made();
        sample.fields.insert("password".to_owned(), MASK.to_owned());
        sample
    }
}

/// As it is revealed and released.
impl ShownOnce for RegisteredAuthResource {
    fn made() -> Self {
        let NewRegisteredAuthInput { provider, chosen } = NewRegisteredAuthInput::sample();
        let mut fields = chosen.fields;
        fields.insert("base_url".to_owned(), "https://trial.parcels.example".to_owned());
        Self {
            id: Id::from_parts(1_764_201_600_000, 82),
            api_account_id: Id::from_parts(1_764_201_600_000, 83),
            provider,
            label: chosen.label,
            testing: true,
            preset: chosen.preset,
            release: chosen.release,
            fields,
            created_at: moment(0),
            updated_at: moment(0),
        }
    }
}
