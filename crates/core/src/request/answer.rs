//! Answers to authorization requests (RFC 6749 §4.1.2). Owns how parameters travel back: each once, to a redirect URI that
//! was matched, with the issuer's name (RFC 9207).

use crate::client::redirect::RedirectTarget;
use doorward_protocol::error::OAuthError;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::ResponseMode;

/// How the client is answered, whatever the answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Where to.
    pub target: RedirectTarget,
    /// How.
    pub mode: ResponseMode,
    /// RFC 6749 §4.1.1 `state`: goes back as it came.
    pub state: Option<String>,
    /// RFC 9207 §2: who answers.
    pub issuer: String,
}

/// RFC 6749 §4.1.2: what goes back to the client.
pub struct AuthorizationAnswer {
    /// How, and where to.
    pub reply: Reply,
    /// The response parameters in order.
    pub parameters: Vec<(&'static str, String)>,
}

impl Reply {
    /// RFC 6749 §4.1.2: a code.
    #[must_use]
    pub fn code(self, code: &Secret) -> AuthorizationAnswer {
        self.with(vec![("code", code.expose().to_owned())])
    }

    /// RFC 6749 §4.1.2.1: an error.
    #[must_use]
    pub fn error(self, error: &OAuthError) -> AuthorizationAnswer {
        self.with(vec![
            ("error", error.code().as_str().to_owned()),
            ("error_description", error.description().to_owned()),
        ])
    }

    fn with(self, mut parameters: Vec<(&'static str, String)>) -> AuthorizationAnswer {
        parameters.extend(self.state.clone().map(|state| ("state", state)));
        parameters.push(("iss", self.issuer.clone()));
        AuthorizationAnswer { reply: self, parameters }
    }
}

impl AuthorizationAnswer {
    /// The URL of an answer in the query.
    #[must_use]
    pub fn location(&self) -> String {
        let parameters: Vec<_> =
            self.parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.reply.target.with_query(&parameters)
    }
}
