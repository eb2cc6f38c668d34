//! The addresses that matter: the issuer's, those of its endpoints, and where metadata stand. Owns which URLs are asked at
//! all; asking is `fetch`'s part.

use url::{Host, Url};

/// Why a URL is not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableUrl {
    /// It is no URL.
    #[error("{0} is no absolute URL")]
    Syntax(String),
    /// It could be read or changed on its way.
    #[error("{0} is neither https nor http on this machine")]
    Plain(String),
    /// RFC 8414 §2: an issuer has neither query nor fragment, and no URL of ours a user name.
    #[error("{0} holds a user name, a query or a fragment")]
    Extra(String),
    /// The issuer's metadata lead to a host that nobody here has named.
    #[error("{0} is not at the issuer's origin, nor at one that is trusted")]
    Elsewhere(String),
}

/// The authorization server as it was named, and as a URL.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    pub(crate) text: String,
    pub(crate) url: Url,
}

impl Issuer {
    pub(crate) fn parse(text: &str) -> Result<Self, UnusableUrl> {
        Ok(Self { text: text.to_owned(), url: safe(text)? })
    }

    /// RFC 8414 §3.1: the well-known path stands before that of the issuer.
    pub(crate) fn metadata(&self) -> Url {
        let mut url = self.url.clone();
        url.set_path(&well_known("oauth-authorization-server", &self.url));
        url
    }
}

/// The path of a well-known document about this URL: its own path comes last, without a slash at the end.
pub(crate) fn well_known(name: &str, about: &Url) -> String {
    format!("/.well-known/{name}{}", about.path().trim_end_matches('/'))
}

/// An endpoint that the metadata name, if it is one that may be asked.
pub(crate) fn endpoint(text: &str, issuer: &Issuer, trusted: &[Url]) -> Result<Url, UnusableUrl> {
    let url = safe(text)?;
    let known = trusted.iter().chain([&issuer.url]).any(|known| known.origin() == url.origin());
    if known { Ok(url) } else { Err(UnusableUrl::Elsewhere(text.to_owned())) }
}

/// RFC 8414 §2, RFC 9700 §2.6: a URL over TLS, or on this machine.
pub(crate) fn safe(text: &str) -> Result<Url, UnusableUrl> {
    let url = Url::parse(text).map_err(|_| UnusableUrl::Syntax(text.to_owned()))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(UnusableUrl::Plain(text.to_owned()));
    }
    let extra = url.query().is_some() || url.fragment().is_some();
    if extra || !url.username().is_empty() || url.password().is_some() {
        return Err(UnusableUrl::Extra(text.to_owned()));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8414 §3.1: the well-known path is inserted between the host and the path of the issuer.
    #[test]
    fn metadata_stand_before_the_path() {
        let metadata = |issuer: &str| Issuer::parse(issuer).unwrap().metadata().to_string();
        let document = "https://id.example/.well-known/oauth-authorization-server";
        assert_eq!(metadata("https://id.example"), document);
        assert_eq!(metadata("https://id.example/"), document);
        assert_eq!(metadata("https://id.example/a/b"), format!("{document}/a/b"));
        assert_eq!(metadata("https://id.example/a/"), format!("{document}/a"));
    }

    /// RFC 8414 §2: https, without query and fragment; http on this machine alone.
    #[test]
    fn an_issuer_that_others_could_speak_for_is_refused() {
        for issuer in
            ["https://id.example", "http://127.0.0.1:8080", "http://[::1]:1/x", "http://localhost:1"]
        {
            assert!(Issuer::parse(issuer).is_ok(), "{issuer}");
        }
        for issuer in [
            "",
            "id.example",
            "http://id.example",
            "http://10.0.0.1",
            "ftp://id.example",
            "http://localhost.evil",
        ] {
            assert!(Issuer::parse(issuer).is_err(), "{issuer}");
        }
        for issuer in
            ["https://id.example?x", "https://id.example#x", "https://a@id.example", "https://a:b@id.example"]
        {
            assert_eq!(Issuer::parse(issuer).unwrap_err(), UnusableUrl::Extra(issuer.to_owned()));
        }
    }

    /// RFC 8414 §6.2: metadata that lead elsewhere are not followed, unless that origin was named.
    #[test]
    fn an_endpoint_elsewhere_is_not_asked() {
        let issuer = Issuer::parse("https://id.example/a").unwrap();
        let ask = |text: &str, trusted: &[Url]| endpoint(text, &issuer, trusted).is_ok();
        let keys = [Url::parse("https://keys.example").unwrap()];
        assert!(ask("https://id.example/jwks", &[]));
        assert!(ask("https://keys.example/jwks", &keys));
        for elsewhere in [
            "https://keys.example/jwks",
            "https://id.example:444/jwks",
            "http://id.example/jwks",
            "http://127.0.0.1/jwks",
        ] {
            assert!(!ask(elsewhere, &[]), "{elsewhere}");
        }
    }
}
