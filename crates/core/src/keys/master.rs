//! The master key: the one secret that does not live in the database, and from which every key that guards the database is
//! derived. Owns its versions and their life; its text form stands in `master_text`, how a key is derived in `purpose`, what
//! it does in `pepper` and `seal`. Reading the file, and checking who may read it, is the server's part.

use super::master_text::{self, Key, LAST_VERSION, MasterKeyError};
use super::purpose::Purpose;
use super::versions::Versions;
use crate::random::{NoRandomness, Random};
use doorward_protocol::secret::Secret;
use std::fmt;
use zeroize::Zeroizing;

/// One or more versions of the master key, wiped when dropped. The newest makes new things; the older ones only check and
/// open what they once made, until they are taken out of the text.
///
/// No two versions hold the same key, and none a key of equal bytes: such a key was never drawn by a generator.
pub struct MasterKey(Versions<Key>);

/// Why there is no next version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNextVersion {
    /// No higher version can be counted.
    #[error("the master key has reached version {LAST_VERSION}, the last one")]
    Exhausted,
    /// No key could be drawn.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl MasterKey {
    /// Reads the text form: a line `v<number>:<key>` per version, in any order, between blank lines and lines that begin
    /// with `#`.
    ///
    /// # Errors
    /// [`MasterKeyError`], with the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        Versions::found(master_text::read(text)?).map(Self).ok_or(MasterKeyError::NoVersion)
    }

    /// A new master key, version 1.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn generate(random: &dyn Random) -> Result<Self, NoRandomness> {
        Ok(Self(Versions::first(1, draw(random)?)))
    }

    /// This master key with one more version, which is the newest from then on.
    ///
    /// # Errors
    /// [`NoNextVersion`].
    pub fn with_next_version(&self, random: &dyn Random) -> Result<Self, NoNextVersion> {
        if self.newest() >= LAST_VERSION {
            return Err(NoNextVersion::Exhausted);
        }
        let key = draw(random)?;
        if self.0.iter().any(|(_, older)| *older == key) {
            return Err(NoNextVersion::NoRandomness(NoRandomness));
        }
        Ok(Self(self.0.clone().followed_by(self.newest() + 1, key)))
    }

    /// The text form, oldest version first, under a comment that says what it is.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        master_text::write(self.0.iter().rev())
    }

    /// The version that makes new things.
    #[must_use]
    pub fn newest(&self) -> u32 {
        self.0.newest().0
    }

    /// All versions, newest first.
    pub fn versions(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(version, _)| version)
    }

    /// The key of this version for this purpose; `None` for a version that is not there.
    #[must_use]
    pub fn derive(&self, version: u32, purpose: Purpose) -> Option<Zeroizing<[u8; 32]>> {
        self.0.find(version).map(|key| purpose.derive(key, version))
    }

    /// A value by which this version is recognised: it may be stored, and tells nothing about the key, yet another key
    /// has another one. `None` for a version that is not there.
    #[must_use]
    pub fn check_value(&self, version: u32) -> Option<[u8; 32]> {
        self.derive(version, Purpose::Check).map(|value| *value)
    }

    /// What is made of every version's key for a purpose.
    pub(super) fn each<T>(&self, purpose: Purpose, make: impl Fn(&[u8; 32]) -> T) -> Versions<T> {
        self.0.map(|version, key| make(&purpose.derive(key, version)))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey versions ")?;
        f.debug_list().entries(self.versions()).finish()
    }
}

fn draw(random: &dyn Random) -> Result<Key, NoRandomness> {
    let mut key = Key::default();
    random.fill(key.as_mut_slice())?;
    if master_text::is_weak(&key) { Err(NoRandomness) } else { Ok(key) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const ONE: &str = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const TWO: &str = "v2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

    struct Always(u8);

    impl Random for Always {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    /// 0, 1, 2, … each time, which is the key of `ONE`.
    struct Repeating;

    impl Random for Repeating {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            let mut next = 0..;
            bytes.fill_with(|| next.next().unwrap());
            Ok(())
        }
    }

    struct Broken;

    impl Random for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
            Err(NoRandomness)
        }
    }

    #[test]
    fn a_master_key_survives_its_text_form() {
        let random = SystemRandom::default();
        let key = MasterKey::generate(&random).unwrap().with_next_version(&random).unwrap();
        let text = key.to_text();
        assert!(text.expose().starts_with("# Doorward's master key"));
        let again = MasterKey::parse(text.expose()).unwrap();
        assert_eq!(again.to_text().expose(), text.expose());
        assert_eq!(again.check_value(1), key.check_value(1));
        assert_eq!(again.check_value(2), key.check_value(2));
    }

    #[test]
    fn a_text_without_a_version_is_no_master_key() {
        for text in ["", "# v1:AAAA\n\n"] {
            assert_eq!(MasterKey::parse(text).unwrap_err(), MasterKeyError::NoVersion);
        }
    }

    #[test]
    fn debug_shows_versions_and_nothing_else() {
        let key = MasterKey::parse(&format!("{ONE}\n{TWO}")).unwrap();
        assert_eq!(format!("{key:?}"), "MasterKey versions [2, 1]");
    }

    #[test]
    fn the_next_version_keeps_the_older_keys() {
        let first = MasterKey::parse(ONE).unwrap();
        let second = first.with_next_version(&SystemRandom::default()).unwrap();
        assert_eq!(second.versions().collect::<Vec<_>>(), [2, 1]);
        assert_eq!(second.derive(1, Purpose::Seal), first.derive(1, Purpose::Seal));
    }

    #[test]
    fn a_generator_that_fails_or_repeats_itself_makes_no_master_key() {
        assert_eq!(MasterKey::generate(&Broken).unwrap_err(), NoRandomness);
        assert_eq!(MasterKey::generate(&Always(7)).unwrap_err(), NoRandomness);
        let key = MasterKey::parse(ONE).unwrap();
        for random in [&Broken as &dyn Random, &Always(7), &Repeating] {
            assert_eq!(key.with_next_version(random).unwrap_err(), NoNextVersion::NoRandomness(NoRandomness));
        }
    }

    #[test]
    fn after_the_last_version_there_is_no_next() {
        let key = MasterKey::parse(&format!("v2147483647:{}", &ONE[3..])).unwrap();
        let refusal = key.with_next_version(&SystemRandom::default()).unwrap_err();
        assert_eq!(refusal, NoNextVersion::Exhausted);
    }

    #[test]
    fn only_a_version_that_is_there_derives_and_is_recognised() {
        let key = MasterKey::parse(&format!("{ONE}\n{TWO}")).unwrap();
        assert_eq!(key.check_value(1), key.derive(1, Purpose::Check).map(|value| *value));
        assert_ne!(key.check_value(1), key.check_value(2));
        for version in [0, 3] {
            assert_eq!(key.check_value(version), None);
            assert_eq!(key.derive(version, Purpose::Pepper), None);
        }
    }
}
