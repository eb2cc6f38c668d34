//! Paths of requests, and the patterns that a level maps them by. Owns what is odd about a path, so that a server behind may
//! read it otherwise than we do: such a path is refused, never repaired. What a level lets through is [`super::decision`]'s.

use crate::access::level::PathPattern;
use std::fmt;
use std::str::FromStr;

/// Longer than any pattern that a person would write.
const LONGEST_PATTERN: usize = 256;

/// One segment, whatever it is.
const ONE: &str = "*";
/// All segments that follow, if there are any.
const REST: &str = "**";

/// A path of a request, of which there is only one reading (RFC 3986 §6.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path<'a>(&'a str);

/// A path that different servers read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path has more than one reading")]
pub struct OddPath;

/// Why a text is no pattern of paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// It is no path from the root on.
    #[error("a pattern begins with '/' and has at most {LONGEST_PATTERN} characters")]
    NotAPath,
    /// No request that is let through has such a segment.
    #[error(
        "a pattern's segments are written as in a URL in normal form, without empty, '.' and '..' segments"
    )]
    Segment,
    /// A star beside something else, or two before the end.
    #[error("'*' stands for one whole segment, and '**' only at the end")]
    Star,
}

impl<'a> Path<'a> {
    /// Reads the path of a request, without its query.
    ///
    /// # Errors
    /// [`OddPath`] for whatever one server resolves, cuts off or unifies and another does not: an encoded slash, backslash or
    /// NUL, dot segments in any spelling, empty segments but the last, parameters of segments, a fragment, what is not ASCII.
    pub fn read(text: &'a str) -> Result<Self, OddPath> {
        let segments = text.strip_prefix('/').ok_or(OddPath)?;
        if !segments.bytes().all(|b| b == b'/' || is_plain(b)) {
            return Err(OddPath);
        }
        let last = segments.split('/').count() - 1;
        let is_odd = |(at, segment): (usize, &str)| (segment.is_empty() && at < last) || is_odd(segment);
        if segments.split('/').enumerate().any(is_odd) { Err(OddPath) } else { Ok(Self(text)) }
    }

    /// The path of a request target (RFC 9112 §3.2.1, §3.2.2): a path and perhaps a query, with or without scheme and host.
    ///
    /// # Errors
    /// [`OddPath`].
    pub fn of_target(target: &'a str) -> Result<Self, OddPath> {
        let before_query = target.split_once('?').map_or(target, |(path, _)| path);
        let after_host = match before_query.split_once("://") {
            Some((scheme, rest)) if !scheme.contains('/') => match rest.find('/') {
                Some(at) => &rest[at..],
                None => "/",
            },
            _ => before_query,
        };
        if target.contains('#') { Err(OddPath) } else { Self::read(after_host) }
    }

    /// The text, as it came.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    fn segments(self) -> std::str::Split<'a, char> {
        self.0[1..].split('/')
    }
}

/// RFC 3986 §3.3: the characters of a segment, without `;`, before which some servers cut a segment off.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')')
        || matches!(byte, b'*' | b'+' | b',' | b'=' | b':' | b'@')
}

/// Whether a segment is a dot segment, is badly escaped, or hides what would be a separator or the end.
fn is_odd(segment: &str) -> bool {
    let mut dots = 0_usize;
    let mut length = 0_usize;
    for octet in octets(segment) {
        let Some((octet, is_escaped)) = octet else { return true };
        if is_escaped && (octet.is_ascii_control() || matches!(octet, b'/' | b'\\' | b';' | b'%')) {
            return true;
        }
        dots += usize::from(octet == b'.');
        length += 1;
    }
    (1..=2).contains(&length) && dots == length
}

/// What a segment stands for, octet by octet, and whether each was escaped; `None` where the escape is none.
fn octets(segment: &str) -> impl Iterator<Item = Option<(u8, bool)>> {
    let mut bytes = segment.bytes();
    std::iter::from_fn(move || {
        let byte = bytes.next()?;
        if byte != b'%' {
            return Some(Some((byte, false)));
        }
        let digits = bytes.next().and_then(hex).zip(bytes.next().and_then(hex));
        Some(digits.map(|(high, low)| (high << 4 | low, true)))
    })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

impl PathPattern {
    /// Whether a path is one of those it describes. RFC 3986 §6.2.2.1, §6.2.2.2: an octet is the same escaped or not.
    #[must_use]
    pub fn matches(&self, path: Path<'_>) -> bool {
        let mut segments = path.segments();
        for wanted in self.0[1..].split('/') {
            if wanted == REST {
                return true;
            }
            match segments.next() {
                Some(segment) if wanted == ONE && !segment.is_empty() => {}
                Some(segment) if wanted != ONE && is_same(wanted, segment) => {}
                _ => return false,
            }
        }
        segments.next().is_none()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_same(wanted: &str, segment: &str) -> bool {
    let octet = |octet: Option<(u8, bool)>| octet.map(|(octet, _)| octet);
    octets(wanted).map(octet).eq(octets(segment).map(octet))
}

impl FromStr for PathPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let segments = text.strip_prefix('/').filter(|_| text.len() <= LONGEST_PATTERN);
        let segments = segments.ok_or(InvalidPattern::NotAPath)?;
        let last = segments.split('/').count() - 1;
        for (at, segment) in segments.split('/').enumerate() {
            match segment {
                ONE => {}
                REST if at == last => {}
                starred if starred.contains('*') => return Err(InvalidPattern::Star),
                _ => {}
            }
        }
        if Path::read(text).is_err() || !is_normal(text) {
            return Err(InvalidPattern::Segment);
        }
        Ok(Self(text.to_owned()))
    }
}

/// RFC 3986 §6.2.2: what need not be escaped is not, and what is escaped is so in upper case.
fn is_normal(text: &str) -> bool {
    let upper = |escape: &str| !escape.as_bytes().iter().take(2).any(u8::is_ascii_lowercase);
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.split('%').skip(1).all(upper)
        && octets(text).flatten().all(|(octet, is_escaped)| !(is_escaped && unreserved(octet)))
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, path: &str) -> bool {
        pattern.parse::<PathPattern>().unwrap().matches(Path::read(path).unwrap())
    }

    #[test]
    fn a_pattern_matches_segment_by_segment() {
        for (pattern, path) in [
            ("/", "/"),
            ("/orders", "/orders"),
            ("/orders/", "/orders/"),
            ("/orders/*", "/orders/7"),
            ("/orders/*/lines", "/orders/7/lines"),
            ("/orders/**", "/orders"),
            ("/orders/**", "/orders/"),
            ("/orders/**", "/orders/7/lines"),
            ("/**", "/"),
            ("/**", "/anything/at/all"),
            ("/~me", "/%7Eme"),
            ("/a%20b", "/a%20b"),
            ("/caf%C3%A9", "/caf%c3%a9"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/", "/orders"),
            ("/orders", "/orders/"),
            ("/orders", "/Orders"),
            ("/orders", "/orders2"),
            ("/orders/*", "/orders"),
            ("/orders/*", "/orders/"),
            ("/orders/*", "/orders/7/lines"),
            ("/orders/**", "/ordersx"),
            ("/*/lines", "/lines"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_that_no_path_could_match_is_refused_with_the_reason() {
        let read = |text: &str| text.parse::<PathPattern>().unwrap_err();
        for text in ["", "orders", "*", &format!("/{}", "x".repeat(LONGEST_PATTERN))] {
            assert_eq!(read(text), InvalidPattern::NotAPath, "{text}");
        }
        for text in ["/a*", "/**/a", "/***", "/a/*b/c", "/*.json"] {
            assert_eq!(read(text), InvalidPattern::Star, "{text}");
        }
        for text in
            ["/a//b", "/a/../b", "/.", "/a;b", "/a?b", "/ä", "/a b", "/%7e", "/a%2fb", "/%c3%a9", "/%"]
        {
            assert_eq!(read(text), InvalidPattern::Segment, "{text}");
        }
    }

    /// What proxies and servers disagree about is not decided on.
    #[test]
    fn a_path_with_two_readings_is_odd() {
        for path in [
            "",
            "orders",
            "*",
            "//",
            "/a//b",
            "/.",
            "/..",
            "/a/../b",
            "/a/./b",
            "/%2e%2e/b",
            "/a/.%2E",
            "/a%2Fb",
            "/a%2fb",
            "/a%5Cb",
            "/a\\b",
            "/a;x=1/b",
            "/a%3Bx",
            "/a#b",
            "/a?b",
            "/a%00",
            "/a%0a",
            "/a%252Fb",
            "/a%",
            "/a%4",
            "/a%zz",
            "/a b",
            "/\u{e4}",
            "/a\n",
        ] {
            assert_eq!(Path::read(path), Err(OddPath), "{path:?}");
        }
        for path in ["/", "/a", "/a/", "/...", "/a.b", "/.well-known/x", "/a:b@c", "/%20", "/a%C3%A4"] {
            assert!(Path::read(path).is_ok(), "{path}");
        }
    }

    /// RFC 9112 §3.2.1, §3.2.2: the target of a request in its two usual forms.
    #[test]
    fn a_request_target_has_one_path() {
        let path = |target| Path::of_target(target).map(|path| path.as_str());
        assert_eq!(path("/a/b?c=/../d"), Ok("/a/b"));
        assert_eq!(path("https://api.example/a?b"), Ok("/a"));
        assert_eq!(path("https://api.example"), Ok("/"));
        assert_eq!(path("/a?next=https://b.example/c"), Ok("/a"));
        for odd in ["/a#b", "/a?b#c", "a/b", "https://api.example/a/../b", "//api.example/a", "*"] {
            assert_eq!(path(odd), Err(OddPath), "{odd}");
        }
    }

    proptest! {
        /// However a segment is escaped, it is the same segment.
        #[test]
        fn escaping_does_not_change_what_a_path_matches(name in "[a-z~_-]{1,12}", escaped in any::<u16>()) {
            let spelt: String = name.char_indices().map(|(at, c)| match escaped >> at & 1 {
                1 => format!("%{:02x}", u32::from(c)),
                _ => c.to_string(),
            }).collect();
            let pattern = format!("/x/{name}");
            let path = format!("/x/{spelt}");
            prop_assert!(matches(&pattern, &path));
            let longer = format!("{path}x");
            prop_assert!(!matches(&pattern, &longer));
        }

        #[test]
        fn no_text_makes_it_panic(path in "\\PC{0,40}", pattern in "[/a%2e*;.]{0,20}") {
            let (path, pattern) = (Path::of_target(&path), pattern.parse::<PathPattern>());
            if let (Ok(path), Ok(pattern)) = (path, pattern) {
                let _ = pattern.matches(path);
            }
        }
    }
}
