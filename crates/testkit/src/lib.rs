//! For tests only: records with plain defaults, a clock that stands still, randomness that counts, databases and clusters, the
//! suite that every store must pass, and a story that every way of asking must tell; with the feature `browser`, also a client,
//! a browser and a foreign OpenID Connect library for whatever listens. Leaves to each crate how it sets up what it tests.
#![doc = ""]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod block_on;
#[cfg(feature = "browser")]
pub mod browser;
pub mod builders;
pub mod calls;
pub mod cluster;
pub mod counting_random;
pub mod databases;
pub mod frozen_clock;
#[cfg(feature = "browser")]
pub mod http;
#[cfg(feature = "browser")]
pub mod openid;
pub mod ports;
pub mod store_suite;
pub mod story;
