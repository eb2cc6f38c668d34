//! Tests of the SQLite store: the suite every store must pass, and what only this one promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod batch;
mod disk_full;
mod files;
mod fixture;
mod locked;
mod migrations;
mod readers;
mod suite;
mod upgrades;
