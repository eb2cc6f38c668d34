//! What is chosen of an API token, in JSON.

use super::access::AccessInput;
use super::api_token::ApplyToAllResource;
use crate::api::merge::Chosen;
use crate::api::schema::{self, Sample};
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
    /// What its owner calls it, in a single line.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 2000))]
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
    #[schemars(with = "Vec<schema::Network>", length(max = 100))]
    pub(crate) allowed_ips: Vec<String>,
}

/// An API token to be made. It ends in some months or at an instant; after six months where nothing is said.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct NewApiTokenInput {
    /// It ends in so many months; in 6 where neither this nor `expires_at` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [3, 6, 12, null]))]
    pub(crate) expires_in_months: Option<i64>,
    /// It ends at this instant to come; in place of `expires_in_months`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Instant>")]
    pub(crate) expires_at: Option<String>,
    #[serde(flatten)]
    pub(crate) chosen: ApiTokenInput,
}

/// How a token gets another value.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RegenerationInput {
    /// It then ends in so many months; in 6 where neither this nor `expires_at` is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [3, 6, 12, null]))]
    pub(crate) expires_in_months: Option<i64>,
    /// It then ends at this instant to come; in place of `expires_in_months`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Instant>")]
    pub(crate) expires_at: Option<String>,
    /// So long its former value may still be used, in seconds; at most seven days.
    #[schemars(range(min = 0, max = 604_800))]
    pub(crate) overlap_seconds: i64,
}

/// Why a token is revoked.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RevocationInput {
    /// Why, for its owner, in a single line.
    #[schemars(length(max = 200))]
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
