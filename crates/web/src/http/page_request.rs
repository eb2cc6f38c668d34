//! The request of a page: what a person asks for is in the query, what they do is in a form. Owns reading either; whether
//! the browser's secrets are good, and what follows, is core's to decide.

use crate::http::cookies::Held;
use crate::http::exchange::Exchange;
use crate::http::{form, origin};
use bytes::Bytes;
use doorward_core::context::{Browser, PageRequest};
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use http::Request;
use std::fmt::Write;

/// The longest query that a form is turned into: what is longer is refused by one or another on the way.
const LONGEST_QUERY: usize = 8 * 1024;

/// A page that is asked for.
pub(crate) fn asked<'a>(
    exchange: &'a Exchange<'_>,
    held: &'a Held<'a>,
) -> Result<PageRequest<'a>, OAuthError> {
    let query = exchange.request.uri().query().unwrap_or_default();
    Ok(request(Params::parse(query.as_bytes())?, exchange, held))
}

/// A form that a page of ours has posted.
pub(crate) fn posted<'a>(
    exchange: &'a Exchange<'_>,
    held: &'a Held<'a>,
) -> Result<PageRequest<'a>, OAuthError> {
    origin::check(exchange.request.headers(), exchange.site.origin())?;
    Ok(request(form::params(exchange.request)?, exchange, held))
}

/// The same with parameters that were read elsewhere.
pub(crate) fn request<'a>(
    params: Params<'a>,
    exchange: &Exchange<'_>,
    held: &'a Held<'a>,
) -> PageRequest<'a> {
    let browser = Browser { sessions: &held.sessions, secret: held.browser, cookies: &held.all };
    PageRequest { params, browser, caller: exchange.caller }
}

/// The query that says what a form says. A form from another site comes without our cookies (they are `SameSite=Lax`);
/// asked for anew, by a redirect, the page comes with them.
pub(crate) fn as_query(request: &Request<Bytes>) -> Result<String, OAuthError> {
    form::params(request)?;
    let mut query = String::with_capacity(request.body().len());
    for byte in request.body() {
        if byte.is_ascii_alphanumeric() || b"-._~*+%&=!$'()/:;?@,".contains(byte) {
            query.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(query, "%{byte:02X}");
        }
    }
    if query.len() > LONGEST_QUERY {
        return Err(OAuthError::content_too_large());
    }
    Ok(query)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::CONTENT_TYPE;

    fn query(body: &[u8]) -> Result<String, OAuthError> {
        let request = Request::post("/").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        as_query(&request.body(Bytes::copy_from_slice(body)).unwrap())
    }

    fn state(form: &[u8]) -> Option<String> {
        Params::parse(form).unwrap().value("state").map(str::to_owned)
    }

    #[test]
    fn a_query_says_what_the_form_said() {
        let plain = b"scope=openid+email&state=a%26b%3D1%20c".as_slice();
        assert_eq!(query(plain).unwrap().as_bytes(), plain);
        for body in [b"state=a\"<b>#c d\r\n".as_slice(), "state=ä€😀".as_bytes(), b"state=a+b%2Bc&x"] {
            let query = query(body).unwrap();
            assert!(query.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>#".contains(&b)), "{query}");
            assert_eq!(state(query.as_bytes()), state(body), "{query}");
        }
    }

    #[test]
    fn what_is_no_form_or_too_long_for_a_url_is_refused() {
        assert_eq!(query(b"a=1&a=2").unwrap_err().status(), 400);
        assert_eq!(query(b"a=%ff").unwrap_err().status(), 400);
        let long = format!("a={0}&b={0}", "x".repeat(5_000));
        assert_eq!(query(long.as_bytes()).unwrap_err().status(), 413);
        assert!(query(&long.as_bytes()[..8_000]).is_ok());
    }
}
