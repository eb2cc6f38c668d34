//! Doorward over HTTP: the table of URLs, the handlers behind it, and the servers it runs under.
//!
//! An [`app::App`] answers `http::Request<Bytes>` with `http::Response<Bytes>` and knows nothing of sockets; [`actix`]
//! brings it to the network. Imports point down: `actix → app → routes, endpoint, pages → http → metrics, settings`. What
//! a request means is decided in `doorward-core`; here it is read, handed on, and its answer written down.
#![forbid(unsafe_code)]

pub mod actix;
pub mod app;
pub mod http;
pub mod settings;

mod endpoint;
mod metrics;
mod pages;
mod routes;
