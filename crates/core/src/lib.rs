//! Doorward's rules: who gets which token, and why, free of any web framework or database.
//!
//! An embedder builds an [`authorization_server::AuthorizationServer`] over a [`store::Store`] and hands it requests.
//! Imports point down these floors; a test in `testkit` holds them:
//! `authorization_server → endpoint, manage, sweep → grant, kernel → context → cache → store → token → access → settings →
//! client, keys → clock, issuer, random`.
#![forbid(unsafe_code)]

pub mod access;
pub mod authorization_server;
pub mod cache;
pub mod client;
pub mod clock;
pub mod context;
pub mod endpoint;
pub mod grant;
pub mod issuer;
pub mod kernel;
pub mod keys;
pub mod manage;
pub mod random;
pub mod settings;
pub mod store;
pub mod sweep;
pub mod token;
