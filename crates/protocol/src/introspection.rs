//! The introspection endpoint's answer (RFC 7662 §2.2). Owns its members, written by the server and read by APIs; who may
//! ask, and what concerns them, is `core`'s decision.

use crate::access::level::LevelAt;
use crate::error::ErrorCode;
use crate::id::{ClientId, Id};
use crate::network::Network;
use crate::scope::Scope;
use crate::time::Seconds;
use crate::wire::{present, some};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// What a resource server learns about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// RFC 7662 §2.2: the token is not active; nothing else is said, so that nothing can be learned.
    Inactive,
    /// The token may be used, but not for the request that the caller has described: inactive to whoever knows no more of this
    /// answer. RFC 7662 §2.2 asks servers not to say why a token is inactive; this one is active, and the caller would learn so by
    /// not describing the request.
    Refused {
        /// RFC 6750 §3.1 `insufficient_scope` where the token's level is too small; `access_denied` where no token would help.
        error: ErrorCode,
        /// RFC 6750 §3 `scope`: what would do, where the API knows such a scope.
        scope: Scope,
    },
    /// The token may be used.
    Active(Box<ActiveToken>),
}

/// The members of an active token's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveToken {
    /// RFC 7662 §2.2 `scope`.
    pub scope: Scope,
    /// RFC 7662 §2.2 `client_id`: absent where no client takes part, as with an API token.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// RFC 7662 §2.2 `sub`; the client itself where no person is behind the token (RFC 9068 §2.2).
    pub sub: String,
    /// RFC 7662 §2.2 `aud`: the API's identifier, or the issuer.
    pub aud: String,
    /// RFC 7662 §2.2 `iss`.
    pub iss: String,
    /// RFC 7662 §2.2 `exp`.
    pub exp: Seconds,
    /// RFC 7662 §2.2 `iat`.
    pub iat: Seconds,
    /// RFC 7662 §2.2 `jti`.
    pub jti: Id,
    /// RFC 7662 §2.2 `username`: whom the token speaks for, where a person takes part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// RFC 9470 §6.2 `auth_time`: when that person last proved who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Seconds>,
    /// RFC 9470 §6.2 `acr`: how strongly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Ours: the token's level at the caller's API; none where no level is known, and the scope alone counts.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<LevelAt>,
    /// Ours: from where it may be used; none means everywhere.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Vec::is_empty")]
    pub allowed_ips: Vec<Network>,
}

#[derive(Serialize)]
struct RefusedBody<'a> {
    active: bool,
    error: ErrorCode,
    #[serde(skip_serializing_if = "Scope::is_empty")]
    scope: &'a Scope,
}

#[derive(Serialize)]
struct Body<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(flatten)]
    token: Option<&'a ActiveToken>,
}

const INACTIVE: &str = r#"{"active":false}"#;

/// The only type of token that is issued and asked about.
const BEARER: &str = "Bearer";

/// A text that is no answer to an introspection request.
#[derive(Debug, thiserror::Error)]
#[error("not an introspection response: {0}")]
pub struct NotAnAnswer(#[from] serde_json::Error);

#[derive(Deserialize)]
struct Standing {
    active: bool,
    token_type: Option<String>,
    cnf: Option<IgnoredAny>,
}

impl Introspection {
    /// Reads an answer. RFC 7662 §2.2: a token of another type than Bearer is not good as a bearer's, so it counts as
    /// inactive; and so does one that is bound to a key (RFC 8705 §3.2).
    ///
    /// # Errors
    /// [`NotAnAnswer`] where a member is missing or of the wrong type.
    pub fn read(body: &[u8]) -> Result<Self, NotAnAnswer> {
        let standing: Standing = serde_json::from_slice(body)?;
        let is_bearers = standing.token_type.as_deref() == Some(BEARER) && standing.cnf.is_none();
        if !standing.active || !is_bearers {
            return Ok(Self::Inactive);
        }
        Ok(Self::Active(serde_json::from_slice(body)?))
    }

    /// The JSON body.
    #[must_use]
    pub fn body(&self) -> String {
        let body = match self {
            Self::Inactive => return INACTIVE.to_owned(),
            Self::Refused { error, scope } => {
                return json(&RefusedBody { active: false, error: *error, scope });
            }
            Self::Active(token) => Body { active: true, token_type: Some(BEARER), token: Some(token) },
        };
        json(&body)
    }
}

/// Strings and numbers always serialize; saying 'inactive' is the safe answer if they ever did not.
fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_else(|_| INACTIVE.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7662 §2.2: an inactive token's answer says nothing but that.
    #[test]
    fn an_inactive_token_is_just_inactive() {
        assert_eq!(Introspection::Inactive.body(), r#"{"active":false}"#);
    }

    /// RFC 7662 §2.2: the members of an active token's answer.
    #[test]
    fn an_active_token_is_described() {
        let token = ActiveToken {
            scope: "read".parse().unwrap(),
            client_id: "shop".parse().ok(),
            sub: "shop".into(),
            aud: "https://api.example".into(),
            iss: "https://as.example".into(),
            exp: Seconds(20),
            iat: Seconds(10),
            jti: Id::from_parts(0, 0),
            username: None,
            auth_time: None,
            acr: None,
            access: vec![],
            allowed_ips: vec![],
        };
        let body = Introspection::Active(Box::new(token)).body();
        assert_eq!(
            body,
            r#"{"active":true,"token_type":"Bearer","scope":"read","client_id":"shop","sub":"shop","aud":"https://api.example","iss":"https://as.example","exp":20,"iat":10,"jti":"00000000000000000000000000"}"#
        );
    }

    /// RFC 7662 §2.2: service-specific members: the level at the caller's API, and from where the token may be used.
    #[test]
    fn levels_and_networks_are_said_where_there_are_any() {
        let answer = serde_json::json!({"active": true, "token_type": "Bearer", "scope": "read", "sub": "u",
            "aud": "https://api.example", "iss": "https://as.example", "exp": 20, "iat": 10,
            "jti": "00000000000000000000000000", "username": "alice",
            "access": [{"api": "https://api.example", "level": "read"}], "allowed_ips": ["10.0.0.0/8"]});
        let read = |answer: &serde_json::Value| Introspection::read(answer.to_string().as_bytes());
        let token = read(&answer).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&token.body()).unwrap(), answer);
        let Introspection::Active(token) = token else { panic!("not active") };
        assert_eq!((token.client_id, token.access[0].level), (None, crate::words::Level::Read));
        let odd = [
            ("access", serde_json::json!([])),
            ("access", serde_json::json!(null)),
            ("access", serde_json::json!([{"api": "https://api.example", "level": "all"}])),
            ("access", serde_json::json!([{"level": "read"}])),
            ("allowed_ips", serde_json::json!([])),
            ("allowed_ips", serde_json::json!(["10.0.0.1/8"])),
            ("allowed_ips", serde_json::json!("10.0.0.0/8")),
            ("client_id", serde_json::json!(null)),
        ];
        for (member, value) in odd {
            let mut other = answer.clone();
            other[member] = value;
            assert!(read(&other).is_err(), "{other}");
        }
    }

    /// RFC 7662 §2.2: to whoever knows no more of it, a refused use is an inactive token.
    #[test]
    fn a_refused_use_is_inactive_to_whoever_knows_no_more() {
        let refused =
            Introspection::Refused { error: ErrorCode::InsufficientScope, scope: "write".parse().unwrap() };
        assert_eq!(refused.body(), r#"{"active":false,"error":"insufficient_scope","scope":"write"}"#);
        assert_eq!(Introspection::read(refused.body().as_bytes()).unwrap(), Introspection::Inactive);
        let denied = Introspection::Refused { error: ErrorCode::AccessDenied, scope: Scope::default() };
        assert_eq!(denied.body(), r#"{"active":false,"error":"access_denied"}"#);
    }

    /// RFC 7662 §2.2: what was written reads back; what is no bearer token is inactive, what lacks a member is no answer.
    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let answer = serde_json::json!({"active": true, "token_type": "Bearer", "scope": "read", "client_id": "shop",
            "sub": "shop", "aud": "https://api.example", "iss": "https://as.example", "exp": 20, "iat": 10,
            "jti": "00000000000000000000000000"});
        let read = |answer: &serde_json::Value| Introspection::read(answer.to_string().as_bytes());
        let token = read(&answer).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&token.body()).unwrap(), answer);
        assert_eq!(
            Introspection::read(Introspection::Inactive.body().as_bytes()).unwrap(),
            Introspection::Inactive
        );
        let bound = serde_json::json!({"x5t#S256": "x"});
        for (member, value) in
            [("token_type", "DPoP".into()), ("token_type", serde_json::Value::Null), ("cnf", bound)]
        {
            let mut other = answer.clone();
            other[member] = value;
            assert_eq!(read(&other).unwrap(), Introspection::Inactive);
        }
        for member in ["active", "scope", "client_id", "sub", "aud", "iss", "exp", "iat", "jti"] {
            let mut other = answer.clone();
            other[member] = serde_json::json!({});
            assert!(read(&other).is_err(), "odd {member}");
            other.as_object_mut().unwrap().remove(member);
            assert_eq!(read(&other).is_err(), member != "client_id", "without {member}");
        }
        let mut list = answer.clone();
        list["aud"] = serde_json::json!(["https://api.example"]);
        assert!(read(&list).is_err(), "a list is not the one audience of our tokens");
    }
}
