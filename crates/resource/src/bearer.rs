//! The access token in a request's head (RFC 6750 §2.1). Owns reading it out of the `Authorization` header; from a form or
//! a query nothing is read (§2.2, §2.3), since both end up where tokens do not belong.

use crate::refusal::Reason;
use doorward_protocol::jose::jws;

/// The token that the values of a request's `Authorization` headers carry.
///
/// RFC 9110 §11.1: a scheme is written in any case. One that is not Bearer is no access token, and no error.
pub(crate) fn token<'a>(authorization: impl IntoIterator<Item = &'a [u8]>) -> Result<&'a str, Reason> {
    let mut values = authorization.into_iter();
    let value = values.next().ok_or(Reason::NoToken)?;
    // Which of two counts is for nobody to guess: what stands before us may have looked at the other one.
    if values.next().is_some() {
        return Err(Reason::Malformed("the request has more than one Authorization header"));
    }
    let at = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(at);
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Err(Reason::NoToken);
    }
    let token = rest.trim_ascii();
    if token.is_empty() {
        return Err(Reason::Malformed("the Authorization header holds no access token"));
    }
    // Before anything of it is decoded or hashed.
    if token.len() > jws::MAX_LENGTH {
        return Err(Reason::Invalid);
    }
    let text = std::str::from_utf8(token).ok().filter(|text| is_b64token(text));
    text.ok_or(Reason::Malformed("the access token is no b64token"))
}

/// RFC 6750 §2.1: `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[&str]) -> Result<String, Reason> {
        token(values.iter().map(|value| value.as_bytes())).map(str::to_owned)
    }

    /// RFC 6750 §2.1: the scheme, a space, a b64token. RFC 9110 §11.1: the scheme in any case.
    #[test]
    fn a_token_is_read_from_the_header() {
        for value in ["Bearer a.b-c_~+/9==", "bearer a.b-c_~+/9==", "BEARER   a.b-c_~+/9==  "] {
            assert_eq!(of(&[value]).as_deref(), Ok("a.b-c_~+/9=="), "{value:?}");
        }
    }

    /// RFC 6750 §3.1: who brings no token, or credentials of another scheme, has made no error.
    #[test]
    fn no_token_is_no_error() {
        for values in [&[][..], &["Basic YTpi"], &["Bearerx a"], &[""], &[" Bearer a"], &["Bearer\ta"]] {
            assert_eq!(of(values), Err(Reason::NoToken), "{values:?}");
        }
    }

    /// RFC 6750 §3.1: a request that is malformed is `invalid_request`.
    #[test]
    fn what_is_malformed_is_said_to_be() {
        for values in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a,b"],
            &["Bearer =="],
            &["Bearer a=b"],
            &["Bearer ä"],
            &["Bearer a", "Bearer a"],
            &["Bearer a", "Basic b"],
            &["Basic b", "Bearer a"],
        ] {
            assert!(matches!(of(values), Err(Reason::Malformed(_))), "{values:?}");
        }
    }

    /// RFC 6750 §3.1: longer than any token of ours is a token of nobody's.
    #[test]
    fn a_token_too_long_is_not_read() {
        let of_length =
            |length: usize| of(&[&format!("Bearer {}", "a".repeat(length))]).map(|text| text.len());
        assert_eq!(of_length(jws::MAX_LENGTH), Ok(jws::MAX_LENGTH));
        assert_eq!(of_length(jws::MAX_LENGTH + 1), Err(Reason::Invalid));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_an_answer(values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..3)) {
            if let Ok(text) = token(values.iter().map(Vec::as_slice)) {
                prop_assert!(values.len() == 1 && is_b64token(text));
            }
        }

        #[test]
        fn what_is_well_formed_is_found(text in "[A-Za-z0-9._~+/-]{1,60}={0,2}", spaces in 1_usize..4) {
            let value = format!("Bearer{}{text}", " ".repeat(spaces));
            prop_assert_eq!(of(&[&value]), Ok(text));
        }
    }
}
