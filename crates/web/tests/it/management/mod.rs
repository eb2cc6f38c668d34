//! The management API over HTTP: a real server over a real store, called as programs call it.

mod audit_events;
mod bounds;
mod clients;
mod conditions;
mod credentials;
mod described;
mod described_members;
mod lists;
mod narrow;
pub(crate) mod office;
mod reading;
mod tokens;
mod vault;
mod walk;
