//! Where the server's endpoints are, by its own word (OpenID Connect Discovery §4). Owns what is believed of that word: it is
//! the issuer's that was asked, and leads nowhere less safe.

use super::http::Http;
use crate::failure::Failure;
use doorward_core::issuer::Issuer;
use serde::Deserialize;

const DOCUMENT: &str = "/.well-known/openid-configuration";

/// What a client needs of the document.
#[derive(Debug, Deserialize)]
pub(super) struct Discovered {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) userinfo_endpoint: String,
    pub(super) jwks_uri: String,
}

/// Reads the document of an issuer.
pub(super) fn discover(issuer: &Issuer, http: &Http) -> Result<Discovered, Failure> {
    let discovered: Discovered = http.get(&issuer.url(DOCUMENT))?.document("the server's metadata")?;
    believable(discovered, issuer.as_str())
}

/// OpenID Connect Discovery §4.3: the issuer is the one that was asked, letter by letter. RFC 8414 §2: the endpoints use
/// TLS; only who does without it may lead to such.
fn believable(discovered: Discovered, issuer: &str) -> Result<Discovered, Failure> {
    if discovered.issuer != issuer {
        return Err(Failure::refused(format!("the server at {issuer} says that it is another issuer")));
    }
    let scheme = if issuer.starts_with("https://") { "https://" } else { "http://" };
    let endpoints = [
        &discovered.authorization_endpoint,
        &discovered.token_endpoint,
        &discovered.userinfo_endpoint,
        &discovered.jwks_uri,
    ];
    let safe = |url: &&&String| url.starts_with("https://") || url.starts_with(scheme);
    if !endpoints.iter().all(|url| safe(&url)) {
        return Err(Failure::refused("the server names an endpoint that does not use TLS"));
    }
    Ok(discovered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(issuer: &str, base: &str) -> Discovered {
        Discovered {
            issuer: issuer.to_owned(),
            authorization_endpoint: format!("{base}/authorize"),
            token_endpoint: format!("{base}/token"),
            userinfo_endpoint: format!("{base}/userinfo"),
            jwks_uri: format!("{base}/jwks"),
        }
    }

    /// OpenID Connect Discovery §4.3: the issuer in the document is identical to the one it was found by.
    #[test]
    fn a_document_of_another_issuer_is_not_believed() {
        let (a, b) = ("https://id.example", "https://id.example/");
        assert!(believable(document(a, a), a).is_ok());
        assert!(believable(document(b, a), a).unwrap_err().to_string().contains("another issuer"));
    }

    /// RFC 8414 §2: endpoints use TLS; without it one gets by on this machine alone.
    #[test]
    fn tls_is_not_left() {
        let (safe, local) = ("https://id.example", "http://127.0.0.1:8080");
        for (part, ok) in
            [("https://api.id.example", true), ("http://id.example", false), ("javascript:", false)]
        {
            assert_eq!(believable(document(safe, part), safe).is_ok(), ok, "{part}");
        }
        assert!(believable(document(local, local), local).is_ok());
        assert!(believable(document(local, "file:///etc"), local).is_err());
    }
}
