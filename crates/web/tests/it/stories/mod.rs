//! What people do with the management API, told from beginning to end: each story is one row of what products for API access do.
//! Single rules have their tests elsewhere; here they meet.

mod keys;
mod listed;
mod panel;
mod step;
mod tokens;
