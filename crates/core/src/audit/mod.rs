//! Audit: who did what to which object, when, from where, with which result. Owns the event; the chain that shows
//! tampering comes later, and every event is written in the transaction of what it tells.

pub mod event;
pub mod idempotency_key;
