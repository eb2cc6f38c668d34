//! An event under way: what will have happened, as far as it is known before the transaction that it tells of, and the keys that
//! seal it. Owns that nobody records an event that is not sealed; what was added to it meanwhile is added here.

use crate::audit::event::Event;
use crate::audit::sealed::SealedEvent;
use crate::context::Caller;
use crate::keys::audit::AuditKeys;
use crate::store::fault::Fault;
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::fmt;
use std::sync::Arc;

/// An event that is about to be recorded.
#[derive(Clone)]
pub struct Draft {
    event: Event,
    keys: Arc<AuditKeys>,
}

impl Draft {
    /// An event under way, and what will seal it.
    #[must_use]
    pub const fn new(event: Event, keys: Arc<AuditKeys>) -> Self {
        Self { event, keys }
    }

    /// What is known of it so far.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// When it happens.
    #[must_use]
    pub const fn at(&self) -> Seconds {
        self.event.at
    }

    /// The same with more in it.
    #[must_use]
    pub fn with(&self, add: impl FnOnce(&mut Event)) -> Self {
        let mut draft = self.clone();
        add(&mut draft.event);
        draft
    }

    /// Why.
    #[must_use]
    pub fn because(&self, reason: &str) -> Self {
        self.with(|event| reason.clone_into(&mut event.reason))
    }

    /// Who did it, or on whose behalf it was done.
    #[must_use]
    pub fn of_user(&self, user: Id) -> Self {
        self.with(|event| event.user = Some(user))
    }

    /// The client that took part.
    #[must_use]
    pub fn of_client(&self, client: Id) -> Self {
        self.with(|event| event.client = Some(client))
    }

    /// The organization that what it was done to belongs to.
    #[must_use]
    pub fn within(&self, organization: Option<Id>) -> Self {
        self.with(|event| event.organization = organization)
    }

    /// The same, within the organization of the person, else of the client, that it names.
    ///
    /// # Errors
    /// A fault of the store.
    pub(crate) fn at_home(&self, tx: &mut dyn Tx) -> Result<Self, Fault> {
        let organization = match (self.event.user, self.event.client) {
            (Some(user), _) => tx.user_standing(user)?.and_then(|standing| standing.organization),
            (None, Some(client)) => tx.client(client)?.and_then(|record| record.client.organization),
            (None, None) => None,
        };
        Ok(self.within(organization))
    }

    /// Where the request came from.
    #[must_use]
    pub fn from(&self, caller: Caller) -> Self {
        self.with(|event| event.address = caller.address)
    }

    /// The same, done to an object that is known only now.
    #[must_use]
    pub fn about(&self, noun: &str, id: Id) -> Self {
        self.with(|event| event.objects = format!("{noun}:{id}"))
    }

    /// Sealed: nothing is added any more.
    #[must_use]
    pub fn sealed(&self) -> SealedEvent {
        SealedEvent::of(&self.event, &self.keys)
    }

    /// Records it, in the transaction of what it tells.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn record(&self, tx: &mut dyn Tx) -> Result<(), Fault> {
        tx.insert_event(&self.sealed())
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.event.fmt(f)
    }
}
