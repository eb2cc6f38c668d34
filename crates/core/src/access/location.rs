//! Where an API is reached: a host, and a path below which everything is its own. Owns how such a place is written, and which of
//! several a request goes to; that no two APIs have the same one is for whoever registers them.

use doorward_protocol::access::level::PathPattern;
use doorward_protocol::access::path::Path;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use url::Url;

/// A place where an API is reached, as people write it: `https://api.example/orders`. That it is https says nothing: whoever asks
/// about a request tells its host, not its scheme.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location {
    text: String,
    host: String,
    /// Everything below its path.
    below: PathPattern,
}

/// A text that is no such place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidLocation(&'static str);

/// What stands at which place.
#[derive(Debug)]
pub struct Locations<T>(HashMap<String, Vec<(PathPattern, T)>>);

impl<T> Default for Locations<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Locations<T> {
    /// Adds something at a place.
    pub fn add(&mut self, location: &Location, what: T) {
        let at = self.0.entry(location.host.clone()).or_default();
        at.push((location.below.clone(), what));
        // The longest path first: of those that a request is below, it is the nearest.
        at.sort_by_key(|(below, _)| std::cmp::Reverse(below.as_str().len()));
    }

    /// What a request to this host and path goes to.
    #[must_use]
    pub fn at(&self, host: &str, path: Path<'_>) -> Option<&T> {
        let places = self.0.get(&*told(host))?;
        places.iter().find(|(below, _)| below.matches(path)).map(|(_, what)| what)
    }
}

/// RFC 9110 §4.2.3: a host is written in any case, and with the default port or without. Whose default it would be is not told.
fn told(host: &str) -> Cow<'_, str> {
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host);
    match host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(host.to_ascii_lowercase()),
        false => Cow::Borrowed(host),
    }
}

impl FromStr for Location {
    type Err = InvalidLocation;

    fn from_str(text: &str) -> Result<Self, InvalidLocation> {
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "https");
        let url = url.ok_or(InvalidLocation("is written https://host[:port][/path]"))?;
        let is_as_it_stands = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
        if !is_as_it_stands || text.contains(['?', '#', '@', '*']) {
            return Err(InvalidLocation(
                "is written in normal form (lower-case host, no default port), with host and path alone",
            ));
        }
        if url.port() == Some(80) {
            return Err(InvalidLocation("names no port 80: it is not told from the default one"));
        }
        // Else one place could be written in two ways, and be two APIs'.
        if url.path().split('%').skip(1).any(is_needless) {
            return Err(InvalidLocation("escapes in its path what stands in a path as it is"));
        }
        let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let below = format!("{}/**", url.path().trim_end_matches('/'));
        let below = below.parse().map_err(|_| InvalidLocation("has a path of which there is one reading"))?;
        Ok(Self { text: text.trim_end_matches('/').to_owned(), host, below })
    }
}

/// RFC 3986 §3.3: whether what an escape begins with is a mark that a segment may hold as it is.
fn is_needless(escape: &str) -> bool {
    let octet = escape.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    octet.is_some_and(|octet| b"!$&'()*+,=:@".contains(&octet))
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_written_in_one_way() {
        for (text, written) in [
            ("https://api.example", "https://api.example"),
            ("https://api.example/", "https://api.example"),
            ("https://api.example:8443/v1/orders/", "https://api.example:8443/v1/orders"),
            ("https://[2001:db8::1]/a%20b", "https://[2001:db8::1]/a%20b"),
        ] {
            assert_eq!(text.parse::<Location>().map(|location| location.to_string()).as_deref(), Ok(written));
        }
        for bad in [
            "",
            "api.example",
            "http://api.example",
            "https://",
            "https://API.example",
            "https://api.example:443",
            "https://api.example:80/a",
            "https://user@api.example",
            "https://api.example/a?b",
            "https://api.example?",
            "https://api.example/a#b",
            "https://api.example/a//b",
            "https://api.example/a/../b",
            "https://api.example/a%2fb",
            "https://api.example/a;b",
            "https://api.example/*",
            "https://api.example/%61",
            "https://api.example/a%21",
            "https://api.example/a%2A",
            "https://api.example/a%40b",
        ] {
            assert!(bad.parse::<Location>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_request_goes_to_the_nearest_place() {
        let mut all = Locations::default();
        for (api, location) in [
            (1, "https://api.example"),
            (1, "https://api.example:8443"),
            (2, "https://api.example/v1/orders"),
            (2, "https://other.example/x"),
            (3, "https://api.example/v1"),
        ] {
            all.add(&location.parse().unwrap(), api);
        }
        let at = |host: &str, path: &str| all.at(host, Path::read(path).unwrap()).copied();
        for (host, path, found) in [
            ("api.example", "/", Some(1)),
            ("API.example:443", "/v1", Some(3)),
            ("api.example:80", "/v1/", Some(3)),
            ("api.example", "/v1/ordersx", Some(3)),
            ("api.example", "/v1/orders", Some(2)),
            ("api.example", "/v1/orders/7", Some(2)),
            ("api.example", "/v1/%6Frders/7", Some(2)),
            ("api.example:8443", "/v1/orders", Some(1)),
            ("other.example", "/y", None),
            ("other.example", "/", None),
            ("api.example.", "/", None),
            ("x.api.example", "/", None),
            ("api.example, other.example", "/", None),
            ("", "/", None),
        ] {
            assert_eq!(at(host, path), found, "{host}{path}");
        }
    }
}
