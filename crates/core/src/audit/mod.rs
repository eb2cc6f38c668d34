//! Audit: who did what to which object, when, from where, with which result. Owns the event and its seal; every event is written
//! in the transaction of what it tells.

pub mod draft;
pub mod event;
pub mod idempotency_key;
pub mod sealed;
pub mod written;
