//! The pepper: the key under which tokens and client secrets are hashed, so that whoever can write to the database still
//! cannot make a token, and whoever reads it has no oracle for one. Owns the keyed hash and its versions; who looks a
//! digest up, and re-digests a row at its next use, is the store's and its callers' part.
//!
//! There is one pepper for every kind of secret. What is hashed here is always a text of ours that wears its type as a
//! prefix (`protocol/token_text`), so a client secret and an access token never share a digest, and a key per kind would
//! set nothing apart that is not apart already.

use super::master::MasterKey;
use super::purpose::Purpose;
use super::versions::Versions;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use ring::hmac;

/// The version of the pepper that made a digest, stored beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PepperVersion(pub i32);

/// A pepper per version of the master key. `ring` does not wipe its keys: they live as long as the process that needs
/// them for every request.
pub struct Peppers(Versions<hmac::Key>);

impl Peppers {
    /// The peppers that follow from a master key.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        Self(master.each(Purpose::Pepper, |key| hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    /// The digest to store for a secret: made with the newest pepper.
    #[must_use]
    pub fn digest(&self, text: &str) -> (PepperVersion, Digest) {
        let (version, key) = self.0.newest();
        (stored(version), hash(key, text))
    }

    /// The digests under which a secret may be stored, newest first. Each is made when it is asked for: nearly always the
    /// first one is found.
    pub fn digests(&self, text: &str) -> impl Iterator<Item = Digest> {
        self.0.iter().map(|(_, key)| hash(key, text))
    }

    /// The digest of a secret with the pepper that a row names; `None` when that version is retired, and with it all that
    /// it digested.
    #[must_use]
    pub fn digest_with(&self, version: PepperVersion, text: &str) -> Option<Digest> {
        self.key(version).map(|key| hash(key, text))
    }

    /// The bits of the one refresh token that follows another: whoever presents a token again gets the same successor, and
    /// nobody can work it out from the database, which holds neither text. The label sets it apart from every digest: what
    /// is digested begins with a token's prefix.
    #[must_use]
    pub fn successor(
        &self,
        version: PepperVersion,
        token: &str,
        family: Id,
        number: i64,
    ) -> Option<[u8; 32]> {
        self.digest_with(version, &format!("successor {number} in {family} of {token}"))
            .map(|digest| digest.0)
    }

    /// What another site cannot know: a text that belongs to these parts and to no others.
    #[must_use]
    pub fn seal_of(&self, label: &str, parts: &[&str]) -> String {
        URL_SAFE_NO_PAD.encode(self.digest(&labelled(label, parts)).1.0)
    }

    /// Whether a text is what [`Self::seal_of`] gave for these parts, under any version. Takes constant time.
    #[must_use]
    pub fn is_seal_of(&self, label: &str, parts: &[&str], shown: &str) -> bool {
        let Ok(shown) = URL_SAFE_NO_PAD.decode(shown) else { return false };
        let Ok(shown) = shown.try_into().map(Digest) else { return false };
        self.digests(&labelled(label, parts)).any(|digest| digest == shown)
    }

    /// The version that makes new digests. A row with another one is re-digested at its next use.
    #[must_use]
    pub fn newest(&self) -> PepperVersion {
        stored(self.0.newest().0)
    }

    /// Whether digests of this version can still be compared.
    #[must_use]
    pub fn knows(&self, version: PepperVersion) -> bool {
        self.key(version).is_some()
    }

    fn key(&self, version: PepperVersion) -> Option<&hmac::Key> {
        self.0.find(version.0.cast_unsigned())
    }
}

/// Parts with their lengths, so that no two lists of parts read the same.
fn labelled(label: &str, parts: &[&str]) -> String {
    parts.iter().fold(format!("{label} for"), |text, part| text + &format!(" {}:{part}", part.len()))
}

/// A master key counts from 1 to 2³¹ − 1, so its versions are themselves as signed numbers.
fn stored(version: u32) -> PepperVersion {
    PepperVersion(version.cast_signed())
}

/// RFC 2104 §2, with SHA-256.
fn hash(key: &hmac::Key, text: &str) -> Digest {
    let tag = hmac::sign(key, text.as_bytes());
    let mut digest = [0; 32];
    digest.copy_from_slice(tag.as_ref());
    Digest(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const TWO: &str = "v2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

    fn peppers(lines: &[&str]) -> Peppers {
        Peppers::new(&MasterKey::parse(&lines.join("\n")).unwrap())
    }

    /// RFC 2104 §2: HMAC, worked out once by another implementation. Were this to change, no stored token would be found.
    #[test]
    fn the_digest_of_a_secret_never_changes() {
        let (version, digest) = peppers(&[ONE]).digest("dw_cs_example");
        assert_eq!(version, PepperVersion(1));
        assert_eq!(URL_SAFE_NO_PAD.encode(digest.0), "y1efspnWruiF7yEdTwwCDAaupYeP96jL-p0TU409GG4");
    }

    #[test]
    fn a_new_secret_is_digested_with_the_newest_pepper() {
        let peppers = peppers(&[TWO, ONE]);
        let (version, digest) = peppers.digest("dw_at_a");
        assert_eq!(version, peppers.newest());
        assert_eq!(version, PepperVersion(2));
        assert_eq!(peppers.digest_with(version, "dw_at_a"), Some(digest));
    }

    #[test]
    fn a_digest_made_before_the_next_version_came_is_still_found() {
        let (_, before) = peppers(&[ONE]).digest("dw_at_a");
        let after = peppers(&[ONE, TWO]);
        let found: Vec<_> = after.digests("dw_at_a").collect();
        assert_eq!(found, [after.digest("dw_at_a").1, before], "newest first");
        assert_ne!(found[0], before);
    }

    #[test]
    fn a_retired_version_compares_nothing() {
        let peppers = peppers(&[TWO]);
        assert!(peppers.knows(PepperVersion(2)));
        for version in [1, 0, -1, 3, i32::MIN, i32::MAX].map(PepperVersion) {
            assert!(!peppers.knows(version), "{version:?}");
            assert_eq!(peppers.digest_with(version, "dw_at_a"), None);
        }
    }

    /// The successor of a token depends on all that it follows from, and on the pepper the token was stored under.
    #[test]
    fn a_refresh_token_has_one_successor() {
        let (peppers, family) = (peppers(&[ONE, TWO]), Id::from_parts(0, 1));
        let first = peppers.successor(PepperVersion(1), "dw_rt_a", family, 2);
        assert_eq!(first, peppers.successor(PepperVersion(1), "dw_rt_a", family, 2));
        for other in [
            peppers.successor(PepperVersion(2), "dw_rt_a", family, 2),
            peppers.successor(PepperVersion(1), "dw_rt_b", family, 2),
            peppers.successor(PepperVersion(1), "dw_rt_a", Id::from_parts(0, 2), 2),
            peppers.successor(PepperVersion(1), "dw_rt_a", family, 3),
        ] {
            assert_ne!(other, first);
        }
        assert_eq!(peppers.successor(PepperVersion(3), "dw_rt_a", family, 2), None);
    }

    #[test]
    fn a_seal_belongs_to_its_parts_and_no_others() {
        let both = peppers(&[ONE, TWO]);
        let seal = peppers(&[ONE]).seal_of("csrf", &["a", "bc"]);
        assert!(both.is_seal_of("csrf", &["a", "bc"], &seal), "under an older version");
        for (label, parts) in [("csrf", ["ab", "c"]), ("other", ["a", "bc"]), ("csrf", ["a", "bd"])] {
            assert!(!both.is_seal_of(label, &parts, &seal), "{label} {parts:?}");
        }
        assert!(!both.is_seal_of("csrf", &["a", "bc"], ""));
        assert!(!both.is_seal_of("csrf", &["a", "bc"], &seal[1..]));
    }

    #[test]
    fn another_secret_or_another_key_makes_another_digest() {
        let (_, digest) = peppers(&[ONE]).digest("dw_at_a");
        assert_ne!(peppers(&[ONE]).digest("dw_at_b").1, digest);
        assert_ne!(peppers(&[ONE]).digest("dw_cs_a").1, digest);
        assert_ne!(peppers(&[TWO]).digest("dw_at_a").1, digest);
    }
}
