//! APIs behind real gateways that ask at `/verify`, set up as `docs/forward-auth.md` says: what reaches the API and what does not, when all
//! is well and when it is not. Which token may do what is the story's part.

use crate::gateway::{self, Gateway};
use crate::harness::Server;
use crate::plain::Plain;
use crate::story;
use crate::upstream::{ITS_OWN, Received, Upstream};
use doorward_protocol::words::TokenFormat;
use doorward_testkit::http::Answer;
use doorward_testkit::story::by_rest::ByRest;
use doorward_testkit::story::{API, HOME, Token, World};
use serde_json::json;
use std::net::Ipv4Addr;

/// What an API is told of whoever makes a request.
pub(crate) const IDENTITY: [&str; 6] = [
    "x-auth-subject",
    "x-auth-client",
    "x-auth-token-id",
    "x-auth-level",
    "x-auth-scope",
    "x-auth-organization",
];

/// A server with the story's world, an API, and the gateways between.
pub(crate) struct Setting {
    pub(crate) server: Server,
    pub(crate) api: Upstream,
    pub(crate) gateways: Vec<Gateway>,
    pub(crate) world: ByRest,
}

impl Setting {
    pub(crate) fn new() -> Self {
        Self::at(story::server())
    }

    fn at(server: Server) -> Self {
        let (api, world) = (Upstream::start(), story::world(&server, TokenFormat::Jwt));
        let gateways = gateway::all(server.address().1, &api);
        Self { server, api, gateways, world }
    }

    /// The header by which somebody presents this token.
    pub(crate) fn bearer(&self, token: Token) -> String {
        format!("Bearer {}", self.world.token(token))
    }

    /// What the server itself says of a request, to a proxy on this machine.
    pub(crate) fn verdict(&self, method: &str, target: &str, bearer: &str, from: Ipv4Addr) -> Answer {
        let from = from.to_string();
        let plain = Plain::new("GET", "/verify?api=https://stock.example")
            .with("X-Forwarded-Method", method)
            .with("X-Forwarded-Uri", target)
            .with("X-Forwarded-For", &from)
            .with("Authorization", bearer);
        plain.send(self.server.address().1, Ipv4Addr::LOCALHOST)
    }
}

/// Who the API was told makes the request; empty where nobody does.
pub(crate) fn told(received: &Received) -> Vec<String> {
    let only = |name: &&str| {
        let values = received.all(name);
        assert!(values.len() < 2, "{name} once at most: {received:?}");
        values.first().copied().unwrap_or_default().to_owned()
    };
    IDENTITY.iter().map(only).collect()
}

fn nobody() -> Vec<String> {
    vec![String::new(); IDENTITY.len()]
}

/// The one request that has come through.
#[track_caller]
fn only(api: &Upstream) -> Received {
    let mut received = api.take();
    assert_eq!(received.len(), 1, "{received:?}");
    received.remove(0)
}

#[test]
fn an_api_is_told_who_makes_a_request_and_gets_its_body() {
    let setting = Setting::new();
    for token in [Token::Full, Token::AtHome, Token::AccessFull, Token::Exchanged] {
        let bearer = setting.bearer(token);
        let verdict = setting.verdict("POST", "/items", &bearer, HOME);
        let known: Vec<_> = IDENTITY.iter().map(|name| verdict.header(name).unwrap().to_owned()).collect();
        assert!(!known[0].is_empty() && !known[2].is_empty(), "{verdict:?}");
        for gateway in &setting.gateways {
            let body = "{\"item\": \"lamp\"}";
            let plain = Plain { body, ..Plain::new("POST", "/items").with("Authorization", &bearer) };
            assert_eq!(plain.send(gateway.port, HOME).status, 200, "{}", gateway.name);
            let received = only(&setting.api);
            assert_eq!((told(&received), received.body.as_str()), (known.clone(), body), "{}", gateway.name);
        }
    }
}

/// Fetch §3.2.2: browsers ask without a token whether they may send one; the API answers that, and is told of nobody.
#[test]
fn a_browsers_question_reaches_the_api_where_the_api_wants_that() {
    let setting = Setting::new();
    let preflight = Plain::new("OPTIONS", "/items/7")
        .with("Origin", "https://app.example")
        .with("Access-Control-Request-Method", "PUT");
    for gateway in &setting.gateways {
        let send = |plain: &Plain<'_>| plain.send(gateway.port, HOME).status;
        assert_eq!(send(&preflight.clone().with("X-Auth-Subject", "root").with("X_Auth_Level", "full")), 200);
        assert_eq!(told(&only(&setting.api)), nobody(), "{}", gateway.name);
        assert_eq!(send(&Plain::new("OPTIONS", "/items/7")), 401, "no browser's question");
        assert_eq!(send(&Plain { method: "PUT", ..preflight.clone() }), 401, "a request that looks like one");
        assert_eq!(send(&Plain { target: "/items/../office", ..preflight.clone() }), 403);
        assert_eq!(setting.api.take(), [], "{}", gateway.name);
    }
    setting.world.update(API, &json!({"preflight": "deny"}));
    for gateway in &setting.gateways {
        assert_eq!(preflight.send(gateway.port, HOME).status, 401, "{}", gateway.name);
        assert_eq!(setting.api.take(), [], "{}", gateway.name);
    }
}

/// RFC 9110 §15.6.4: nobody knows what a token is good for, so nothing passes; and nobody is told that a good token was bad.
#[test]
fn without_doorward_nothing_passes_and_clients_are_told_to_come_again() {
    let mut setting = Setting::new();
    let bearer = setting.bearer(Token::Full);
    let good = Plain::new("GET", "/items/7").with("Authorization", &bearer);
    setting.server.kill();
    for gateway in &setting.gateways {
        for plain in [&good, &Plain::new("GET", "/items/7")] {
            let answer = plain.send(gateway.port, HOME);
            assert_eq!(
                (answer.status, answer.header("retry-after")),
                (503, Some("1")),
                "{}: {answer:?}",
                gateway.name
            );
            assert_eq!(answer.header("www-authenticate"), None, "{answer:?}");
        }
    }
    assert_eq!(setting.api.take(), []);
    setting.server.restart();
    for gateway in &setting.gateways {
        assert_eq!(good.send(gateway.port, HOME).status, 200, "{}", gateway.name);
    }
}

/// RFC 9110 §15.5.4: who is known may still be refused by the API itself, in its own words.
#[test]
fn what_an_api_refuses_by_itself_comes_back_as_it_was_said() {
    let setting = Setting::new();
    let bearer = setting.bearer(Token::Full);
    for gateway in &setting.gateways {
        for status in ["401", "403", "404", "500", "503"] {
            let plain = Plain::new("GET", "/items/7").with("Authorization", &bearer).with("X-Answer", status);
            let answer = plain.send(gateway.port, HOME);
            let said = (answer.status.to_string(), answer.header("www-authenticate"));
            assert_eq!(said, (status.to_owned(), Some(ITS_OWN)), "{}: {answer:?}", gateway.name);
            assert!(answer.body.contains("/items/7"), "{}: {answer:?}", gateway.name);
        }
    }
}

#[test]
fn a_gateway_that_the_server_does_not_trust_lets_nothing_through() {
    let setting = Setting::at(Server::start());
    let bearer = setting.bearer(Token::Full);
    for gateway in &setting.gateways {
        let plain = Plain::new("GET", "/items/7").with("Authorization", &bearer);
        assert_eq!(plain.send(gateway.port, HOME).status, 403, "{}", gateway.name);
    }
    assert_eq!(setting.api.take(), []);
}
