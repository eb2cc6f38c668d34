//! The audit trail as a whole: events get their numbers, the chain is stated now and then and cut in the end, and is looked through.
//! Owns what is done with the events of all requests together; what an event is, and what ties one to another, is `audit`'s part.

pub mod chaining;
pub mod checkpoint;
pub mod report;
pub mod verify;
