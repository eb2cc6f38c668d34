//! The differential suite: each body runs on our connection and, with the feature `libpq`, on diesel's own, and has to
//! end alike. What is true of one alone stands outside.

pub(crate) mod refusals;
pub(crate) mod statements;
pub(crate) mod transactions;
pub(crate) mod values;
