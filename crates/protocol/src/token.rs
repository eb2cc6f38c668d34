//! The token endpoint's answer (RFC 6749 §5.1). Owns its members; which token stands in it is `core`'s decision.

use crate::scope::Scope;
use crate::secret::Secret;
use crate::time::Lifetime;
use serde::Serialize;

/// A successful answer of the token endpoint. Not `Serialize` itself: it holds a token, and [`TokenResponse::body`] is
/// the only way to write it.
pub struct TokenResponse {
    /// RFC 6749 §5.1 `access_token`.
    pub access_token: Secret,
    /// RFC 6749 §5.1 `expires_in`.
    pub expires_in: Lifetime,
    /// RFC 6749 §5.1 `scope`: always said, as it may differ from what was asked for.
    pub scope: Scope,
    /// RFC 6749 §5.1 `refresh_token`.
    pub refresh_token: Option<Secret>,
    /// OpenID Connect Core §3.1.3.3 `id_token`.
    pub id_token: Option<Secret>,
    /// RFC 8693 §2.2.1 `issued_token_type`: what was issued in exchange.
    pub issued_token_type: Option<&'static str>,
}

/// RFC 8693 §3: an access token, as the type of what is exchanged, and of what is issued for it.
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: Lifetime,
    #[serde(skip_serializing_if = "Scope::is_empty")]
    scope: &'a Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'a str>,
}

impl TokenResponse {
    /// The JSON body, with `token_type` as in RFC 6750 §4.
    #[must_use]
    pub fn body(&self) -> String {
        let body = Body {
            access_token: self.access_token.expose(),
            token_type: "Bearer",
            expires_in: self.expires_in,
            scope: &self.scope,
            refresh_token: self.refresh_token.as_ref().map(Secret::expose),
            id_token: self.id_token.as_ref().map(Secret::expose),
            issued_token_type: self.issued_token_type,
        };
        // Strings and a number always serialize; an empty object would still be an answer.
        serde_json::to_string(&body).unwrap_or_else(|_| "{}".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §5.1: the members of a successful response.
    #[test]
    fn the_answer_has_the_members_of_the_rfc() {
        let answer = TokenResponse {
            access_token: Secret::new("t".into()),
            expires_in: Lifetime::minutes(10),
            scope: "read write".parse().unwrap(),
            refresh_token: None,
            id_token: None,
            issued_token_type: None,
        };
        assert_eq!(
            answer.body(),
            r#"{"access_token":"t","token_type":"Bearer","expires_in":600,"scope":"read write"}"#
        );
    }
}
