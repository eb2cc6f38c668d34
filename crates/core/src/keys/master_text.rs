//! The text form of the master key: a line `v<number>:<key>` per version. Owns the alphabet, the numbering and what makes a
//! text unfit; it never shows a key in a refusal. What the versions are for is `master`'s part.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::secret::Secret;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Versions are stored beside what they made, and the databases count to 2³¹ − 1.
pub(super) const LAST_VERSION: u32 = i32::MAX.unsigned_abs();
/// 32 bytes in base64url without padding (RFC 4648 §5).
const KEY_TEXT: usize = 43;
const FIRST_LINE: &str =
    "# Doorward's master key: without it the database cannot be read. Keep a copy in another place.\n";

/// Boxed, so that moving a key moves a pointer and leaves no copy of the bytes behind that nobody wipes.
pub(super) type Key = Box<Zeroizing<[u8; 32]>>;

/// Why a text is not a master key. Names lines and versions, never a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// There is no line with a key.
    #[error("the master key has no version: a line `v1:<key>` is missing")]
    NoVersion,
    /// A line is neither a version, nor a comment, nor blank.
    #[error("line {line} of the master key is not of the form `v<number>:<key>`")]
    NotAVersion {
        /// Counted from 1.
        line: usize,
    },
    /// Version 0, or one that the databases cannot count to.
    #[error("line {line} of the master key: versions are numbered from 1 to {LAST_VERSION}")]
    VersionNumber {
        /// Counted from 1.
        line: usize,
    },
    /// A key is too short or too long.
    #[error("version {version} of the master key has {length} characters instead of {KEY_TEXT}")]
    Length {
        /// The version with this key.
        version: u32,
        /// What its key measures, in bytes of text.
        length: usize,
    },
    /// A key has a character outside the base64url alphabet, or stray bits at its end.
    #[error("version {version} of the master key is not base64url")]
    Encoding {
        /// The version with this key.
        version: u32,
    },
    /// All bytes of a key are equal.
    #[error("version {version} of the master key was not drawn at random")]
    Weak {
        /// The version with this key.
        version: u32,
    },
    /// A version is there twice.
    #[error("version {version} of the master key is there twice, the second time in line {line}")]
    Duplicate {
        /// The version that is there twice.
        version: u32,
        /// Where the second one stands, counted from 1.
        line: usize,
    },
    /// A version repeats the key of another, so that nothing was rotated.
    #[error("versions {older} and {newer} of the master key hold the same key")]
    SameKey {
        /// The lower of the two versions.
        older: u32,
        /// The higher of the two versions.
        newer: u32,
    },
}

/// Reads the versions, in any order, between blank lines and lines that begin with `#`. There may be none.
pub(super) fn read(text: &str) -> Result<BTreeMap<u32, Key>, MasterKeyError> {
    let mut versions = BTreeMap::new();
    for (index, content) in text.lines().map(str::trim).enumerate() {
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let line = index + 1;
        let (version, key) = version_line(line, content)?;
        if versions.insert(version, key).is_some() {
            return Err(MasterKeyError::Duplicate { version, line });
        }
    }
    refuse_same_key(&versions)?;
    Ok(versions)
}

/// Writes the versions in the order given, under a comment that says what they are.
pub(super) fn write<'a>(versions: impl Iterator<Item = (u32, &'a Key)> + Clone) -> Secret {
    // Sized at once: a text that grows leaves unwiped copies of itself behind.
    let mut text = String::with_capacity(room(versions.clone().count()));
    text.push_str(FIRST_LINE);
    for (version, key) in versions {
        let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(key.as_slice()));
        text.extend(["v", &version.to_string(), ":", &key, "\n"]);
    }
    Secret::new(text)
}

/// The longest that so many versions can be.
const fn room(versions: usize) -> usize {
    FIRST_LINE.len() + versions * ("v2147483647:\n".len() + KEY_TEXT)
}

fn version_line(line: usize, content: &str) -> Result<(u32, Key), MasterKeyError> {
    let (number, key) = content
        .strip_prefix('v')
        .and_then(|rest| rest.split_once(':'))
        .filter(|(number, _)| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        .ok_or(MasterKeyError::NotAVersion { line })?;
    let version = number
        .parse()
        .ok()
        .filter(|version| (1..=LAST_VERSION).contains(version))
        .ok_or(MasterKeyError::VersionNumber { line })?;
    Ok((version, read_key(version, key)?))
}

fn read_key(version: u32, text: &str) -> Result<Key, MasterKeyError> {
    if text.len() != KEY_TEXT {
        return Err(MasterKeyError::Length { version, length: text.len() });
    }
    let mut key = Key::default();
    // The decoder's error names a character of the key, so it goes no further.
    let length = URL_SAFE_NO_PAD
        .decode_slice(text, key.as_mut_slice())
        .map_err(|_| MasterKeyError::Encoding { version })?;
    debug_assert_eq!(length, key.len(), "43 characters are 32 bytes");
    if is_weak(&key) {
        return Err(MasterKeyError::Weak { version });
    }
    Ok(key)
}

/// Not a proof of randomness; it catches the zeros of a template and the output of a generator that does not run.
pub(super) fn is_weak(key: &[u8; 32]) -> bool {
    key.iter().all(|byte| *byte == key[0])
}

fn refuse_same_key(versions: &BTreeMap<u32, Key>) -> Result<(), MasterKeyError> {
    for (&older, key) in versions {
        if let Some((&newer, _)) = versions.range(older + 1..).find(|(_, other)| *other == key) {
            return Err(MasterKeyError::SameKey { older, newer });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: &str = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const TWO: &str = "v2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

    fn refusal(text: &str) -> MasterKeyError {
        read(text).expect_err("must be refused")
    }

    #[test]
    fn versions_are_read_in_any_order_between_comments_and_blank_lines() {
        let keys = read(&format!("# ours\n\n  {TWO}\r\n\t\n{ONE}")).unwrap();
        assert_eq!(keys.keys().copied().collect::<Vec<_>>(), [1, 2]);
        assert!(keys[&1].iter().copied().eq(0..32));
        assert!(keys[&2].iter().copied().eq(32..64));
    }

    #[test]
    fn the_text_form_never_outgrows_the_room_made_for_it() {
        let keys = read(&format!("v2147483647:{}\nv2147483646:{}", &ONE[3..], &TWO[3..])).unwrap();
        let text = write(keys.iter().map(|(version, key)| (*version, key)));
        assert_eq!(text.expose().len(), room(2));
        assert_eq!(text.expose().lines().nth(1), Some(format!("v2147483646:{}", &TWO[3..]).as_str()));
    }

    #[test]
    fn a_line_of_another_form_is_named_by_its_number() {
        for line in
            ["AAAA", "v1", "v:AAAA", "1:AAAA", "v+1:AAAA", "v 1:AAAA", "V1:AAAA", "v1=AAAA", "v-1:AAAA"]
        {
            assert_eq!(
                refusal(&format!("{ONE}\n\n{line}")),
                MasterKeyError::NotAVersion { line: 3 },
                "{line}"
            );
        }
    }

    #[test]
    fn versions_are_counted_from_1_to_what_a_database_can_hold() {
        for number in ["0", "2147483648", "4294967297", "99999999999999999999"] {
            let text = format!("v{number}:{}", &ONE[3..]);
            assert_eq!(refusal(&text), MasterKeyError::VersionNumber { line: 1 }, "{number}");
        }
    }

    #[test]
    fn a_version_may_not_be_there_twice_however_it_is_written() {
        for number in ["1", "01"] {
            let text = format!("{ONE}\nv{number}:{}", &TWO[3..]);
            assert_eq!(refusal(&text), MasterKeyError::Duplicate { version: 1, line: 2 });
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused_with_its_length() {
        assert_eq!(refusal(&ONE[..45]), MasterKeyError::Length { version: 1, length: 42 });
        assert_eq!(refusal(&format!("{ONE}A")), MasterKeyError::Length { version: 1, length: 44 });
        assert_eq!(refusal("v7:"), MasterKeyError::Length { version: 7, length: 0 });
    }

    /// RFC 4648 §5: only the URL-safe alphabet, and no padding.
    #[test]
    fn a_key_in_another_alphabet_is_refused() {
        for stranger in ["+", "/", "=", " ", "\0"] {
            let text = format!("{}{stranger}{}", &ONE[..20], &ONE[21..]);
            assert_eq!(refusal(&text), MasterKeyError::Encoding { version: 1 }, "{stranger}");
        }
    }

    /// RFC 4648 §3.5: bits at the end that stand for nothing are zero, so that a key has one text.
    #[test]
    fn a_key_with_stray_bits_at_its_end_is_refused() {
        assert_eq!(refusal(&format!("{}9", &ONE[..45])), MasterKeyError::Encoding { version: 1 });
    }

    #[test]
    fn a_key_of_equal_bytes_is_refused() {
        for byte in [0, 0x41, 0xff] {
            let text = format!("v1:{}", URL_SAFE_NO_PAD.encode([byte; 32]));
            assert_eq!(refusal(&text), MasterKeyError::Weak { version: 1 });
        }
    }

    #[test]
    fn a_version_that_repeats_the_key_of_another_is_refused() {
        let text = format!("v9:{}\n{TWO}\n{ONE}", &ONE[3..]);
        assert_eq!(refusal(&text), MasterKeyError::SameKey { older: 1, newer: 9 });
    }

    #[test]
    fn no_refusal_echoes_a_key() {
        let key = &ONE[3..];
        let texts = [
            key.to_owned(),
            format!("v1{key}"),
            format!("v0:{key}"),
            format!("v1:{key}x"),
            format!("v1:!{}", &key[1..]),
            format!("v1:{key}\nv1:{key}"),
            format!("v1:{key}\nv2:{key}"),
        ];
        for text in texts {
            let refusal = refusal(&text);
            assert!(!format!("{refusal} {refusal:?}").contains(&key[10..20]), "{refusal}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in r"(v[0-9:+]{0,12}|[#\n\r:A-Za-z0-9_-]|\PC){0,80}") {
            let _ = read(&text);
        }
    }
}
