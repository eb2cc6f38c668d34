//! Values that must not be seen: [`Secret`], which nothing can print, and [`Digest`], which is all that a store ever
//! holds of one. Owns comparison in constant time; which key a digest is made with is `keys`' business.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret text: wiped when dropped, without `Debug`, `Display`, `Serialize` or `==`, so that it cannot slip into a log,
/// an answer or an early-exit comparison by accident.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text into custody.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one place that hashes it or hands it to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The keyed hash (HMAC-SHA-256) of a secret: the only form in which one is stored or looked up.
///
/// `==` compares in constant time. `Hash` and `Ord` are absent on purpose; `Debug` shows nothing.
#[derive(Clone, Copy)]
pub struct Digest(pub [u8; 32]);

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest(…)")
    }
}
