//! Identifiers: ULIDs for what the server names itself, and the narrower alphabet of `client_id`s. Owns their text
//! forms and the rule that keeps the two apart; drawing new ones needs a clock and randomness, which come from above.

use crate::time::Seconds;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use ulid::Ulid;

/// An identifier made by the server: a ULID, 26 characters of Crockford's base 32, ordered by creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u128);

/// A text that is not an [`Id`] or not a [`ClientId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(&'static str);

impl Id {
    /// An identifier from its parts: milliseconds since the epoch (48 bits) and 80 random bits.
    #[must_use]
    pub fn from_parts(milliseconds: u64, random: u128) -> Self {
        Self(Ulid::from_parts(milliseconds, random).0)
    }

    /// The lowest of the identifiers that are made at an instant.
    #[must_use]
    pub fn first_at(now: Seconds) -> Self {
        Self::from_parts(now.0.max(0).unsigned_abs().saturating_mul(1000), 0)
    }

    /// When it was made, by the clock of whoever made it.
    #[must_use]
    pub fn made_at(self) -> Seconds {
        // 48 bits of milliseconds are far from what a number of seconds can tell.
        Seconds((Ulid(self.0).timestamp_ms() / 1000).cast_signed())
    }

    /// The bare number, for keys in memory.
    #[must_use]
    pub const fn number(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; ulid::ULID_LEN];
        f.write_str(Ulid(self.0).array_to_str(&mut text))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Id {
    type Err = Malformed;

    /// Takes the canonical text only: lower case, or the letters Crockford reads as digits, would give one object
    /// several names.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let id = Ulid::from_string(text)
            .map_err(|_| Malformed("an id is 26 characters of Crockford's base 32"))?;
        if id.array_to_str(&mut [0; ulid::ULID_LEN]) != text {
            return Err(Malformed("an id is written in its canonical, upper-case form"));
        }
        Ok(Self(id.0))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The public name of a client: `[A-Za-z0-9._-]{3,64}`, never shaped like an [`Id`].
///
/// RFC 9700 §4.15: a client must not be able to choose a name that could be taken for a user's `sub`; users are named
/// by [`Id`]s, so a ULID in any spelling is refused here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if !(3..=64).contains(&text.len()) {
            return Err(Malformed("a client_id has 3 to 64 characters"));
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
            return Err(Malformed("a client_id is made of letters, digits, '.', '_' and '-'"));
        }
        if text.starts_with("dw_") {
            return Err(Malformed(
                "a client_id must not be shaped like a token or secret: it does not begin with dw_",
            ));
        }
        if Ulid::from_string(text).is_ok() {
            return Err(Malformed("a client_id must not be shaped like a user's id"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token_text::{self, TokenType};

    #[test]
    fn an_id_has_one_spelling() {
        let id = Id::from_parts(1_795_000_000_000, 0x1234_5678_9abc_def0_1234);
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        assert!(text.to_lowercase().parse::<Id>().is_err());
        assert!(text[1..].parse::<Id>().is_err());
        assert!("8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<Id>().is_err(), "more than 128 bits");
    }

    /// RFC 9700 §4.15: a client cannot take a name that looks like a user's.
    #[test]
    fn a_client_id_is_never_shaped_like_a_user_id() {
        let user = Id::from_parts(1_795_000_000_000, 7).to_string();
        assert!(user.parse::<ClientId>().is_err());
        assert!(user.to_lowercase().parse::<ClientId>().is_err());
        assert!(format!("{user}x").parse::<ClientId>().is_ok());
    }

    /// RFC 6749 §2.2: a client_id is not a secret and stands in logs, so no secret of ours can be one.
    #[test]
    fn a_client_id_is_never_shaped_like_a_secret() {
        let secret = token_text::write(TokenType::ClientSecret, &[7; 32]);
        assert!(secret.expose().parse::<ClientId>().is_err());
    }

    #[test]
    fn a_client_id_keeps_to_its_alphabet() {
        for good in ["abc", "my-app_1.2", &"x".repeat(64)] {
            assert!(good.parse::<ClientId>().is_ok(), "{good}");
        }
        for bad in ["", "ab", &"x".repeat(65), "a b", "a/b", "ä-client", "abc\0", "a:b"] {
            assert!(bad.parse::<ClientId>().is_err(), "{bad:?}");
        }
    }
}
