//! The hash of a password: argon2id as a PHC string (RFC 9106). Owns making, checking and renewing it, and the floor of what
//! it costs; where it runs is `hashing`'s business, because it takes as long as a thousand other requests.

use crate::identity::password::Password;
use crate::random::{NoRandomness, Random};
use argon2::password_hash::phc::{self, ParamsString, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash};

/// OWASP's floor for argon2id with two passes, in KiB.
pub const LEAST_MEMORY: u32 = 19 * 1024;
/// Passes over that memory.
pub const LEAST_PASSES: u32 = 2;

/// RFC 9106 §3.1: 16 bytes of salt are recommended.
const SALT: usize = 16;
/// RFC 9106 §4: 32 bytes of hash.
const OUTPUT: usize = 32;
/// One lane: requests run beside one another, not within.
const LANES: u32 = 1;

/// What a hash costs; never less than the floor.
#[derive(Clone, Debug)]
pub struct Cost(Params);

/// What makes two hashes of one password differ.
#[derive(Clone, Copy)]
pub struct Salt([u8; SALT]);

/// Where hashes are worked out, one after the other: to fetch and clear 19 MiB for each would cost a twelfth of its time.
#[derive(Default)]
pub struct Memory(Vec<Block>);

/// A hash could not be made or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password hash cannot be made or read: {0}")]
pub struct Unhashable(password_hash::Error);

impl Cost {
    /// So much memory in KiB and so many passes, or the floor where that is more.
    ///
    /// # Errors
    /// [`Unhashable`] for more than argon2 allows.
    pub fn new(memory: u32, passes: u32) -> Result<Self, Unhashable> {
        Params::new(memory.max(LEAST_MEMORY), passes.max(LEAST_PASSES), LANES, Some(OUTPUT))
            .map(Self)
            .map_err(|error| Unhashable(error.into()))
    }

    /// The hash of a password, with its parameters and salt, as a PHC string.
    ///
    /// # Errors
    /// [`Unhashable`].
    pub fn hash(&self, password: &Password, salt: Salt, memory: &mut Memory) -> Result<String, Unhashable> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.clone());
        self.phc(&salt.0, memory.output(&argon2, password, &salt.0)?)
    }

    /// A hash that no password has, and that takes as long to find that out as any other of this cost: for whoever does not
    /// exist.
    ///
    /// # Errors
    /// [`Unhashable`]; [`NoRandomness`] is one of its reasons.
    pub fn nobodys_hash(&self, random: &dyn Random) -> Result<String, Unhashable> {
        let (salt, output) = (drawn::<SALT>(random)?, drawn::<OUTPUT>(random)?);
        self.phc(&salt, phc::Output::new(&output).map_err(unreadable)?)
    }

    fn phc(&self, salt: &[u8], output: phc::Output) -> Result<String, Unhashable> {
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.0).map_err(Unhashable)?,
            salt: Some(phc::Salt::new(salt).map_err(unreadable)?),
            hash: Some(output),
        };
        Ok(hash.to_string())
    }

    /// Whether a hash should be replaced at the next chance, because it was made at another cost.
    #[must_use]
    pub fn differs(&self, hash: &str) -> bool {
        let same = |hash: PasswordHash| {
            hash.algorithm == Algorithm::Argon2id.ident()
                && hash.version == Some(Version::V0x13.into())
                && Params::try_from(&hash).is_ok_and(|params| params == self.0)
        };
        !PasswordHash::new(hash).is_ok_and(same)
    }
}

impl Memory {
    /// Gives it back to the system.
    pub fn give_back(&mut self) {
        self.0 = Vec::new();
    }

    fn output(
        &mut self,
        argon2: &Argon2<'_>,
        password: &Password,
        salt: &[u8],
    ) -> Result<phc::Output, Unhashable> {
        let params = argon2.params();
        let mut output = [0; phc::Output::MAX_LENGTH];
        let output = output.get_mut(..params.output_len().unwrap_or(OUTPUT));
        let output = output.ok_or(Unhashable(password_hash::Error::OutputSize))?;
        let blocks = self.blocks(params.block_count())?;
        argon2
            .hash_password_into_with_memory(password.bytes(), salt, output, blocks)
            .map_err(|error| Unhashable(error.into()))?;
        phc::Output::new(output).map_err(unreadable)
    }

    /// Room for a hash. What the last one left there is written over before it is read.
    fn blocks(&mut self, count: usize) -> Result<&mut [Block], Unhashable> {
        let missing = count.saturating_sub(self.0.len());
        self.0.try_reserve_exact(missing).map_err(|_| Unhashable(argon2::Error::OutOfMemory.into()))?;
        self.0.resize(count, Block::new());
        Ok(&mut self.0)
    }
}

impl Salt {
    /// A new one.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draw(random: &dyn Random) -> Result<Self, NoRandomness> {
        let mut salt = [0; SALT];
        random.fill(&mut salt)?;
        Ok(Self(salt))
    }
}

/// Whether a hash is this password's, at the cost that the hash names. Compared in constant time.
///
/// # Errors
/// [`Unhashable`] when the text is no hash of argon2.
pub fn verify(password: &Password, hash: &str, memory: &mut Memory) -> Result<bool, Unhashable> {
    let hash = PasswordHash::new(hash).map_err(unreadable)?;
    let (Some(salt), Some(output)) = (&hash.salt, &hash.hash) else {
        return Err(Unhashable(password_hash::Error::EncodingInvalid));
    };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(Unhashable)?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from);
    let version = version.map_err(|error| Unhashable(error.into()))?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash).map_err(Unhashable)?);
    Ok(memory.output(&argon2, password, salt)? == *output)
}

fn drawn<const LENGTH: usize>(random: &dyn Random) -> Result<[u8; LENGTH], Unhashable> {
    let mut bytes = [0; LENGTH];
    random.fill(&mut bytes).map_err(|_| Unhashable(password_hash::Error::Crypto))?;
    Ok(bytes)
}

fn unreadable(error: phc::Error) -> Unhashable {
    Unhashable(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    fn cost() -> Cost {
        Cost::new(0, 0).unwrap()
    }

    fn salt() -> Salt {
        Salt::draw(&SystemRandom::default()).unwrap()
    }

    /// RFC 9106 §3.1 and §4: argon2id, version 0x13, 19 MiB, two passes, one lane, 16 bytes of salt, 32 of hash.
    #[test]
    fn a_hash_names_its_parameters_and_is_never_cheaper_than_the_floor() {
        let hash = cost().hash(&password("tidy kettle moss"), salt(), &mut Memory::default()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let fields: Vec<_> = hash.split('$').collect();
        assert_eq!((fields[4].len(), fields[5].len()), (22, 43), "in base 64 without padding");
    }

    /// RFC 9106 §3.2: worked out once by the reference implementation. Were this to change, nobody could sign in any more.
    #[test]
    fn the_hash_of_a_password_never_changes() {
        let known = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$scUuHamLlxH5pguqg9eppF7nUJWM+XSufEjiV7rmFAU";
        assert_eq!(
            cost()
                .hash(&password("tidy kettle moss"), Salt(*b"0123456789abcdef"), &mut Memory::default())
                .unwrap(),
            known
        );
        assert!(verify(&password("tidy kettle moss"), known, &mut Memory::default()).unwrap());
    }

    /// Whatever the last hash has left there, and however much there is of it.
    #[test]
    fn a_hash_does_not_depend_on_what_was_hashed_before() {
        let mut memory = Memory::default();
        let mut hash =
            |cost: &Cost| cost.hash(&password("tidy kettle moss"), Salt([7; SALT]), &mut memory).unwrap();
        let dearer = Cost::new(20 * 1024, 2).unwrap();
        let hashes = [hash(&cost()), hash(&dearer), hash(&cost())];
        assert_eq!(hashes[0], hashes[2]);
        let alone = dearer.hash(&password("tidy kettle moss"), Salt([7; SALT]), &mut Memory::default());
        assert_eq!(hashes[1], alone.unwrap());
    }

    #[test]
    fn no_password_is_cut_at_any_length_or_nul() {
        let long = "tidy kettle moss, ".repeat(10);
        for length in [15, 71, 72, 73, 74, 128, 180] {
            let (whole, shorter) = (&long[..length], &long[..length - 1]);
            let hash = cost().hash(&password(whole), salt(), &mut Memory::default()).unwrap();
            assert!(verify(&password(whole), &hash, &mut Memory::default()).unwrap(), "{length}");
            assert!(
                !verify(&password(shorter), &hash, &mut Memory::default()).unwrap(),
                "{length} without its end"
            );
        }
        let hash = cost().hash(&password("tidy kettle\0 moss"), salt(), &mut Memory::default()).unwrap();
        assert!(!verify(&password("tidy kettle\0 loss"), &hash, &mut Memory::default()).unwrap());
        assert!(!verify(&password("tidy kettle"), &hash, &mut Memory::default()).unwrap());
    }

    /// NIST SP 800-63B-4 §3.1.1.2: Unicode is normalised before it is hashed.
    #[test]
    fn one_password_typed_on_two_machines_is_one_password() {
        let hash =
            cost().hash(&password("cafe\u{301} am Rande der Stadt"), salt(), &mut Memory::default()).unwrap();
        assert!(verify(&password("caf\u{e9} am Rande der Stadt"), &hash, &mut Memory::default()).unwrap());
        assert!(!verify(&password("cafe am Rande der Stadt"), &hash, &mut Memory::default()).unwrap());
        assert!(
            !verify(&password("caf\u{e9} am rande der stadt"), &hash, &mut Memory::default()).unwrap(),
            "letters are not folded"
        );
        assert!(
            !verify(&password("caf\u{e9} am Rande der Stadt "), &hash, &mut Memory::default()).unwrap(),
            "spaces are not trimmed"
        );
    }

    #[test]
    fn a_hash_of_another_cost_is_good_and_due() {
        let dearer = Cost::new(20 * 1024, 3).unwrap();
        let hash = cost().hash(&password("tidy kettle moss"), salt(), &mut Memory::default()).unwrap();
        assert!(!cost().differs(&hash));
        assert!(dearer.differs(&hash));
        assert!(verify(&password("tidy kettle moss"), &hash, &mut Memory::default()).unwrap());
        assert!(cost().differs("$2b$12$abcdefghijklmnopqrstuv"));
    }

    #[test]
    fn nobodys_hash_looks_like_any_other_and_is_no_passwords() {
        let random = SystemRandom::default();
        let (one, other) = (cost().nobodys_hash(&random).unwrap(), cost().nobodys_hash(&random).unwrap());
        assert_ne!(one, other);
        assert!(!cost().differs(&one));
        assert!(!verify(&password("tidy kettle moss"), &one, &mut Memory::default()).unwrap());
    }

    #[test]
    fn what_is_no_hash_is_an_error_and_no_wrong_password() {
        for text in [
            "",
            "x",
            "$argon2id$",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
            "$argon2id$v=19$m=19456,t=2,p=1",
            "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg",
        ] {
            assert!(verify(&password("tidy kettle moss"), text, &mut Memory::default()).is_err(), "{text}");
        }
    }
}
