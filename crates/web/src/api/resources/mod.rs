//! What administrators manage, in the JSON of the management REST API: the names of members stand here and nowhere else.
//! Owns the form only; what may be seen by whom is decided before.

pub mod access;
pub mod access_request;
pub mod activity;
pub mod api;
pub mod api_account;
pub mod api_info;

pub(crate) mod api_input;
pub mod api_token;
pub(crate) mod api_token_input;
pub mod audit_event;
pub mod client;
pub(crate) mod client_input;
pub mod client_secret;
pub mod consent;
pub mod group;
pub mod me;
pub(crate) mod names;
pub mod organization;
pub mod provider;
pub mod registered_auth;
pub mod session;
pub mod signing_key;
pub mod user;

use crate::api::schema;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Status;
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant as RFC 3339 writes it.
#[derive(Clone, Copy, Debug, JsonSchema)]
pub struct Instant(#[schemars(with = "schema::Instant")] pub Seconds);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// So long after an instant that all examples have in common.
const fn moment(seconds: i64) -> Instant {
    Instant(Seconds(1_764_201_600 + seconds))
}

/// What is made takes part, where nothing else is said.
const fn active() -> Status {
    Status::Active
}
