//! What our JWTs say. Owns the claims of each kind of token as types, so that a missing, repeated or wrongly typed claim
//! is no token at all (RFC 8725 §3.1, §3.11); what the values must be is [`super::verifier`]'s part.

use super::Algorithm;
use crate::id::{ClientId, Id};
use crate::time::Seconds;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, SHA512, digest};
use serde::{Deserialize, Deserializer, Serialize, de};

/// RFC 9068 §2.2: the claims of an access token, in exactly these JSON types. All but `scope` are required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Received")]
pub struct AccessTokenClaims {
    /// RFC 7519 §4.1.1: who issued it.
    pub iss: String,
    /// RFC 7519 §4.1.2: whom it speaks for; the client itself where no user takes part (RFC 9068 §2.2).
    pub sub: String,
    /// RFC 7519 §4.1.3: the one API it is for. We issue one audience per token, so a list is not a token of ours.
    pub aud: String,
    /// RFC 8693 §4.3: the client it was issued to.
    pub client_id: ClientId,
    /// RFC 7519 §4.1.4: the first instant at which it is no longer good.
    pub exp: Seconds,
    /// RFC 7519 §4.1.6: when it was issued.
    pub iat: Seconds,
    /// RFC 7519 §4.1.7: its own name, by which it is revoked.
    pub jti: Id,
    /// RFC 8693 §4.2: the granted scope, as space-separated values. The grammar of RFC 6749 §3.3 has no empty scope, so
    /// a token that may do nothing in particular has no claim.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// Ours: the client's generation at issuance. A client whose generation has moved on has revoked this token.
    #[serde(rename = "gen")]
    pub generation: u64,
    /// What is said of the person it speaks for, where one takes part.
    #[serde(flatten)]
    pub person: Option<PersonClaims>,
}

/// The claims of an access token that speaks for a person: all of them or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonClaims {
    /// Ours: the family of tokens it belongs to, which is revoked as a whole.
    pub grant: Id,
    /// Ours: the person's generation at issuance, as `gen` is the client's.
    pub user_gen: u64,
    /// RFC 9068 §2.2.1: when the person last proved who they are.
    pub auth_time: Seconds,
    /// RFC 9068 §2.2.1: how strongly.
    pub acr: String,
    /// RFC 9068 §2.2.1: by which methods.
    pub amr: Vec<String>,
}

/// An access token as it is received: what we say in ours, and what we do not say but heed.
#[derive(Deserialize)]
#[serde(try_from = "Wire")]
pub(super) struct Received {
    pub(super) claims: AccessTokenClaims,
    /// RFC 7519 §4.1.5: the first instant at which it is good.
    pub(super) nbf: Option<Seconds>,
}

/// An access token's claims as they are read: those about a person one by one, so that one of the wrong type, or one
/// without the others, makes the token none of ours instead of one that speaks for nobody.
#[derive(Deserialize)]
struct Wire {
    iss: String,
    sub: String,
    aud: String,
    client_id: ClientId,
    exp: Seconds,
    iat: Seconds,
    jti: Id,
    #[serde(default)]
    scope: String,
    #[serde(rename = "gen")]
    generation: u64,
    grant: Option<Id>,
    user_gen: Option<u64>,
    auth_time: Option<Seconds>,
    acr: Option<String>,
    amr: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<Seconds>,
    #[serde(default, deserialize_with = "not_understood", rename = "cnf")]
    _cnf: (),
}

/// A claim that may be missing, but not be null.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Seconds>, D::Error> {
    Seconds::deserialize(value).map(Some)
}

/// RFC 7800 §3.1: whoever does not confirm that the key is held must not take the token for one that anybody may bring.
fn not_understood<'de, D: Deserializer<'de>>(_: D) -> Result<(), D::Error> {
    Err(de::Error::custom("it is bound to a key, and that is not understood"))
}

/// Some of the claims about a person are there, and some are not.
#[derive(Debug, thiserror::Error)]
#[error("the claims about a person are incomplete")]
struct Incomplete;

impl From<Received> for AccessTokenClaims {
    fn from(received: Received) -> Self {
        received.claims
    }
}

impl TryFrom<Wire> for Received {
    type Error = Incomplete;

    fn try_from(wire: Wire) -> Result<Self, Incomplete> {
        let person = match (wire.grant, wire.user_gen, wire.auth_time, wire.acr, wire.amr) {
            (None, None, None, None, None) => None,
            (Some(grant), Some(user_gen), Some(auth_time), Some(acr), Some(amr)) => {
                Some(PersonClaims { grant, user_gen, auth_time, acr, amr })
            }
            _ => return Err(Incomplete),
        };
        let claims = AccessTokenClaims {
            iss: wire.iss,
            sub: wire.sub,
            aud: wire.aud,
            client_id: wire.client_id,
            exp: wire.exp,
            iat: wire.iat,
            jti: wire.jti,
            scope: wire.scope,
            generation: wire.generation,
            person,
        };
        Ok(Self { claims, nbf: wire.nbf })
    }
}

/// OpenID Connect Core §2: the claims of an ID token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Who issued it.
    pub iss: String,
    /// The person: the same at every client, and never given to another.
    pub sub: String,
    /// The client it is for.
    pub aud: ClientId,
    /// The first instant at which it is no longer good.
    pub exp: Seconds,
    /// When it was issued.
    pub iat: Seconds,
    /// When the person last proved who they are.
    pub auth_time: Seconds,
    /// What the request said, so that the client knows its own answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How strongly the person proved who they are.
    pub acr: String,
    /// By which methods.
    pub amr: Vec<String>,
    /// OpenID Connect Core §3.1.3.6: what ties the access token to it.
    pub at_hash: String,
    /// OpenID Connect Front-Channel Logout §3: the session.
    pub sid: Id,
    /// What is known of the person, where the client asks for it here.
    #[serde(flatten)]
    pub profile: ProfileClaims,
}

/// OpenID Connect Core §5.1: what is known of a person, as far as the granted scope reaches (§5.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileClaims {
    /// `profile`: the full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `profile`: what the person types. Not an identifier: it may change hands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// `profile`: when the record was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Seconds>,
    /// `email`: the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `email`: whether it is known to be theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// `groups`, ours: the names of their groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// OpenID Connect Core §5.3.2: the answer of the userinfo endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserInfo {
    /// The person.
    pub sub: String,
    /// What is known of them.
    #[serde(flatten)]
    pub profile: ProfileClaims,
}

/// What is read from an ID token that comes back as a hint of who is meant (OpenID Connect Core §3.1.2.1, RP-Initiated
/// Logout §2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct IdTokenHint {
    /// Who issued it.
    pub iss: String,
    /// The person.
    pub sub: String,
    /// The client it was for.
    pub aud: ClientId,
    /// The session.
    pub sid: Id,
}

/// OpenID Connect Core §3.1.3.6: the left half of the access token's hash, by the hash that the ID token's algorithm uses
/// (for Ed25519 that is SHA-512, RFC 8032 §5.1).
#[must_use]
pub fn access_token_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::ES256 | Algorithm::RS256 => &SHA256,
        Algorithm::EdDSA => &SHA512,
    };
    let hash = digest(hash, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OpenID Connect Core §3.1.3.6: the example of its appendix A.3.
    #[test]
    fn the_hash_of_the_specifications_example_is_the_one_it_gives() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(access_token_hash(Algorithm::RS256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn an_access_token_without_a_person_has_none_of_their_claims() {
        let claims = super::super::tests_support::claims();
        let json = serde_json::to_value(&claims).unwrap();
        for claim in ["grant", "user_gen", "auth_time", "acr", "amr", "person"] {
            assert!(json.get(claim).is_none(), "{claim}");
        }
        assert_eq!(serde_json::from_value::<AccessTokenClaims>(json).unwrap(), claims);
        let person = PersonClaims {
            grant: Id::from_parts(0, 7),
            user_gen: 2,
            auth_time: Seconds(5),
            acr: "1".to_owned(),
            amr: vec!["pwd".to_owned()],
        };
        let claims = AccessTokenClaims { person: Some(person), ..claims };
        let json = serde_json::to_value(&claims).unwrap();
        assert_eq!(serde_json::from_value::<AccessTokenClaims>(json.clone()).unwrap(), claims);
        for claim in ["grant", "user_gen", "auth_time", "acr", "amr"] {
            let mut partial = json.clone();
            partial.as_object_mut().unwrap().remove(claim);
            assert!(serde_json::from_value::<AccessTokenClaims>(partial).is_err(), "without {claim}");
            let mut odd = json.clone();
            odd[claim] = serde_json::json!({});
            assert!(serde_json::from_value::<AccessTokenClaims>(odd).is_err(), "odd {claim}");
        }
    }
}
