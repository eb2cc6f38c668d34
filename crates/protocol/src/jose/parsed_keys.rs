//! Private keys parsed once. `jsonwebtoken` hands its provider the key's bytes at each call, and reading them costs
//! more than signing with them; this is the bounded memory between the two. Owns nothing but that memory: a key
//! forgotten here is merely read again.

use super::Algorithm;
use super::key_pair::{InvalidKey, KeyPair};
use ring::digest::{self, SHA256};
use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

/// How many keys are remembered. A server has one to three per algorithm; a host that signs with more than this only
/// loses speed.
const CAPACITY: usize = 64;

/// The memory of this process, as its provider is one too.
pub(super) static PARSED_KEYS: ParsedKeys = ParsedKeys::new();

/// Parsed keys by the digest of what they were read from, the oldest first.
pub(super) struct ParsedKeys(RwLock<VecDeque<(Fingerprint, Arc<KeyPair>)>>);

/// SHA-256 of algorithm and key material, so that one key is never taken for another's or under another algorithm.
type Fingerprint = [u8; digest::SHA256_OUTPUT_LEN];

impl ParsedKeys {
    const fn new() -> Self {
        Self(RwLock::new(VecDeque::new()))
    }

    /// The key these bytes hold, read now or before.
    pub(super) fn key_pair(&self, algorithm: Algorithm, der: &[u8]) -> Result<Arc<KeyPair>, InvalidKey> {
        let fingerprint = fingerprint(algorithm, der);
        if let Some(pair) = self.recall(&fingerprint) {
            return Ok(pair);
        }
        let pair = Arc::new(KeyPair::parse(algorithm, der)?);
        self.remember(fingerprint, Arc::clone(&pair));
        Ok(pair)
    }

    // The lock is never held across anything that can panic half-way through a change, so a poisoned one is whole.
    fn recall(&self, fingerprint: &Fingerprint) -> Option<Arc<KeyPair>> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|(known, _)| known == fingerprint).map(|(_, pair)| Arc::clone(pair))
    }

    fn remember(&self, fingerprint: Fingerprint, pair: Arc<KeyPair>) {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Two threads may have read the same key at once.
        if entries.iter().any(|(known, _)| *known == fingerprint) {
            return;
        }
        if entries.len() == CAPACITY {
            entries.pop_front();
        }
        entries.push_back((fingerprint, pair));
    }
}

fn fingerprint(algorithm: Algorithm, der: &[u8]) -> Fingerprint {
    let mut context = digest::Context::new(&SHA256);
    context.update(algorithm.name().as_bytes());
    context.update(der);
    let mut fingerprint = [0; digest::SHA256_OUTPUT_LEN];
    fingerprint.copy_from_slice(context.finish().as_ref());
    fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_once() {
        let keys = ParsedKeys::new();
        let der = KeyPair::generate(Algorithm::ES256).unwrap();
        let first = keys.key_pair(Algorithm::ES256, &der).unwrap();
        let second = keys.key_pair(Algorithm::ES256, &der).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(keys.key_pair(Algorithm::EdDSA, &der).is_err(), "known bytes, but of another algorithm");
    }

    #[test]
    fn memory_is_bounded_and_loses_the_oldest() {
        let keys = ParsedKeys::new();
        let oldest = KeyPair::generate(Algorithm::EdDSA).unwrap();
        let first = keys.key_pair(Algorithm::EdDSA, &oldest).unwrap();
        for _ in 0..CAPACITY {
            keys.key_pair(Algorithm::EdDSA, &KeyPair::generate(Algorithm::EdDSA).unwrap()).unwrap();
        }
        assert_eq!(keys.0.read().unwrap().len(), CAPACITY);
        assert!(!Arc::ptr_eq(&first, &keys.key_pair(Algorithm::EdDSA, &oldest).unwrap()));
    }
}
