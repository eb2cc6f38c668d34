//! Signed tokens (RFC 9068), verified with the keys that the authorization server publishes. Owns the memory of those
//! verified before: a signature is checked once per token and set of keys; time is judged at every use.

use crate::access::Token;
use crate::authorization_server::{AuthorizationServer, Known};
use crate::refusal::Reason;
use doorward_protocol::jose::verifier::Unverified;
use doorward_protocol::time::Seconds;
use moka::sync::Cache;
use ring::digest::{SHA256, digest};
use std::sync::Arc;

/// The SHA-256 of a *whole* token, by which it is remembered; never its `jti`: a forged payload with a live `jti` must not
/// be taken for the real one.
pub(crate) type Hash = [u8; 32];

pub(crate) struct SignedTokens {
    audience: String,
    seen: Cache<Hash, Arc<Seen>>,
}

/// A good token.
pub(crate) struct Seen {
    /// The keys it was verified with: when they change, it is verified anew.
    pub(crate) generation: u64,
    pub(crate) token: Arc<Token>,
}

/// Why a signed token is not taken. For the log.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Unverified(#[from] Unverified),
    #[error("its scope is malformed")]
    Scope,
}

impl SignedTokens {
    pub(crate) fn new(audience: &str, memory: u64) -> Self {
        let weigh = |_: &Hash, seen: &Arc<Seen>| seen.token.weight();
        Self {
            audience: audience.to_owned(),
            seen: Cache::builder().weigher(weigh).max_capacity(memory).build(),
        }
    }

    /// What the token says, if it is good for this API now.
    pub(crate) async fn verify(
        &self,
        text: &str,
        server: &Arc<AuthorizationServer>,
        now: Seconds,
    ) -> Result<Arc<Seen>, Reason> {
        let known = server.known(now).await.map_err(|_| Reason::Unavailable)?;
        let hash = hash(text);
        let mut checked = self.check(text, hash, &known, now);
        if matches!(checked, Err(Refused::Unverified(Unverified::UnknownKey))) {
            let renewed = server.renewed(&known, now).await.map_err(|_| Reason::Unavailable)?;
            if !Arc::ptr_eq(&renewed, &known) {
                checked = self.check(text, hash, &renewed, now);
            }
        }
        checked.map_err(|reason| {
            tracing::debug!(%reason, "an access token is refused");
            Reason::Invalid
        })
    }

    fn check(&self, text: &str, hash: Hash, known: &Known, now: Seconds) -> Result<Arc<Seen>, Refused> {
        if let Some(seen) = self.seen.get(&hash).filter(|seen| seen.generation == known.generation) {
            return if known.verifier.is_over(seen.token.expires_at, now) {
                Err(Unverified::Expired.into())
            } else {
                Ok(seen)
            };
        }
        let claims = known.verifier.verify(text, now)?;
        // RFC 9068 §4: the audience is this API, to the last character.
        if claims.aud != self.audience {
            return Err(Unverified::Audience.into());
        }
        let token = Arc::new(Token::try_from(claims).map_err(|_| Refused::Scope)?);
        let seen = Arc::new(Seen { generation: known.generation, token });
        self.seen.insert(hash, Arc::clone(&seen));
        Ok(seen)
    }
}

pub(crate) fn hash(text: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}
