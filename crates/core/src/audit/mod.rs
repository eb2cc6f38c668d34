//! Audit: who did what to which object, when, from where, with which result. Owns the event, its seal,
//! and the chain that shows tampering; every event is written in the transaction of what it tells.

pub mod chain;
pub mod event;
pub mod event_ids;
pub mod idempotency_key;
pub mod sealed;
pub mod seen;
pub mod statement;
pub mod written;
