//! Where signatures and new keys get their randomness: the operating system, through ring. This is one of the homes of
//! the ban on `SystemRandom::new`; ids, secrets and tokens draw theirs from the context instead.

use ring::error::Unspecified;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use rsa::rand_core::{self, CryptoRng, RngCore};
use zeroize::Zeroizing;

/// The operating system's generator.
#[expect(
    clippy::disallowed_methods,
    reason = "a signature's nonce and a new private key are nobody's to inject: a predictable one gives the key away"
)]
pub(super) fn system() -> SystemRandom {
    SystemRandom::new()
}

/// A stream of random bytes for the search of RSA primes.
///
/// `rand_core` asks for bytes as something that cannot fail, while the operating system may refuse; so 256 bits are
/// drawn once, where a refusal is still an answer, and expanded by HMAC-SHA-256 over a counter (the construction of
/// NIST SP 800-108 §4.1, far above the 112 bits of strength a 2048-bit modulus has to give).
pub(super) struct PrimeSearch {
    seed: hmac::Key,
    blocks: u64,
}

impl PrimeSearch {
    pub(super) fn seeded() -> Result<Self, Unspecified> {
        let mut seed = Zeroizing::new([0; 32]);
        system().fill(&mut *seed)?;
        Ok(Self { seed: hmac::Key::new(hmac::HMAC_SHA256, &*seed), blocks: 0 })
    }
}

impl RngCore for PrimeSearch {
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        for part in dest.chunks_mut(32) {
            self.blocks += 1;
            let block = hmac::sign(&self.seed, &self.blocks.to_be_bytes());
            part.copy_from_slice(&block.as_ref()[..part.len()]);
        }
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }

    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }
}

impl CryptoRng for PrimeSearch {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_neither_repeats_itself_nor_another() {
        let (mut one, mut other) = (PrimeSearch::seeded().unwrap(), PrimeSearch::seeded().unwrap());
        let mut seen = std::collections::HashSet::new();
        for _ in 0..64 {
            let mut bytes = [0; 40];
            one.fill_bytes(&mut bytes);
            assert!(seen.insert(bytes));
            other.fill_bytes(&mut bytes);
            assert!(seen.insert(bytes));
        }
    }
}
