//! Doorward's store, on diesel: rows for the records of `doorward-core`, closures that are run durably, embedded migrations.
//!
//! [`database`] is what a server holds. One SQLite file serves one node, by a group-commit writer and readers on their
//! callers' threads; a server of PostgreSQL's serves any number, by workers with a connection each. See
//! [`durability`](database#durability) for what an answer promises.
#![doc = ""]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod counters;
pub mod database;
pub mod migrations;
pub mod open_error;
pub mod url;

mod apis;
mod attempts;
mod changes;
mod client_row;
mod clients;
mod codes;
mod columns;
mod connection;
mod consents;
mod events;
mod families;
mod family_row;
mod groups;
mod held;
mod interactions;
mod kept;
mod leases;
mod organizations;
mod passwords;
mod postgres;
mod schema;
mod sessions;
mod settings;
mod setup_links;
mod signing_keys;
mod sqlite;
mod tokens;
mod transaction;
mod trouble;
mod users;
