//! Tests of the store: the suite every store must pass, on both databases, and what each promises by itself.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod batch;
mod broken_connections;
mod disk_full;
mod files;
mod fixture;
mod locked;
mod migrations;
mod readers;
mod server;
mod server_migrations;
mod suite;
mod two_schemas;
mod upgrades;
