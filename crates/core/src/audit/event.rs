//! The audit event. Owns its members and the words for what happened; no secret ever stands in one.

use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::net::IpAddr;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The internal identifier.
    pub id: Id,
    /// When.
    pub at: Seconds,
    /// What, in words of ours: `session.begun`, `family.revoked`.
    pub action: String,
    /// Why, where there is something to say: a word of ours.
    pub reason: String,
    /// The person who did it, or on whose behalf it was done.
    pub user: Option<Id>,
    /// The client that took part.
    pub client: Option<Id>,
    /// The API token it was done with.
    pub api_token: Option<Id>,
    /// The objects it was done to, each as `noun:identifier`, separated by spaces; the first is what it was about.
    pub objects: String,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

impl Event {
    /// What happened, and when; to whom, and where from, is added.
    #[must_use]
    pub fn new(action: &str, id: Id, at: Seconds) -> Self {
        Self {
            id,
            at,
            action: action.to_owned(),
            reason: String::new(),
            user: None,
            client: None,
            api_token: None,
            objects: String::new(),
            address: None,
        }
    }

    /// Why.
    #[must_use]
    pub fn because(&self, reason: &str) -> Self {
        Self { reason: reason.to_owned(), ..self.clone() }
    }

    /// Who did it, or on whose behalf it was done.
    #[must_use]
    pub fn of_user(&self, user: Id) -> Self {
        Self { user: Some(user), ..self.clone() }
    }

    /// The same, done to an object that is known only now.
    #[must_use]
    pub fn about(&self, noun: &str, id: Id) -> Self {
        Self { objects: format!("{noun}:{id}"), ..self.clone() }
    }
}
