//! Tests of the store: the suite every store must pass, on both databases, and what each promises by itself.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "sqlite")]
mod batch;
#[cfg(feature = "postgres")]
mod broken_connections;
#[cfg(feature = "sqlite")]
mod disk_full;
#[cfg(feature = "sqlite")]
mod files;
#[cfg(feature = "sqlite")]
mod fixture;
#[cfg(feature = "sqlite")]
mod locked;
#[cfg(feature = "sqlite")]
mod migrations;
#[cfg(feature = "sqlite")]
mod readers;
#[cfg(feature = "postgres")]
mod server;
#[cfg(feature = "postgres")]
mod server_migrations;
mod suite;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod two_schemas;
#[cfg(feature = "sqlite")]
mod upgrades;
