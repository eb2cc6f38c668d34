//! Randomness, injected: the operating system's generator and what is drawn from it. Owns the only place of the rules
//! that makes secrets and identifiers.

use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use ring::rand::SecureRandom;

/// The operating system did not give random bytes. Nothing may be issued then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system's random generator failed")]
pub struct NoRandomness;

/// Gives random bytes fit for secrets.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    ///
    /// # Errors
    /// [`NoRandomness`] when the generator fails.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The operating system's generator.
pub struct SystemRandom(ring::rand::SystemRandom);

impl Default for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the generator's home")]
    fn default() -> Self {
        Self(ring::rand::SystemRandom::new())
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.fill(bytes).map_err(|_| NoRandomness)
    }
}

impl dyn Random + '_ {
    /// 256 bits, the strength of every secret (RFC 6749 §10.10).
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn secret(&self) -> Result<[u8; 32], NoRandomness> {
        let mut bytes = [0; 32];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A new identifier. The time in it is only for order; 80 random bits make it unique.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn id(&self, now: Seconds) -> Result<Id, NoRandomness> {
        let mut bytes = [0; 16];
        self.fill(&mut bytes[6..])?;
        let milliseconds = u64::try_from(now.0).unwrap_or(0).saturating_mul(1000);
        Ok(Id::from_parts(milliseconds, u128::from_be_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_unique_and_ordered_by_time() {
        let random: &dyn Random = &SystemRandom::default();
        let (first, second, later) = (random.id(Seconds(10)), random.id(Seconds(10)), random.id(Seconds(11)));
        assert_ne!(first, second);
        assert!(later.unwrap() > first.unwrap());
    }
}
