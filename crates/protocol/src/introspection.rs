//! The introspection endpoint's answer (RFC 7662 §2.2). Owns its members; who may ask, and what concerns them, is
//! `core`'s decision.

use crate::id::{ClientId, Id};
use crate::scope::Scope;
use crate::time::Seconds;
use serde::Serialize;

/// What a resource server learns about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// RFC 7662 §2.2: the token is not active; nothing else is said, so that nothing can be learned.
    Inactive,
    /// The token may be used.
    Active(Box<ActiveToken>),
}

/// The members of an active token's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActiveToken {
    /// RFC 7662 §2.2 `scope`.
    pub scope: Scope,
    /// RFC 7662 §2.2 `client_id`.
    pub client_id: ClientId,
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
}

#[derive(Serialize)]
struct Body<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(flatten)]
    token: Option<&'a ActiveToken>,
}

impl Introspection {
    /// The JSON body.
    #[must_use]
    pub fn body(&self) -> String {
        let body = match self {
            Self::Inactive => return r#"{"active":false}"#.to_owned(),
            Self::Active(token) => Body { active: true, token_type: Some("Bearer"), token: Some(token) },
        };
        // Strings and numbers always serialize; saying 'inactive' is the safe answer if they ever did not.
        serde_json::to_string(&body).unwrap_or_else(|_| r#"{"active":false}"#.to_owned())
    }
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
            client_id: "shop".parse().unwrap(),
            sub: "shop".into(),
            aud: "https://api.example".into(),
            iss: "https://as.example".into(),
            exp: Seconds(20),
            iat: Seconds(10),
            jti: Id::from_parts(0, 0),
            username: None,
            auth_time: None,
            acr: None,
        };
        let body = Introspection::Active(Box::new(token)).body();
        assert_eq!(
            body,
            r#"{"active":true,"token_type":"Bearer","scope":"read","client_id":"shop","sub":"shop","aud":"https://api.example","iss":"https://as.example","exp":20,"iat":10,"jti":"00000000000000000000000000"}"#
        );
    }
}
