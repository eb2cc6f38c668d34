//! What a form endpoint refuses before anybody looks at what it asks for.

use crate::support::{
    FORM, FORM_ENDPOINTS, GRANT, INTROSPECT, REVOKE, TOKEN, TestApp, header, invalid_request, json, refusal,
    request, set,
};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};

fn description(answer: &http::Response<Bytes>) -> String {
    json(answer)["error_description"].as_str().unwrap_or_default().to_owned()
}

fn with_body(request: &Request<Bytes>, body: &[u8]) -> Request<Bytes> {
    request.clone().map(|_| Bytes::copy_from_slice(body))
}

/// RFC 6749 §3.2: request parameters must not be included more than once.
#[test]
fn duplicated_parameters_are_refused() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        for body in
            ["grant_type=client_credentials&grant_type=client_credentials", "token=a&token=b", "x=1&x=2"]
        {
            assert_eq!(refusal(&app.post(path, body)), invalid_request(), "{path} {body}");
        }
    }
}

/// RFC 6749 §2.3: a client must not use more than one authentication method in each request.
#[test]
fn two_authentication_methods_are_refused() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        let body = format!("{GRANT}&token=x&client_id=shop&client_secret={}", app.secret);
        assert_eq!(refusal(&app.post(path, &body)), invalid_request(), "{path}");
        let mut twice = app.form(path, &format!("{GRANT}&token=x"));
        twice.headers_mut().append("authorization", HeaderValue::from_str(&app.basic).unwrap());
        assert_eq!(refusal(&app.send(twice)), invalid_request(), "{path}");
    }
}

/// RFC 6749 §2.3.1: the header is HTTP Basic, whose credentials are ASCII.
#[test]
fn a_header_that_is_not_ascii_is_refused() {
    let app = TestApp::new();
    let mut request = app.form(TOKEN, GRANT);
    request.headers_mut().insert("authorization", HeaderValue::from_bytes(b"Basic \xff\xfe").unwrap());
    assert_eq!(refusal(&app.send(request)), invalid_request());
}

/// RFC 6749 §3.2 and RFC 6749 Appendix B: parameters are sent as a form in UTF-8.
#[test]
fn another_content_type_is_refused_and_named() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        for content_type in [
            "",
            "application/json",
            "text/plain",
            "multipart/form-data; boundary=x",
            &format!("{FORM}; charset=latin1"),
        ] {
            let answer = app.send(set(app.form(path, GRANT), "content-type", content_type));
            assert_eq!(refusal(&answer), invalid_request(), "{path} {content_type}");
            assert!(description(&answer).contains(FORM), "{path} {content_type}");
        }
    }
    let with_charset =
        app.send(set(app.form(TOKEN, GRANT), "content-type", &format!("{FORM}; charset=UTF-8")));
    assert_eq!(with_charset.status(), StatusCode::OK);
}

/// RFC 6749 §3.2, RFC 7009 §2.1 and RFC 7662 §2.1: these endpoints are called by POST.
#[test]
fn another_method_is_refused_with_the_right_one() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = app.send(request(method.clone(), path));
            assert_eq!(refusal(&answer), (405, "invalid_request".to_owned()), "{method} {path}");
            assert_eq!(header(&answer, "allow"), "POST", "{method} {path}");
        }
    }
}

/// RFC 6749 §5.2: a parameter that is malformed is an invalid request, and its text is not echoed.
#[test]
fn over_long_values_are_refused() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        let long = format!("{GRANT}&token={}", "k".repeat(33 * 1024));
        let answer = app.post(path, &long);
        assert_eq!(refusal(&answer), invalid_request(), "{path}");
        assert!(!description(&answer).contains("kk"), "{path}");
    }
}

/// RFC 9110 §15.5.14: a body that is larger than the endpoint reads is refused by 413.
#[test]
fn huge_bodies_are_refused() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        let answer = app.post(path, &"a".repeat(64 * 1024 + 1));
        assert_eq!(refusal(&answer), (413, "invalid_request".to_owned()), "{path}");
    }
}

/// RFC 6749 Appendix B: names and values are UTF-8, and a NUL is no character of any parameter.
#[test]
fn nul_bytes_and_invalid_utf_8_are_refused() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        for body in
            [&b"token=a%00b"[..], b"token=a\0b", b"to\0ken=a", b"token=%ff", b"token=\xff", b"\xc3\x28=a"]
        {
            let answer = app.send(with_body(&app.form(path, ""), body));
            assert_eq!(refusal(&answer), invalid_request(), "{path} {body:?}");
        }
    }
}

/// OAuth 2.1 §2.4: credentials must not stand in the URL; nor does anything else that a body carries.
#[test]
fn parameters_in_the_url_are_refused() {
    let app = TestApp::new();
    for path in FORM_ENDPOINTS {
        let credentials = format!("{path}?client_id=shop&client_secret={}", app.secret);
        for url in [credentials, format!("{path}?access_token=x"), format!("{path}?{GRANT}")] {
            let answer = app.post(&url, &format!("{GRANT}&token=x"));
            assert_eq!(refusal(&answer), invalid_request(), "{url}");
            assert!(!description(&answer).contains(&app.secret));
        }
        let bare = app.post(&format!("{path}?"), &format!("{GRANT}&token=x"));
        assert_eq!(bare.status(), StatusCode::OK, "{path}: an empty query carries nothing");
    }
}

/// RFC 6749 §4.4, RFC 7662 §2 and RFC 7009 §2: the straight path through the three endpoints.
#[test]
fn a_token_is_issued_introspected_and_revoked() {
    let app = TestApp::new();
    let token = app.access_token();
    let active = |token: &str| json(&app.post(INTROSPECT, &format!("token={token}")))["active"].as_bool();
    assert_eq!(active(&token), Some(true));
    assert_eq!(app.post(REVOKE, &format!("token={token}")).status(), StatusCode::OK);
    assert_eq!(active(&token), Some(false));
}

/// RFC 6749 §2.3.1: a client may put its credentials into the body instead, if it is registered so; `shop` is not.
#[test]
fn the_other_method_of_a_client_is_refused_by_401() {
    let app = TestApp::new();
    let body = format!("{GRANT}&client_id=shop&client_secret={}", app.secret);
    let answer = app.send(set(app.form(TOKEN, &body), "authorization", ""));
    assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()));
}
