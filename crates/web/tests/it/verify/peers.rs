//! Who may ask: proxies that are trusted. To anybody else there is one answer, whatever their headers say.

use crate::flows::place::{Place, json};
use crate::support::TestApp;
use crate::verify::asked::{Asked, PROXY, place};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use http::Request;
use proptest::prelude::*;
use std::sync::Arc;

/// What anybody may try, beside what a proxy would send.
const TRICKS: &[(&str, &str)] = &[
    ("x-forwarded-for", "10.0.0.1"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-real-ip", "10.0.0.1"),
    ("forwarded", "for=10.0.0.1;host=as.example"),
    ("x_forwarded_for", "10.0.0.1"),
    ("x-forwarded-method", "OPTIONS"),
    ("origin", "https://app.example"),
    ("user-agent", "kube-probe/1.30"),
    ("connection", "x-forwarded-for"),
    ("x-forwarded-proto", "https"),
];

#[test]
fn whoever_is_no_trusted_proxy_gets_one_answer() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let asked = Asked::get(&token.value);
    assert_eq!(asked.status(&place), 200);
    let one = asked.clone().by(Some("192.0.2.7")).answer(&place);
    assert_eq!((one.status(), one.challenge(), one.identity()), (403, "", [""; 6]));
    for peer in [Some("192.0.2.7"), Some("11.0.0.1"), Some("::1"), None] {
        let same = |asked: &Asked, what: &str| {
            let answer = asked.answer(&place);
            assert_eq!((answer.status(), answer.0.body()), (403, one.0.body()), "{peer:?}, {what}");
        };
        for (name, value) in TRICKS {
            same(&asked.clone().by(peer).and(name, value), name);
        }
        same(&asked.clone().by(peer).without("authorization"), "nothing");
        same(&asked.clone().by(peer).to("/verify"), "no API");
        same(&asked.clone().by(peer).with("x-forwarded-uri", "/a/../b"), "an odd path");
    }
    for peer in [PROXY, "::ffff:10.0.0.1"] {
        assert_eq!(asked.clone().by(Some(peer)).status(&place), 200, "{peer}");
    }
}

/// The answer's status, challenge, body and identity.
fn seen(asked: &Asked, place: &Place) -> (u16, String, Bytes, [String; 6]) {
    let answer = asked.answer(place);
    (
        answer.status(),
        answer.challenge().to_owned(),
        answer.0.body().clone(),
        answer.identity().map(str::to_owned),
    )
}

/// Names that mean something here, or to somebody.
const NAMES: &[&str] = &[
    "x-forwarded-for",
    "x-forwarded-method",
    "x-forwarded-host",
    "x-forwarded-uri",
    "x-forwarded-proto",
    "x-original-method",
    "x-original-url",
    "x-real-ip",
    "forwarded",
    "authorization",
    "x-api-key",
    "origin",
    "access-control-request-method",
    "cookie",
    "connection",
    "via",
    "x-auth-subject",
    "x-auth-level",
    "x_forwarded_for",
    "x-envoy-external-address",
    "x-http-method-override",
    "user-agent",
    "content-type",
];

#[test]
fn no_header_of_an_untrusted_peer_changes_anything() {
    let place = place();
    let token = place.api_token("alice", Level::Full).value;
    let bearing = format!("Bearer {token}");
    let values = prop_oneof![
        Just(bearing),
        Just(token.clone()),
        Just(PROXY.to_owned()),
        Just("127.0.0.1, 10.0.0.1".to_owned()),
        Just("GET".to_owned()),
        Just("OPTIONS".to_owned()),
        Just("/orders/7".to_owned()),
        Just(String::new()),
        Just(format!("for={PROXY}")),
        "[ -~]{0,24}",
    ];
    let header = (prop::sample::select(NAMES), values);
    let peer =
        prop::sample::select(vec![Some("192.0.2.7"), Some("11.0.0.1"), Some("::1"), Some("127.0.0.1"), None]);
    let all = (prop::collection::vec(header, 0..8), peer, any::<bool>());
    let nothing = Asked { headers: vec![], ..Asked::get(&token) };
    let one = seen(&nothing.clone().by(Some("192.0.2.7")), &place);
    assert_eq!(one.0, 403);
    proptest!(|((headers, peer, whole) in all)| {
        let from = if whole { Asked::get(&token) } else { nothing.clone() };
        let asked = headers.iter().fold(from.by(peer), |asked, (name, value)| asked.and(name, value));
        prop_assert_eq!(&seen(&asked, &place), &one, "{:?}", asked);
    });
}

/// RFC 9110 §15.6.4: what cannot be found out is our trouble; whoever is told 401 throws a good token away.
#[test]
fn a_fault_is_503_and_says_nothing_about_the_token() {
    let app = TestApp::new();
    let opaque = doorward_protocol::token_text::write(
        doorward_protocol::token_text::TokenType::AccessToken,
        &app.server.context().random.secret().unwrap(),
    );
    let settings =
        WebSettings { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..WebSettings::default() };
    let behind = Arc::new(App::new(Arc::clone(&app.server), settings).unwrap());
    let ask = || {
        let request = Request::get("/verify?api=https://api.example")
            .header("x-forwarded-method", "GET")
            .header("x-forwarded-uri", "/")
            .header("authorization", format!("Bearer {}", opaque.expose()));
        let caller = Caller { address: PROXY.parse().ok() };
        block_on(behind.respond(request.body(Bytes::new()).unwrap(), caller))
    };
    assert_eq!(ask().status(), 401);
    app.store.turn_off();
    let answer = ask();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    assert_eq!(json(&answer)["error"], "temporarily_unavailable");
    assert_eq!(answer.headers()["x-auth-subject"], "");
    assert!(!answer.headers().contains_key("www-authenticate"));
}
