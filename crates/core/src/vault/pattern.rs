//! The pattern that a field's value has to match. Owns its bounds: it is matched in time that grows with the value alone, whatever
//! somebody has written, and always against the whole value.

use regex_lite::{Regex, RegexBuilder};

/// As long as a pattern may be.
const LONGEST: usize = 200;
/// So much of memory a pattern may take once it is compiled: `a{1000}{1000}` would take more.
const LARGEST: usize = 32 * 1024;

/// A pattern, ready to be matched.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// Why a text cannot be a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// More than is needed.
    #[error("has at most {LONGEST} bytes")]
    TooLong,
    /// It is no regular expression, or one that would take too much.
    #[error("is no regular expression that can be matched in bounded time: {0}")]
    Refused(String),
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// [`InvalidPattern`].
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        if text.len() > LONGEST {
            return Err(InvalidPattern::TooLong);
        }
        // By itself first: a parenthesis too many must not end the group that holds it to the whole value.
        compiled(text)?;
        compiled(&format!(r"\A(?:{text})\z")).map(Self)
    }

    /// Whether the whole value is as the pattern says.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        self.0.is_match(value)
    }
}

fn compiled(text: &str) -> Result<Regex, InvalidPattern> {
    let regex = RegexBuilder::new(text).size_limit(LARGEST).build();
    regex.map_err(|error| InvalidPattern::Refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_matched_against_the_whole_value() {
        for (pattern, fits, does_not) in [
            ("[0-9]{4}", "1234", "12345"),
            ("a|b", "b", "ab"),
            ("a|b", "a", "a\n"),
            ("", "", "x"),
            ("(?i)key", "KEY", "KEYS"),
            ("(?m)^a$", "a", "a\nb"),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            assert!(pattern.matches(fits), "{pattern:?} {fits}");
            assert!(!pattern.matches(does_not), "{pattern:?} {does_not}");
        }
    }

    #[test]
    fn nobody_writes_their_way_out_of_the_whole() {
        for pattern in ["a)|(b", ")", "(", "(?x)a # ", "a)|(?:.*"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn what_would_take_too_much_is_refused() {
        let nested = format!("{}a{}", "(".repeat(90), ")".repeat(90));
        for pattern in ["a{1000}{1000}", "((a{100}){100}){100}", &"a".repeat(201), &nested] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }

    /// The worst that backtracking engines know: each of these would take them longer than anybody waits.
    #[test]
    fn no_pattern_takes_long() {
        let value = format!("{}!", "a".repeat(8_000));
        for pattern in ["(a+)+", "(a|a)*", "(a*)*b", "(.*a){12}"] {
            assert!(!Pattern::parse(pattern).unwrap().matches(&value), "{pattern}");
        }
    }
}
