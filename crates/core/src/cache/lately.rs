//! API tokens that were asked about a moment ago, where the database is in the same process. Owns that a program which sends one token
//! with each of its requests does not have it read out of the file each time; a database that is far away has more kept of it, by
//! `api_tokens`.
//!
//! What was read is good for as long as nothing at all was changed since, so that nobody has to be told what to forget.

use super::Moment;
use super::api_tokens::Presented;
use crate::token::api_token::Standing;
use doorward_protocol::secret::Digest;
use std::sync::{Arc, Mutex, PoisonError};

/// One for each first byte that a digest may have: in all 150 KB of tokens, and a place is found without looking for it.
const PLACES: usize = 256;

/// The tokens, each in its place; what comes later takes it.
pub(super) struct Lately {
    places: Box<[Mutex<Option<Read>>]>,
}

/// What was read, and when.
struct Read {
    token: Arc<Standing>,
    at: Moment,
}

impl Lately {
    pub(super) fn new() -> Self {
        Self { places: (0..PLACES).map(|_| Mutex::default()).collect() }
    }

    /// The token with this value, if it was read and nothing has changed since.
    pub(super) fn find(&self, digest: &Digest, now: Moment) -> Option<Presented> {
        let place = self.place(digest).lock().unwrap_or_else(PoisonError::into_inner);
        let read = place.as_ref().filter(|read| read.at == now)?;
        Presented::of(Arc::clone(&read.token), digest)
    }

    /// Keeps what was read while the state was this one.
    pub(super) fn keep(&self, digest: &Digest, token: &Arc<Standing>, at: Moment) {
        let read = Read { token: Arc::clone(token), at };
        *self.place(digest).lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
    }

    fn place(&self, digest: &Digest) -> &Mutex<Option<Read>> {
        &self.places[usize::from(digest.0[0])]
    }
}
