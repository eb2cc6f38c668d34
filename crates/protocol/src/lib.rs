//! The words, messages and signatures of OAuth 2.1 and OpenID Connect, as Doorward speaks them.
//!
//! Everything here is a value: no clock, no database, no web framework. An API that only verifies our tokens links
//! this crate alone; the server's rules (`doorward-core`) stand on it.
#![doc = ""]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod access;
pub mod calendar;
pub mod client_address;
pub mod error;
pub mod id;
pub mod introspection;
pub mod jose;
pub mod metadata;
pub mod network;
pub mod openid;
pub mod params;
pub mod permission;
pub mod pkce;
pub mod revocation;
pub mod scope;
pub mod secret;
pub mod time;
pub mod token;
pub mod token_text;
mod wire;
pub mod words;
