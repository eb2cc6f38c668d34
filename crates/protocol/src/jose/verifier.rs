//! Verifiers, one per purpose. Each owns the whole list of checks between a received text and claims that may be
//! believed, with nothing left to choose at the call: algorithm, type, issuer and claims are fixed by what the verifier
//! is for (RFC 8725 §3). Whether a verified token was revoked since, and whether its audience is the API at hand, is
//! asked of the claims afterwards, in `core/token` and `core/access`.

use super::claims::{AccessTokenClaims, IdTokenClaims, IdTokenHint, Received, access_token_hash};
use super::jws::{self, Compact, Header, Typ};
use super::verification_key::VerificationKey;
use crate::id::ClientId;
use crate::time::{Lifetime, Seconds};
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// How far another node's clock may run ahead of ours.
pub(crate) const CLOCK_SKEW: Lifetime = Lifetime::seconds(60);

/// Verifies JWT access tokens of one issuer (RFC 9068 §4).
#[derive(Clone, Debug)]
pub struct AccessTokenVerifier {
    signatures: Signatures,
    leeway: Lifetime,
}

/// Verifies ID tokens of one issuer that come back as hints (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).
#[derive(Clone, Debug)]
pub struct IdTokenHintVerifier(Signatures);

/// Verifies ID tokens of one issuer where they are going to: at the client that they are for (OpenID Connect Core
/// §3.1.3.7).
#[derive(Clone, Debug)]
pub struct IdTokenVerifier {
    signatures: Signatures,
    client_id: ClientId,
}

/// What a client knows of the ID token it is waiting for.
#[derive(Clone, Copy, Debug)]
pub struct Awaited<'a> {
    /// The `nonce` of its request.
    pub nonce: &'a str,
    /// The access token that came along.
    pub access_token: &'a str,
}

/// The keys of one issuer, and what every token of its has in common.
#[derive(Clone, Debug)]
pub(crate) struct Signatures {
    issuer: String,
    keys: HashMap<String, VerificationKey>,
}

/// Why a token is not believed. For the log: whoever presented it hears no more than `invalid_token`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// Longer than [`jws::MAX_LENGTH`], or an answer of the feed longer than [`jws::MAX_FEED_LENGTH`].
    #[error("longer than any token of ours")]
    TooLong,
    /// Not three parts in compact form.
    #[error("not a token in compact form")]
    NotCompact,
    /// The header lacks a member, repeats one, has one we do not write, or is not JSON at all.
    #[error("its header is not one of ours")]
    Header,
    /// A token for another purpose.
    #[error("its typ is that of another kind of token")]
    Typ,
    /// No key of this name.
    #[error("its kid names no current key")]
    UnknownKey,
    /// The header's algorithm is not the one its key is for.
    #[error("its alg is not that of its key")]
    Algorithm,
    /// Not signed by that key.
    #[error("its signature is wrong")]
    Signature,
    /// Signed, but a claim is missing, repeated or of the wrong type.
    #[error("its claims are malformed: {0}")]
    Claims(String),
    /// Issued by somebody else.
    #[error("its issuer is another")]
    Issuer,
    /// Meant for somebody else.
    #[error("its audience is another")]
    Audience,
    /// The answer to another request.
    #[error("its nonce is not that of the request")]
    Nonce,
    /// An answer of the feed of revocations to another question.
    #[error("it is about another API, or since another cursor")]
    Question,
    /// Issued beside another access token.
    #[error("its at_hash is not that of the access token")]
    AccessToken,
    /// No longer good.
    #[error("expired")]
    Expired,
    /// Issued later than now.
    #[error("issued in the future")]
    IssuedInFuture,
    /// Good from later than now.
    #[error("not good yet")]
    NotYet,
}

impl AccessTokenVerifier {
    /// A verifier for tokens of this issuer, signed with one of these keys. It gives no leeway: where the issuer verifies what
    /// it wrote itself, there is one clock.
    pub fn new(issuer: impl Into<String>, keys: impl IntoIterator<Item = VerificationKey>) -> Self {
        Self { signatures: Signatures::new(issuer, keys), leeway: Lifetime::default() }
    }

    /// RFC 7519 §4.1.4, §4.1.5: the same with some leeway before a token's beginning and after its end, for one whose clock is not the issuer's.
    #[must_use]
    pub fn with_leeway(self, leeway: Lifetime) -> Self {
        Self { leeway, ..self }
    }

    /// The claims of a token, if it is one of ours and good now.
    ///
    /// RFC 7519 §7.2, RFC 9068 §4: from cheap to dear; nothing in the payload is looked at before the signature.
    pub fn verify(&self, token: &str, now: Seconds) -> Result<AccessTokenClaims, Unverified> {
        let Received { claims, nbf } = self.signatures.claims(token, Typ::AccessToken)?;
        self.signatures.issued_by_us(&claims.iss)?;
        if self.is_over(claims.exp, now) {
            return Err(Unverified::Expired);
        }
        if claims.iat > now + CLOCK_SKEW {
            return Err(Unverified::IssuedInFuture);
        }
        // RFC 7519 §4.1.5: "before which the JWT MUST NOT be accepted", but for the leeway.
        if nbf.is_some_and(|nbf| nbf > now + self.leeway) {
            return Err(Unverified::NotYet);
        }
        Ok(claims)
    }

    /// Whether a token that ends then is no longer good; for one that was verified before.
    ///
    /// RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be accepted", but for the leeway.
    #[must_use]
    pub fn is_over(&self, exp: Seconds, now: Seconds) -> bool {
        exp + self.leeway <= now
    }
}

impl IdTokenHintVerifier {
    /// A verifier for tokens of this issuer, signed with one of these keys.
    pub fn new(issuer: impl Into<String>, keys: impl IntoIterator<Item = VerificationKey>) -> Self {
        Self(Signatures::new(issuer, keys))
    }

    /// What a hint says, if it is one of ours. RP-Initiated Logout §2: an ID token that has expired still tells who is
    /// meant, so its time is not looked at.
    pub fn verify(&self, token: &str) -> Result<IdTokenHint, Unverified> {
        let hint: IdTokenHint = self.0.claims(token, Typ::IdToken)?;
        self.0.issued_by_us(&hint.iss)?;
        Ok(hint)
    }
}

impl IdTokenVerifier {
    /// A verifier for tokens of this issuer, signed with one of these keys, for this client.
    pub fn new(
        issuer: impl Into<String>,
        client_id: ClientId,
        keys: impl IntoIterator<Item = VerificationKey>,
    ) -> Self {
        Self { signatures: Signatures::new(issuer, keys), client_id }
    }

    /// The claims of a token, if it is the awaited one and good now.
    ///
    /// OpenID Connect Core §3.1.3.7, §3.1.3.8: a client's clock is not the issuer's, so both ends of the token's life have
    /// some leeway.
    pub fn verify(
        &self,
        token: &str,
        awaited: Awaited<'_>,
        now: Seconds,
    ) -> Result<IdTokenClaims, Unverified> {
        let (key, compact) = self.signatures.signed(token, Typ::IdToken)?;
        let claims: IdTokenClaims = claims(&compact)?;
        self.signatures.issued_by_us(&claims.iss)?;
        if claims.aud != self.client_id {
            return Err(Unverified::Audience);
        }
        if claims.exp + CLOCK_SKEW <= now {
            return Err(Unverified::Expired);
        }
        if claims.iat > now + CLOCK_SKEW {
            return Err(Unverified::IssuedInFuture);
        }
        if claims.nonce.as_deref() != Some(awaited.nonce) {
            return Err(Unverified::Nonce);
        }
        if claims.at_hash != access_token_hash(key.algorithm, awaited.access_token) {
            return Err(Unverified::AccessToken);
        }
        Ok(claims)
    }
}

impl Signatures {
    pub(crate) fn new(issuer: impl Into<String>, keys: impl IntoIterator<Item = VerificationKey>) -> Self {
        let keys = keys.into_iter().map(|key| (key.kid.clone(), key)).collect();
        Self { issuer: issuer.into(), keys }
    }

    /// The claims of a token of this kind that one of the keys has signed.
    pub(crate) fn claims<C: DeserializeOwned>(&self, token: &str, typ: Typ) -> Result<C, Unverified> {
        let (_, compact) = self.signed(token, typ)?;
        claims(&compact)
    }

    /// A token of this kind, and the key that has signed it.
    fn signed<'a>(&self, token: &'a str, typ: Typ) -> Result<(&VerificationKey, Compact<'a>), Unverified> {
        if token.len() > typ.longest() {
            return Err(Unverified::TooLong);
        }
        let compact = Compact::split(token).ok_or(Unverified::NotCompact)?;
        let key = self.key(&compact, typ)?;
        key.verify(&compact)?;
        Ok((key, compact))
    }

    /// The key the header names, provided that the rest of the header fits it.
    fn key(&self, compact: &Compact<'_>, typ: Typ) -> Result<&VerificationKey, Unverified> {
        let json = jws::object(compact.header).ok_or(Unverified::Header)?;
        let header: Header<'_> = serde_json::from_str(&json).map_err(|_| Unverified::Header)?;
        if !typ.is_named(header.typ) {
            return Err(Unverified::Typ);
        }
        let key = self.keys.get(header.kid).ok_or(Unverified::UnknownKey)?;
        if header.alg != key.algorithm.name() {
            return Err(Unverified::Algorithm);
        }
        Ok(key)
    }

    pub(crate) fn issued_by_us(&self, issuer: &str) -> Result<(), Unverified> {
        if issuer == self.issuer { Ok(()) } else { Err(Unverified::Issuer) }
    }
}

impl VerificationKey {
    /// RFC 8725 §3.1: the algorithm is the key's; what the header says has only been compared with it.
    fn verify(&self, compact: &Compact<'_>) -> Result<(), Unverified> {
        let message = compact.signing_input.as_bytes();
        match jsonwebtoken::crypto::verify(compact.signature, message, &self.key, self.algorithm.into()) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Unverified::Signature),
        }
    }
}

fn claims<C: DeserializeOwned>(compact: &Compact<'_>) -> Result<C, Unverified> {
    let json =
        jws::object(compact.payload).ok_or_else(|| Unverified::Claims("not a JSON object".to_owned()))?;
    serde_json::from_str(&json).map_err(|error| Unverified::Claims(error.to_string()))
}
