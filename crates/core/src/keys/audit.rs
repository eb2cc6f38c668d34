//! The keys of the audit trail: one per version of the master key, by which a server seals each event it records and links it to
//! the one before. Owns what goes under the keyed hash and its labels.
//!
//! Whoever can write to the database still cannot make an event, nor change one: they lack the master key.

use super::master::MasterKey;
use super::purpose::Purpose;
use super::versions::Versions;
use crate::audit::written::Written;
use doorward_protocol::jose::jwk::Jwk;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::jose::key::{SigningKey, Unsigned};
use doorward_protocol::jose::statement;
use doorward_protocol::jose::verification_key::VerificationKey;
use doorward_protocol::secret::Digest;
use ring::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A keyed hash, and the version of the master key whose key made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mac {
    /// The version, stored beside the hash.
    pub version: i32,
    /// The hash.
    pub digest: Digest,
}

/// What comparing a keyed hash has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is on just this.
    Good,
    /// It is on something else, or made by somebody else.
    Wrong,
    /// The version of the master key that it names is no longer there, so nobody can tell.
    Unknown,
}

/// What is sealed, each under a label of its own: no hash of one kind is ever taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An event, by the server that recorded it.
    Event,
    /// An event that was found without a seal, by the chainer.
    Adopted,
    /// The link from an event to the one before.
    Link,
    /// The head of the chain.
    Head,
}

impl Subject {
    /// Never changed: under another label nothing that was sealed before is recognised.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Event => b"doorward event 1\0",
            Self::Adopted => b"doorward adopted event 1\0",
            Self::Link => b"doorward link 1\0",
            Self::Head => b"doorward head 1\0",
        }
    }
}

/// The keys per version of the master key. Those that sign follow from it too, so that the public half never goes away.
pub struct AuditKeys {
    macs: Versions<hmac::Key>,
    signing: Versions<SigningKey>,
}

impl AuditKeys {
    /// The keys that follow from a master key.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        let signing = |seed: &[u8; 32]| {
            SigningKey::from_seed(seed).expect("every 32 bytes are an Ed25519 key (RFC 8032 §5.1.5)")
        };
        Self {
            macs: master.each(Purpose::Audit, |key| hmac::Key::new(hmac::HMAC_SHA256, key)),
            signing: master.each(Purpose::AuditStatement, signing),
        }
    }

    /// The seal on an event that this server records.
    #[must_use]
    pub fn seal(&self, written: &Written) -> Mac {
        self.mac(Subject::Event, &written.encoded())
    }

    /// The keyed hash of something, under the newest version.
    #[must_use]
    pub fn mac(&self, subject: Subject, bytes: &[u8]) -> Mac {
        let (version, key) = self.macs.newest();
        // A master key counts from 1 to 2³¹ − 1.
        Mac { version: version.cast_signed(), digest: hash(key, subject, bytes) }
    }

    /// Whether a keyed hash is on this. Takes constant time.
    #[must_use]
    pub fn check(&self, subject: Subject, bytes: &[u8], mac: &Mac) -> Checked {
        match self.macs.find(mac.version.cast_unsigned()) {
            // Versions are retired oldest first: one that was never there is somebody's invention.
            None if (1..self.macs.newest().0).contains(&mac.version.cast_unsigned()) => Checked::Unknown,
            None => Checked::Wrong,
            Some(key) if hash(key, subject, bytes) == mac.digest => Checked::Good,
            Some(_) => Checked::Wrong,
        }
    }
}

impl AuditKeys {
    /// Signs a statement, under the newest version.
    pub(crate) fn sign(&self, said: &impl Serialize, typ: Typ) -> Result<String, Unsigned> {
        self.signing.newest().1.sign(said, typ)
    }

    /// What a statement of this kind says, if a key of any version signed it.
    pub(crate) fn read<C: DeserializeOwned>(&self, text: &str, typ: Typ) -> Option<C> {
        let keys = self.signing.iter().filter_map(|(_, key)| VerificationKey::try_from(key.jwk()).ok());
        keys.into_iter().find_map(|key| statement::read(text, typ, &key))
    }

    /// The public halves of the keys that sign statements, the newest first: whoever keeps statements elsewhere checks them by these.
    #[must_use]
    pub fn public(&self) -> Vec<Jwk> {
        self.signing.iter().map(|(_, key)| key.jwk().clone()).collect()
    }
}

/// RFC 2104 §2, with SHA-256.
fn hash(key: &hmac::Key, subject: Subject, bytes: &[u8]) -> Digest {
    let mut context = hmac::Context::with_key(key);
    context.update(subject.label());
    context.update(bytes);
    let mut digest = [0; 32];
    digest.copy_from_slice(context.sign().as_ref());
    Digest(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const TWO: &str = "v2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

    fn keys(lines: &[&str]) -> AuditKeys {
        AuditKeys::new(&MasterKey::parse(&lines.join("\n")).unwrap())
    }

    #[test]
    fn a_seal_is_good_on_what_it_was_made_for_and_on_nothing_else() {
        let keys = keys(&[ONE]);
        let mac = keys.mac(Subject::Event, b"a");
        assert_eq!(mac.version, 1);
        assert_eq!(keys.check(Subject::Event, b"a", &mac), Checked::Good);
        assert_eq!(keys.check(Subject::Event, b"b", &mac), Checked::Wrong);
        for other in [Subject::Adopted, Subject::Link, Subject::Head] {
            assert_eq!(keys.check(other, b"a", &mac), Checked::Wrong, "{other:?}");
        }
    }

    #[test]
    fn an_older_version_checks_and_one_that_is_gone_is_named_as_such() {
        let mac = keys(&[ONE]).mac(Subject::Event, b"a");
        assert_eq!(keys(&[ONE, TWO]).check(Subject::Event, b"a", &mac), Checked::Good);
        assert_eq!(keys(&[TWO]).check(Subject::Event, b"a", &mac), Checked::Unknown);
        assert_eq!(keys(&[ONE, TWO]).mac(Subject::Event, b"a").version, 2);
        for version in [0, 3, -1] {
            let invented = Mac { version, ..mac };
            assert_eq!(keys(&[TWO]).check(Subject::Event, b"a", &invented), Checked::Wrong, "{version}");
        }
        let renamed = Mac { version: 2, ..mac };
        assert_eq!(keys(&[ONE, TWO]).check(Subject::Event, b"a", &renamed), Checked::Wrong);
    }
}
