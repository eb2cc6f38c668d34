//! API access: tokens of people and programs, what APIs are told about them, and what they are exchanged for. `held` has the actors,
//! `matrix` the table of what ends with what, `everywhere` the same for every way to use access and for two nodes, `feed` what those are told
//! who verify tokens by themselves.

mod accounts;
mod activity;
mod everywhere;
mod exchange;
mod feed;
pub(crate) mod held;
mod introspection;
mod leaked;
mod limits;
mod matrix;
mod values;
