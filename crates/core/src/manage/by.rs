//! Who brings a change about. Owns what of them goes into the audit event of the change, and drawing that event, because its
//! identifier must be drawn before the transaction that records it.

use crate::audit::event::Event;
use crate::context::Context;
use crate::store::fault::Fault;
use doorward_protocol::id::Id;
use std::net::IpAddr;

/// Who brings a change about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct By {
    /// The person; none for whoever holds the machine's command line.
    pub user: Option<Id>,
    /// Where they are.
    pub address: Option<IpAddr>,
}

impl By {
    /// Whoever holds the machine's command line.
    pub const OPERATOR: Self = Self { user: None, address: None };

    /// A person, at an address.
    #[must_use]
    pub const fn person(user: Id, address: Option<IpAddr>) -> Self {
        Self { user: Some(user), address }
    }

    /// The event of a change, in words of ours; to what it was done is said where it is recorded.
    pub(super) fn event(self, action: &str, context: &Context<'_>) -> Result<Event, Fault> {
        let event = Event::new(action, context.new_id()?, context.now);
        Ok(Event { user: self.user, address: self.address, ..event })
    }
}
