//! What happened, for whoever has to find out, and the chain that shows tampering.

use super::filter::EventFilter;
use crate::audit::chain::{Found, Head, Place};
use crate::audit::event::Event;
use crate::audit::sealed::SealedEvent;
use crate::audit::statement::{Kind, Statement};
use crate::store::fault::Fault;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;

/// Events, and their places in the chain.
pub trait Audit: Events + Chain + Statements {}

impl<T: Events + Chain + Statements> Audit for T {}

/// What happened.
pub trait Events {
    /// Records an event.
    ///
    /// # Errors
    /// [`Fault`].
    fn insert_event(&mut self, event: &SealedEvent) -> Result<(), Fault>;

    /// The event with this identifier.
    ///
    /// # Errors
    /// [`Fault`].
    fn event(&mut self, id: Id) -> Result<Option<Event>, Fault>;

    /// A page of events, in the order of their identifiers, after the given one.
    ///
    /// # Errors
    /// [`Fault`].
    fn events(&mut self, after: Option<Id>, limit: i64) -> Result<Vec<Event>, Fault> {
        self.events_where(&EventFilter::default(), after, limit)
    }

    /// The same of those that a filter lets through.
    ///
    /// # Errors
    /// [`Fault`].
    fn events_where(
        &mut self,
        filter: &EventFilter,
        after: Option<Id>,
        limit: i64,
    ) -> Result<Vec<Event>, Fault>;

    /// The last events, newest first.
    ///
    /// # Errors
    /// [`Fault`].
    fn last_events(&mut self, limit: i64) -> Result<Vec<Event>, Fault>;
}

/// The chain of events.
pub trait Chain {
    /// Events that have no number yet, in the order of their identifiers, after the given one as it stands in its row.
    ///
    /// # Errors
    /// [`Fault`].
    fn unchained(&mut self, after: Option<&str>, limit: i64) -> Result<Vec<Found>, Fault>;

    /// How many have none, and since when the oldest waits.
    ///
    /// # Errors
    /// [`Fault`].
    fn waiting_for_the_chain(&mut self) -> Result<(i64, Option<Seconds>), Fault>;

    /// Numbered events, in the order of their numbers, from the given one on.
    ///
    /// # Errors
    /// [`Fault`].
    fn chained(&mut self, from: i64, limit: i64) -> Result<Vec<Found>, Fault>;

    /// The highest number that an event has.
    ///
    /// # Errors
    /// [`Fault`].
    fn last_in_chain(&mut self) -> Result<Option<i64>, Fault>;

    /// Whether there is anything that only a server with a chain can have left: a sealed or numbered event, or a statement.
    ///
    /// # Errors
    /// [`Fault`].
    fn left_of_a_chain(&mut self) -> Result<bool, Fault>;

    /// The lowest identifier of organizations, people, clients and APIs, as it stands in its row: what was there first.
    ///
    /// # Errors
    /// [`Fault`].
    fn first_object(&mut self) -> Result<Option<String>, Fault>;

    /// The head of the chain.
    ///
    /// # Errors
    /// [`Fault`].
    fn chain_head(&mut self) -> Result<Option<Head>, Fault>;

    /// Records the first head.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when there is one.
    fn insert_chain_head(&mut self, head: &Head) -> Result<(), Fault>;

    /// Moves the head, if it still is where it was. Tells whether it was.
    ///
    /// # Errors
    /// [`Fault`].
    fn move_chain_head(&mut self, before: &Head, after: &Head) -> Result<bool, Fault>;

    /// Gives an event its number, if it has none. Tells whether it had none.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when another event has that number.
    fn place_in_chain(&mut self, place: &Place) -> Result<bool, Fault>;

    /// Removes numbered events up to a number, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_chain(&mut self, up_to: i64, limit: i64) -> Result<usize, Fault>;
}

/// What was signed about the chain.
pub trait Statements {
    /// Records a statement.
    ///
    /// # Errors
    /// [`Fault::Constraint`] when there is one of this kind about this number.
    fn insert_statement(&mut self, statement: &Statement) -> Result<(), Fault>;

    /// Statements of a kind, in the order of their numbers, from the given one on.
    ///
    /// # Errors
    /// [`Fault`].
    fn statements(&mut self, kind: Kind, from: i64, limit: i64) -> Result<Vec<Statement>, Fault>;

    /// The last statement of a kind that was made up to an instant.
    ///
    /// # Errors
    /// [`Fault`].
    fn last_statement(&mut self, kind: Kind, up_to: Seconds) -> Result<Option<Statement>, Fault>;

    /// Removes checkpoints below a number, at most so many. Tells how many.
    ///
    /// # Errors
    /// [`Fault`].
    fn sweep_checkpoints(&mut self, below: i64, limit: i64) -> Result<usize, Fault>;
}
