//! The sealed event: the only thing that a store records. Owns the proof that what is written down was sealed by a server that
//! holds the master key; what the seal is made of is `keys::audit`'s part.

use crate::audit::event::Event;
use crate::audit::written::Written;
use crate::keys::audit::{AuditKeys, Mac};

/// An event with the seal on what is written of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEvent {
    written: Written,
    mac: Mac,
}

impl SealedEvent {
    /// An event, sealed.
    #[must_use]
    pub fn of(event: &Event, keys: &AuditKeys) -> Self {
        let written = Written::of(event);
        let mac = keys.seal(&written);
        Self { written, mac }
    }

    /// What is written down.
    #[must_use]
    pub const fn written(&self) -> &Written {
        &self.written
    }

    /// The seal on it.
    #[must_use]
    pub const fn mac(&self) -> &Mac {
        &self.mac
    }
}
