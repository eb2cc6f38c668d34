//! What our JWTs say. Owns the claims of each kind of token as types, so that a missing, repeated or wrongly typed claim
//! is no token at all (RFC 8725 §3.1, §3.11); what the values must be is [`super::verifier`]'s part.

use super::Algorithm;
use crate::access::level::LevelAt;
use crate::id::{ClientId, Id};
use crate::network::Network;
use crate::time::Seconds;
use crate::wire::{present, some};
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
    /// Ours: its level at the API it is for, where it carries one; else its scope alone says what it may do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<LevelAt>,
    /// Ours: from where it may be used; without the claim, from everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_ips: Vec<Network>,
    /// What is said of the person it speaks for, where one takes part.
    #[serde(flatten)]
    pub person: Option<PersonClaims>,
    /// What is said of the API token it was exchanged for, where it was; then it speaks for that one's owner.
    #[serde(flatten)]
    pub exchanged: Option<ExchangedClaims>,
}

/// RFC 8693 §2.1: what an access token says of the API token that was its subject token: all of it or nothing. Nobody has signed
/// in for it, so it says nothing of how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExchangedClaims {
    /// Ours: the API token, which is revoked together with whatever it was exchanged for.
    pub api_token: Id,
    /// Ours: its generation at the exchange, as `gen` is the client's.
    pub api_token_gen: u64,
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
    #[serde(default, deserialize_with = "some")]
    access: Vec<LevelAt>,
    #[serde(default, deserialize_with = "some")]
    allowed_ips: Vec<Network>,
    api_token: Option<Id>,
    api_token_gen: Option<u64>,
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

/// RFC 7800 §3.1: whoever does not confirm that the key is held must not take the token for one that anybody may bring.
fn not_understood<'de, D: Deserializer<'de>>(_: D) -> Result<(), D::Error> {
    Err(de::Error::custom("it is bound to a key, and that is not understood"))
}

/// Claims that go together do not: some about a person or an API token are missing, both are spoken of, or the level is not the one
/// at the audience.
#[derive(Debug, thiserror::Error)]
#[error("the claims about a person, an API token or a level do not go together")]
struct Disjointed;

impl From<Received> for AccessTokenClaims {
    fn from(received: Received) -> Self {
        received.claims
    }
}

impl TryFrom<Wire> for Received {
    type Error = Disjointed;

    fn try_from(wire: Wire) -> Result<Self, Disjointed> {
        let person = match (wire.grant, wire.user_gen, wire.auth_time, wire.acr, wire.amr) {
            (None, None, None, None, None) => None,
            (Some(grant), Some(user_gen), Some(auth_time), Some(acr), Some(amr)) => {
                Some(PersonClaims { grant, user_gen, auth_time, acr, amr })
            }
            _ => return Err(Disjointed),
        };
        let exchanged = match (wire.api_token, wire.api_token_gen) {
            (None, None) => None,
            (Some(api_token), Some(api_token_gen)) if person.is_none() && !wire.access.is_empty() => {
                Some(ExchangedClaims { api_token, api_token_gen })
            }
            _ => return Err(Disjointed),
        };
        // RFC 9068 §2.2: one audience, so one level.
        if wire.access.iter().any(|access| access.api != wire.aud) || wire.access.len() > 1 {
            return Err(Disjointed);
        }
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
            access: wire.access,
            allowed_ips: wire.allowed_ips,
            person,
            exchanged,
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

    /// RFC 8693 §2.1: what was exchanged carries the API token, and no more than that one's level and networks.
    #[test]
    fn the_claims_of_an_exchanged_token_go_together() {
        let claims = super::super::tests_support::claims();
        let plain = serde_json::to_value(&claims).unwrap();
        for claim in ["access", "allowed_ips", "api_token", "api_token_gen", "exchanged"] {
            assert!(plain.get(claim).is_none(), "{claim}");
        }
        let claims = AccessTokenClaims {
            access: vec![LevelAt { api: claims.aud.clone(), level: crate::words::Level::Read }],
            allowed_ips: vec!["10.0.0.0/8".parse().unwrap()],
            exchanged: Some(ExchangedClaims { api_token: Id::from_parts(0, 9), api_token_gen: 4 }),
            ..claims
        };
        let json = serde_json::to_value(&claims).unwrap();
        let read = |json: &serde_json::Value| serde_json::from_value::<AccessTokenClaims>(json.clone());
        assert_eq!(read(&json).unwrap(), claims);
        for claim in ["access", "api_token", "api_token_gen"] {
            let mut partial = json.clone();
            partial.as_object_mut().unwrap().remove(claim);
            assert!(read(&partial).is_err(), "without {claim}");
        }
        let there = |level: &str, api: &str| serde_json::json!({"api": api, "level": level});
        let elsewhere = there("read", "https://other.example");
        let here = there("read", &claims.aud);
        let odd = [
            ("access", serde_json::json!([elsewhere])),
            ("access", serde_json::json!([here, here])),
            ("access", serde_json::json!([there("all", &claims.aud)])),
            ("access", serde_json::json!([])),
            ("access", serde_json::json!(null)),
            ("allowed_ips", serde_json::json!([])),
            ("allowed_ips", serde_json::json!(null)),
            ("allowed_ips", serde_json::json!(["everywhere"])),
            ("api_token", serde_json::json!("x")),
            ("api_token_gen", serde_json::json!(-1)),
            ("grant", serde_json::json!(Id::from_parts(0, 7))),
        ];
        for (claim, value) in odd {
            let mut odd = json.clone();
            odd[claim] = value;
            assert!(read(&odd).is_err(), "{odd}");
        }
    }
}
