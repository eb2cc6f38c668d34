//! Tickets: what is issued once and redeemed once, on the way to a token or a password. Owns their records; who may redeem
//! one is decided where it is redeemed, in a transaction.

pub mod code;
pub mod interaction;
pub mod setup_link;
