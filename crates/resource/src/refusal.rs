//! What a request hears that is not let in. Owns the challenge (RFC 6750 §3, RFC 9728 §5.1), status and headers of each
//! refusal; the error words are the protocol crate's, and when a request is refused is decided where it is.

use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::scope::Scope;
use std::fmt;
use std::sync::Arc;

/// What clients are told when the authorization server cannot be asked, and when it makes sense to come back.
const RETRY_AFTER: &str = "5";

/// Why a request is not let in, ready to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    reason: Reason,
    metadata_url: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// There is none.
    NoToken,
    /// What came is not a request with a token.
    Malformed(&'static str),
    /// Not, or no longer, a token for this API. Why is for the log.
    Invalid,
    /// A good token, but not for this: a scope that would do, where there is one.
    Scope(Scope),
    /// No token would help: the request is odd, comes from elsewhere, or goes to an API that is not there.
    Forbidden(&'static str),
    /// Nobody can say: the authorization server does not answer.
    Unavailable,
    /// A fault of the API's program; the log has it.
    Broken,
}

impl Refusal {
    pub(crate) fn new(reason: Reason, metadata_url: Option<Arc<str>>) -> Self {
        Self { reason, metadata_url }
    }

    /// A fault of the API's program, told to its log.
    pub(crate) fn broken(what: &'static str) -> Self {
        tracing::error!(what, "a protected route is set up wrongly");
        Self::new(Reason::Broken, None)
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.error().map_or(401, |error| error.status())
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        // RFC 9111 §3: an answer to one client is for no other.
        let mut headers = vec![("cache-control", "no-store".to_owned())];
        if let Some(challenge) = self.challenge() {
            headers.push(("www-authenticate", challenge));
        }
        if self.reason == Reason::Unavailable {
            headers.push(("retry-after", RETRY_AFTER.to_owned()));
        }
        if self.error().is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        headers
    }

    /// The body: JSON as in RFC 6749 §5.2, or nothing.
    #[must_use]
    pub fn body(&self) -> String {
        self.error().map(|error| error.body()).unwrap_or_default()
    }

    /// RFC 6750 §3: what to bring instead. RFC 6750 §3.1: who brought nothing hears of no error; and where we are at fault
    /// another token would not help.
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        let mut challenge = match self.error() {
            Some(error) if error.status() >= 500 || error.code() == ErrorCode::AccessDenied => return None,
            Some(error) => error.bearer_challenge(),
            None => "Bearer".to_owned(),
        };
        let mut separator = if self.error().is_some() { ", " } else { " " };
        let mut add = |name: &str, value: &str| {
            challenge.push_str(&format!("{separator}{name}=\"{value}\""));
            separator = ", ";
        };
        if let Reason::Scope(scope) = &self.reason
            && !scope.is_empty()
        {
            add("scope", &scope.to_string());
        }
        if let Some(url) = &self.metadata_url {
            add("resource_metadata", url);
        }
        Some(challenge)
    }

    fn error(&self) -> Option<OAuthError> {
        match &self.reason {
            Reason::NoToken => None,
            Reason::Malformed(what) => Some(OAuthError::invalid_request(*what)),
            Reason::Invalid => {
                Some(OAuthError::invalid_token("the access token is not, or no longer, good for this API"))
            }
            Reason::Scope(_) => Some(OAuthError::insufficient_scope()),
            Reason::Forbidden(why) => Some(OAuthError::new(ErrorCode::AccessDenied, *why)),
            Reason::Unavailable => Some(OAuthError::new(
                ErrorCode::TemporarilyUnavailable,
                "the access token cannot be checked right now",
            )),
            Reason::Broken => Some(OAuthError::server_error()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            None => f.write_str("an access token is needed"),
            Some(error) => write!(f, "{}: {}", error.code().as_str(), error.description()),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(reason: Reason, metadata_url: Option<&str>) -> (u16, Option<String>) {
        let refusal = Refusal::new(reason, metadata_url.map(Arc::from));
        (refusal.status(), refusal.challenge())
    }

    /// RFC 6750 §3, §3.1: the challenge of each refusal, to the byte.
    #[test]
    fn a_challenge_says_what_is_wrong() {
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(challenge(Reason::NoToken, None), (401, said("Bearer")));
        assert_eq!(
            challenge(Reason::Malformed("twice"), None),
            (400, said("Bearer error=\"invalid_request\", error_description=\"twice\""))
        );
        assert_eq!(
            challenge(Reason::Invalid, None),
            (
                401,
                said(
                    "Bearer error=\"invalid_token\", error_description=\"the access token is not, or no longer, good for this API\""
                )
            )
        );
        assert_eq!(
            challenge(Reason::Scope("b a".parse().unwrap()), None),
            (
                403,
                said(
                    "Bearer error=\"insufficient_scope\", error_description=\"the access token does not reach this far\", scope=\"a b\""
                )
            )
        );
        let no_level = challenge(Reason::Scope(Scope::default()), None);
        assert!(no_level.1.is_some_and(|text| !text.contains("scope=")), "no scope would do");
        assert_eq!(challenge(Reason::Forbidden("not from there"), None), (403, None));
        assert_eq!(challenge(Reason::Unavailable, None), (503, None));
        assert_eq!(challenge(Reason::Broken, None), (500, None));
    }

    /// RFC 9728 §5.1: where the API's metadata are stands in every challenge.
    #[test]
    fn a_challenge_leads_to_the_metadata() {
        let url = Some("https://api.example/.well-known/oauth-protected-resource");
        let (_, bare) = challenge(Reason::NoToken, url);
        let expected =
            "Bearer resource_metadata=\"https://api.example/.well-known/oauth-protected-resource\"";
        assert_eq!(bare.as_deref(), Some(expected));
        let (_, invalid) = challenge(Reason::Invalid, url);
        let end = ", resource_metadata=\"https://api.example/.well-known/oauth-protected-resource\"";
        assert!(invalid.is_some_and(|text| text.starts_with("Bearer error=") && text.ends_with(end)));
        assert_eq!(challenge(Reason::Unavailable, url), (503, None));
    }

    /// RFC 9110 §10.2.3: who cannot be answered is told when to come back.
    #[test]
    fn an_outage_is_no_fault_of_the_token() {
        let headers = Refusal::new(Reason::Unavailable, None).headers();
        assert!(headers.contains(&("retry-after", "5".to_owned())));
        assert!(headers.contains(&("cache-control", "no-store".to_owned())));
    }
}
