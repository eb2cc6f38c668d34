//! The idempotency key: by which a change that is asked for twice is made once. Owns the record of what was done under a key; who
//! asks, and what is answered, is the business of the floor that speaks HTTP.

use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

/// A key under which a change was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The hash of the caller and the key.
    pub digest: Digest,
    /// The keyed hash of what was asked for, path and body, and of what its caller may: it may hold a password.
    pub request: Digest,
    /// The objects that the change touched, as in its [event](crate::audit::event::Event::objects).
    pub objects: String,
    /// What was answered, sealed; none if the server ended before it could say.
    pub answer: Option<Vec<u8>>,
    /// When the change was made.
    pub created_at: Seconds,
}
