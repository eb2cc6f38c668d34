//! Doorward over HTTP: the table of URLs, the handlers behind it, and the servers it runs under.
//!
//! An [`app::App`] answers `http::Request<Bytes>` with `http::Response<Bytes>` and knows nothing of sockets; `actix` (feature
//! `actix`, on by default) and `tower` (feature `tower`) bring it to the network, and [`jobs`] do what is to be done meanwhile.
//! Imports point down: `actix, tower → app → routes, endpoint, pages → http → metrics, settings`. What a request means is
//! decided in `doorward-core`; here it is read, handed on, and its answer written down.
#![doc = ""]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "actix")]
pub mod actix;
pub mod api;
pub mod app;
pub mod http;
pub mod jobs;
pub mod settings;
#[cfg(feature = "tower")]
pub mod tower;

mod endpoint;
mod metrics;
mod pages;
mod routes;

/// Compiles what the documentation tells embedders.
#[cfg(all(doctest, feature = "actix", feature = "tower"))]
#[doc = include_str!("../../../docs/embedding.md")]
struct Embedding;
