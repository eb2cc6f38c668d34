//! Keys: the master key and what is derived from it, and the keys that sign tokens. Owns their life; who may rotate them
//! is `manage`'s business.

pub mod audit;
mod envelope;
pub mod keyring;
pub mod master;
pub mod master_text;
pub mod pepper;
pub mod purpose;
pub mod seal;
pub mod signing_key;
mod versions;
