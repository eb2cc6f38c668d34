//! Doorward's store, on diesel: rows for the records of `doorward-core`, a group-commit writer, readers on the caller's
//! thread, embedded migrations.
//!
//! [`database`] is what a server holds. One SQLite file serves one node; see [`durability`](database#durability) for
//! what an answer promises.
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
