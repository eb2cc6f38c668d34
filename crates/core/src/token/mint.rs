//! The mint: every token of every kind is made here, from a [`GrantedScope`] and nothing else. Owns the texts and claims;
//! that the grant still stands, and that an opaque token is recorded first, is seen to by `grant::issue`.

use crate::access::granted::{Audience, GrantedScope};
use crate::issuer::Issuer;
use crate::keys::pepper::Peppers;
use crate::token::OpaqueToken;
use doorward_protocol::id::Id;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::jose::key::{SigningKey, Unsigned};
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Seconds;
use doorward_protocol::token_text::{self, TokenType};

/// An opaque access token, and what the store keeps of it.
#[must_use]
pub fn opaque(
    granted: &GrantedScope,
    jti: Id,
    random: &[u8; 32],
    now: Seconds,
    peppers: &Peppers,
) -> (Secret, OpaqueToken) {
    let text = token_text::write(TokenType::AccessToken, random);
    let (pepper, digest) = peppers.digest(text.expose());
    let record = OpaqueToken {
        digest,
        pepper,
        jti,
        client: granted.client().id,
        client_generation: granted.client().generation,
        api: match granted.audience() {
            Audience::Api(api) => Some(api.id),
            Audience::Issuer => None,
        },
        scope: granted.scope().clone(),
        issued_at: now,
        expires_at: now + granted.lifetime(),
        revoked_at: None,
    };
    (text, record)
}

/// RFC 9068 §2: a signed access token.
///
/// # Errors
/// [`Unsigned`] when the key cannot sign.
pub fn jwt(
    granted: &GrantedScope,
    jti: Id,
    now: Seconds,
    issuer: &Issuer,
    key: &SigningKey,
) -> Result<Secret, Unsigned> {
    let claims = AccessTokenClaims {
        iss: issuer.as_str().to_owned(),
        sub: granted.subject().to_owned(),
        aud: match granted.audience() {
            Audience::Api(api) => api.identifier.as_str().to_owned(),
            Audience::Issuer => issuer.as_str().to_owned(),
        },
        client_id: granted.client().client_id.clone(),
        exp: now + granted.lifetime(),
        iat: now,
        jti,
        scope: granted.scope().to_string(),
        // A generation counts up from zero.
        generation: granted.client().generation.unsigned_abs(),
    };
    key.sign(&claims, Typ::AccessToken).map(Secret::new)
}
