//! What both programs share: the orders, and the API that trusts tokens. Owns no HTTP; that is each program's part.
#![forbid(unsafe_code)]

use doorward_resource::metadata::Metadata;
use doorward_resource::protected_api::ProtectedApi;
use serde::{Deserialize, Serialize};
use std::env;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

/// Why a program ends.
pub type Failed = Box<dyn Error>;

/// What somebody ordered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    /// How many.
    pub pieces: u32,
    /// Of what.
    pub item: String,
}

/// All orders, in memory.
#[derive(Debug, Default)]
pub struct Orders(Mutex<Vec<Order>>);

impl Orders {
    /// What was ordered so far.
    #[must_use]
    pub fn all(&self) -> Vec<Order> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One more.
    pub fn add(&self, order: Order) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(order);
    }
}

/// The authorization server that `doorward serve --dev` starts.
const TRYING_OUT: &str = "http://127.0.0.1:8080";

/// The API, as it is registered at the authorization server. The defaults are those of `doorward serve --dev`.
///
/// # Errors
/// When ISSUER or RESOURCE cannot be used.
pub fn api() -> Result<ProtectedApi, Failed> {
    let builder = ProtectedApi::builder(issuer(), variable("RESOURCE", "https://api.demo.example"));
    let builder = builder.metadata(Metadata::new().name("Orders").scopes(["read", "write"])?);
    // The client that asks what opaque tokens and API tokens mean.
    let builder = match (env::var("CLIENT_ID"), env::var("CLIENT_SECRET")) {
        (Ok(client_id), Ok(secret)) => builder.introspect_as(client_id, secret),
        _ => builder,
    };
    Ok(builder.build()?)
}

/// Where the program listens.
#[must_use]
pub fn listen() -> String {
    variable("LISTEN", "127.0.0.1:3000")
}

/// Whose tokens are taken. Nobody should trust whatever runs on this machine without having been told.
fn issuer() -> String {
    env::var("ISSUER").unwrap_or_else(|_| {
        eprintln!("for trying out only: ISSUER is not set, so the tokens of {TRYING_OUT} are trusted");
        TRYING_OUT.to_owned()
    })
}

fn variable(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}
