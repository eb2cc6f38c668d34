//! Tests against real servers. Those that need only a database use the one that `DOORWARD_TEST_DATABASE_URL` names; those
//! that need a server of their own start one. With the feature `libpq` the differential suite (`alike`) runs the same
//! bodies on diesel's own connection, too.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests of a connection speak to the server in its own words, set deadlines and measure"
)]

mod alike;
mod cluster;
mod database;
mod deadlines;
mod either;
mod hosts;
mod life;
mod many;
mod pieces;
mod pooler;
mod statements;
mod tls;
