//! Recognising a token that somebody presents. Owns telling the kinds apart, and the memory of signed tokens whose
//! signature was checked before: checking costs three times as much as signing, so it is done once per token.

use crate::keys::keyring::Keyring;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::jose::verifier::Unverified;
use doorward_protocol::time::Seconds;
use doorward_protocol::token_text::{self, TokenType};
use moka::sync::Cache;
use ring::digest::{SHA256, digest};
use std::sync::Arc;

/// What a presented text may be, judged by its looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An opaque access token of ours.
    Opaque,
    /// A refresh token of ours.
    Refresh,
    /// An API token of ours.
    ApiToken,
    /// Three parts with dots between them: a signed token, perhaps ours.
    Signed,
    /// Nothing that this server issues.
    Foreign,
}

/// Tells the kind by prefix, checksum and shape, without asking a database.
#[must_use]
pub fn kind(token: &str) -> Kind {
    match token_text::read(token) {
        Ok(TokenType::AccessToken) => Kind::Opaque,
        Ok(TokenType::RefreshToken) => Kind::Refresh,
        Ok(TokenType::PersonalAccessToken | TokenType::ApiAccountToken) => Kind::ApiToken,
        _ if token.bytes().filter(|b| *b == b'.').count() == 2 => Kind::Signed,
        _ => Kind::Foreign,
    }
}

/// Signed tokens whose signature is known to be good.
///
/// The key is the SHA-256 of the *whole* compact token, never its `jti`: a forged payload with a live `jti` must not be
/// taken for the real one. What is remembered is only that the signature is good; expiry, key and revocation are judged
/// at every use.
pub struct SeenTokens(Cache<[u8; 32], Arc<Seen>>);

/// A signed token that was checked.
struct Seen {
    /// The keyring it was checked with: after a change of keys, everything is checked anew.
    keyring: i64,
    claims: Arc<AccessTokenClaims>,
}

impl SeenTokens {
    /// A memory of about so many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let weigh = |_: &[u8; 32], seen: &Arc<Seen>| u32::try_from(weight(seen)).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(bytes).build())
    }

    /// The claims of a token that a current key signed and that has not expired.
    ///
    /// # Errors
    /// [`Unverified`], for the log.
    pub fn claims(
        &self,
        token: &str,
        keyring: &Keyring,
        now: Seconds,
    ) -> Result<Arc<AccessTokenClaims>, Unverified> {
        let hash = sha256(token);
        let known = self.0.get(&hash).filter(|seen| seen.keyring == keyring.serial());
        let claims = match known {
            Some(seen) => Arc::clone(&seen.claims),
            None => self.verify(token, hash, keyring, now)?,
        };
        if now < claims.exp { Ok(claims) } else { Err(Unverified::Expired) }
    }

    fn verify(
        &self,
        token: &str,
        hash: [u8; 32],
        keyring: &Keyring,
        now: Seconds,
    ) -> Result<Arc<AccessTokenClaims>, Unverified> {
        let claims = Arc::new(keyring.verify(token, now)?);
        self.0.insert(hash, Arc::new(Seen { keyring: keyring.serial(), claims: Arc::clone(&claims) }));
        Ok(claims)
    }
}

fn sha256(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}

fn weight(seen: &Seen) -> usize {
    let claims = &seen.claims;
    256 + claims.iss.len()
        + claims.sub.len()
        + claims.aud.len()
        + claims.scope.len()
        + 2 * claims.access.len() * claims.aud.len()
        + 32 * claims.allowed_ips.len()
}
