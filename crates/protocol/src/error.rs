//! The protocol's refusals: every error word, its HTTP status and the clause it comes from. Owns the one mapping from a
//! refusal to the wire; whose fault something is, and what the log says, is decided where the refusal is made.

use crate::time::Lifetime;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;

/// The registered error words that the endpoints answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// RFC 6749 §5.2: a parameter is missing, malformed or repeated, or two ways of authentication were used.
    InvalidRequest,
    /// RFC 6749 §5.2: client authentication failed.
    InvalidClient,
    /// RFC 6749 §5.2: the code or refresh token is invalid, or belongs to another client.
    InvalidGrant,
    /// RFC 6749 §5.2: the client may not use this grant.
    UnauthorizedClient,
    /// RFC 6749 §5.2: the server does not have this grant.
    UnsupportedGrantType,
    /// RFC 6749 §5.2: the scope is unknown, malformed or more than the client may ask for.
    InvalidScope,
    /// RFC 8707 §2: the resource is unknown, malformed or not to be had.
    InvalidTarget,
    /// RFC 6749 §4.1.2.1: the person, or the server on their behalf, said no.
    AccessDenied,
    /// RFC 6749 §4.1.2.1: the server has only `code`.
    UnsupportedResponseType,
    /// OpenID Connect Core §3.1.2.6: nobody is signed in, and no page may be shown.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6: the person has to agree, and no page may be shown.
    ConsentRequired,
    /// OpenID Connect Core §3.1.2.6: the person has to choose an account, and no page may be shown.
    AccountSelectionRequired,
    /// OpenID Connect Core §3.1.2.6: some page has to be shown, and none may be. Each page of ours has a word of its own
    /// above; this one is for a page that has none.
    InteractionRequired,
    /// OpenID Connect Core §3.1.2.6: request objects are not read.
    RequestNotSupported,
    /// OpenID Connect Core §3.1.2.6: request objects are not fetched.
    RequestUriNotSupported,
    /// OpenID Connect Core §3.1.2.6: clients do not register in a request.
    RegistrationNotSupported,
    /// RFC 6750 §3.1: the access token is malformed, expired, revoked or not for this endpoint.
    InvalidToken,
    /// RFC 6750 §3.1: the access token does not reach far enough.
    InsufficientScope,
    /// RFC 9470 §3: whoever acts has signed in too long ago.
    InsufficientUserAuthentication,
    /// RFC 6749 §4.1.2.1, used at the other endpoints too: something broke on our side.
    ServerError,
    /// RFC 6749 §4.1.2.1, used at the other endpoints too: try again later.
    TemporarilyUnavailable,
}

impl ErrorCode {
    /// The word on the wire, which is also the label in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// RFC 6749 §5.2: 400, but 401 where the client failed to prove who it is; 5xx for what is ours.
    const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken | Self::InsufficientUserAuthentication => 401,
            Self::AccessDenied | Self::InsufficientScope => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

/// A refusal in the form of RFC 6749 §5.2.
///
/// The description is for the developer of the client: our own sentence, never a text that came with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    code: ErrorCode,
    status: u16,
    description: Cow<'static, str>,
    retry_after: Option<Lifetime>,
}

/// The JSON members of RFC 6749 §5.2.
#[derive(Serialize)]
struct Body<'a> {
    error: ErrorCode,
    error_description: &'a str,
}

/// The word and our sentence, for a log or an embedder's own error.
impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code().as_str(), self.description())
    }
}

impl std::error::Error for OAuthError {}

impl OAuthError {
    /// A refusal with the status that belongs to its word.
    #[must_use]
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, status: code.status(), description: description.into(), retry_after: None }
    }

    /// RFC 6749 §5.2 `invalid_request`.
    #[must_use]
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    /// RFC 6749 §5.2 `invalid_client`: one sentence for every cause, so that nobody learns which clients exist.
    #[must_use]
    pub fn invalid_client() -> Self {
        Self::new(ErrorCode::InvalidClient, "client authentication failed")
    }

    /// RFC 6749 §5.2 `invalid_grant`: one sentence for a code or refresh token that is unknown, another's, spent, expired
    /// or void, so that presenting one tells nothing about it.
    #[must_use]
    pub fn invalid_grant() -> Self {
        Self::new(
            ErrorCode::InvalidGrant,
            "the code or refresh token is invalid, expired, revoked or not this client's",
        )
    }

    /// RFC 6750 §3.1 `invalid_token`.
    #[must_use]
    pub fn invalid_token(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidToken, description)
    }

    /// RFC 6749 §5.2 `invalid_scope`.
    #[must_use]
    pub fn invalid_scope(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidScope, description)
    }

    /// RFC 6750 §3.1 `insufficient_scope`.
    #[must_use]
    pub fn insufficient_scope() -> Self {
        Self::new(ErrorCode::InsufficientScope, "the access token does not reach this far")
    }

    /// RFC 8707 §2 `invalid_target`.
    #[must_use]
    pub fn invalid_target(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::InvalidTarget, description)
    }

    /// RFC 9110 §15.5.6: the endpoint exists, but not for this method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self { status: 405, ..Self::invalid_request("this endpoint does not take this method") }
    }

    /// RFC 9110 §15.5.9: the request did not arrive in time.
    #[must_use]
    pub fn request_timeout() -> Self {
        Self { status: 408, ..Self::invalid_request("the request body did not arrive in time") }
    }

    /// RFC 9110 §15.5.14: the body is longer than the endpoint reads.
    #[must_use]
    pub fn content_too_large() -> Self {
        Self { status: 413, ..Self::invalid_request("the request body is too large") }
    }

    /// RFC 6585 §5: request line and headers are longer than the server reads.
    #[must_use]
    pub fn header_fields_too_large() -> Self {
        Self { status: 431, ..Self::invalid_request("the request's headers are too large") }
    }

    /// RFC 6585 §4: too many failed attempts; the caller is told when to come back.
    #[must_use]
    pub fn too_many_requests(retry_after: Lifetime) -> Self {
        let refusal =
            Self::new(ErrorCode::TemporarilyUnavailable, "too many failed attempts, try again later");
        Self { status: 429, retry_after: Some(retry_after), ..refusal }
    }

    /// RFC 9110 §15.6.4: the store does not answer; nothing was changed, and it is safe to try again.
    #[must_use]
    pub fn unavailable() -> Self {
        let refusal =
            Self::new(ErrorCode::TemporarilyUnavailable, "the server cannot answer right now, try again");
        Self { retry_after: Some(Lifetime::seconds(1)), ..refusal }
    }

    /// RFC 9110 §15.6.1: a fault of ours; the log has the reason.
    #[must_use]
    pub fn server_error() -> Self {
        Self::new(ErrorCode::ServerError, "the server failed to answer this request")
    }

    /// The same refusal with a sentence that says more.
    #[must_use]
    pub fn with_description(self, description: impl Into<Cow<'static, str>>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// The error word.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The sentence for the client's developer.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// RFC 9110 §10.2.3: when to come back, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Lifetime> {
        self.retry_after
    }

    /// RFC 6750 §3: the challenge of a refusal to whoever bears a token; other parameters may follow.
    ///
    /// A description holds neither quote nor backslash. None of ours does; were there one, the word alone would say it.
    #[must_use]
    pub fn bearer_challenge(&self) -> String {
        let is_plain =
            |text: &&str| text.bytes().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\'));
        let described = Some(self.description()).filter(is_plain);
        let description = described.map(|text| format!(", error_description=\"{text}\"")).unwrap_or_default();
        format!("Bearer error=\"{}\"{description}", self.code.as_str())
    }

    /// RFC 6749 §5.2: the JSON body.
    #[must_use]
    pub fn body(&self) -> String {
        let body = Body { error: self.code, error_description: &self.description };
        // Two strings always serialize; an empty object would still be an answer.
        serde_json::to_string(&body).unwrap_or_else(|_| "{}".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §5.2: the members and words of an error response.
    #[test]
    fn a_refusal_has_the_form_of_the_rfc() {
        let refusal = OAuthError::invalid_scope("unknown scope");
        assert_eq!(refusal.body(), r#"{"error":"invalid_scope","error_description":"unknown scope"}"#);
        assert_eq!(refusal.status(), 400);
        assert_eq!(OAuthError::invalid_client().status(), 401);
    }

    #[test]
    fn the_word_is_the_same_in_metrics_and_on_the_wire() {
        let all = [
            ErrorCode::InvalidRequest,
            ErrorCode::InvalidClient,
            ErrorCode::InvalidGrant,
            ErrorCode::UnauthorizedClient,
            ErrorCode::UnsupportedGrantType,
            ErrorCode::InvalidScope,
            ErrorCode::InvalidTarget,
            ErrorCode::AccessDenied,
            ErrorCode::UnsupportedResponseType,
            ErrorCode::LoginRequired,
            ErrorCode::ConsentRequired,
            ErrorCode::AccountSelectionRequired,
            ErrorCode::InteractionRequired,
            ErrorCode::RequestNotSupported,
            ErrorCode::RequestUriNotSupported,
            ErrorCode::RegistrationNotSupported,
            ErrorCode::InvalidToken,
            ErrorCode::InsufficientScope,
            ErrorCode::InsufficientUserAuthentication,
            ErrorCode::ServerError,
            ErrorCode::TemporarilyUnavailable,
        ];
        for code in all {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    /// RFC 6585 §4: 429 may tell when to come back.
    #[test]
    fn a_limit_says_when_to_come_back() {
        let refusal = OAuthError::too_many_requests(Lifetime::seconds(42));
        assert_eq!((refusal.status(), refusal.retry_after()), (429, Some(Lifetime::seconds(42))));
    }
}
