//! What administrators manage, in the JSON of the management REST API: the names of members stand here and nowhere else.
//! Owns the form only; what may be seen by whom is decided before.

pub(crate) mod api;
pub(crate) mod client;
pub(crate) mod group;
pub(crate) mod organization;
pub(crate) mod signing_key;
pub(crate) mod user;

use doorward_protocol::time::Seconds;
use serde::{Serialize, Serializer};

/// An instant as RFC 3339 writes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(pub(crate) Seconds);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
