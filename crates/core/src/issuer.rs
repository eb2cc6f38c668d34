//! The issuer: the one URL by which everybody knows this server (RFC 8414 §2). Owns its rules and the paths that follow
//! from it; every absolute URL the server utters is built here, from configuration and nothing else.

use std::fmt;
use std::str::FromStr;

/// The issuer identifier: `https`, or `http` on a loopback address, without query, fragment or trailing slash.
#[derive(Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    path_at: usize,
}

/// Why a text cannot be an issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIssuer {
    /// Not an absolute URL with a host.
    #[error("the issuer is an absolute https URL")]
    NotAUrl,
    /// RFC 8414 §2.
    #[error("the issuer has no query and no fragment")]
    QueryOrFragment,
    /// A user name or password.
    #[error("the issuer holds no user name or password")]
    UserInfo,
    /// Plain http where a network is in between.
    #[error("the issuer is plain http")]
    Insecure,
    /// Another spelling of an issuer.
    #[error("the issuer is not in normal form, and clients compare it character by character")]
    NotNormal {
        /// The spelling that would do.
        normal: String,
    },
}

impl Issuer {
    /// The text, exactly as it stands in metadata and tokens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its path, empty for an issuer without one.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.text[self.path_at..]
    }

    /// RFC 6454 §6.2: scheme, host and port, as browsers write them: the issuer is in normal form, and so is this.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.text[..self.path_at]
    }

    /// Whether TLS stands before it; plain http is for a loopback address alone.
    #[must_use]
    pub fn uses_tls(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Its host and, where one is written, its port: what a request's `Host` must say.
    #[must_use]
    pub fn authority(&self) -> &str {
        let from = self.text.find("://").map_or(0, |at| at + 3);
        &self.text[from..self.path_at]
    }

    /// A path below it, from the host's root.
    #[must_use]
    pub fn path_to(&self, path: &str) -> String {
        format!("{}{path}", self.path())
    }

    /// The absolute URL of an endpoint, whose path begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

impl FromStr for Issuer {
    type Err = InvalidIssuer;

    fn from_str(text: &str) -> Result<Self, InvalidIssuer> {
        let url = url::Url::parse(text).map_err(|_| InvalidIssuer::NotAUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidIssuer::UserInfo);
        }
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(InvalidIssuer::NotAUrl);
        }
        if !is_secure(&url) {
            return Err(InvalidIssuer::Insecure);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidIssuer::QueryOrFragment);
        }
        // Without a slash at its end, as a path is put behind it.
        let normal = url.as_str().trim_end_matches('/');
        if normal != text {
            return Err(InvalidIssuer::NotNormal { normal: normal.to_owned() });
        }
        let from = text.find("://").map_or(0, |at| at + 3);
        let path_at = text[from..].find('/').map_or(text.len(), |at| from + at);
        Ok(Self { text: text.to_owned(), path_at })
    }
}

/// RFC 8414 §2 wants https. A loopback address is the one place where plain http reveals nothing to a network.
fn is_secure(url: &url::Url) -> bool {
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || loopback
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8414 §2: the issuer is an https URL without query or fragment.
    #[test]
    fn an_issuer_is_secure_and_in_normal_form() {
        for good in [
            "https://as.example",
            "https://as.example/tenant/a",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://localhost:1",
        ] {
            assert!(good.parse::<Issuer>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "as.example",
            "http://as.example",
            "https://as.example/",
            "https://as.example?x",
            "https://as.example#x",
            "https://u@as.example",
            "https://AS.example",
            "https://as.example:443",
            "https://as.example/a/../b",
            "ftp://as.example",
            "http://127.0.0.1.evil.example",
            "https://as.example/t/",
        ] {
            assert!(bad.parse::<Issuer>().is_err(), "{bad}");
        }
    }

    #[test]
    fn its_parts_are_those_of_the_text() {
        let issuer: Issuer = "https://as.example:8443/tenant/a".parse().unwrap();
        assert_eq!((issuer.authority(), issuer.path()), ("as.example:8443", "/tenant/a"));
        assert_eq!(issuer.url("/oauth2/token"), "https://as.example:8443/tenant/a/oauth2/token");
        assert_eq!(issuer.path_to("/oauth2/token"), "/tenant/a/oauth2/token");
        assert_eq!((issuer.origin(), issuer.uses_tls()), ("https://as.example:8443", true));
        let plain: Issuer = "http://127.0.0.1:8080".parse().unwrap();
        assert_eq!((plain.authority(), plain.path()), ("127.0.0.1:8080", ""));
        assert_eq!((plain.origin(), plain.uses_tls()), ("http://127.0.0.1:8080", false));
    }
}
