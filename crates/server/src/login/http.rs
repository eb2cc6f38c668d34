//! How the server is asked: plain requests with an end, whose answers are bounded and never lead elsewhere. Owns the client;
//! TLS is rustls with ring, the one provider in this build.

use crate::failure::{Failure, chain};
use doorward_core::issuer::Issuer;
use doorward_protocol::secret::Secret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// For one request, from the first packet to the last.
const PATIENCE: Duration = Duration::from_secs(30);
/// More than any document of a server.
const LONGEST_ANSWER: u64 = 1 << 20;

/// A way to one server.
pub(super) struct Http(ureq::Agent);

/// What came back.
pub(super) struct Reply {
    status: u16,
    body: String,
}

/// RFC 6749 §5.2.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Http {
    /// The way to this issuer. One without TLS is on this machine, where no proxy of the environment leads.
    pub(super) fn for_issuer(issuer: &Issuer) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(PATIENCE))
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")));
        let config = if issuer.uses_tls() { config } else { config.proxy(None) };
        Self(config.build().into())
    }

    /// Asks for a document.
    pub(super) fn get(&self, url: &str) -> Result<Reply, Failure> {
        reply(url, self.0.get(url).header("accept", "application/json").call())
    }

    /// RFC 6750 §2.1: asks with a token.
    pub(super) fn get_with(&self, token: &Secret, url: &str) -> Result<Reply, Failure> {
        let bearer = format!("Bearer {}", token.expose());
        reply(url, self.0.get(url).header("authorization", bearer).call())
    }

    /// Posts a form.
    pub(super) fn post(&self, url: &str, form: &[(&str, &str)]) -> Result<Reply, Failure> {
        let request = self.0.post(url).header("accept", "application/json");
        reply(url, request.send_form(form.iter().copied()))
    }
}

fn reply(
    url: &str,
    answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Reply, Failure> {
    let unreachable = |error: ureq::Error| Failure::unreachable(format!("{url}: {}", chain(&error)));
    let mut response = answered.map_err(unreachable)?;
    let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string();
    Ok(Reply { status: response.status().as_u16(), body: body.map_err(unreachable)? })
}

impl Reply {
    /// The document, which must be one of this form.
    pub(super) fn document<T: DeserializeOwned>(&self, what: &str) -> Result<T, Failure> {
        if self.status != 200 {
            return Err(self.refusal(what));
        }
        // The text itself is not repeated: it may hold tokens.
        serde_json::from_str(&self.body)
            .map_err(|error| Failure::refused(format!("{what} cannot be read: {}", kind(&error))))
    }

    /// Why there is none, in the server's words where they are those of OAuth.
    fn refusal(&self, what: &str) -> Failure {
        match serde_json::from_str::<Refusal>(&self.body) {
            Ok(Refusal { error, error_description }) => refused(&error, &error_description),
            Err(_) => Failure::refused(format!("{what}: the server answers with status {}", self.status)),
        }
    }
}

/// RFC 6749 §4.1.2.1, §5.2: what a server gives as its reason.
pub(super) fn refused(error: &str, description: &str) -> Failure {
    let (error, description) = (printable(error), printable(description));
    let reason = if description.is_empty() { error } else { format!("{error}: {description}") };
    Failure::refused(format!("the server refuses: {reason}"))
}

/// RFC 6749 §5.2: printable ASCII, so that no text from elsewhere commands the terminal.
fn printable(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~')).take(300).collect()
}

/// What is wrong with JSON, without a word of it.
fn kind(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Data => "a member is missing, or not what it should be",
        _ => "it is not JSON",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(status: u16, body: &str) -> String {
        let reply = Reply { status, body: body.to_owned() };
        reply.document::<Refusal>("the answer").err().map(|failure| failure.to_string()).unwrap_or_default()
    }

    /// RFC 6749 §5.2: the reason stands in `error` and `error_description`.
    #[test]
    fn a_refusal_is_told_in_the_words_of_the_server() {
        let body = r#"{"error":"invalid_grant","error_description":"the code has ended"}"#;
        assert_eq!(complaint(400, body), "the server refuses: invalid_grant: the code has ended");
        assert_eq!(complaint(401, r#"{"error":"invalid_client"}"#), "the server refuses: invalid_client");
        assert_eq!(complaint(502, "<html>"), "the answer: the server answers with status 502");
    }

    #[test]
    fn no_text_from_elsewhere_commands_the_terminal() {
        assert_eq!(refused("a\u{1b}[2Jb", "ü\nc").to_string(), "the server refuses: a[2Jb: c");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_not_repeated() {
        for body in [r#"{"access_token":"ey"}"#, r#""eyJ"#] {
            let complaint = complaint(200, body);
            assert!(
                complaint.starts_with("the answer cannot be read") && !complaint.contains("ey"),
                "{complaint}"
            );
        }
    }
}
