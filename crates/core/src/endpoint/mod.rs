//! The protocol endpoints, one file each. Owns the order of steps at each of them: gather, decide and record, mint,
//! answer; what the steps do stands on the floors below.

pub mod account;
pub mod authorize;
pub mod browser;
pub mod client;
pub mod consent;
mod described;
pub mod end_session;
mod interaction;
pub mod introspect;
pub mod leaked_tokens;
pub mod management;
pub mod metadata;
pub mod page;
pub mod revocations;
pub mod revoke;
pub mod setup;
pub mod sign_in;
pub mod token;
pub mod userinfo;
pub mod verify;
