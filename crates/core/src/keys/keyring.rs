//! The keyring: all signing keys as of one revision, opened and ready. Owns which key signs, which verify, and the
//! published set as bytes; the records come from the store, and a new keyring replaces the old one when they change.

use crate::issuer::Issuer;
use crate::keys::seal::{Binding, SealError, Sealer};
use crate::keys::signing_key::{self, SigningKeyRecord};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::claims::{AccessTokenClaims, IdTokenHint};
use doorward_protocol::jose::jwk::{Jwk, JwkSet};
use doorward_protocol::jose::key::{Pkcs8, SigningKey};
use doorward_protocol::jose::verification_key::VerificationKey;
use doorward_protocol::jose::verifier::{AccessTokenVerifier, IdTokenHintVerifier, Unverified};
use doorward_protocol::time::Seconds;
use std::collections::HashMap;
use std::sync::Arc;

/// The keys of one revision.
pub struct Keyring {
    serial: i64,
    records: Vec<SigningKeyRecord>,
    keys: HashMap<String, Arc<SigningKey>>,
    verifier: AccessTokenVerifier,
    hints: IdTokenHintVerifier,
    jwks: String,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The private half does not open: another master key, or a row that was tampered with.
    #[error("the private half of signing key {kid} does not open: {reason}")]
    Sealed {
        /// The key.
        kid: String,
        /// What the seal says.
        reason: SealError,
    },
    /// What opened is not the key that the row names.
    #[error("signing key {kid} is not what its row says")]
    Mismatch {
        /// The key.
        kid: String,
    },
}

impl Keyring {
    /// Opens the keys that still count at `now`, and tells which do not open. Those that `previous` holds already are
    /// taken from there, as parsing and proving a key is dear.
    ///
    /// A key that does not open (sealed by another node under a newer master key) verifies and is published all the same,
    /// by its public half; only signing is left to keys that do.
    #[must_use]
    pub fn open(
        serial: i64,
        records: Vec<SigningKeyRecord>,
        sealer: &Sealer,
        issuer: &Issuer,
        now: Seconds,
        previous: Option<&Keyring>,
    ) -> (Self, Vec<KeyringError>) {
        let mut keyring = Self {
            serial,
            records: Vec::new(),
            keys: HashMap::new(),
            verifier: AccessTokenVerifier::new(issuer.as_str(), []),
            hints: IdTokenHintVerifier::new(issuer.as_str(), []),
            jwks: String::new(),
        };
        let (mut published, mut errors) = (Vec::new(), Vec::new());
        // Order is that of creation, so that the document changes only when the set does.
        for record in records.iter().filter(|record| record.verifies(now)) {
            match serde_json::from_str::<Jwk>(&record.public_jwk).ok().filter(|jwk| jwk.kid == record.kid) {
                Some(jwk) => published.push(jwk),
                None => errors.push(KeyringError::Mismatch { kid: record.kid.clone() }),
            }
            let known = previous.and_then(|keyring| keyring.keys.get(&record.kid)).map(Arc::clone);
            match known.map_or_else(|| open(record, sealer).map(Arc::new), Ok) {
                Ok(key) => drop(keyring.keys.insert(record.kid.clone(), key)),
                Err(error) => errors.push(error),
            }
        }
        let verification: Vec<_> =
            published.iter().filter_map(|jwk| VerificationKey::try_from(jwk).ok()).collect();
        keyring.verifier = AccessTokenVerifier::new(issuer.as_str(), verification.clone());
        keyring.hints = IdTokenHintVerifier::new(issuer.as_str(), verification);
        // Public keys are strings and numbers; an empty set would make verifiers refuse, which is the safe side.
        keyring.jwks = serde_json::to_string(&JwkSet { keys: published })
            .unwrap_or_else(|_| r#"{"keys":[]}"#.to_owned());
        keyring.records = records;
        (keyring, errors)
    }

    /// Tells this keyring from every other: what was verified with one must be verified anew with the next.
    #[must_use]
    pub const fn serial(&self) -> i64 {
        self.serial
    }

    /// The key that signs with this algorithm now: the active one, or the one before it on a node that cannot open that.
    #[must_use]
    pub fn signing(&self, algorithm: Algorithm, now: Seconds) -> Option<&Arc<SigningKey>> {
        let opened = self.records.iter().filter(|record| self.keys.contains_key(&record.kid));
        signing_key::active(algorithm, now, opened).and_then(|record| self.keys.get(&record.kid))
    }

    /// The claims of a token that one of these keys signed, if it is good now.
    ///
    /// # Errors
    /// [`Unverified`], for the log.
    pub fn verify(&self, token: &str, now: Seconds) -> Result<AccessTokenClaims, Unverified> {
        self.verifier.verify(token, now)
    }

    /// What an ID token says that comes back as a hint, if one of these keys signed it.
    ///
    /// # Errors
    /// [`Unverified`], for the log.
    pub fn hint(&self, token: &str) -> Result<IdTokenHint, Unverified> {
        self.hints.verify(token)
    }

    /// RFC 7517 §5: the published set.
    #[must_use]
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// The records, for whoever decides on rotation.
    #[must_use]
    pub fn records(&self) -> &[SigningKeyRecord] {
        &self.records
    }

    /// The opened keys.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<SigningKey>> {
        self.keys.values()
    }
}

/// What the private half of a signing key is bound to: moved to another row, it does not open.
#[must_use]
pub fn binding(kid: &str) -> Binding<'_> {
    Binding { table: "signing_keys", row: kid, column: "sealed_private_key" }
}

fn open(record: &SigningKeyRecord, sealer: &Sealer) -> Result<SigningKey, KeyringError> {
    let kid = || record.kid.clone();
    let opened = sealer.open(&record.sealed_private_key, &binding(&record.kid));
    let opened = opened.map_err(|reason| KeyringError::Sealed { kid: kid(), reason })?;
    let key = SigningKey::from_pkcs8(record.algorithm, Pkcs8::new(opened.to_vec()));
    key.ok().filter(|key| key.kid() == record.kid).ok_or_else(|| KeyringError::Mismatch { kid: kid() })
}
