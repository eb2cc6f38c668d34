//! A level of access to an API in JSON.

use crate::api::schema;
use doorward_core::access::api::{Apis, Identifier};
use doorward_protocol::access::level::Access;
use doorward_protocol::words::Level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A level at one API.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessResource {
    /// The API, by its identifier; one that was deleted by its internal identifier.
    pub api: String,
    /// The level: what it means is the API's to say.
    #[schemars(with = "schema::Level")]
    pub level: Level,
}

impl AccessResource {
    /// A level at one of these APIs.
    #[must_use]
    pub fn of(access: Access, apis: &Apis) -> Self {
        let identifier = apis.by_id(access.api).map(|api| api.identifier.to_string());
        Self { api: identifier.unwrap_or_else(|| access.api.to_string()), level: access.level }
    }
}

impl From<&(Identifier, Level)> for AccessResource {
    fn from((api, level): &(Identifier, Level)) -> Self {
        Self { api: api.to_string(), level: *level }
    }
}

/// A level at one API, as it is chosen.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessInput {
    /// The API, by its identifier or its id; the management API also as `management`.
    #[schemars(length(min = 1, max = 512))]
    pub(crate) api: String,
    /// The level: what it means is the API's to say.
    #[schemars(with = "schema::Level")]
    pub(crate) level: Level,
}
