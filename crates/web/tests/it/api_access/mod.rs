//! API access: tokens of people and programs, what APIs are told about them, and what they are exchanged for. `held` has the actors,
//! `matrix` the table of what ends with what, `everywhere` the same for every way to use access and for two nodes.

mod everywhere;
mod exchange;
pub(crate) mod held;
mod introspection;
mod leaked;
mod limits;
mod matrix;
mod values;
