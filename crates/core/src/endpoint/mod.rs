//! The protocol endpoints, one file each. Owns the order of steps at each of them: gather, decide and record, mint,
//! answer; what the steps do stands on the floors below.

pub mod client;
pub mod introspect;
pub mod metadata;
pub mod revoke;
pub mod token;
