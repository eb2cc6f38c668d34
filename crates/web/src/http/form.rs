//! The request of a form endpoint (RFC 6749 §3.2). Owns what must hold of it before its parameters are looked at; reading
//! the body is `protocol/params`, credentials are core's.

use bytes::Bytes;
use doorward_core::context::{Caller, FormRequest};
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Request};

const FORM: &str = "application/x-www-form-urlencoded";

/// Reads a form request.
pub(crate) fn read(request: &Request<Bytes>, caller: Caller) -> Result<FormRequest<'_>, OAuthError> {
    let params = params(request)?;
    Ok(FormRequest { params, authorization: authorization(request.headers())?, caller })
}

/// The parameters of a form request.
pub(crate) fn params(request: &Request<Bytes>) -> Result<Params<'_>, OAuthError> {
    // OAuth 2.1 §2.4: credentials and tokens in a URL end in logs and histories; better refused than half ignored.
    if request.uri().query().is_some_and(|query| !query.is_empty()) {
        return Err(OAuthError::invalid_request("parameters belong in the body, not in the URL"));
    }
    if !is_form(request.headers()) {
        return Err(OAuthError::invalid_request(
            "the content type must be application/x-www-form-urlencoded",
        ));
    }
    Params::parse(request.body())
}

/// Whether the body is a form: one content type, with no parameter but the charset that RFC 6749 Appendix B prescribes anyway.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(content_type), None) = (types.next(), types.next()) else { return false };
    let Ok(text) = content_type.to_str() else { return false };
    let (media_type, parameters) = text.split_once(';').unwrap_or((text, ""));
    media_type.trim().eq_ignore_ascii_case(FORM) && is_utf_8(parameters.trim())
}

fn is_utf_8(parameters: &str) -> bool {
    let Some((name, value)) = parameters.split_once('=') else { return parameters.is_empty() };
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    name.eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8")
}

/// RFC 6749 §2.3: one way of authentication a request, so one header.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, OAuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(OAuthError::invalid_request("the Authorization header is included more than once"));
    }
    let text =
        value.to_str().map_err(|_| OAuthError::invalid_request("the Authorization header is not ASCII"))?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 Appendix B §B: the body is a form in UTF-8, and says so.
    #[test]
    fn only_a_form_in_utf_8_is_a_form() {
        let form = |value: &str| is_form(&[(CONTENT_TYPE, value.parse().unwrap())].into_iter().collect());
        for good in [
            FORM,
            "Application/X-WWW-Form-Urlencoded",
            &format!("{FORM}; charset=UTF-8"),
            &format!("{FORM};charset=\"utf-8\""),
        ] {
            assert!(form(good), "{good}");
        }
        for bad in [
            "",
            "application/json",
            "multipart/form-data",
            "text/plain",
            &format!("{FORM}, {FORM}"),
            &format!("{FORM}x"),
            &format!("{FORM}; charset=latin1"),
            &format!("{FORM}; charset=utf-8; charset=latin1"),
            &format!("{FORM}; boundary=x"),
        ] {
            assert!(!form(bad), "{bad}");
        }
        assert!(!is_form(&HeaderMap::new()));
    }
}
