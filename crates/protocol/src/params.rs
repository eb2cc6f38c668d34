//! The parameters of a form request, decoded once and strictly. Owns `application/x-www-form-urlencoded`, the ban on
//! repeated parameters and the bounds; what a parameter means stands with the endpoint that reads it.

use crate::error::OAuthError;
use std::borrow::Cow;

/// No endpoint of ours knows half as many.
const MOST_PARAMETERS: usize = 48;
const LONGEST_NAME: usize = 128;
/// Room for the longest thing anybody presents: a page's sealed interaction, which holds a whole authorization request.
const LONGEST_VALUE: usize = 32 * 1024;

/// RFC 8707 §2: the one parameter that a request may carry several times.
const REPEATABLE: &[&str] = &["resource"];

/// The decoded parameters of one request, borrowed from its body where nothing had to be decoded.
///
/// Not `Debug`: a form carries secrets.
#[derive(Default)]
pub struct Params<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Params<'a> {
    /// Reads a form body.
    ///
    /// # Errors
    /// `invalid_request` (RFC 6749 §5.2) for a parameter that is repeated, too long, not UTF-8, badly escaped or holding
    /// a NUL character, and for too many of them.
    pub fn parse(body: &'a [u8]) -> Result<Self, OAuthError> {
        let mut params = Self(Vec::with_capacity(8));
        for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let (name, value) = (&pair[..at], pair.get(at + 1..).unwrap_or_default());
            params.push(decode(name, LONGEST_NAME)?, decode(value, LONGEST_VALUE)?)?;
        }
        Ok(params)
    }

    fn push(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) -> Result<(), OAuthError> {
        if self.0.len() == MOST_PARAMETERS {
            return Err(OAuthError::invalid_request("the request has too many parameters"));
        }
        if !REPEATABLE.contains(&&*name) && self.0.iter().any(|(known, _)| *known == name) {
            // The name is not echoed: it is the caller's text, and may be anything.
            return Err(OAuthError::invalid_request("a parameter is included more than once"));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value of a parameter; one without a value counts as omitted (RFC 6749 §3.2).
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// All values of a parameter that may be repeated.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| &**value)
    }

    /// All parameters in their order, for whoever keeps a request.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Parameters that were read before, under the same rules.
    ///
    /// # Errors
    /// `invalid_request` for what [`Self::parse`] would not have read.
    pub fn of(pairs: &'a [(String, String)]) -> Result<Self, OAuthError> {
        let mut params = Self::default();
        for (name, value) in pairs {
            if name.len() > LONGEST_NAME || value.len() > LONGEST_VALUE {
                return Err(too_long());
            }
            params.push(Cow::Borrowed(name), Cow::Borrowed(value))?;
        }
        Ok(params)
    }

    /// The value of a parameter that the request must carry.
    ///
    /// # Errors
    /// `invalid_request` that names the missing parameter.
    pub fn required(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.value(name)
            .ok_or_else(|| OAuthError::invalid_request(format!("the parameter '{name}' is missing")))
    }
}

/// Decodes one name or value of a form (WHATWG URL §5.1, but strictly: what is malformed is refused, not repaired).
///
/// # Errors
/// `invalid_request`, without an echo of the text.
pub fn decode(text: &[u8], longest: usize) -> Result<Cow<'_, str>, OAuthError> {
    // Each decoded byte takes at most three.
    if text.len() > 3 * longest {
        return Err(too_long());
    }
    let decoded = if text.iter().any(|b| matches!(b, b'%' | b'+')) {
        let bytes = unescape(text)
            .ok_or_else(|| OAuthError::invalid_request("a parameter is badly percent-encoded"))?;
        String::from_utf8(bytes).map(Cow::Owned).map_err(|_| not_utf8())?
    } else {
        std::str::from_utf8(text).map(Cow::Borrowed).map_err(|_| not_utf8())?
    };
    if decoded.len() > longest {
        return Err(too_long());
    }
    if decoded.contains('\0') {
        return Err(OAuthError::invalid_request("a parameter holds a NUL character"));
    }
    Ok(decoded)
}

fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(*rest.next()?)? << 4 | hex(*rest.next()?)?,
            plain => *plain,
        });
    }
    Some(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn not_utf8() -> OAuthError {
    OAuthError::invalid_request("a parameter is not UTF-8")
}

fn too_long() -> OAuthError {
    OAuthError::invalid_request("a parameter is too long")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(body: &[u8]) -> String {
        Params::parse(body).err().map(|error| error.description().to_owned()).unwrap_or_default()
    }

    /// RFC 6749 §3.2: parameters without a value are treated as if omitted, unknown ones are ignored.
    #[test]
    fn an_empty_parameter_counts_as_omitted() {
        let params = Params::parse(b"grant_type=client_credentials&scope=&x&&y=1").unwrap();
        assert_eq!(params.value("grant_type"), Some("client_credentials"));
        assert_eq!(params.value("scope"), None);
        assert!(params.required("scope").is_err());
    }

    /// RFC 6749 §3.2: parameters must not be included more than once.
    #[test]
    fn a_repeated_parameter_is_refused_even_when_unknown_empty_or_escaped() {
        for body in ["scope=a&scope=b", "scope=a&scope=a", "x=1&x=2", "scope=&scope=a", "scope=a&sc%6fpe=b"] {
            assert!(refusal(body.as_bytes()).contains("more than once"), "{body}");
        }
    }

    /// RFC 8707 §2: `resource` may be used several times in one request.
    #[test]
    fn resource_may_be_repeated() {
        let params = Params::parse(b"resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb").unwrap();
        assert_eq!(params.values("resource").collect::<Vec<_>>(), ["https://a", "https://b"]);
    }

    /// RFC 6749 Appendix B §B: names and values are form-encoded UTF-8.
    #[test]
    fn what_is_not_a_form_of_utf_8_is_refused() {
        assert!(refusal(b"scope=%ff").contains("UTF-8"));
        assert!(refusal(b"scope=\xff").contains("UTF-8"));
        assert!(refusal(b"scope=%zz").contains("percent-encoded"));
        assert!(refusal(b"scope=%4").contains("percent-encoded"));
        assert!(refusal(b"scope=a%00b").contains("NUL"));
        assert!(refusal(b"scope=a\0b").contains("NUL"));
        assert!(refusal(b"sc\0ope=a").contains("NUL"));
    }

    #[test]
    fn sizes_are_bounded() {
        assert!(refusal(format!("scope={}", "a".repeat(LONGEST_VALUE + 1)).as_bytes()).contains("too long"));
        assert!(
            refusal(format!("scope={}", "%61".repeat(LONGEST_VALUE + 1)).as_bytes()).contains("too long")
        );
        assert!(refusal(format!("scope={}", "a".repeat(LONGEST_VALUE)).as_bytes()).is_empty());
        assert!(refusal(format!("{}=1", "n".repeat(LONGEST_NAME + 1)).as_bytes()).contains("too long"));
        let many: String = (0..=MOST_PARAMETERS).map(|n| format!("p{n}=1&")).collect();
        assert!(refusal(many.as_bytes()).contains("too many"));
    }

    proptest! {
        #[test]
        fn what_url_encodes_we_decode(name in "[a-z]{1,8}", value in "[^\0]{1,40}") {
            let body = url::form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
            let params = Params::parse(body.as_bytes()).unwrap();
            prop_assert_eq!(params.value(&name), Some(value.as_str()));
        }

        #[test]
        fn no_body_makes_it_panic(body: Vec<u8>) {
            let _ = Params::parse(&body);
        }
    }
}
