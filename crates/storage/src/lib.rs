//! Doorward's store, on diesel: rows for the records of `doorward-core`, closures that are run durably, embedded migrations.
//!
//! [`database`] is what a server holds. One SQLite file serves one node, by a group-commit writer and readers on their
//! callers' threads; a server of PostgreSQL's serves any number, by workers with a connection each. See
//! [`durability`](database#durability) for what an answer promises.
//!
//! The features `sqlite` and `postgres`, both on by themselves, say which of the two a build opens; one is enough. A URL of the
//! other kind is then refused by [`url::InvalidUrl::NotBuilt`], which names the feature.
#![doc = ""]
// Its example opens a file.
#![cfg_attr(feature = "sqlite", doc = include_str!("../README.md"))]
#![forbid(unsafe_code)]

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!("doorward-storage needs a database to store in: its feature `sqlite`, `postgres`, or both");

pub mod counters;
pub mod database;
pub mod migrations;
pub mod open_error;
pub mod url;

mod access_requests;
mod account_activity;
mod api_token_row;
mod api_tokens;
mod apis;
mod attempts;
mod chain;
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
mod idempotency_keys;
mod interactions;
mod kept;
mod last_uses;
mod leases;
mod organizations;
mod passwords;
#[cfg(feature = "postgres")]
mod postgres;
mod providers;
mod registered_auths;
mod schema;
mod sessions;
mod settings;
mod setup_links;
mod signing_keys;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statements;
#[cfg(all(test, feature = "sqlite", feature = "postgres"))]
mod tests_plans;
mod tokens;
mod transaction;
mod trouble;
mod user_clients;
mod users;
