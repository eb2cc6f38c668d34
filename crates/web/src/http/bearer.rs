//! Access tokens that come with a request (RFC 6750). Owns the two places where one may stand, and the challenge of a
//! refusal; what a token is worth is core's to say.

use crate::http::{answer, form};
use bytes::Bytes;
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use std::borrow::Cow;

/// The statuses that RFC 6750 §3.1 gives a word in the challenge.
const CHALLENGED: [StatusCode; 3] =
    [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];

/// The token of a request, if it carries one. RFC 6750 §2: in the header, or in a form; never in both. Of a query nothing
/// is read (§2.3): it ends in logs.
pub(crate) fn token(request: &Request<Bytes>) -> Result<Option<Cow<'_, str>>, OAuthError> {
    match (of_header(request.headers())?, of_form(request)?) {
        (Some(_), Some(_)) => Err(OAuthError::invalid_request("the access token is included more than once")),
        (Some(token), None) => Ok(Some(Cow::Borrowed(token))),
        (None, token) => Ok(token.map(Cow::Owned)),
    }
}

/// RFC 6750 §2.1. Another scheme is no access token; RFC 9110 §11.1: a scheme is written in any case.
pub(crate) fn of_header(headers: &HeaderMap) -> Result<Option<&str>, OAuthError> {
    let Some(text) = form::authorization(headers)? else { return Ok(None) };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Ok(None);
    }
    let token = token.trim_matches(' ');
    if token.is_empty() {
        return Err(OAuthError::invalid_request("the Authorization header holds no access token"));
    }
    Ok(Some(token))
}

/// RFC 6750 §2.2.
fn of_form(request: &Request<Bytes>) -> Result<Option<String>, OAuthError> {
    if *request.method() != Method::POST || !form::is_form(request.headers()) {
        return Ok(None);
    }
    Ok(Params::parse(request.body())?.value("access_token").map(str::to_owned))
}

/// RFC 6750 §3.1: who brought no token is told that one is needed, and nothing of an error.
pub(crate) fn needed() -> Response<Bytes> {
    let mut response = answer::empty(StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// RFC 6750 §3: a refusal, whose challenge says what its body says.
pub(crate) fn refusal(error: &OAuthError) -> Response<Bytes> {
    let challenge = challenge(error);
    let mut response = answer::refusal(error, &challenge);
    if CHALLENGED.contains(&response.status()) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

fn challenge(error: &OAuthError) -> HeaderValue {
    HeaderValue::from_str(&error.bearer_challenge()).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{AUTHORIZATION, CONTENT_TYPE};

    fn posted(authorization: &str, body: &str) -> Result<Option<String>, u16> {
        let mut request =
            Request::post("/oauth2/userinfo").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !authorization.is_empty() {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        token(&request).map(|token| token.map(Cow::into_owned)).map_err(|refusal| refusal.status())
    }

    /// RFC 6750 §2.1, §2.2: a token stands in the header or in the form, and RFC 6750 §2: not in both.
    #[test]
    fn a_token_comes_by_one_way() {
        let given = |token: &str| Ok(Some(token.to_owned()));
        assert_eq!(posted("Bearer a.b-c", ""), given("a.b-c"));
        assert_eq!(posted("bearer  a.b-c", "x=1"), given("a.b-c"));
        assert_eq!(posted("", "access_token=a.b-c"), given("a.b-c"));
        assert_eq!(posted("Basic x", "access_token=a"), given("a"));
        assert_eq!(posted("Bearer a", "access_token=a"), Err(400));
        for nothing in ["", "x=1", "access_token="] {
            assert_eq!(posted("", nothing), Ok(None), "{nothing}");
        }
        for empty in ["Bearer", "Bearer ", "Bearer  "] {
            assert_eq!(posted(empty, ""), Err(400), "{empty}");
        }
        assert_eq!(posted("", "access_token=a&access_token=b"), Err(400));
    }

    /// RFC 6750 §2.2, §2.3: a token in a URL is not read, nor one in a body that is no form.
    #[test]
    fn a_token_in_a_url_is_none() {
        let get = Request::get("/oauth2/userinfo?access_token=a").body(Bytes::new()).unwrap();
        assert_eq!(token(&get).unwrap(), None);
        let json = Request::post("/").header(CONTENT_TYPE, "application/json");
        assert_eq!(token(&json.body(Bytes::from_static(b"access_token=a")).unwrap()).unwrap(), None);
        let get_with_body = Request::get("/").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let get_with_body = get_with_body.body(Bytes::from_static(b"access_token=a")).unwrap();
        assert_eq!(token(&get_with_body).unwrap(), None);
    }

    /// RFC 6750 §3, §3.1: the challenge carries the word and our sentence, and nothing that could end it.
    #[test]
    fn a_challenge_says_what_is_wrong() {
        let challenge = |error: &OAuthError| {
            let response = refusal(error);
            response.headers().get(WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(
            challenge(&OAuthError::invalid_token("the token has expired")).as_deref(),
            Some("Bearer error=\"invalid_token\", error_description=\"the token has expired\"")
        );
        assert_eq!(
            challenge(&OAuthError::invalid_token("a \"quoted\" word")).as_deref(),
            Some("Bearer error=\"invalid_token\"")
        );
        assert_eq!(challenge(&OAuthError::unavailable()), None);
        assert_eq!(needed().headers()[WWW_AUTHENTICATE], "Bearer");
    }
}
