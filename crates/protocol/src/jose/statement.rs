//! A statement that a server signs for itself and for whoever keeps it elsewhere: it is read back by the one key that signs such
//! statements. Owns that kind, algorithm and key are the expected ones; what is stated is its reader's.

use super::jws::{self, Compact, Header, Typ};
use super::verification_key::VerificationKey;
use serde::de::DeserializeOwned;

/// What a statement of this kind says, if this key signed it. RFC 8725 §3.1, §3.11: algorithm and type are the reader's, not the
/// statement's.
#[must_use]
pub fn read<C: DeserializeOwned>(statement: &str, typ: Typ, key: &VerificationKey) -> Option<C> {
    if statement.len() > typ.longest() {
        return None;
    }
    let compact = Compact::split(statement)?;
    let header = jws::object(compact.header)?;
    let header: Header<'_> = serde_json::from_str(&header).ok()?;
    if !typ.is_named(header.typ) || header.alg != key.algorithm.name() || header.kid != key.kid {
        return None;
    }
    let message = compact.signing_input.as_bytes();
    let signed = jsonwebtoken::crypto::verify(compact.signature, message, &key.key, key.algorithm.into());
    if !signed.ok()? {
        return None;
    }
    serde_json::from_str(&jws::object(compact.payload)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::key::SigningKey;
    use serde_json::{Value, json};

    fn key(byte: u8) -> (SigningKey, VerificationKey) {
        let key = SigningKey::from_seed(&[byte; 32]).unwrap();
        let verification = VerificationKey::try_from(key.jwk()).unwrap();
        (key, verification)
    }

    #[test]
    fn a_seed_is_the_same_key_each_time() {
        assert_eq!(key(1).0.kid(), key(1).0.kid());
        assert_ne!(key(1).0.kid(), key(2).0.kid());
    }

    /// RFC 8725 §3.1 and §3.11: by another key, or as something else, it says nothing.
    #[test]
    fn a_statement_is_read_by_its_own_key_as_what_it_is() {
        let (ours, verification) = key(1);
        let statement = ours.sign(&json!({"seq": 1}), Typ::AuditCheckpoint).unwrap();
        let read_as = |typ, key: &VerificationKey| read::<Value>(&statement, typ, key);
        assert_eq!(read_as(Typ::AuditCheckpoint, &verification), Some(json!({"seq": 1})));
        assert_eq!(read_as(Typ::AuditCut, &verification), None);
        assert_eq!(read_as(Typ::AuditCheckpoint, &key(2).1), None);
        let other = key(2).0.sign(&json!({"seq": 1}), Typ::AuditCheckpoint).unwrap();
        let forged =
            format!("{}.{}", statement.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
        assert_eq!(read::<Value>(&forged, Typ::AuditCheckpoint, &verification), None);
    }
}
