//! An event of the audit trail in JSON.

use super::{Instant, moment};
use crate::api::schema::{self, Sample};
use doorward_core::audit::event::Event;
use doorward_protocol::id::Id;
use schemars::JsonSchema;
use serde::Serialize;

/// Something that happened.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditEventResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// When.
    pub at: Instant,
    /// What: a noun and what became of it, as in `client.updated`.
    pub action: String,
    /// Why, in a word of the server's; null where there is nothing to say.
    pub reason: Option<String>,
    /// Why, in the words of whoever did it; null where nobody was asked.
    pub note: Option<String>,
    /// The person who did it, or on whose behalf it was done.
    #[schemars(with = "Option<schema::Id>")]
    pub user_id: Option<Id>,
    /// The client that took part.
    #[schemars(with = "Option<schema::Id>")]
    pub client: Option<Id>,
    /// The API token it was done with.
    #[schemars(with = "Option<schema::Id>")]
    pub api_token: Option<Id>,
    /// The organization that what it was done to belongs to; else that of whoever did it.
    #[schemars(with = "Option<schema::Id>")]
    pub organization_id: Option<Id>,
    /// What it was done to, each as `noun:identifier`; the first is what it was about.
    pub objects: Vec<String>,
    /// Where the request came from.
    pub address: Option<String>,
}

impl From<&Event> for AuditEventResource {
    fn from(event: &Event) -> Self {
        let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self {
            id: event.id,
            at: Instant(event.at),
            action: event.action.clone(),
            reason: said(&event.reason),
            note: said(&event.note),
            user_id: event.user,
            client: event.client,
            api_token: event.api_token,
            organization_id: event.organization,
            objects: event.objects.split_whitespace().map(str::to_owned).collect(),
            address: event.address.map(|address| address.to_string()),
        }
    }
}

impl Sample for AuditEventResource {
    fn sample() -> Self {
        let client = Id::from_parts(1_764_201_600_000, 41);
        Self {
            id: Id::from_parts(1_764_201_600_000, 71),
            at: moment(0),
            action: "client.updated".to_owned(),
            reason: None,
            note: None,
            user_id: Some(Id::from_parts(1_764_201_600_000, 22)),
            client: None,
            api_token: None,
            organization_id: Some(Id::from_parts(1_764_201_600_000, 61)),
            objects: vec![format!("client:{client}")],
            address: Some("192.0.2.7".to_owned()),
        }
    }
}
