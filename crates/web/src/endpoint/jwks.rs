//! The key set (RFC 7517 §5). Owns the document of the current keyring: it is built when the keys change, not when
//! somebody asks.

use crate::http::document::Document;
use doorward_core::keys::keyring::Keyring;
use doorward_protocol::time::Lifetime;
use std::sync::{Arc, PoisonError, RwLock};

/// The document, with the keyring it was made from.
#[derive(Debug)]
pub(crate) struct Jwks {
    max_age: Lifetime,
    held: RwLock<Option<(i64, Arc<Document>)>>,
}

impl Jwks {
    pub(crate) fn new(max_age: Lifetime) -> Self {
        Self { max_age, held: RwLock::new(None) }
    }

    pub(crate) fn document(&self, keyring: &Keyring) -> Arc<Document> {
        self.known(keyring.serial()).unwrap_or_else(|| self.rebuilt(keyring))
    }

    fn known(&self, serial: i64) -> Option<Arc<Document>> {
        // A lock over one assignment cannot be left half-way.
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|(of, _)| *of == serial).map(|(_, document)| Arc::clone(document))
    }

    fn rebuilt(&self, keyring: &Keyring) -> Arc<Document> {
        let document = Arc::new(Document::json(keyring.jwks(), self.max_age));
        *self.held.write().unwrap_or_else(PoisonError::into_inner) =
            Some((keyring.serial(), Arc::clone(&document)));
        document
    }
}
