//! What a client of the API sees, to the byte, under both frameworks.

use crate::hosts::both;
use crate::server::{OTHER, SIGNED, Server};

const METADATA: &str = "resource_metadata=\"https://orders.example/.well-known/oauth-protected-resource\"";

/// RFC 6750 §2.1, §3.1: who brings a token that reaches far enough is served, and nobody else.
#[test]
fn a_route_serves_those_whose_token_reaches_it() {
    let server = Server::new();
    let (read, write) = (server.token(SIGNED, "read"), server.token(SIGNED, "read%20write"));
    for host in both(&server) {
        let listed = host.bring("GET /orders", &read);
        assert_eq!((listed.status, listed.body.as_str()), (200, "orders for shop"));
        assert_eq!(host.bring("POST /orders", &read).status, 403);
        let changed = host.bring("POST /orders", &write);
        assert_eq!((changed.status, changed.body.as_str()), (200, "changed for shop"));
        assert_eq!(host.bring("GET /mine", &read).status, 403, "its handler decides");
        assert_eq!(host.bring("GET /mine", &write).status, 200);
        assert_eq!(host.bring("GET /orders", &server.token(OTHER, "read")).status, 401);
    }
}

/// RFC 6750 §3, §3.1, RFC 9728 §5.1: status, challenge and body of each refusal.
#[test]
fn a_refusal_says_what_to_bring() {
    let server = Server::new();
    let read = format!("authorization: Bearer {}", server.token(SIGNED, "read"));
    let long = format!("authorization: Bearer {}", "a".repeat(9000));
    let invalid = "Bearer error=\"invalid_token\", error_description=\"the access token is not, or no longer, good for this API\", ";
    let request = "Bearer error=\"invalid_request\", error_description=";
    let scope = "Bearer error=\"insufficient_scope\", error_description=\"the access token does not reach this far\", scope=\"read write\", ";
    for host in both(&server) {
        for (headers, status, challenge) in [
            (&[][..], 401, "Bearer ".to_owned()),
            (&["authorization: Basic c2hvcDp4"], 401, "Bearer ".to_owned()),
            (&["authorization: Bearer x"], 401, invalid.to_owned()),
            (&["authorization: Bearer a.b.c"], 401, invalid.to_owned()),
            (&[&long], 401, invalid.to_owned()),
            (
                &["authorization: Bearer"],
                400,
                format!("{request}\"the Authorization header holds no access token\", "),
            ),
            (&["authorization: Bearer a b"], 400, format!("{request}\"the access token is no b64token\", ")),
            (
                &[&read, &read],
                400,
                format!("{request}\"the request has more than one Authorization header\", "),
            ),
            (&[&read], 403, scope.to_owned()),
        ] {
            let answer = host.ask("POST /orders", headers);
            assert_eq!(
                (answer.status, answer.header("www-authenticate")),
                (status, Some(&*(challenge + METADATA)))
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            if answer.header("content-type") == Some("application/json") {
                assert!(answer.body.starts_with("{\"error\":\""), "{}", answer.body);
            } else {
                assert_eq!(answer.body, "", "who brought nothing hears of no error");
            }
        }
    }
}

/// RFC 6750 §2.2, §2.3: a token in a URL or a form is not read.
#[test]
fn a_token_elsewhere_is_none() {
    let server = Server::new();
    let token = server.token(SIGNED, "read");
    for host in both(&server) {
        let answer = host.ask(&format!("GET /orders?access_token={token}"), &[]);
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (401, Some(&*format!("Bearer {METADATA}")))
        );
    }
}

/// RFC 9110 §15.6.4: when nobody can be asked, the client is told to come back, and nothing about its token.
#[test]
fn an_outage_is_answered_with_503() {
    let mut server = Server::new();
    let token = server.token(SIGNED, "read");
    let hosts = both(&server);
    server.stop();
    for host in &hosts {
        let answer = host.bring("GET /orders", &token);
        assert_eq!((answer.status, answer.header("www-authenticate")), (503, None));
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert!(answer.body.starts_with("{\"error\":\"temporarily_unavailable\""), "{}", answer.body);
    }
}

/// A handler that asks who is there, on a route that nobody guards, never runs: not even for a good token.
#[test]
fn an_extractor_without_a_guard_refuses() {
    let server = Server::new();
    let token = server.token(SIGNED, "read");
    for host in both(&server) {
        assert_eq!((host.bring("GET /open", &token).status, host.ask("GET /open", &[]).status), (500, 500));
    }
}

/// RFC 9728 §3, §3.2: the metadata are where the challenge says, for everybody.
#[test]
fn the_metadata_are_where_the_challenge_leads() {
    let server = Server::new();
    let expected = format!(
        r#"{{"resource":"https://orders.example","authorization_servers":["{}"],"scopes_supported":["read","write"],"bearer_methods_supported":["header"],"resource_name":"Orders"}}"#,
        server.issuer()
    );
    for host in both(&server) {
        let answer = host.ask("GET /.well-known/oauth-protected-resource", &[]);
        assert_eq!((answer.status, answer.body.as_str()), (200, expected.as_str()));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}
