//! What an authorization server publishes, read: its metadata (RFC 8414) and, through them, its keys (RFC 7517). Owns what
//! these documents must be to count.

use crate::address::{self, Issuer, UnusableUrl};
use crate::fetch::{Fetch, Reply, Unanswered};
use crate::settings::{LONGEST_KEPT, SHORTEST_KEPT, USUALLY_KEPT};
use doorward_protocol::jose::jwk::JwkSet;
use doorward_protocol::jose::verification_key::VerificationKey;
use doorward_protocol::time::Lifetime;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

/// More keys than any server has at a time.
const MOST_KEYS: usize = 64;

pub(super) struct Published {
    pub(super) keys: Vec<VerificationKey>,
    pub(super) introspection_endpoint: Option<Url>,
    pub(super) revocations_endpoint: Option<Url>,
    /// How long the keys may be kept.
    pub(super) kept: Lifetime,
}

/// Why nothing could be read. For the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unread {
    #[error("{0}: {1}")]
    Unanswered(Url, Unanswered),
    #[error("{0}: answered with status {1}")]
    Status(Url, StatusCode),
    #[error("{0}: {1}")]
    Document(Url, serde_json::Error),
    #[error("the metadata are those of the issuer {0:?}")]
    Issuer(String),
    #[error(transparent)]
    Url(#[from] UnusableUrl),
}

impl Unread {
    /// Whether the server is there and says what is not to be used: another's metadata, or endpoints elsewhere.
    pub(super) fn leads_astray(&self) -> bool {
        matches!(self, Self::Issuer(_) | Self::Url(_))
    }
}

/// RFC 8414 §2: the members that matter here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
    introspection_endpoint: Option<String>,
    /// Ours: where the feed of revocations is.
    revocations_endpoint: Option<String>,
}

pub(super) async fn read(issuer: &Issuer, trusted: &[Url], fetch: &Fetch) -> Result<Published, Unread> {
    let at = issuer.metadata();
    let metadata: Metadata = document(&at, &get(&at, fetch).await?)?;
    // RFC 8414 §3.3: identical to the issuer that was asked for, or the document is not to be used.
    if metadata.issuer != issuer.text {
        return Err(Unread::Issuer(metadata.issuer));
    }
    let endpoint =
        |text: Option<String>| text.map(|text| address::endpoint(&text, issuer, trusted)).transpose();
    let introspection_endpoint = endpoint(metadata.introspection_endpoint)?;
    let revocations_endpoint = endpoint(metadata.revocations_endpoint)?;
    let at = address::endpoint(&metadata.jwks_uri, issuer, trusted)?;
    let reply = get(&at, fetch).await?;
    let keys = keys(&document(&at, &reply)?);
    if keys.is_empty() {
        tracing::warn!(issuer = issuer.text, "the authorization server publishes no key that can be used");
    }
    let kept = reply.max_age.unwrap_or(USUALLY_KEPT).clamp(SHORTEST_KEPT, LONGEST_KEPT);
    Ok(Published { keys, introspection_endpoint, revocations_endpoint, kept })
}

/// RFC 7517 §5: keys that cannot be used are passed over.
fn keys(set: &JwkSet) -> Vec<VerificationKey> {
    set.keys.iter().filter_map(|jwk| VerificationKey::try_from(jwk).ok()).take(MOST_KEYS).collect()
}

async fn get(url: &Url, fetch: &Fetch) -> Result<Reply, Unread> {
    let reply = fetch.get(url).await.map_err(|error| Unread::Unanswered(url.clone(), error))?;
    // Anything else, a redirect too, is no document.
    if reply.status == StatusCode::OK { Ok(reply) } else { Err(Unread::Status(url.clone(), reply.status)) }
}

fn document<T: DeserializeOwned>(url: &Url, reply: &Reply) -> Result<T, Unread> {
    serde_json::from_slice(&reply.body).map_err(|error| Unread::Document(url.clone(), error))
}
