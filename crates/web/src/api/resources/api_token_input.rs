//! What is chosen of an API token, in JSON.

use super::access::AccessInput;
use super::api_token::ApplyToAllResource;
use crate::api::merge::Chosen;
use crate::api::schema::Sample;
use doorward_core::manage::Refused;
use doorward_core::manage::api_tokens::Members;
use doorward_core::manage::api_tokens::access::{ApplyToAll, Named, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_protocol::words::Level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is chosen of an API token.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ApiTokenInput {
    /// What its owner calls it.
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) description: String,
    /// Its level at each API. It has one somewhere: null does not stand for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) access: Option<Vec<AccessInput>>,
    /// One level at all APIs, but for the management API; in place of `access`. Null takes it away: the levels that it gives at the
    /// APIs that there are now stay, and those that are registered later are closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) apply_to_all: Option<ApplyToAllResource>,
    /// Where it may be used from, addresses and networks; from everywhere where none is named.
    #[serde(default)]
    pub(crate) allowed_ips: Vec<String>,
}

/// An API token to be made. It ends in some months or at an instant; after six months where nothing is said.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NewApiTokenInput {
    /// In 3, 6 or 12 months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_in_months: Option<i64>,
    /// At an instant to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<crate::api::schema::Instant>")]
    pub(crate) expires_at: Option<String>,
    #[serde(flatten)]
    pub(crate) chosen: ApiTokenInput,
}

/// How a token gets another value.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RegenerationInput {
    /// It then ends in 3, 6 or 12 months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_in_months: Option<i64>,
    /// It then ends at an instant to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<crate::api::schema::Instant>")]
    pub(crate) expires_at: Option<String>,
    /// So long its former value may still be used, in seconds.
    #[schemars(range(min = 0))]
    pub(crate) overlap_seconds: i64,
}

/// Why a token is revoked.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RevocationInput {
    /// Why, for its owner.
    pub(crate) reason: Option<String>,
}

impl NewApiTokenInput {
    /// When it is to end.
    pub(crate) fn expiry(&self) -> Expiry {
        Expiry { expires_in_months: self.expires_in_months, expires_at: self.expires_at.clone() }
    }
}

impl Chosen for ApiTokenInput {
    type Members = Members;

    /// Levels that nobody speaks of stay.
    fn of(members: &Members) -> Self {
        Self {
            name: members.name.clone(),
            description: members.description.clone(),
            access: None,
            apply_to_all: None,
            allowed_ips: members.allowed_ips.clone(),
        }
    }

    fn choose(self, members: &mut Members) -> Result<(), Refused> {
        let named = |access: AccessInput| Named { api: access.api, level: access.level };
        let access = self.access.map(|access| access.into_iter().map(named).collect());
        let all = self.apply_to_all;
        let all = all.map(|all| ApplyToAll { level: all.level, include_future: all.include_future });
        if let Some(reach) = Reach::of(access, all)? {
            members.reach = reach;
        }
        members.name = self.name;
        members.description = self.description;
        members.allowed_ips = self.allowed_ips;
        Ok(())
    }

    fn take_away(patch: &Value, members: &mut Members) -> Result<(), Refused> {
        let is_gone = |name: &str| patch.get(name).is_some_and(Value::is_null);
        match members.reach {
            Reach::Kept if is_gone("access") => {
                Err(Refused::invalid("/access", "names levels, if only 'none': to end the token, revoke it"))
            }
            Reach::Kept if is_gone("apply_to_all") => {
                members.reach = Reach::KeptHere;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Sample for ApiTokenInput {
    fn sample() -> Self {
        Self {
            name: "Nightly report".to_owned(),
            description: "Reads the orders of the day.".to_owned(),
            access: Some(vec![AccessInput { api: "https://orders.example".to_owned(), level: Level::Read }]),
            apply_to_all: None,
            allowed_ips: vec!["192.0.2.0/24".to_owned()],
        }
    }
}

impl Sample for NewApiTokenInput {
    fn sample() -> Self {
        Self { expires_in_months: Some(3), expires_at: None, chosen: ApiTokenInput::sample() }
    }
}

impl Sample for RegenerationInput {
    fn sample() -> Self {
        Self { expires_in_months: Some(6), expires_at: None, overlap_seconds: 3_600 }
    }
}

impl Sample for RevocationInput {
    fn sample() -> Self {
        Self { reason: Some("the laptop it was on is lost".to_owned()) }
    }
}
