//! Where a client may send people back to. Owns what may be registered as a redirect URI, the one comparison of a
//! requested URI with the registered ones, and the address an answer goes to; leaves to the endpoints what is answered.
//! Requests are compared as bytes and never parsed: the only part that may differ is a port on the loopback interface.
//! Whether a client is public is an argument and not part of the URI, so that its text alone says what it is.

pub mod syntax;
#[cfg(test)]
mod tests_matching;
#[cfg(test)]
mod tests_properties;
#[cfg(test)]
mod tests_registration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use url::form_urlencoded::byte_serialize;

use syntax::{Kind, RedirectUriError, Shape};

/// A redirect URI fit to be registered (RFC 6749 §3.1.2). No spelling is ever mended: what a browser would read in
/// another way than it is written is refused instead.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri {
    text: String,
    shape: Shape,
}

impl RedirectUri {
    /// Takes a URI for a public or a confidential client, exactly as written.
    ///
    /// # Errors
    /// When it may not be registered; the error says why, in a sentence for whoever typed it.
    pub fn parse(text: &str, public: bool) -> Result<Self, RedirectUriError> {
        let uri = Self { text: text.to_owned(), shape: syntax::shape(text)? };
        uri.permitted_for(public)?;
        Ok(uri)
    }

    /// Asks again whether a client of this kind may have it, for the moment at which a client changes its kind.
    ///
    /// RFC 8252 §7.1, §8.4: a private-use scheme belongs to a native app, and a native app keeps no secret; at a
    /// confidential client it is a mistake, and an app that took the scheme for itself would be met by no other check.
    ///
    /// # Errors
    /// When only a public client may have it.
    pub const fn permitted_for(&self, public: bool) -> Result<(), RedirectUriError> {
        match self.shape.kind {
            Kind::PrivateUse if !public => Err(RedirectUriError::PrivateUseOfConfidential),
            _ => Ok(()),
        }
    }

    /// The URI as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The target that a request for `requested` leads to, if it is this URI.
    fn target(&self, requested: &str, public: bool) -> Option<RedirectTarget> {
        let end = if requested == self.text {
            self.shape.port_end
        } else {
            self.same_but_for_the_port(requested, public)?
        };
        self.permitted_for(public).ok()?;
        Some(RedirectTarget { text: requested.to_owned(), origin_end: end })
    }

    /// RFC 8252 §7.3: a native app listens on whatever port it was given. Everything before the port and everything
    /// after it, the query included, is still compared byte for byte. Returns where the requested port ends.
    fn same_but_for_the_port(&self, requested: &str, public: bool) -> Option<usize> {
        if !self.port_is_free(public) {
            return None;
        }
        let after_host = requested.strip_prefix(&self.text[..self.shape.host_end])?;
        let port_end = self.shape.host_end + syntax::port_length(after_host)?;
        (requested[port_end..] == self.text[self.shape.port_end..]).then_some(port_end)
    }

    /// RFC 8252 §8.3: `localhost` is a name, which a resolver or a hosts file may lead elsewhere. A public client may
    /// be one that cannot do without it; a confidential one (a web application somebody develops) knows its port.
    const fn port_is_free(&self, public: bool) -> bool {
        match self.shape.kind {
            Kind::LoopbackAddress => true,
            Kind::Localhost => public,
            Kind::Https | Kind::PrivateUse => false,
        }
    }
}

/// RFC 9700 §2.1: finds the registered URI that was asked for, by exact string comparison; `public` says of the client
/// whether it has no credentials. `None` is answered on a page of ours, never by a redirect.
#[must_use]
pub fn match_redirect(requested: &str, registered: &[RedirectUri], public: bool) -> Option<RedirectTarget> {
    registered.iter().find_map(|uri| uri.target(requested, public))
}

/// An address that a code or an error may be sent to: made only by [`match_redirect`], so that no answer, and no error
/// either, can leave for a place that nobody registered (RFC 6749 §3.1.2.4).
#[derive(Clone, PartialEq, Eq)]
pub struct RedirectTarget {
    text: String,
    origin_end: usize,
}

impl RedirectTarget {
    /// The URI as it was requested, which the token request has to repeat (RFC 6749 §4.1.3).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part that a page names as a source in its `form-action` (CSP 3 §2.3.1): scheme, host and port, or the bare
    /// scheme of a private-use URI. It holds neither space, comma nor semicolon, so it cannot end the directive.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.text[..self.origin_end]
    }

    /// RFC 6749 §3.1.2, §4.1.2: the URI with these parameters appended in form encoding, its own query kept as it is.
    /// A registered query never holds the name of a response parameter, so each arrives once.
    #[must_use]
    pub fn with_query(&self, parameters: &[(&str, &str)]) -> String {
        let mut text = self.text.clone();
        for (name, value) in parameters {
            text.push_str(separator(&text));
            text.extend(byte_serialize(name.as_bytes()));
            text.push('=');
            text.extend(byte_serialize(value.as_bytes()));
        }
        text
    }
}

/// What stands before the next parameter. Only the first `?` begins the query, any other belongs to it.
fn separator(text: &str) -> &'static str {
    match text.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl fmt::Debug for RedirectTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Reads what was registered, with every rule but the client's kind, which is not in the text: that one is asked at
/// registration by [`RedirectUri::parse`] and again at each match.
impl<'de> Deserialize<'de> for RedirectUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text, true).map_err(serde::de::Error::custom)
    }
}
