//! For tests only: records with plain defaults, a clock that stands still, randomness that counts, and the suite that
//! every store must pass. Leaves to each crate how it sets up what it tests.
#![forbid(unsafe_code)]

pub mod block_on;
pub mod builders;
pub mod cluster;
pub mod counting_random;
pub mod databases;
pub mod frozen_clock;
pub mod ports;
pub mod store_suite;
