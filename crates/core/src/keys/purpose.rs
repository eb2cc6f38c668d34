//! What the master key is used for, and the derivation that keeps the uses apart. Owns the labels and HKDF; which versions
//! there are is `master`'s part.

use ring::hkdf;
use zeroize::Zeroizing;

/// What a derived key is for. Each purpose has a key of its own, so that no use of one key tells anything about another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The keyed hash of tokens and client secrets.
    Pepper,
    /// Wrapping the keys of sealed records.
    Seal,
    /// Wrapping the keys of interactions that are no rows yet. Anybody who opens a page has one sealed, so the number of
    /// wraps under one key is theirs to run up; it must not be the key of anything that lasts.
    Interaction,
    /// Wrapping the keys of answers that are kept for whoever asks again.
    Answer,
    /// Sealing the events of the audit trail.
    Audit,
    /// Signing what is stated about the audit trail.
    AuditStatement,
    /// A value by which a wrong master key is recognised.
    Check,
}

impl Purpose {
    /// Never changed: with another label everything that was made under the old one is lost.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Pepper => b"doorward pepper",
            Self::Seal => b"doorward seal",
            Self::Interaction => b"doorward interaction",
            Self::Answer => b"doorward answer",
            Self::Audit => b"doorward audit",
            Self::AuditStatement => b"doorward audit statement",
            Self::Check => b"doorward check",
        }
    }

    /// RFC 5869 §2: extract, then expand. The purpose and the version are the `info` (§3.2), so that a key repeated under
    /// another version derives nothing that was there before; the salt (§3.1) sets our keys apart from anybody else's use
    /// of the same file.
    pub(super) fn derive(self, key: &[u8; 32], version: u32) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"doorward master key")
            .extract(key)
            .expand(&[self.label(), &version.to_be_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(derived.as_mut_slice()))
            .expect(
                "32 bytes are one block of SHA-256: below HKDF's limit of 255, and as long as the buffer",
            );
        derived
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    const PURPOSES: [Purpose; 7] = [
        Purpose::Pepper,
        Purpose::Seal,
        Purpose::Interaction,
        Purpose::Answer,
        Purpose::Audit,
        Purpose::AuditStatement,
        Purpose::Check,
    ];

    /// 0, 1, 2, … 31, and on from there for the next version.
    fn key(version: u8) -> [u8; 32] {
        std::array::from_fn(|index| u8::try_from(index).unwrap() + 32 * (version - 1))
    }

    /// RFC 5869 §3.2: `info` binds derived key material to its purpose and context.
    #[test]
    fn every_key_version_and_purpose_derives_another_key() {
        let mut derived = Vec::new();
        for purpose in PURPOSES {
            derived.extend([
                purpose.derive(&key(1), 1),
                purpose.derive(&key(2), 2),
                purpose.derive(&key(1), 3),
            ]);
        }
        for (index, one) in derived.iter().enumerate() {
            assert!(!derived[..index].contains(one), "{index}");
        }
    }

    /// RFC 5869 §2: HKDF-SHA-256, worked out once by another implementation. Were this to change, every stored digest and
    /// sealed key would be lost.
    #[test]
    fn the_derivation_never_changes() {
        let known = [
            (1, Purpose::Pepper, "Lj85tdvKmnjiuanVV5jBItEGTxyXjLe2xbGXAkgs4s8"),
            (1, Purpose::Seal, "g5PYyI4PIYhScUiklew_gyljFH84rBm-Md84Oe7ESig"),
            (1, Purpose::Check, "bbgb1PJk9FGesQeBMzVW3PVP9NQ4WWuR7Ta9PPJYOdw"),
            (2, Purpose::Pepper, "uEwat7tJI0k1zWl458lzYKqG02A5pmt2rAdB8bBRS68"),
        ];
        for (version, purpose, expected) in known {
            let derived = purpose.derive(&key(version), u32::from(version));
            assert_eq!(URL_SAFE_NO_PAD.encode(derived.as_slice()), expected, "{version} {purpose:?}");
        }
    }
}
