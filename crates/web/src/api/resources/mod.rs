//! What administrators manage, in the JSON of the management REST API: the names of members stand here and nowhere else.
//! Owns the form only; what may be seen by whom is decided before.

pub mod access;
pub mod api;
pub mod api_token;
pub mod client;
pub mod client_secret;
pub mod group;
pub mod organization;
pub mod signing_key;
pub mod user;

use doorward_protocol::time::Seconds;
use serde::{Serialize, Serializer};

/// An instant as RFC 3339 writes it.
#[derive(Clone, Copy, Debug)]
pub struct Instant(pub Seconds);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
