//! Randomness that is none: it counts, so that a test is the same each time and yet no two secrets are.

use doorward_core::random::{NoRandomness, Random};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Gives each buffer a number of its own, at its end, after zeros.
#[derive(Debug, Default)]
pub struct CountingRandom(AtomicU64);

impl Random for CountingRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        let number = self.0.fetch_add(1, SeqCst).to_be_bytes();
        bytes.fill(0);
        let length = bytes.len();
        let tail = length.min(number.len());
        bytes[length - tail..].copy_from_slice(&number[number.len() - tail..]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_buffer_gets_the_next_number() {
        let random = CountingRandom::default();
        let (mut first, mut second) = ([9; 10], [9; 1]);
        random.fill(&mut first).unwrap();
        random.fill(&mut second).unwrap();
        assert_eq!((first, second), ([0; 10], [1]));
    }
}
