//! Which requests lead to a registered URI, one by one, and the attacks that other servers fell for. Leaves what holds
//! for every URI to [`super::tests_properties`].

use super::tests_registration::registered;
use super::*;

fn matched(requested: &str, uri: &str, public: bool) -> Option<String> {
    match_redirect(requested, &[registered(uri)], public).map(|target| target.as_str().to_owned())
}

/// RFC 8252 §7.3: the port is free on the loopback addresses, and nothing else is.
#[test]
fn only_the_port_of_a_loopback_address_is_free() {
    for (uri, host) in [
        ("http://127.0.0.1:8080/cb?x=1", "http://127.0.0.1"),
        ("http://127.0.0.1/cb?x=1", "http://127.0.0.1"),
        ("http://[::1]:1/cb?x=1", "http://[::1]"),
    ] {
        for public in [true, false] {
            for port in ["", ":1", ":80", ":49152", ":65535"] {
                let requested = format!("{host}{port}/cb?x=1");
                assert_eq!(matched(&requested, uri, public), Some(requested));
            }
            for tail in [
                "/cb",
                "/cb?x=2",
                "/cb?x=1&y",
                "/CB?x=1",
                "/cb/?x=1",
                ":/cb?x=1",
                ":0/cb?x=1",
                ":080/cb?x=1",
                ":65536/cb?x=1",
                ":8080",
                ":8080:80/cb?x=1",
                ":8080@evil.example/cb?x=1",
                ".evil.example/cb?x=1",
                "@evil.example/cb?x=1",
                ":80\\@evil.example/cb?x=1",
                ":٣/cb?x=1",
                ":8080/cb?x=1#",
                "1/cb?x=1",
            ] {
                assert_eq!(matched(&format!("{host}{tail}"), uri, public), None, "{tail}");
            }
        }
    }
    assert_eq!(matched("http://[::1]/cb", "http://127.0.0.1/cb", true), None);
    assert_eq!(matched("http://localhost/cb", "http://127.0.0.1/cb", true), None);
    assert_eq!(matched("https://127.0.0.1:1/cb", "https://127.0.0.1/cb", true), None);
    assert_eq!(matched("https://localhost:1/cb", "https://localhost/cb", true), None);
    assert_eq!(
        matched("http://127.0.0.1:5", "http://127.0.0.1", true).as_deref(),
        Some("http://127.0.0.1:5")
    );
}

/// RFC 8252 §8.3: localhost is a name, so its port is free only for clients that have nothing else to show.
#[test]
fn the_port_of_localhost_is_free_for_public_clients_only() {
    let (uri, other) = ("http://localhost:3000/cb", "http://localhost:49152/cb");
    assert_eq!(matched(other, uri, true).as_deref(), Some(other));
    assert_eq!(matched(other, uri, false), None);
    assert_eq!(matched(uri, uri, false).as_deref(), Some(uri));
}

/// RFC 6749 §3.1.2, §4.1.2: the registered query is kept, and the parameters are form-encoded behind it.
#[test]
fn an_answer_is_appended_to_the_registered_query() {
    for (uri, expected) in [
        ("https://a.example", "https://a.example?code=a%26b+%2B&state=%C3%A4%23"),
        ("https://a.example/?", "https://a.example/?code=a%26b+%2B&state=%C3%A4%23"),
        ("https://a.example/?x=%20", "https://a.example/?x=%20&code=a%26b+%2B&state=%C3%A4%23"),
        ("https://a.example/?x&", "https://a.example/?x&code=a%26b+%2B&state=%C3%A4%23"),
        ("com.example.app:/cb", "com.example.app:/cb?code=a%26b+%2B&state=%C3%A4%23"),
    ] {
        let target = match_redirect(uri, &[registered(uri)], true).unwrap();
        assert_eq!(target.with_query(&[("code", "a&b +"), ("state", "ä#")]), expected);
        assert_eq!(target.with_query(&[]), uri);
    }
}

/// RFC 9700 §4.1.3: what other servers let through. Each row is an advisory, what was registered, and what was asked for.
#[test]
fn the_attacks_of_other_servers_match_nothing() {
    const CORPUS: &[(&str, &str, &[&str])] = &[
        (
            "CVE-2020-15233", // fosite: the loopback branch ignored the registered query
            "http://127.0.0.1/cb?tenant=1",
            &[
                "http://127.0.0.1:9/cb",
                "http://127.0.0.1:9/cb?tenant=2",
                "http://127.0.0.1:9/cb?tenant=1&x=1",
            ],
        ),
        (
            "CVE-2020-15234", // fosite: compared without regard to case
            "https://app.example/Callback",
            &["https://app.example/callback", "https://APP.example/Callback", "HTTPS://app.example/Callback"],
        ),
        (
            "CVE-2024-8883", // Keycloak: an entry for localhost matched other URLs
            "http://localhost:8080/cb",
            &[
                "http://localhost.evil.example/cb",
                "http://localhost:80@evil.example/cb",
                "http://127.0.0.1:8080/cb",
            ],
        ),
        (
            "CVE-2026-7504", // Keycloak: many '@' defeated the parser
            "https://app.example/cb",
            &[
                "https://a@b@app.example/cb",
                "https://app.example@@evil.example/cb",
                "https://@@app.example/cb",
            ],
        ),
        (
            "CVE-2026-3872", // Keycloak: '..;/' passed a prefix match
            "https://app.example/cb/",
            &[
                "https://app.example/cb/..;/evil",
                "https://app.example/cb/../evil",
                "https://app.example/cb/%2e%2e/",
            ],
        ),
        (
            "CVE-2026-18209", // Keycloak: response parameters in the fragment of the request
            "https://app.example/cb",
            &["https://app.example/cb#code=x", "https://app.example/cb#", "https://app.example/cb?code=x"],
        ),
        (
            "CVE-2026-28512", // Pocket ID: userinfo mistaken for the host
            "https://app.example/cb",
            &["https://app.example%40evil.example/cb", "https://app.example\\@evil.example/cb"],
        ),
        (
            "CVE-2024-52289", // authentik: the stored URI was a regular expression
            "https://app.example/cb",
            &["https://appxexample/cb", "https://app.exampleX/cb", "https://app.example.evil.example/cb"],
        ),
        (
            "CVE-2026-41479", // and CVE-2026-44681, CVE-2026-54072, CVE-2019-11269: answered to any URI at all
            "https://app.example/cb",
            &["https://evil.example/cb", "//evil.example/cb", "", "https://app.example", "null"],
        ),
        (
            "CVE-2024-39694", // Duende: local-URL check bypassed
            "https://app.example/cb",
            &[
                "/cb",
                "/\\evil.example",
                "\t//evil.example",
                "https:/\t/app.example/cb",
                "https://app.example/cb\n",
            ],
        ),
        (
            "workers-oauth #97", // Cloudflare: deny list of schemes, evaded by case and white space
            "https://app.example/cb",
            &["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)"],
        ),
    ];
    for (advisory, uri, attacks) in CORPUS {
        for attack in *attacks {
            for public in [true, false] {
                assert_eq!(matched(attack, uri, public), None, "{advisory}: {attack:?} for {uri}");
            }
        }
    }
}

/// RFC 9700 §4.1.3: a list is searched to its end, and an empty one leads nowhere (CVE-2026-29192: a default URI).
#[test]
fn every_registered_uri_is_tried_and_no_other() {
    let uris = ["https://a.example/cb", "https://b.example/cb"].map(registered);
    let target = match_redirect("https://b.example/cb", &uris, false).unwrap();
    assert_eq!((target.as_str(), target.origin()), ("https://b.example/cb", "https://b.example"));
    assert!(match_redirect("https://b.example/cb", &[], false).is_none());
}
