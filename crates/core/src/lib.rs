//! Doorward's rules: who gets which token, and why, free of any web framework or database.
//!
//! An embedder builds an [`authorization_server::AuthorizationServer`] over a [`store::Store`] and hands it requests.
//! Imports point down these floors; a test in `testkit` holds them:
//! `authorization_server, bridge → endpoint, manage, sweep → grant, request, kernel → sign_in → context → cache, uses → store → token →
//! ticket, access → settings → client, identity, keys, audit → clock, issuer, random`.
#![doc = ""]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod access;
pub mod audit;
pub mod authorization_server;
pub mod bearer;
#[cfg(feature = "oxide-auth-bridge")]
pub mod bridge;
pub mod cache;
pub mod client;
pub mod clock;
pub mod context;
pub mod endpoint;
pub mod grant;
pub mod identity;
pub mod issuer;
pub mod kernel;
pub mod keys;
pub mod lease;
pub mod manage;
pub mod random;
pub mod request;
pub mod settings;
pub mod sign_in;
pub mod store;
pub mod sweep;
pub mod ticket;
pub mod token;
pub mod trail;
pub mod uses;
pub mod vault;
