//! diesel's connection to PostgreSQL in Rust alone: [`PgConnection`] speaks the protocol through tokio-postgres, with TLS
//! by rustls on ring, so that neither libpq nor OpenSSL has to be installed, linked or patched.
//!
//! It is synchronous like every diesel connection. Each connection drives a private single-threaded runtime inside its
//! calls; nothing runs in between, and no thread is started but for looking up names.
//!
//! ```no_run
//! use diesel::prelude::*;
//! use std::time::{Duration, Instant};
//!
//! diesel::table! {
//!     users (id) {
//!         id -> BigInt,
//!         name -> Text,
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config: doorward_pg::Config = "postgres://app:secret@db1.internal,db2.internal/app".parse()?;
//! let mut connection = doorward_pg::PgConnection::connect(&config)?;
//!
//! connection.set_deadline(Some(Instant::now() + Duration::from_secs(2)));
//! let names: Vec<String> = users::table.select(users::name).load(&mut connection)?;
//! # Ok(())
//! # }
//! ```
//!
//! What it leaves to others: pooling (diesel's `r2d2` takes it), retries, and what an error means for the caller. The README has the table of URL
//! parameters and what differs from diesel's own `PgConnection`.

#![forbid(unsafe_code)]

mod config;
mod connection;
mod dial;
mod driver;
mod failure;
mod pooled;
mod query;
mod quiet;
mod row;
mod session;
mod socket;
mod statements;
mod tls;
mod transaction;
mod value;
mod wire;

pub use config::Config;
pub use config::error::ConfigError;
pub use connection::PgConnection;
pub use row::{PgCursor, PgField, PgRow};

/// Compiles the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
