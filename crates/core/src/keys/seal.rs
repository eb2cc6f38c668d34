//! Sealing: how secrets that must be read again (signing keys, and later TOTP seeds and other people's credentials) lie in
//! the database. Owns the envelope: a data key per record, wrapped by a version of the master key, both bound to the place
//! they lie in; where that is, and what is inside, is the caller's part, the order of the bytes `envelope`'s.
//!
//! Both layers are AES-256-GCM (NIST SP 800-38D). A data key encrypts once in its life, so its nonce may be fixed (all
//! zero): no pair of key and nonce can come twice. The wrapping key is used for every record, with a random 96-bit nonce,
//! which is safe for 2³² wraps (§8.3). To rotate the master key only the data key is wrapped anew: therefore its additional
//! data contain the version, and the payload's do not.

use super::envelope::{self, DATA_KEY, Envelope, FORMAT, HEADER, TAG};
use super::master::MasterKey;
use super::purpose::Purpose;
use super::versions::Versions;
use crate::random::{NoRandomness, Random};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// Where a sealed value lies. Opened anywhere else it is not authentic, so whoever can write to the database cannot put
/// one row's secret into another. Row identifiers are unique across organizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The row's identifier.
    pub row: &'a str,
    /// The column's name.
    pub column: &'a str,
}

/// Why something cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed under a version of the master key that is not there: retired, or not yet known to this node.
    #[error("sealed under version {0} of the master key, which is not there")]
    UnknownVersion(u32),
    /// It has not the form of a sealed value.
    #[error("not a sealed value")]
    Malformed,
    /// It was changed, moved from another row, or sealed under another key.
    #[error("the sealed value was changed, belongs to another row, or was sealed under another master key")]
    NotAuthentic,
    /// It is longer than AES-GCM can encrypt under one nonce, 64 GiB.
    #[error("too long to be sealed")]
    TooLong,
    /// No data key or nonce could be drawn.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Seals with the newest version of a master key, and opens with all of them. `ring` does not wipe its keys: they live as
/// long as the process.
pub struct Sealer(Versions<LessSafeKey>);

impl Sealer {
    /// The sealing keys that follow from a master key for one of the purposes that seal.
    #[must_use]
    pub fn new(master: &MasterKey, purpose: Purpose) -> Self {
        Self(master.each(purpose, cipher))
    }

    /// Seals for one place. The random bytes are drawn here: call it before a write closure, which may run twice.
    ///
    /// # Errors
    /// [`SealError::NoRandomness`], [`SealError::TooLong`].
    pub fn seal(
        &self,
        plaintext: &[u8],
        binding: &Binding<'_>,
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealError> {
        let mut data_key = Zeroizing::new([0; DATA_KEY]);
        random.fill(data_key.as_mut_slice())?;
        // Sized at once: a buffer that grows would leave the plaintext behind.
        let mut sealed = Vec::with_capacity(HEADER + plaintext.len() + TAG);
        sealed.extend_from_slice(&self.wrap(&data_key, binding, random)?);
        sealed.extend_from_slice(plaintext);
        let tag = cipher(&data_key)
            .seal_in_place_separate_tag(only_nonce(), payload_data(binding), &mut sealed[HEADER..])
            .map_err(|_| SealError::TooLong)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`SealError::Malformed`], [`SealError::UnknownVersion`], [`SealError::NotAuthentic`].
    pub fn open(&self, sealed: &[u8], binding: &Binding<'_>) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let envelope = parse(sealed)?;
        let data_key = self.unwrap(&envelope, binding)?;
        let mut payload = Zeroizing::new(envelope.payload.to_vec());
        let length = cipher(&data_key)
            .open_in_place(only_nonce(), payload_data(binding), &mut payload)
            .map_err(|_| SealError::NotAuthentic)?
            .len();
        payload.truncate(length);
        Ok(payload)
    }

    /// Wraps the data key under the newest version; the payload stays as it is, byte for byte. `None` when the newest
    /// version wraps it already.
    ///
    /// # Errors
    /// As for [`Self::open`], though a changed payload is only seen when it is opened; [`SealError::NoRandomness`].
    pub fn rewrap(
        &self,
        sealed: &[u8],
        binding: &Binding<'_>,
        random: &dyn Random,
    ) -> Result<Option<Vec<u8>>, SealError> {
        let envelope = parse(sealed)?;
        if envelope.version == self.newest() {
            return Ok(None);
        }
        let data_key = self.unwrap(&envelope, binding)?;
        let header = self.wrap(&data_key, binding, random)?;
        Ok(Some([&header, envelope.payload].concat()))
    }

    /// The version of the master key under which a value was sealed, as it says itself: not yet proven.
    ///
    /// # Errors
    /// [`SealError::Malformed`].
    pub fn version_of(sealed: &[u8]) -> Result<u32, SealError> {
        parse(sealed).map(|envelope| envelope.version)
    }

    /// The version that seals. A value of another one waits to be rewrapped.
    #[must_use]
    pub fn newest(&self) -> u32 {
        self.0.newest().0
    }

    /// Wraps a data key under the newest version: all that stands before the payload.
    fn wrap(
        &self,
        data_key: &[u8; DATA_KEY],
        binding: &Binding<'_>,
        random: &dyn Random,
    ) -> Result<[u8; HEADER], NoRandomness> {
        let (version, wrapping_key) = self.0.newest();
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce)?;
        let mut wrapped = [0; DATA_KEY + TAG];
        let (key, tag) = wrapped.split_at_mut(DATA_KEY);
        key.copy_from_slice(data_key);
        let place = data_key_data(version, binding);
        let made = wrapping_key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), place, key)
            .expect("32 bytes are far below AES-GCM's limit, the only thing that ring refuses here");
        tag.copy_from_slice(made.as_ref());
        Ok(envelope::header(version, &nonce, &wrapped))
    }

    fn unwrap(
        &self,
        envelope: &Envelope<'_>,
        binding: &Binding<'_>,
    ) -> Result<Zeroizing<[u8; DATA_KEY]>, SealError> {
        let version = envelope.version;
        let wrapping_key = self.0.find(version).ok_or(SealError::UnknownVersion(version))?;
        let mut wrapped = Zeroizing::new(*envelope.wrapped);
        let (nonce, place) = (Nonce::assume_unique_for_key(*envelope.nonce), data_key_data(version, binding));
        let opened = wrapping_key
            .open_in_place(nonce, place, wrapped.as_mut_slice())
            .map_err(|_| SealError::NotAuthentic)?;
        let mut data_key = Zeroizing::new([0; DATA_KEY]);
        data_key.copy_from_slice(opened);
        Ok(data_key)
    }
}

fn parse(sealed: &[u8]) -> Result<Envelope<'_>, SealError> {
    Envelope::parse(sealed).ok_or(SealError::Malformed)
}

fn data_key_data(version: u32, binding: &Binding<'_>) -> Aad<Vec<u8>> {
    additional_data(&version.to_be_bytes(), binding)
}

fn payload_data(binding: &Binding<'_>) -> Aad<Vec<u8>> {
    additional_data(&[], binding)
}

/// Each name is preceded by its length, so that no two places read the same.
fn additional_data(version: &[u8], binding: &Binding<'_>) -> Aad<Vec<u8>> {
    let mut data = [FORMAT, version].concat();
    for name in [binding.table, binding.row, binding.column] {
        data.extend_from_slice(&(name.len() as u64).to_be_bytes());
        data.extend_from_slice(name.as_bytes());
    }
    Aad::from(data)
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes exactly 32 bytes"))
}

/// NIST SP 800-38D §8: a nonce may not come twice with the same key. A data key is drawn for one payload and never used
/// again, so one nonce is enough.
fn only_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    const ONE: &str = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const TWO: &str = "v2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";
    const HERE: Binding<'_> =
        Binding { table: "signing_keys", row: "01J0000000000000000000000A", column: "private_key" };
    const PLAIN: &[u8] = b"attack at dawn";
    /// `PLAIN`, sealed under `ONE` for `HERE` with the random bytes 0, 1, 2, … by another implementation.
    const SEALED: &str = "ZHdzMQEAAAABICEiIyQlJicoKSortZ1GigpcUwofZZGD7sYSJcGk7bihR8UDCDKz-j\
        qAvaLMBO9L4nODGIYbCGXQWz7Ob8jBv9ZHo9x8iM1Ub0LUgjXQTdM66HOmIzlelYEk";

    fn sealer(lines: &[&str]) -> Sealer {
        Sealer::new(&MasterKey::parse(&lines.join("\n")).unwrap(), Purpose::Seal)
    }

    fn seal(lines: &[&str], plaintext: &[u8]) -> Vec<u8> {
        sealer(lines).seal(plaintext, &HERE, &SystemRandom::default()).unwrap()
    }

    /// 0, 1, 2, …
    #[derive(Default)]
    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
            Ok(())
        }
    }

    /// Gives out so many times, then fails.
    struct Failing(AtomicU8);

    impl Random for Failing {
        fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
            if self.0.fetch_sub(1, Ordering::Relaxed) == 0 { Err(NoRandomness) } else { Ok(()) }
        }
    }

    /// NIST SP 800-38D §7: AES-256-GCM as others do it. Were the format to change, every sealed key would be lost.
    #[test]
    fn the_sealed_form_never_changes() {
        let known = URL_SAFE_NO_PAD.decode(SEALED).unwrap();
        assert_eq!(sealer(&[ONE]).open(&known, &HERE).unwrap().as_slice(), PLAIN);
        assert_eq!(sealer(&[ONE]).seal(PLAIN, &HERE, &Counting::default()).unwrap(), known);
    }

    #[test]
    fn moved_to_another_row_column_or_table_it_is_neither_opened_nor_rewrapped() {
        let (sealer, sealed) = (sealer(&[ONE, TWO]), seal(&[ONE], PLAIN));
        let elsewhere = [
            Binding { table: "providers", ..HERE },
            Binding { row: "01J0000000000000000000000B", ..HERE },
            Binding { column: "public_key", ..HERE },
            Binding { table: "signing_keys0", row: "1J0000000000000000000000A", ..HERE },
            Binding { row: "01J0000000000000000000000Ap", column: "rivate_key", ..HERE },
        ];
        for binding in elsewhere {
            assert_eq!(sealer.open(&sealed, &binding), Err(SealError::NotAuthentic), "{binding:?}");
            let rewrapped = sealer.rewrap(&sealed, &binding, &SystemRandom::default());
            assert_eq!(rewrapped, Err(SealError::NotAuthentic), "{binding:?}");
        }
    }

    #[test]
    fn no_payload_opens_under_the_header_of_another_row() {
        let there = Binding { row: "01J0000000000000000000000B", ..HERE };
        let ours = seal(&[ONE], PLAIN);
        let theirs = sealer(&[ONE]).seal(PLAIN, &there, &SystemRandom::default()).unwrap();
        let mixed = [&ours[..HEADER], &theirs[HEADER..]].concat();
        for binding in [HERE, there] {
            assert_eq!(sealer(&[ONE]).open(&mixed, &binding), Err(SealError::NotAuthentic));
        }
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let sealer = sealer(&[ONE, TWO]);
        let sealed = seal(&[ONE, TWO], PLAIN);
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let expected = match bit / 8 {
                0..5 => SealError::Malformed,
                5..9 => SealError::UnknownVersion(Sealer::version_of(&changed).unwrap()),
                _ => SealError::NotAuthentic,
            };
            assert_eq!(sealer.open(&changed, &HERE), Err(expected), "bit {bit}");
        }
    }

    #[test]
    fn a_header_that_names_another_known_version_is_not_authentic() {
        let mut changed = seal(&[ONE, TWO], PLAIN);
        assert_eq!(changed[8], 2);
        changed[8] = 1;
        assert_eq!(sealer(&[ONE, TWO]).open(&changed, &HERE), Err(SealError::NotAuthentic));
    }

    #[test]
    fn whatever_is_cut_off_or_added_is_seen() {
        let sealer = sealer(&[ONE]);
        let mut sealed = seal(&[ONE], PLAIN);
        for length in 0..sealed.len() {
            let expected = if length < HEADER + TAG { SealError::Malformed } else { SealError::NotAuthentic };
            assert_eq!(sealer.open(&sealed[..length], &HERE), Err(expected), "{length}");
        }
        sealed.push(0);
        assert_eq!(sealer.open(&sealed, &HERE), Err(SealError::NotAuthentic));
    }

    #[test]
    fn what_an_older_version_sealed_opens_beside_a_newer_one() {
        let sealed = seal(&[ONE], PLAIN);
        assert_eq!(Sealer::version_of(&sealed), Ok(1));
        assert_eq!(sealer(&[ONE, TWO]).open(&sealed, &HERE).unwrap().as_slice(), PLAIN);
        assert_eq!(Sealer::version_of(&seal(&[ONE, TWO], PLAIN)), Ok(2));
    }

    #[test]
    fn without_its_version_a_sealed_value_names_what_is_missing() {
        let sealed = seal(&[ONE], PLAIN);
        let without = sealer(&[TWO]);
        assert_eq!(without.open(&sealed, &HERE), Err(SealError::UnknownVersion(1)));
        let rewrapped = without.rewrap(&sealed, &HERE, &SystemRandom::default());
        assert_eq!(rewrapped, Err(SealError::UnknownVersion(1)));
    }

    #[test]
    fn another_key_under_the_same_version_opens_nothing() {
        let sealed = seal(&[ONE], PLAIN);
        let other = TWO.replace("v2", "v1");
        assert_eq!(sealer(&[&other]).open(&sealed, &HERE), Err(SealError::NotAuthentic));
    }

    #[test]
    fn rewrapping_keeps_the_payload_and_opens_with_the_newest_version_alone() {
        let sealed = seal(&[ONE], PLAIN);
        let random = SystemRandom::default();
        let rewrapped = sealer(&[ONE, TWO]).rewrap(&sealed, &HERE, &random).unwrap().unwrap();
        assert_eq!(rewrapped[HEADER..], sealed[HEADER..]);
        assert_eq!(Sealer::version_of(&rewrapped), Ok(2));
        assert_eq!(sealer(&[TWO]).open(&rewrapped, &HERE).unwrap().as_slice(), PLAIN);
        assert_eq!(sealer(&[ONE, TWO]).rewrap(&rewrapped, &HERE, &random), Ok(None));
    }

    /// NIST SP 800-38D §8: no key meets the same nonce twice.
    #[test]
    fn two_seals_of_the_same_text_share_no_nonce_and_no_ciphertext() {
        let (first, second) = (seal(&[ONE], PLAIN), seal(&[ONE], PLAIN));
        for part in [9..21, 21..HEADER, HEADER..first.len()] {
            assert_ne!(first[part.clone()], second[part]);
        }
    }

    #[test]
    fn without_randomness_nothing_is_sealed() {
        let sealed = seal(&[ONE], PLAIN);
        for fills in [0, 1] {
            let refusal = sealer(&[ONE]).seal(PLAIN, &HERE, &Failing(AtomicU8::new(fills)));
            assert_eq!(refusal, Err(SealError::NoRandomness(NoRandomness)));
        }
        let refusal = sealer(&[ONE, TWO]).rewrap(&sealed, &HERE, &Failing(AtomicU8::new(0)));
        assert_eq!(refusal, Err(SealError::NoRandomness(NoRandomness)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_opening_panic_or_succeed(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            formed in any::<bool>(),
            version in 0..3u32,
        ) {
            let bytes = if formed { [FORMAT, &version.to_be_bytes()[..], &bytes].concat() } else { bytes };
            let sealer = sealer(&[ONE, TWO]);
            prop_assert!(sealer.open(&bytes, &HERE).is_err());
            let _ = Sealer::version_of(&bytes);
            let _ = sealer.rewrap(&bytes, &HERE, &SystemRandom::default());
        }

        #[test]
        fn what_was_sealed_opens_in_its_place(plaintext in proptest::collection::vec(any::<u8>(), 0..300)) {
            let sealed = seal(&[ONE], &plaintext);
            prop_assert_eq!(sealed.len(), HEADER + plaintext.len() + TAG);
            let opened = sealer(&[ONE]).open(&sealed, &HERE).unwrap();
            prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
        }
    }
}
