//! What an API account has done, in JSON.

use super::{Instant, moment};
use crate::api::schema::{self, Sample};
use doorward_core::access::api::Apis;
use doorward_core::client::activity::{Activity, Day, DayUses, LastAddress};
use doorward_protocol::time::Seconds;
use schemars::JsonSchema;
use serde::Serialize;

/// What an API account has done, as far as the server was asked about its tokens or made them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActivityResource {
    /// How often it was used at which API on which day, the latest day first; what is less than a few seconds ago may be missing.
    pub days: Vec<DayUsesResource>,
    /// Where it was last used from, the latest of twenty addresses first.
    pub addresses: Vec<LastAddressResource>,
}

/// Uses at one API on one day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DayUsesResource {
    /// The day, in UTC.
    #[schemars(with = "schema::Date")]
    pub date: String,
    /// The API, by its identifier; one that was deleted by its internal identifier.
    pub api: String,
    /// How many.
    pub uses: i64,
}

/// An address that it was used from.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LastAddressResource {
    /// The address.
    #[schemars(with = "schema::Address")]
    pub address: String,
    /// When it was last used from there.
    pub last_used_at: Instant,
}

impl ActivityResource {
    /// What was done, at these APIs.
    #[must_use]
    pub fn of(activity: &Activity, apis: &Apis) -> Self {
        Self {
            days: activity.days.iter().map(|uses| DayUsesResource::of(uses, apis)).collect(),
            addresses: activity.addresses.iter().map(LastAddressResource::from).collect(),
        }
    }
}

impl DayUsesResource {
    fn of(DayUses { day, api, uses }: &DayUses, apis: &Apis) -> Self {
        let identifier = apis.by_id(*api).map(|api| api.identifier.to_string());
        Self { date: day.to_string(), api: identifier.unwrap_or_else(|| api.to_string()), uses: *uses }
    }
}

impl From<&LastAddress> for LastAddressResource {
    fn from(last: &LastAddress) -> Self {
        Self { address: last.address.to_string(), last_used_at: Instant(last.last_used_at) }
    }
}

impl Sample for ActivityResource {
    fn sample() -> Self {
        let Instant(Seconds(used_at)) = moment(3_600);
        let date = Day::of(Seconds(used_at)).to_string();
        let address = "192.0.2.7".to_owned();
        Self {
            days: vec![DayUsesResource { date, api: "https://orders.example".to_owned(), uses: 12 }],
            addresses: vec![LastAddressResource { address, last_used_at: moment(3_600) }],
        }
    }
}
