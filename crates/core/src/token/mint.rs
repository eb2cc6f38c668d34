//! The mint: every token of every kind is made here, from a [`GrantedScope`] and nothing else. Owns the texts and claims;
//! that the grant still stands, and that an opaque token is recorded first, is seen to by `grant::issue`.

use crate::access::audience::Audience;
use crate::access::exchanged::Exchanged;
use crate::access::granted::{Behalf, GrantedScope};
use crate::issuer::Issuer;
use crate::keys::pepper::{PepperVersion, Peppers};
use crate::settings::Settings;
use crate::token::id_token::IdToken;
use crate::token::{OpaqueToken, Person};
use doorward_protocol::access::level::LevelAt;
use doorward_protocol::id::Id;
use doorward_protocol::jose::claims::{AccessTokenClaims, ExchangedClaims, PersonClaims};
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::jose::key::{SigningKey, Unsigned};
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::time::Seconds;
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::Level;
use serde::Serialize;

/// An opaque access token, and what the store keeps of it.
#[must_use]
pub fn opaque(
    granted: &GrantedScope,
    jti: Id,
    random: &[u8; 32],
    now: Seconds,
    peppers: &Peppers,
) -> (Secret, OpaqueToken) {
    let (text, pepper, digest) = secret(TokenType::AccessToken, random, peppers);
    let record = OpaqueToken {
        digest,
        pepper,
        jti,
        client: granted.client().id,
        client_generation: granted.client().generation,
        person: granted.behalf().map(|behalf| Person {
            user: behalf.user,
            user_generation: behalf.user_generation,
            family: behalf.family,
        }),
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
        access: level(granted).into_iter().collect(),
        allowed_ips: granted.allowed_ips().to_vec(),
        person: granted.behalf().map(person),
        exchanged: granted.exchanged().map(exchanged),
    };
    signed(key, &claims, Typ::AccessToken)
}

fn person(behalf: &Behalf) -> PersonClaims {
    PersonClaims {
        grant: behalf.family,
        user_gen: behalf.user_generation.unsigned_abs(),
        auth_time: behalf.authentication.auth_time,
        acr: behalf.authentication.acr.clone(),
        amr: behalf.authentication.amr.clone(),
    }
}

/// The level of what it was exchanged for, or that which its client is limited to: an API that verifies it by itself knows neither,
/// and the scope alone may reach further.
fn level(granted: &GrantedScope) -> Option<LevelAt> {
    let (api, level) = match (granted.exchanged(), granted.audience()) {
        (Some(exchanged), _) => (&exchanged.api, exchanged.level),
        (None, Audience::Api(api)) => {
            (api, Some(granted.client().level_at(api.id)).filter(|level| *level < Level::Full)?)
        }
        (None, Audience::Issuer) => return None,
    };
    Some(LevelAt { api: api.identifier.to_string(), level })
}

fn exchanged(exchanged: &Exchanged) -> ExchangedClaims {
    let api_token_gen = exchanged.generation.unsigned_abs();
    ExchangedClaims { api_token: exchanged.api_token, api_token_gen }
}

/// OpenID Connect Core §2: an ID token.
///
/// # Errors
/// [`Unsigned`] when the key cannot sign.
pub fn id_token(
    token: IdToken<'_>,
    now: Seconds,
    settings: &Settings,
    key: &SigningKey,
) -> Result<Secret, Unsigned> {
    let claims = token.claims(key.algorithm(), now, settings);
    signed(key, &claims, Typ::IdToken)
}

fn signed(key: &SigningKey, claims: &impl Serialize, typ: Typ) -> Result<Secret, Unsigned> {
    let span = tracing::trace_span!(target: "doorward::trace", "sign", algorithm = key.algorithm().name());
    span.in_scope(|| key.sign(claims, typ)).map(Secret::new)
}

/// A secret of this type, and what the store keeps of it.
#[must_use]
pub fn secret(kind: TokenType, random: &[u8; 32], peppers: &Peppers) -> (Secret, PepperVersion, Digest) {
    let text = token_text::write(kind, random);
    let (pepper, digest) = peppers.digest(text.expose());
    (text, pepper, digest)
}
