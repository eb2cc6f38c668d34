//! Scope: the set of words that says what a token may do. Owns parsing, printing and set arithmetic; which words an API
//! knows and a client may ask for is decided above.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// No real request names more; the bound keeps one request from holding many strings.
const MOST_TOKENS: usize = 100;
const LONGEST_TOKEN: usize = 128;

/// A set of scope tokens (RFC 6749 §3.3), always printed in the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope(BTreeSet<String>);

/// A text that is not a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScope {
    /// RFC 6749 §3.3: `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`, separated by single spaces.
    #[error("a scope is made of tokens of printable ASCII without '\"' and '\\', separated by single spaces")]
    Syntax,
    /// More or longer tokens than any honest request has.
    #[error("a scope has at most {MOST_TOKENS} tokens of at most {LONGEST_TOKEN} characters")]
    Size,
}

impl Scope {
    /// Whether every token of this scope is also in `other`.
    #[must_use]
    pub fn is_within(&self, other: &Scope) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether the scope names nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the scope names this token.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.0.contains(token)
    }

    /// The tokens, in order.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The tokens of this scope that are in `other` as well.
    #[must_use]
    pub fn within(&self, other: &Scope) -> Scope {
        Scope(self.0.intersection(&other.0).cloned().collect())
    }

    /// The tokens of this scope that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Scope) -> Scope {
        Scope(self.0.difference(&other.0).cloned().collect())
    }

    /// The tokens of either scope.
    #[must_use]
    pub fn union(&self, other: &Scope) -> Scope {
        Scope(self.0.union(&other.0).cloned().collect())
    }
}

/// RFC 6749 §3.3: one scope token.
fn is_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

impl FromStr for Scope {
    type Err = InvalidScope;

    /// An empty text is the empty scope; a token named twice counts once.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        Self::of(text.split(' '))
    }
}

impl Scope {
    /// A scope from single tokens.
    ///
    /// # Errors
    /// [`InvalidScope`] when one of them is not a scope token, or when there are too many.
    pub fn of<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> Result<Self, InvalidScope> {
        let mut scope = BTreeSet::new();
        for token in tokens {
            let token = token.as_ref();
            if !is_token(token) {
                return Err(InvalidScope::Syntax);
            }
            if token.len() > LONGEST_TOKEN || scope.len() == MOST_TOKENS {
                return Err(InvalidScope::Size);
            }
            scope.insert(token.to_owned());
        }
        Ok(Self(scope))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, token) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(token)?;
        }
        Ok(())
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 6749 §3.3: order does not matter, and a token named twice adds nothing.
    #[test]
    fn a_scope_is_a_set() {
        let scope: Scope = "write read write".parse().unwrap();
        assert_eq!(scope.to_string(), "read write");
        assert_eq!(scope, "read write".parse().unwrap());
    }

    /// RFC 6749 §3.3: the syntax of scope and scope-token.
    #[test]
    fn what_is_not_a_scope_is_refused() {
        for bad in [" ", "a  b", " a", "a ", "a\tb", "a\"b", "a\\b", "ä", "a\0", "a\nb", "\u{7f}"] {
            assert_eq!(bad.parse::<Scope>(), Err(InvalidScope::Syntax), "{bad:?}");
        }
        assert_eq!("a".repeat(129).parse::<Scope>(), Err(InvalidScope::Size));
        let many = (0..101).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(many.parse::<Scope>(), Err(InvalidScope::Size));
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(tokens in proptest::collection::btree_set("[!#-\\[\\]-~]{1,8}", 0..8)) {
            let scope = Scope::of(&tokens).unwrap();
            prop_assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
        }

        #[test]
        fn arithmetic_is_that_of_sets(a in "[ab]( [abc])?", b in "[bc]( [abc])?") {
            let (a, b): (Scope, Scope) = (a.parse().unwrap(), b.parse().unwrap());
            prop_assert!(a.within(&b).is_within(&b) && a.within(&b).is_within(&a));
            prop_assert!(a.is_within(&a.union(&b)) && b.is_within(&a.union(&b)));
            prop_assert_eq!(a.is_within(&b), a.within(&b) == a);
        }
    }
}
