//! What clients send so that a gateway, Doorward and the API behind read one request in two ways: names of headers that mean the same to
//! some, headers that a gateway sets itself, lists of headers to be dropped on the way, odd paths. Nothing of it changes a decision, and
//! nothing of it reaches the API.

use crate::forward_auth::{IDENTITY, Setting, told};
use crate::gateway::Gateway;
use crate::plain::Plain;
use crate::upstream::Received;
use doorward_testkit::story::{AWAY, HOME, Token};
use std::net::Ipv4Addr;

/// Lines that a client adds to its requests.
#[rustfmt::skip]
const LINES: &[&[(&str, &str)]] = &[
    &[("X-Auth-Subject", "root"), ("X-Auth-Level", "full")],
    &[("x-auth-subject", "root"), ("X-AUTH-LEVEL", "full")],
    &[("X_Auth_Subject", "root"), ("X_Auth_Level", "full")],
    &[("X-Auth_Subject", "root"), ("x_auth-level", "full"), ("X_AUTH_ORGANIZATION", "acme")],
    &[("X.Auth.Subject", "root"), ("x-auth.level", "full")],
    &[("X-Auth-Level", "full"), ("X-Auth-Level", "full"), ("X-Auth-Level", "none")],
    &[("Connection", "close, X-Auth-Subject, X-Auth-Level, X-Auth-Scope")],
    &[("Connection", "close"), ("Connection", "x-auth-subject"), ("X-Auth-Subject", "root")],
    &[("Connection", "close, X-Forwarded-Method, X-Forwarded-Uri, X-Forwarded-For")],
    &[("Connection", "close, X-Forwarded-Uri"), ("X-Forwarded-Uri", "/items/7"), ("X-Original-URL", "/items/7")],
    &[("X-Forwarded-Method", "GET")],
    &[("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/items/7")],
    &[("X_Forwarded_Method", "GET"), ("X_Forwarded_Uri", "/items/7"), ("X_Forwarded_For", "127.0.1.7")],
    &[("X-Original-Method", "GET"), ("X-Original-URL", "https://stock.example/items/7")],
    &[("X-Original-URL", "/items/7"), ("X-Rewrite-URL", "/items/7")],
    &[("X-HTTP-Method-Override", "GET"), ("X-HTTP-Method", "GET"), ("X-Method-Override", "GET")],
    &[("X-Forwarded-For", "127.0.1.7")],
    &[("X-Forwarded-For", "127.0.1.7, 127.0.0.1"), ("X-Forwarded-For", "127.0.1.7")],
    &[("Forwarded", "for=127.0.1.7"), ("X-Real-IP", "127.0.1.7"), ("True-Client-IP", "127.0.1.7")],
    &[("X-Forwarded-Host", "other.example"), ("X-Forwarded-Proto", "ftp"), ("X-Forwarded-Port", "1")],
    &[("Origin", "https://app.example"), ("Access-Control-Request-Method", "GET")],
    &[("User-Agent", "kube-probe/1.30"), ("Cookie", "__Host-doorward=x"), ("X-Requested-With", "XMLHttpRequest")],
    &[("Proxy-Authorization", "Bearer x"), ("Upgrade", "websocket"), ("TE", "trailers")],
];

/// What none but a gateway, or nobody, says to the API.
const DROPPED: [&str; 9] = [
    "x-forwarded-method",
    "x-forwarded-uri",
    "x-original-method",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "forwarded",
];

/// What a request comes to with these lines, and whether it has reached the API.
fn send(
    gateway: &Gateway,
    setting: &Setting,
    (method, target): (&str, &str),
    (token, lines): (Option<&str>, &[(&str, &str)]),
    from: Ipv4Addr,
) -> (u16, Vec<Received>) {
    let mut plain = Plain::new(method, target);
    plain.headers.extend(lines);
    plain.headers.extend(token.map(|token| ("Authorization", token)));
    (plain.send(gateway.port, from).status, setting.api.take())
}

/// Whoever is named to the API was named by Doorward.
#[test]
fn no_line_of_a_clients_changes_a_decision_or_names_anybody_to_the_api() {
    let setting = Setting::new();
    let [read, bound] = [Token::Read, Token::AtHome].map(|token| setting.bearer(token));
    let verdict = setting.verdict("GET", "/items/7", &read, HOME);
    let known: Vec<_> = IDENTITY.iter().map(|name| verdict.header(name).unwrap().to_owned()).collect();
    for (gateway, lines) in
        setting.gateways.iter().flat_map(|gateway| LINES.iter().map(move |line| (gateway, *line)))
    {
        let case = format!("{} {lines:?}", gateway.name);
        let send = |asked, token, from| send(gateway, &setting, asked, (token, lines), from);
        let (status, received) = send(("GET", "/items/7"), Some(&read), HOME);
        assert_eq!((status, received.len()), (200, 1), "{case}");
        assert_eq!(told(&received[0]), known, "{case}");
        is_clean(&received[0], &case);
        assert_eq!(send(("POST", "/items"), Some(&read), HOME), (403, vec![]), "{case}");
        assert_eq!(send(("GET", "/office/3"), Some(&read), HOME), (403, vec![]), "{case}");
        assert_eq!(send(("GET", "/items/7"), Some(&bound), AWAY), (403, vec![]), "{case}");
        assert_eq!(send(("GET", "/items/7"), None, HOME), (401, vec![]), "{case}");
    }
}

fn is_clean(received: &Received, case: &str) {
    for name in DROPPED {
        assert_eq!(received.all(name), [""; 0], "{name} in {case}");
    }
    assert_eq!(received.all("x-forwarded-for"), [HOME.to_string().as_str()], "{case}");
    assert_eq!(received.all("x-forwarded-host"), ["stock.example"], "{case}");
    assert_eq!(received.all("x-forwarded-proto"), ["http"], "{case}");
    assert!(received.all("x-real-ip").iter().all(|address| *address == HOME.to_string()), "{case}");
}

/// RFC 6750 §2: a request has one token. Of two, each server would take the one that it likes.
#[test]
fn two_tokens_are_one_too_many() {
    let setting = Setting::new();
    let [read, full] = [Token::Read, Token::Full].map(|token| setting.bearer(token));
    for gateway in &setting.gateways {
        for (one, other) in [(&read, &full), (&full, &read), (&full, &full)] {
            let lines = [("Authorization", one.as_str())];
            let (status, received) =
                send(gateway, &setting, ("GET", "/items/7"), (Some(other), &lines), HOME);
            assert!([400, 403].contains(&status) && received.is_empty(), "{}: {status}", gateway.name);
        }
        let lines = [("authorization", full.as_str()), ("AUTHORIZATION", "Basic eDp4")];
        let (status, received) = send(gateway, &setting, ("GET", "/items/7"), (None, &lines), HOME);
        assert!([400, 403].contains(&status) && received.is_empty(), "{}: {status}", gateway.name);
    }
}

/// A gateway may drop the token on the way to Doorward, as the client has asked for: then nobody is known.
#[test]
fn a_token_that_is_dropped_on_the_way_lets_nothing_through() {
    let setting = Setting::new();
    let full = setting.bearer(Token::Full);
    let known = setting.verdict("GET", "/items/7", &full, HOME).header("x-auth-subject").map(str::to_owned);
    for gateway in &setting.gateways {
        let lines = [("Connection", "close, Authorization"), ("X-Auth-Subject", "root")];
        let (status, received) = send(gateway, &setting, ("GET", "/items/7"), (Some(&full), &lines), HOME);
        match received.first() {
            Some(received) => assert_eq!((status, Some(&told(received)[0])), (200, known.as_ref())),
            None => assert_eq!(status, 401, "{}", gateway.name),
        }
    }
}

/// Targets that have been read in two ways somewhere.
#[rustfmt::skip]
const TARGETS: &[&str] = &[
    "/items/7", "/items/7?a=/../office", "/items/7?a=%2f..%2f#", "/items", "/items/", "/office/3", "/OFFICE/3",
    "/items%2foffice", "/items/%2F", "/items/..%2foffice", "/items/%2e%2e/office", "/items/%2E./office", "/items/.%2e/office",
    "/items/../office/3", "/items/./7", "/items/..", "/items/.", "/items/...", "/items/7/../../office/3", "/../office/3",
    "//office/3", "/items//7", "//items/7", "//stock.example/office/3", "/items/7//",
    "/items;x=1/7", "/items/7;x", "/items/..;/office/3", "/items/%3b/7", "/;/office/3",
    "/items/%00", "/items/7%00/office", "/items/7#/office", "/office/3#/items/7", "/items/7%23", "/items/7%3f/office",
    "/items/..%5coffice", "/items\\..\\office", "/items/%5c..", "/items/%252e%252e/office", "/items/%25/7",
    "/items/%", "/items/%zz", "/items/%0d%0aX-Auth-Subject:root", "/items/%7f", "/items/7 7", "/items/\u{e9}", "/items/%e9", "/items/\t7",
    "http://stock.example/items/../office/3", "http://other.example/office/3", "http://stock.example", "http://stock.example?/items/7",
    "stock.example:443", "*", "items/7", "?a=/items/7", "",
];

/// RFC 3986 §6.2.2, RFC 9112 §3.2: a target either is refused, or means to the API what it has meant to Doorward.
#[test]
fn whatever_a_target_is_the_api_gets_the_one_that_was_decided_on() {
    let setting = Setting::new();
    let [read, full] = [Token::Read, Token::Full].map(|token| setting.bearer(token));
    for (gateway, target) in
        setting.gateways.iter().flat_map(|gateway| TARGETS.iter().map(move |target| (gateway, *target)))
    {
        for token in [&read, &full] {
            let case = format!("{} {target:?}", gateway.name);
            let (status, received) = send(gateway, &setting, ("GET", target), (Some(token), &[]), HOME);
            match received.first() {
                Some(received) => {
                    let verdict = setting.verdict(&received.method, &received.target, token, HOME);
                    assert_eq!((status, verdict.status), (200, 200), "{case}: {received:?}");
                    let path = received.target.split('?').next().unwrap_or_default();
                    assert!(is_plain(path), "{case}: {received:?}");
                    assert!(
                        token == &full || path.starts_with("/items") || path.starts_with("/%69"),
                        "{case}"
                    );
                }
                None => assert!([400, 403, 404].contains(&status), "{case}: {status}"),
            }
        }
    }
}

/// Nothing is left in it that a server could resolve, cut off or unify.
fn is_plain(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let odd = ["//", "/../", "/./", ";", "#", "\\", "%00", "%2f", "%5c", "%2e%2e", "%25", "%0d"];
    path.starts_with('/') && !path.ends_with("/..") && !odd.iter().any(|odd| path.contains(odd))
}
