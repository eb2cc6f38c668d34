//! The audit event. Owns its members and the words for what happened; no secret ever stands in one.

use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::net::IpAddr;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// The internal identifier.
    pub id: Id,
    /// When.
    pub at: Seconds,
    /// What, in words of ours: `session.begun`, `family.revoked`.
    pub action: String,
    /// Why, where there is something to say: a word of ours.
    pub reason: String,
    /// Why, in the words of whoever did it, where they were asked.
    pub note: String,
    /// The person who did it, or on whose behalf it was done.
    pub user: Option<Id>,
    /// The client that took part.
    pub client: Option<Id>,
    /// The API token it was done with.
    pub api_token: Option<Id>,
    /// To whom what it was done to belongs; else whoever did it: whose auditors may read of it.
    pub organization: Option<Id>,
    /// The objects it was done to, each as `noun:identifier`, separated by spaces; the first is what it was about.
    pub objects: String,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

impl Event {
    /// What happened, and when; to whom, and where from, a [draft](crate::context::draft::Draft) adds.
    #[must_use]
    pub fn new(action: &str, id: Id, at: Seconds) -> Self {
        Self {
            id,
            at,
            action: action.to_owned(),
            reason: String::new(),
            note: String::new(),
            user: None,
            client: None,
            api_token: None,
            organization: None,
            objects: String::new(),
            address: None,
        }
    }
}
