//! What holds for every redirect URI, with the `url` crate (the WHATWG's parser, as in browsers) as the judge.

use proptest::prelude::*;
use proptest::sample::select;
use url::Url;

use super::*;

/// What hostile URIs are made of.
const PIECES: &[&str] = &[
    "@",
    ":",
    "/",
    "//",
    "\\",
    "?",
    "#",
    "%",
    "%2e",
    "%2E",
    "%40",
    "%00",
    "%5c",
    "..",
    ".",
    "..;",
    ";",
    "[",
    "]",
    "&",
    "=",
    "*",
    " ",
    "\t",
    "\n",
    "\0",
    "'",
    "\"",
    "<",
    "|",
    "^",
    "{",
    "é",
    "。",
    "℀",
    "\u{202e}",
    "\u{ad}",
    "0",
    "1",
    "80",
    ":80",
    ":443",
    ":0",
    ":65536",
    "0x7f",
    "127.1",
    "127.0.0.1",
    "[::1]",
    "localhost",
    "evil.example",
    "xn--",
    "a",
    "A",
    "-",
    "_",
    "+",
    "~",
    "!",
    "$",
    "http",
    "https",
    "javascript:",
    "data:",
    "file:",
    "com.example.app:",
    "code=x",
    "http://",
    "https://",
    ",",
    "(",
    ")",
];

/// URIs that may be registered, of every kind.
fn good() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        "[a-z][a-z0-9]{0,8}(\\.[a-z][a-z0-9]{0,5}){1,2}",
        Just("192.0.2.7".to_owned()),
        Just("[2001:db8::1]".to_owned()),
        Just("xn--bcher-kva.example".to_owned()),
    ];
    let https = (host, port()).prop_map(|(host, port)| format!("https://{host}{port}"));
    let loopback = (select(vec!["http://127.0.0.1", "http://[::1]", "http://localhost"]), port())
        .prop_map(|(host, port)| format!("{host}{port}"));
    let private_use = "[a-z][a-z0-9-]{0,5}(\\.[a-z0-9-]{1,6}){1,3}:(//[a-z]{1,6}|/a)";
    (prop_oneof![https, loopback, private_use], tail()).prop_map(|(front, tail)| front + &tail)
}

fn port() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), (1..=u16::MAX).prop_map(|port| format!(":{port}"))]
}

/// Path and query; the percent-encoded ones are letters, so that no dot segment comes of them.
fn tail() -> impl Strategy<Value = String> {
    let path = "(/([a-zA-Z0-9_~!$&()+,;=:@-]|%[46][1-9aA]){1,6}){0,3}/?";
    let query = "(\\?([ac]=)?([a-zA-Z0-9._~!$&()+,;:@/?-]|%[2-6][0-9]){0,8})?";
    (path, query).prop_map(|(path, query)| path + &query)
}

/// A good URI in which some pieces are put in the place of others.
fn mutated() -> impl Strategy<Value = (String, String)> {
    let edit = (any::<prop::sample::Index>(), 0..3_usize, select(PIECES));
    (good(), prop::collection::vec(edit, 1..4)).prop_map(|(text, edits)| {
        let mut changed: Vec<char> = text.chars().collect();
        for (at, removed, piece) in edits {
            let at = at.index(changed.len() + 1);
            let end = (at + removed).min(changed.len());
            changed.splice(at..end, piece.chars());
        }
        (text, changed.into_iter().collect())
    })
}

fn soup() -> impl Strategy<Value = String> {
    let start =
        select(vec!["https://", "http://127.0.0.1", "http://localhost", "com.example.app:/", "http:", ""]);
    (start, prop::collection::vec(select(PIECES), 0..8))
        .prop_map(|(start, rest)| start.to_owned() + &rest.concat())
}

/// The judge writes the text back unchanged, but for a default port and the path `/` where they were left to it.
fn assert_read_as_written(text: &str) -> Result<(), TestCaseError> {
    let judged = Url::parse(text).map_err(|error| TestCaseError::fail(format!("{text:?}: {error}")))?;
    prop_assert!(judged.username().is_empty() && judged.password().is_none(), "userinfo in {text:?}");
    prop_assert!(judged.fragment().is_none(), "a fragment in {text:?}");
    let host = judged.host_str().map(|host| format!("//{host}")).unwrap_or_default();
    let written = |port: &str, path: &str| {
        let query = judged.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}:{host}{port}{path}{query}", judged.scheme())
    };
    let default = judged.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
    let port = judged.port().map(|port| format!(":{port}")).unwrap_or_default();
    let paths = if judged.path() == "/" { vec!["/", ""] } else { vec![judged.path()] };
    let same = paths.iter().any(|path| written(&port, path) == text || written(&default, path) == text);
    prop_assert!(same, "{text:?} is read as {judged}");
    Ok(())
}

/// A match is the registered text, or differs from it in the port of a loopback URI and nowhere else.
fn assert_matches_only_itself(uri: &RedirectUri, requested: &str, public: bool) -> Result<(), TestCaseError> {
    let Some(target) = match_redirect(requested, std::slice::from_ref(uri), public) else {
        prop_assert!(requested != uri.as_str() || uri.permitted_for(public).is_err());
        return Ok(());
    };
    prop_assert_eq!(target.as_str(), requested);
    if requested == uri.as_str() {
        return Ok(());
    }
    let judge =
        |text: &str| Url::parse(text).map_err(|error| TestCaseError::fail(format!("{text:?}: {error}")));
    let (mut asked, mut known) = (judge(requested)?, judge(uri.as_str())?);
    let names: &[&str] = if public { &["127.0.0.1", "[::1]", "localhost"] } else { &["127.0.0.1", "[::1]"] };
    prop_assert!(asked.scheme() == "http" && names.contains(&asked.host_str().unwrap_or_default()));
    asked.set_port(None).unwrap();
    known.set_port(None).unwrap();
    prop_assert_eq!(asked.as_str(), known.as_str());
    assert_read_as_written(requested)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// RFC 9700 §4.1.3: a browser reads every registered URI exactly as it is written.
    #[test]
    fn a_registered_uri_is_read_as_written((original, changed) in mutated(), soup in soup()) {
        prop_assert!(RedirectUri::parse(&original, true).is_ok(), "{original:?} is refused");
        for text in [&original, &changed, &soup] {
            if RedirectUri::parse(text, true).is_ok() {
                assert_read_as_written(text)?;
            }
        }
    }

    /// RFC 9700 §2.1: a request matches by exact comparison, but for the port of a loopback URI.
    #[test]
    fn a_changed_request_never_matches((original, changed) in mutated(), soup in soup(), public: bool) {
        let uri = RedirectUri::parse(&original, true).unwrap();
        for requested in [&original, &changed, &soup, &original.to_uppercase()] {
            assert_matches_only_itself(&uri, requested, public)?;
        }
    }

    /// RFC 8252 §7.3: whatever port the app was given, the request for it matches and keeps it.
    #[test]
    fn any_port_of_a_loopback_uri_matches(
        host in select(vec!["http://127.0.0.1", "http://[::1]"]),
        (registered, requested) in (port(), port()),
        tail in tail(),
        public: bool,
    ) {
        let uri = RedirectUri::parse(&format!("{host}{registered}{tail}"), public).unwrap();
        let text = format!("{host}{requested}{tail}");
        let target = match_redirect(&text, &[uri], public).expect("the port is free");
        prop_assert_eq!(target.as_str(), &text);
        prop_assert_eq!(target.origin(), format!("{host}{requested}"));
    }

    /// RFC 6749 §3.1.2: the answer keeps the registered URI, and every parameter comes out as it went in.
    #[test]
    fn an_answer_arrives_whole(original in good(), code in ".{0,12}", state in "\\PC{0,12}") {
        let uri = RedirectUri::parse(&original, true).unwrap();
        let target = match_redirect(&original, &[uri], true).unwrap();
        let answer = target.with_query(&[("code", &code), ("state", &state)]);
        prop_assert!(answer.starts_with(&original) && answer.is_ascii());
        let (before, after) = (Url::parse(&original).unwrap(), Url::parse(&answer).unwrap());
        prop_assert_eq!(after.fragment(), None);
        let registered = before.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
        let expected: Vec<_> =
            registered.chain([("code".to_owned(), code), ("state".to_owned(), state)]).collect();
        prop_assert_eq!(after.query_pairs().into_owned().collect::<Vec<_>>(), expected);
    }

    /// RFC 9700 §4.11: the source that a page allows is the origin a browser sees, and ends no directive.
    #[test]
    fn the_origin_is_what_a_browser_sees(original in good()) {
        let uri = RedirectUri::parse(&original, true).unwrap();
        let target = match_redirect(&original, &[uri], true).unwrap();
        prop_assert!(!target.origin().contains([' ', ';', ',', '\'', '*']));
        let judged = Url::parse(&original).unwrap();
        if matches!(judged.scheme(), "http" | "https") {
            prop_assert!(original.starts_with(target.origin()));
            prop_assert_eq!(Url::parse(target.origin()).unwrap().origin(), judged.origin());
        } else {
            prop_assert_eq!(target.origin(), format!("{}:", judged.scheme()));
        }
    }
}
