//! The story by introspection (RFC 7662), with the request described. Owns what an answer stands for.

use crate::http::{self, Credentials};
use crate::story::{API, Case, Outcome, Request, Way};
use doorward_protocol::words::Level;
use serde_json::Value;

/// An API that asks for each request.
pub struct ByIntrospection {
    agent: ureq::Agent,
    endpoint: String,
    credentials: Credentials,
}

impl ByIntrospection {
    /// The API, which asks as this client.
    #[must_use]
    pub fn new(agent: ureq::Agent, issuer: &str, credentials: Credentials) -> Self {
        Self { agent, endpoint: format!("{issuer}/oauth2/introspect"), credentials }
    }
}

impl Way for ByIntrospection {
    fn name(&self) -> &str {
        "introspection"
    }

    /// Without a token there is nothing to ask about.
    fn is_for(&self, case: &Case) -> bool {
        case.token.is_some()
    }

    fn ask(&mut self, request: &Request<'_>) -> Outcome {
        let from = request.from.to_string();
        let form = [
            ("token", request.token.unwrap_or_default()),
            ("method", request.method),
            ("uri", request.target),
            ("client_ip", &from),
        ];
        let answer = http::post(&self.agent, &self.endpoint, &form, Some(&self.credentials));
        let answer = answer.expect("the server answers");
        assert_eq!(answer.status, 200, "{answer:?}");
        outcome(&answer.json())
    }
}

fn outcome(answer: &Value) -> Outcome {
    let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
    if answer["active"] == true {
        let level = answer["access"][0]["level"].as_str().and_then(|level| level.parse().ok());
        assert_eq!(text("aud"), API, "it tells of this API: {answer}");
        return Outcome::Passed(level.unwrap_or(Level::None));
    }
    match text("error").as_str() {
        "insufficient_scope" => Outcome::InsufficientScope(text("scope").into()),
        "access_denied" => Outcome::Forbidden,
        _ => Outcome::InvalidToken,
    }
}
