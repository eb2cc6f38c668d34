//! How an API trusts Doorward's tokens.
//!
//! An endpoint behind a guard runs only for requests that bring a token which the authorization server has issued for this very
//! API, and whose level lets them through; its handler is told what the token may do. Signed tokens (RFC 9068) are verified here, with
//! keys that are fetched and kept; opaque ones and API tokens are introspected (RFC 7662), if the API has a client to ask with.
//!
//! With actix-web (feature `actix`):
//!
#![cfg_attr(feature = "actix", doc = "```no_run")]
#![cfg_attr(not(feature = "actix"), doc = "```ignore")]
//! use actix_web::{App, HttpServer, web};
//! use doorward_resource::access::Access;
//! use doorward_resource::protected_api::ProtectedApi;
//!
//! async fn list(access: Access) -> String {
//!     format!("orders of {}", access.subject())
//! }
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let api = ProtectedApi::builder("https://login.example", "https://orders.example").build()?;
//! HttpServer::new(move || App::new().wrap(api.guard()).route("/orders", web::get().to(list)))
//!     .bind("127.0.0.1:3000")?
//!     .run()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! With axum (feature `axum`):
//!
#![cfg_attr(feature = "axum", doc = "```no_run")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{Router, routing::get};
//! use doorward_resource::access::Access;
//! use doorward_resource::protected_api::ProtectedApi;
//!
//! async fn list(access: Access) -> String {
//!     format!("orders of {}", access.subject())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let api = ProtectedApi::builder("https://login.example", "https://orders.example").build()?;
//! let app: Router = Router::new().route("/orders", get(list)).route_layer(api.guard());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app.into_make_service_with_connect_info::<std::net::SocketAddr>()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! [`guard`](protected_api::ProtectedApi::guard) decides by levels, [`require`](protected_api::ProtectedApi::require) by scopes. [`Settings`](settings::Settings) what may be
//! decided about clocks, memory and outages, and [`Refusal`](refusal::Refusal) what those hear who are not let in. Any other
//! framework calls [`admit`](guard::Guard::admit) or [`verify`](protected_api::ProtectedApi::verify) itself. What happens while the authorization server
//! does not answer, and how long a revocation may go unnoticed, stands in the crate's README.
#![forbid(unsafe_code)]

pub mod access;
#[cfg(feature = "actix")]
pub mod actix;
pub mod address;
pub mod asked;
mod authorization_server;
#[cfg(feature = "axum")]
pub mod axum;
mod bearer;
pub mod builder;
pub mod clock;
mod errands;
mod feed;
mod fetch;
pub mod guard;
mod judge;
pub mod metadata;
pub mod needed;
mod opaque;
pub mod protect;
pub mod protected_api;
pub mod refusal;
pub mod settings;
mod signed;
#[cfg(feature = "tower")]
pub mod tower;
pub mod trust;

/// The README's examples compile.
#[cfg(all(doctest, feature = "actix", feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
