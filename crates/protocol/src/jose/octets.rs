//! Bytes as JOSE writes them in JSON. Owns the one spelling each byte string has; what the bytes mean is for whoever
//! holds them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// RFC 7515 §2: bytes that JSON carries as base64url without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Octets(Vec<u8>);

impl Octets {
    /// A copy of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 7515 §2: base64url without padding, in its one canonical form.
    #[test]
    fn octets_have_one_spelling() {
        for spelling in ["AQA=", "AQB", "AQ A", "AQ+A", "A"] {
            assert!(serde_json::from_value::<Octets>(json!(spelling)).is_err(), "{spelling}");
        }
        assert_eq!(serde_json::from_value::<Octets>(json!("AQAB")).unwrap(), Octets::new(&[1, 0, 1]));
    }
}
