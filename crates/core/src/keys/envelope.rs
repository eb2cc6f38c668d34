//! The byte form of a sealed value. Owns how its parts lie beside each other; nothing here is proven or secret, encrypting
//! and opening is `seal`'s part.
//!
//! ```text
//! "dws1" | algorithm 1 | version 4 | nonce 12 | wrapped data key 32 + 16 | ciphertext, tag 16
//! ```
//!
//! Numbers are big-endian. Algorithm 1 is AES-256-GCM for both layers.

use ring::aead::NONCE_LEN;

/// The magic, whose digit counts formats, and the algorithm.
pub(super) const FORMAT: &[u8] = b"dws1\x01";
/// An AES-256 key that encrypts one payload.
pub(super) const DATA_KEY: usize = 32;
/// NIST SP 800-38D §5.2.1.2: a full tag of 128 bits.
pub(super) const TAG: usize = 16;
const WRAPPED: usize = DATA_KEY + TAG;
/// Where the wrapping ends and the payload begins.
pub(super) const HEADER: usize = FORMAT.len() + size_of::<u32>() + NONCE_LEN + WRAPPED;

/// The parts of a sealed value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Envelope<'a> {
    /// The version of the master key that wraps the data key.
    pub(super) version: u32,
    /// What the data key was wrapped with.
    pub(super) nonce: &'a [u8; NONCE_LEN],
    /// The wrapped data key and its tag.
    pub(super) wrapped: &'a [u8; WRAPPED],
    /// The ciphertext and its tag.
    pub(super) payload: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Takes a sealed value apart; `None` when it is of another form.
    pub(super) fn parse(sealed: &'a [u8]) -> Option<Self> {
        let rest = sealed.strip_prefix(FORMAT)?;
        let (version, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (wrapped, payload) = rest.split_first_chunk()?;
        let envelope = Self { version: u32::from_be_bytes(*version), nonce, wrapped, payload };
        (payload.len() >= TAG).then_some(envelope)
    }
}

/// What stands before the payload.
pub(super) fn header(version: u32, nonce: &[u8; NONCE_LEN], wrapped: &[u8; WRAPPED]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let mut rest = &mut header[..];
    for part in [FORMAT, &version.to_be_bytes(), nonce, wrapped] {
        let (place, behind) = rest.split_at_mut(part.len());
        place.copy_from_slice(part);
        rest = behind;
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_that_were_written_are_read() {
        let (nonce, wrapped, payload) = ([1; NONCE_LEN], [2; WRAPPED], [3; TAG]);
        let sealed = [&header(0x0102_0304, &nonce, &wrapped)[..], &payload].concat();
        let read = Envelope { version: 0x0102_0304, nonce: &nonce, wrapped: &wrapped, payload: &payload };
        assert_eq!(Envelope::parse(&sealed), Some(read));
        assert_eq!(&sealed[..9], b"dws1\x01\x01\x02\x03\x04");
    }

    #[test]
    fn another_magic_format_or_algorithm_is_not_read() {
        let sealed = [&header(1, &[1; NONCE_LEN], &[2; WRAPPED])[..], &[3; TAG]].concat();
        for index in 0..FORMAT.len() {
            let mut changed = sealed.clone();
            changed[index] += 1;
            assert_eq!(Envelope::parse(&changed), None, "byte {index}");
        }
    }

    proptest! {
        #[test]
        fn parsing_accepts_exactly_what_is_long_enough(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(Envelope::parse(&bytes), None);
            let formed = [FORMAT, &bytes].concat();
            prop_assert_eq!(Envelope::parse(&formed).is_some(), formed.len() >= HEADER + TAG);
        }
    }
}
