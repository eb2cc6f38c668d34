//! A server of PostgreSQL's, shared by any number of nodes: each change is a transaction of its own on one of a few
//! connections. Owns all that a server on a network asks for: connections that break, transactions that meet, and an end to
//! waiting.

#[cfg_attr(feature = "libpq", path = "client_libpq.rs")]
pub(crate) mod client;
pub(crate) mod job;
mod known;
pub(crate) mod pool;
pub(crate) mod session;
mod turns;
