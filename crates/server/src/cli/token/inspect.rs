//! `doorward token inspect`: what can be said of a token without asking any server. The token comes from standard input,
//! because every user of the machine can read arguments.

use super::super::answer::Answer;
use super::super::sheet::Sheet;
use super::super::standard_input;
use crate::failure::Failure;
use doorward_protocol::token_text::{self, TokenType};
use serde_json::json;

pub(super) const EXAMPLES: &str = "\
Says what kind of token or secret it is, and whether it is complete: its last characters are a checksum of the others.
Whether it is good, only the server knows: ask its introspection endpoint.

Example:
  doorward token inspect < token.txt";

pub(super) fn run() -> Result<Answer, Failure> {
    let token = standard_input::token()?;
    let token = token.expose();
    let kind = token_text::read(token).map_err(|reason| match token.matches('.').count() {
        2 => Failure::refused(
            "it looks like a signed token (JWT), which has no checksum: ask the introspection endpoint",
        ),
        _ => Failure::refused(reason),
    })?;
    let (word, meaning) = named(kind);
    let text = Sheet::default()
        .with("kind", meaning)
        .with("prefix", kind.prefix())
        .with("checksum", "right: it is complete and was not mistyped")
        .text();
    Answer::new(text, &json!({"type": word, "prefix": kind.prefix(), "checksum": "valid"}))
}

fn named(kind: TokenType) -> (&'static str, &'static str) {
    match kind {
        TokenType::AccessToken => ("access_token", "an opaque access token"),
        TokenType::ClientSecret => ("client_secret", "a client's secret"),
        TokenType::RefreshToken => ("refresh_token", "a refresh token"),
        TokenType::PersonalAccessToken => ("api_token", "a user's API token"),
        TokenType::ApiAccountToken => ("api_account_token", "an API account's token"),
        TokenType::AuthorizationCode => ("authorization_code", "an authorization code"),
        TokenType::Session => ("session", "a session in somebody's browser"),
        TokenType::Browser => ("browser", "a browser in which nobody has to have signed in"),
        TokenType::Interaction => ("interaction", "a sign-in under way"),
        TokenType::SetupLink => ("setup_link", "a link that sets a password"),
    }
}
