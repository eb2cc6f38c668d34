//! The answer to the authorization request (RFC 6749 §4.1.2). Owns what must hold before its code is presented anywhere; that
//! its `state` is the request's was the listener's question.

use super::http::refused;
use crate::failure::Failure;
use doorward_protocol::params::Params;
use doorward_protocol::secret::Secret;

/// The code of an answer, if it is one of this issuer.
pub(super) fn code(parameters: &Params<'_>, issuer: &str) -> Result<Secret, Failure> {
    // RFC 9207 §2.4: before anything else in the answer counts, an error included.
    if parameters.value("iss") != Some(issuer) {
        return Err(Failure::refused(
            "the answer is not from the server that was asked (its 'iss' is another)",
        ));
    }
    if let Some(error) = parameters.value("error") {
        return Err(refused(error, parameters.value("error_description").unwrap_or_default()));
    }
    let code = parameters.value("code").ok_or_else(|| Failure::refused("the answer holds no code"))?;
    Ok(Secret::new(code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.example";

    fn read(query: &str) -> Result<String, String> {
        let parameters = Params::parse(query.as_bytes()).unwrap();
        let code = code(&parameters, ISSUER);
        code.map(|code| code.expose().to_owned()).map_err(|failure| failure.to_string())
    }

    /// RFC 9207 §2.4: an answer of another issuer, or of nobody in particular, is not believed, whatever else it says.
    #[test]
    fn only_the_issuer_that_was_asked_is_believed() {
        assert_eq!(read("code=abc&iss=https%3A%2F%2Fid.example").as_deref(), Ok("abc"));
        for query in ["code=abc", "code=abc&iss=https%3A%2F%2Fid.example%2F", "error=access_denied&iss=evil"]
        {
            assert!(read(query).unwrap_err().contains("not from the server"), "{query}");
        }
    }

    /// RFC 6749 §4.1.2.1: an error is told in its words.
    #[test]
    fn an_error_is_told_in_its_words() {
        let query = "error=access_denied&error_description=the+person+said+no&iss=https%3A%2F%2Fid.example";
        assert_eq!(read(query).unwrap_err(), "the server refuses: access_denied: the person said no");
        assert!(read("iss=https%3A%2F%2Fid.example").unwrap_err().contains("no code"));
    }
}
