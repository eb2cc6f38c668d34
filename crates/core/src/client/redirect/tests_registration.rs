//! What may be registered, one by one, and which sentence refuses the rest. Leaves matching to [`super::tests_matching`]
//! and what holds for every URI to [`super::tests_properties`].

use super::syntax::RedirectUriError as Refused;
use super::*;

pub(super) fn registered(text: &str) -> RedirectUri {
    RedirectUri::parse(text, true).unwrap_or_else(|refused| panic!("{text}: {refused}"))
}

#[track_caller]
fn assert_refused(expected: Refused, texts: &[&str]) {
    for text in texts {
        assert_eq!(RedirectUri::parse(text, true), Err(expected), "{text:?}");
        let stored = serde_json::to_string(text).unwrap();
        let read = serde_json::from_str::<RedirectUri>(&stored).unwrap_err();
        assert!(read.to_string().starts_with(&expected.to_string()), "{text:?}: {read}");
    }
}

/// RFC 6749 §3.1.2: an absolute URI is registered as it is written, and written out the same way.
#[test]
fn ordinary_redirect_uris_are_taken_as_they_are() {
    for text in [
        "https://app.example",
        "https://app.example/",
        "https://app.example/callback?tenant=7&x=%20",
        "https://app.example?",
        "https://app.example:8443/a/b;v=1/@me:x/..a/%E2%82%AC",
        "https://app.example:443/callback",
        "https://xn--bcher-kva.example/callback",
        "https://my_app.internal/callback",
        "https://192.0.2.1/callback",
        "https://[2001:db8::1]:8443/callback",
        "https://localhost/callback",
        "http://127.0.0.1/callback",
        "http://127.0.0.1:8080/callback?x=1",
        "http://[::1]:1/callback",
        "http://localhost:3000/callback",
        "com.example.app:/callback",
        "com.example.app:/",
        "com.example.app://callback",
        "com.example.app://callback/x?y",
        "com.example-2.app:/callback?x=1",
    ] {
        let uri = registered(text);
        assert_eq!((uri.as_str(), uri.to_string()), (text, text.to_owned()));
        assert_eq!(serde_json::from_value::<RedirectUri>(serde_json::json!(uri)).ok(), Some(uri));
    }
}

/// RFC 6749 §3.1.2: the URI is absolute and has no fragment, not even an empty one.
#[test]
fn what_is_no_absolute_uri_is_refused() {
    assert_refused(Refused::Empty, &[""]);
    assert_refused(Refused::TooLong, &[&format!("https://app.example/{}", "x".repeat(1981))]);
    registered(&format!("https://app.example/{}", "x".repeat(1980)));
    assert_refused(Refused::Fragment, &["https://app.example/#", "https://app.example/#a", "#"]);
    assert_refused(
        Refused::Relative,
        &["/callback", "//app.example/", "app.example", "://x", "1a.b:/", "/a:b", "1:"],
    );
    assert_refused(Refused::NoAuthority, &["https:/app.example/", "https:app.example", "http:/"]);
    assert_refused(
        Refused::NoHost,
        &["https://", "https:///app.example/", "http://:80/", "a.b://", "https://?x"],
    );
}

/// RFC 9700 §4.1.3: nothing in a registered URI is a pattern, and nothing in it is read in two ways.
#[test]
fn characters_that_parsers_disagree_about_are_refused() {
    assert_refused(
        Refused::Wildcard,
        &["https://*.app.example/", "https://app.example/*", "https://a.example/?*"],
    );
    assert_refused(Refused::Backslash, &["https://app.example\\@evil.example/", "https:\\\\app.example/"]);
    assert_refused(
        Refused::Space,
        &["https://app.example/ ", " https://app.example/", "https://a b.example/"],
    );
    assert_refused(
        Refused::NotAscii,
        &["https://bücher.example/", "https://app.example/ä", "https://app。example/"],
    );
    assert_refused(
        Refused::Control,
        &["https://app.example/\t", "java\nscript:x", "https://app.example/\r\n", "https://app.example/\0"],
    );
    assert_refused(
        Refused::Control,
        &["https://app.example/%0d%0a", "https://app.example/?a=%00", "https://app.example/%7F", "a.b:/%1f"],
    );
    assert_refused(
        Refused::Percent,
        &["https://app.example/%", "https://app.example/%4", "https://a.example/?%zz"],
    );
    for c in ['"', '\'', '<', '>', '[', ']', '^', '`', '{', '|', '}'] {
        assert_refused(Refused::Character(c), &[&format!("https://app.example/{c}"), &format!("a.b:/?{c}")]);
    }
}

/// RFC 3986 §3.2.1 and RFC 9700 §4.1.3: whoever writes an `@` before the path wants the host to be mistaken.
#[test]
fn userinfo_is_refused_even_when_it_is_empty() {
    assert_refused(
        Refused::Userinfo,
        &[
            "https://user@app.example/",
            "https://user:word@app.example/",
            "https://@app.example/",
            "https://:@app.example/",
            "https://app.example:443@evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://127.0.0.1:80@evil.example/",
            "https://@?",
            "com.example.app://user@callback/",
        ],
    );
}

/// RFC 8252 §7.1, §8.4: only https, http on the loopback interface and reverse-domain schemes are redirected to.
#[test]
fn other_schemes_are_refused() {
    assert_refused(
        Refused::Scheme,
        &[
            "javascript:alert(1)",
            "javascript://app.example/%61",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://app.example/",
            "blob:https://app.example/x",
            "vbscript:x",
            "about:blank",
            "view-source:https://app.example/",
            "ws://app.example/",
            "intent://x/",
            "myapp://callback",
            "urn:ietf:wg:oauth:2.0:oob",
            "localhost:3000/callback",
        ],
    );
    assert_refused(Refused::PrivateUseName, &["com.:/x", "com..app:/x", "c+m.app:/x"]);
    assert_refused(Refused::Relative, &[".app:/x", "com/app.x:/"]);
    assert_refused(Refused::PrivateUsePath, &["com.example.app:callback", "com.example.app:", "a.b:?x"]);
    assert_refused(
        Refused::UpperCase,
        &["HTTPS://app.example/", "JavaScript:x", "Com.example.app:/callback"],
    );
}

/// RFC 8252 §7.1, §8.4: a private-use scheme belongs to an app, and an app is a public client.
#[test]
fn a_confidential_client_has_no_private_use_scheme() {
    let refused = RedirectUri::parse("com.example.app:/callback", false);
    assert_eq!(refused, Err(Refused::PrivateUseOfConfidential));
    let uri = registered("com.example.app:/callback");
    assert_eq!(uri.permitted_for(false), Err(Refused::PrivateUseOfConfidential));
    assert_eq!(match_redirect(uri.as_str(), std::slice::from_ref(&uri), false), None);
    assert!(RedirectUri::parse("http://localhost:3000/callback", false).is_ok());
}

/// RFC 9700 §2.6: plain http is for the loopback interface, by its own names and no disguise of them.
#[test]
fn http_beyond_the_loopback_interface_is_refused() {
    assert_refused(
        Refused::PlainHttp,
        &[
            "http://app.example/",
            "http://127.0.0.2/",
            "http://0.0.0.0/",
            "http://[::2]/",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://sub.localhost/",
        ],
    );
    assert_refused(
        Refused::Host,
        &[
            "http://127.1/",
            "http://0x7f.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://017700000001/",
            "http://0177.0.0.1/",
            "http://127.0.0.01/",
            "http://127.0.0.1./",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[::0001]/",
            "http://[::ffff:127.0.0.1]/",
        ],
    );
}

/// RFC 9700 §4.1.3: a host is written as browsers write it, so that nobody has to normalise it.
#[test]
fn hosts_that_a_browser_would_respell_are_refused() {
    assert_refused(Refused::UpperCase, &["https://App.example/", "https://[2001:DB8::1]/"]);
    assert_refused(
        Refused::Host,
        &[
            "https://app%2eexample/",
            "https://%61pp.example/",
            "https://app..example/",
            "https://.app.example/",
            "https://app.example./",
            "https://app,example/",
            "https://app;example/",
            "https://256.0.0.1/",
            "https://1.2.3.4.5/",
            "https://xn--/",
            "https://xn--a/",
            "https://[::1/",
            "https://[]/",
            "https://[fe80::1%25eth0]/",
            "https://a]b/",
        ],
    );
    assert_refused(
        Refused::Port,
        &[
            "https://app.example:/",
            "https://app.example:0/",
            "https://app.example:080/",
            "https://app.example:65536/",
            "https://app.example:99999999999/",
            "https://app.example:80x/",
            "https://app.example:+80/",
            "https://app.example:80:80/",
            "https://[::1]x/",
            "https://[::1]]/",
        ],
    );
}

/// RFC 3986 §5.2.4: a path that some parser would shorten is not registered.
#[test]
fn dot_segments_are_refused_in_every_spelling() {
    assert_refused(
        Refused::DotSegment,
        &[
            "https://app.example/../x",
            "https://app.example/a/.",
            "https://app.example/a/..",
            "https://app.example/%2e%2E/x",
            "https://app.example/a/.%2e",
            "https://app.example/a/..;/x",
            "https://app.example/a/..;v=1",
            "https://app.example/a/..%3Bv/x",
            "https://app.example/a/..%2fx",
            "https://app.example/a%5c..%5Cx",
            "com.example.app:/../x",
        ],
    );
    registered("https://app.example/a?x=/../y");
}

/// RFC 9207 §2 and RFC 6749 §4.1.2: the answer's parameters arrive once, so a registered query holds none of them.
#[test]
fn a_query_with_a_parameter_of_the_answer_is_refused() {
    for (query, name) in [("code=1", "code"), ("a=b&state", "state"), ("%69ss=x", "iss"), ("error=", "error")]
    {
        assert_refused(Refused::ResponseParameter(name), &[&format!("https://app.example/?{query}")]);
    }
    registered("https://app.example/?codes=1&xstate=2&a=code");
}
