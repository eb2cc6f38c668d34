//! The web floor from outside: requests in, answers out. Most tests speak to the neutral app; `socket` speaks to a
//! listening server.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot be had is a failure")]

mod addresses;
mod answers;
mod api_access;
mod assets;
mod bearer;
mod cors;
mod documents;
mod faults;
mod flows;
mod forms;
mod health;
mod hosts;
mod jobs;
mod logs;
mod management;
mod metrics;
mod on_postgres;
mod operation;
mod over_tls;
mod pages;
mod pages_posted;
mod revocations;
mod socket;
mod socket_refusals;
mod stories;
mod support;
#[cfg(feature = "tower")]
mod tower;
mod verify;
