//! How a request to an API brings its token. Owns the headers that one may stand in, and that there is one; which of these ways an API
//! takes is its own to say, and what the token is worth is [`bearer`](super)'s.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::words::CredentialForm;
use std::borrow::Cow;

/// Longer than any token of ours in Base64.
const LONGEST_BASIC: usize = 16 * 1024;
/// What tools put in where they insist on a password.
const FILLERS: [&str; 2] = ["", "x"];

/// The headers of a request that a token may stand in.
#[derive(Clone, Copy, Default)]
pub struct Brought<'a> {
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `X-API-Key`.
    pub api_key: Option<&'a str>,
}

/// Two tokens, of which nobody knows who would look at which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Two;

impl<'a> Brought<'a> {
    /// The token, by one of the ways that are taken; what comes by another is not one. A text that cannot be a token is one that is no
    /// good.
    ///
    /// # Errors
    /// [`Two`] of them.
    pub fn token(&self, taken: &[CredentialForm]) -> Result<Option<Cow<'a, str>>, Two> {
        let takes = |form: &CredentialForm| taken.contains(form);
        let api_key = self.api_key.filter(|_| takes(&CredentialForm::ApiKey)).map(Cow::Borrowed);
        let authorized = self.authorization.and_then(|text| {
            let (scheme, value) = text.split_once(' ').unwrap_or((text, ""));
            let form = form(scheme).filter(takes)?;
            let value = value.trim_matches(' ');
            Some(if form == CredentialForm::Basic { user_name(value) } else { Cow::Borrowed(value) })
        });
        match (authorized, api_key) {
            (Some(_), Some(_)) => Err(Two),
            (one, other) => Ok(one.or(other)),
        }
    }
}

/// RFC 9110 §11.1: a scheme is written in any case.
fn form(scheme: &str) -> Option<CredentialForm> {
    let named = |name: &str| scheme.eq_ignore_ascii_case(name);
    match scheme {
        _ if named("Bearer") => Some(CredentialForm::Bearer),
        _ if named("Basic") => Some(CredentialForm::Basic),
        _ => None,
    }
}

/// RFC 7617 §2: the user name, which is the token. The password says nothing: one that might is no filler, and somebody else's.
fn user_name(value: &str) -> Cow<'static, str> {
    let decoded = Some(value).filter(|text| text.len() <= LONGEST_BASIC);
    let decoded = decoded.and_then(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok());
    let name = decoded.as_deref().and_then(|pair| pair.split_once(':'));
    let name = name.filter(|(_, password)| FILLERS.contains(password)).map(|(name, _)| name.to_owned());
    Cow::Owned(name.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(authorization: &str, api_key: &str, taken: &[CredentialForm]) -> Result<Option<String>, Two> {
        let some = |text| Some(text).filter(|text: &&str| *text != "-");
        let brought = Brought { authorization: some(authorization), api_key: some(api_key) };
        brought.token(taken).map(|token| token.map(Cow::into_owned))
    }

    fn given(token: &str) -> Result<Option<String>, Two> {
        Ok(Some(token.to_owned()))
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", STANDARD.encode(pair))
    }

    /// RFC 6750 §2.1 and RFC 7617 §2: a token stands in one header, in the form that belongs there.
    #[test]
    fn a_token_is_read_from_the_header_that_it_stands_in() {
        let all = CredentialForm::ALL;
        assert_eq!(token("Bearer a.b", "-", all), given("a.b"));
        assert_eq!(token("bearer  a.b ", "-", all), given("a.b"));
        assert_eq!(token("-", "a.b", all), given("a.b"));
        for password in ["", "x"] {
            assert_eq!(token(&basic(&format!("a.b:{password}")), "-", all), given("a.b"));
        }
        assert_eq!(token("-", "-", all), Ok(None));
        for nothing in ["", "Digest a.b", "a.b", "Basically a"] {
            assert_eq!(token(nothing, "-", all), Ok(None), "{nothing}");
        }
    }

    /// RFC 7617 §2: what cannot be read is a token that is none, not no token.
    #[test]
    fn a_form_that_cannot_be_read_is_no_good_token() {
        let all = CredentialForm::ALL;
        let long = basic(&format!("{}:", "a".repeat(LONGEST_BASIC)));
        for broken in
            ["Basic", "Basic ?", &basic("a.b"), &basic("a:b"), &basic("a.b:x:"), &long, "Bearer", "Bearer "]
        {
            assert_eq!(token(broken, "-", all), given(""), "{broken}");
        }
    }

    #[test]
    fn two_tokens_are_refused_and_a_form_that_is_not_taken_is_none() {
        use CredentialForm::{ApiKey, Basic, Bearer};
        let pair = basic("c:");
        for authorization in ["Bearer a", &pair] {
            assert_eq!(token(authorization, "b", CredentialForm::ALL), Err(Two));
        }
        assert_eq!(token("Bearer a", "b", &[Bearer]), given("a"));
        assert_eq!(token("Bearer a", "b", &[ApiKey]), given("b"));
        assert_eq!(token(&pair, "b", &[Bearer, ApiKey]), given("b"));
        for (authorization, api_key) in [("Bearer a", "-"), ("-", "b")] {
            assert_eq!(token(authorization, api_key, &[Basic]), Ok(None));
        }
        assert_eq!(token(&pair, "-", &[Bearer, ApiKey]), Ok(None));
    }
}
