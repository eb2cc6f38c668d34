//! The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1). Owns what is drawn for it, by
//! which its answer is known again, and its URL.

use super::Wanted;
use super::discovery::Discovered;
use crate::failure::Failure;
use doorward_core::random::{Random, SystemRandom};
use doorward_protocol::pkce::{METHODS, Verifier};
use doorward_protocol::time::Lifetime;
use url::Url;

/// What was drawn for one request.
pub(super) struct Asked {
    /// RFC 7636 §4.1: proves at the token endpoint that whoever redeems the code has begun the request.
    pub(super) verifier: Verifier,
    /// RFC 6749 §10.12: tells the answer to this request from whatever else reaches the listener.
    pub(super) state: String,
    /// OpenID Connect Core §3.1.2.1: tells the ID token of this request from every other.
    pub(super) nonce: String,
    /// Where the answer goes.
    pub(super) redirect_uri: String,
}

impl Asked {
    /// Draws for a new request.
    pub(super) fn draw(redirect_uri: String) -> Result<Self, Failure> {
        let random: &dyn Random = &SystemRandom::default();
        let secret = || random.secret().map_err(Failure::unreachable);
        Ok(Self {
            verifier: Verifier::of(&secret()?),
            state: hex(&secret()?),
            nonce: hex(&secret()?),
            redirect_uri,
        })
    }

    /// The URL that the person opens.
    pub(super) fn url(&self, wanted: &Wanted, server: &Discovered) -> Result<Url, Failure> {
        let mut url: Url = server
            .authorization_endpoint
            .parse()
            .map_err(|_| Failure::refused("the server's authorization_endpoint is not a URL"))?;
        let challenge = self.verifier.challenge();
        let mut query = url.query_pairs_mut();
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", wanted.client_id.as_str()),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &wanted.scope.to_string()),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", METHODS[0]),
        ] {
            query.append_pair(name, value);
        }
        if let Some(resource) = &wanted.resource {
            query.append_pair("resource", resource);
        }
        if let Some(Lifetime(seconds)) = wanted.max_age {
            query.append_pair("max_age", &seconds.to_string());
        }
        drop(query);
        Ok(url)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}
