//! What a guard lets through: by the level of a token, as the server maps it, and by where the request comes from.

use crate::hosts::both;
use crate::server::{CLIENT, OPAQUE, OTHER, SIGNED, Server};
use crate::teller::Describe;
use doorward_core::manage::{apis, clients};
use doorward_protocol::access::level::LevelAt;
use doorward_protocol::client_address::AddressHeader;
use doorward_protocol::id::Id;
use doorward_protocol::jose::claims::{AccessTokenClaims, ExchangedClaims};
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::revocation::api::EnforcedApi;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Level, Preflight, Status};
use doorward_resource::asked::Asked;
use doorward_resource::guard::{Admitted, Guard};
use doorward_resource::refusal::Refusal;
use doorward_resource::settings::Settings;
use doorward_testkit::calls::by_operator;
use std::net::IpAddr;

/// Who asks, unless a test says otherwise.
pub(crate) const PEER: &str = "10.1.2.3";

/// Asks for this with a token.
pub(crate) async fn ask(guard: &Guard, line: &str, token: &str) -> Result<Admitted, Refusal> {
    ask_from(guard, line, token, (PEER, &[])).await
}

pub(crate) async fn ask_from(
    guard: &Guard,
    line: &str,
    token: &str,
    (peer, forwarded): (&str, &[&str]),
) -> Result<Admitted, Refusal> {
    let (method, path) = line.split_once(' ').unwrap();
    let (bearer, forwarded) = (format!("Bearer {token}"), forwarded.iter().map(|line| line.as_bytes()));
    let authorization = [bearer.as_bytes()];
    let authorization = if token.is_empty() { &[][..] } else { &authorization };
    let forwarded: Vec<_> = forwarded.collect();
    let (peer, is_cors_request) = (peer.parse::<IpAddr>().ok(), false);
    guard.admit(&Asked { method, path, peer, authorization, forwarded: &forwarded, is_cors_request }).await
}

/// The status of the answer; 200 where the request goes on.
pub(crate) async fn status(guard: &Guard, line: &str, token: &str) -> u16 {
    ask(guard, line, token).await.map_or_else(|refusal| refusal.status(), |_| 200)
}

/// The level by which a request goes on.
async fn level(guard: &Guard, line: &str, token: &str) -> Option<Level> {
    match ask(guard, line, token).await {
        Ok(Admitted::With(access)) => access.level(),
        _ => None,
    }
}

/// A server that tells its feed.
fn telling() -> Server {
    let server = Server::new();
    server.teller.begin();
    server
}

/// RFC 6750 §3.1: what a level lets through, whatever form the token has; and which scope would do.
#[tokio::test]
async fn a_token_may_do_what_its_level_lets_through() {
    let server = telling();
    for resource in [SIGNED, OPAQUE] {
        let guard = server.api(resource).guard();
        let read = [server.token(resource, "read"), server.api_token(&[(resource, Level::Read)]).1];
        for token in read {
            assert_eq!(level(&guard, "GET /orders", &token).await, Some(Level::Read));
            let refused = ask(&guard, "POST /orders", &token).await.unwrap_err();
            let challenge = refused.challenge().unwrap();
            assert_eq!(refused.status(), 403);
            assert!(
                challenge.contains("error=\"insufficient_scope\"")
                    && challenge.contains("scope=\"read write\"")
            );
        }
        let full = [server.token(resource, "write"), server.api_token(&[(resource, Level::Full)]).1];
        for token in full {
            assert_eq!(level(&guard, "GET /orders", &token).await, Some(Level::Full));
            assert_eq!(level(&guard, "DELETE /orders/7", &token).await, Some(Level::Full));
        }
        assert_eq!(status(&guard, "GET /orders", &server.api_token(&[(OTHER, Level::Full)]).1).await, 401);
        assert_eq!(status(&guard, "GET /orders", "nonsense").await, 401);
        assert_eq!(ask(&guard, "GET /orders", "").await.unwrap_err().challenge().as_deref(), Some("Bearer"));
    }
}

/// RFC 8693 §2.1: what was exchanged for an API token has the level that is written into it, whatever its scope; any other has the
/// one that its scope reaches, and no more than is written.
#[tokio::test]
async fn a_level_that_is_written_into_a_token_bounds_it() {
    let server = telling();
    let guard = server.api(SIGNED).guard();
    let sign = |claims| server.signing_key().sign(&claims, Typ::AccessToken).unwrap();
    let access = |level| vec![LevelAt { api: SIGNED.to_owned(), level }];
    let exchanged = |level| AccessTokenClaims {
        access: access(level),
        scope: "read write".to_owned(),
        exchanged: Some(ExchangedClaims { api_token: Id::from_parts(0, 2), api_token_gen: 0 }),
        ..server.claims(&server.issuer())
    };
    assert_eq!(level(&guard, "POST /orders", &sign(exchanged(Level::Full))).await, Some(Level::Full));
    assert_eq!(status(&guard, "POST /orders", &sign(exchanged(Level::Read))).await, 403);
    let without = AccessTokenClaims { scope: String::new(), ..exchanged(Level::Full) };
    assert_eq!(level(&guard, "POST /orders", &sign(without)).await, Some(Level::Full));
    let limited = AccessTokenClaims { exchanged: None, ..exchanged(Level::Read) };
    assert_eq!(level(&guard, "GET /orders", &sign(limited.clone())).await, Some(Level::Read));
    assert_eq!(status(&guard, "POST /orders", &sign(limited)).await, 403);
}

/// RFC 9068 §2.2: where one scope reaches every level, the token of a client that is limited to one says so itself.
#[tokio::test]
async fn a_client_that_is_limited_to_a_level_reaches_no_higher_one_by_its_scope() {
    let server = telling();
    let context = server.core.context();
    let call = by_operator(&context);
    let mapped = apis::update(SIGNED, &call, &context, |api| {
        api.levels.full.scopes.clone_from(&api.levels.read.scopes);
        Ok(())
    });
    assert!(mapped.await.is_ok());
    let guard = server.api(SIGNED).guard();
    assert_eq!(level(&guard, "POST /orders", &server.token(SIGNED, "read")).await, Some(Level::Full));
    let call = by_operator(&context);
    let limited = clients::update(CLIENT, &call, &context, |client| {
        client.access = vec![(SIGNED.to_owned(), Level::Read)];
        Ok(())
    });
    assert!(limited.await.is_ok());
    let token = server.token(SIGNED, "read");
    assert_eq!(level(&guard, "GET /orders", &token).await, Some(Level::Read));
    assert_eq!(status(&guard, "POST /orders", &token).await, 403);
}

/// RFC 9110 §4.2.3: a path that servers read differently is refused, never repaired, and no token helps.
#[tokio::test]
async fn an_odd_request_is_refused_whatever_it_brings() {
    let server = telling();
    let guard = server.api(SIGNED).guard();
    let token = server.token(SIGNED, "write");
    for line in
        ["GET /a/../b", "GET /a%2fb", "GET //a", "GET /a;b", "GET *", "GET /%2e%2e/a", "G@T /a", "GET /a%00"]
    {
        let refused = ask(&guard, line, &token).await.unwrap_err();
        assert_eq!((refused.status(), refused.challenge()), (403, None), "{line}");
        assert_eq!(
            (status(&guard, line, "nonsense").await, status(&guard, line, "").await),
            (403, 403),
            "{line}"
        );
    }
}

/// A token that is limited to networks is good from there alone; where nobody knows where a request comes from, nowhere.
#[tokio::test]
async fn a_token_is_good_where_it_may_be_used_from() {
    let server = telling();
    let guard = server.api(SIGNED).guard();
    let claims = AccessTokenClaims {
        allowed_ips: vec!["10.0.0.0/8".parse().unwrap()],
        ..server.claims(&server.issuer())
    };
    let limited = server.signing_key().sign(&claims, Typ::AccessToken).unwrap();
    let anywhere = server.token(SIGNED, "read");
    for (peer, expected) in [("10.1.2.3", 200), ("::ffff:10.1.2.3", 200), ("192.0.2.1", 403), ("nobody", 403)]
    {
        let ask = |token| ask_from(&guard, "GET /orders", token, (peer, &[]));
        let status = ask(&limited).await.map_or_else(|refusal| refusal.status(), |_| 200);
        assert_eq!(status, expected, "{peer}");
        assert!(ask(&anywhere).await.is_ok(), "{peer}");
    }
}

/// CVE-2024-47070: the client's address is what proxies that are trusted say; others are not believed, and one that says nothing
/// readable lets nobody in.
#[tokio::test]
async fn a_client_is_found_behind_trusted_proxies_only() {
    let server = telling();
    let settings = Settings {
        trusted_proxies: vec!["172.16.0.0/12".parse().unwrap()],
        client_address_header: AddressHeader::XForwardedFor,
        ..Settings::default()
    };
    let guard = server.builder(SIGNED).settings(settings).build().unwrap().guard();
    assert_eq!(guard.address_header(), Some("x-forwarded-for"));
    let claims = AccessTokenClaims {
        allowed_ips: vec!["10.0.0.0/8".parse().unwrap(), "172.16.0.0/12".parse().unwrap()],
        ..server.claims(&server.issuer())
    };
    let token = server.signing_key().sign(&claims, Typ::AccessToken).unwrap();
    for (peer, lines, expected) in [
        ("172.16.0.1", &["10.1.2.3"][..], 200),
        ("172.16.0.1", &["192.0.2.1"], 403),
        ("172.16.0.1", &["10.1.2.3", "192.0.2.1, 172.16.0.2"], 403),
        ("172.16.0.1", &["unknown"], 403),
        ("172.16.0.1", &["10.1.2.3, "], 403),
        ("172.16.0.1", &[], 200),
        ("192.0.2.1", &["10.1.2.3"], 403),
        ("10.1.2.3", &["192.0.2.1"], 200),
    ] {
        let asked = ask_from(&guard, "GET /orders", &token, (peer, lines)).await;
        let status = asked.map_or_else(|refusal| refusal.status(), |_| 200);
        assert_eq!(status, expected, "{peer} {lines:?}");
    }
}

/// An API that is switched off, or not registered, lets nobody in; and one that was registered anew takes no token of the one before.
#[tokio::test]
async fn an_api_that_takes_no_part_lets_nobody_in() {
    let changes: [(Describe, u16); 3] = [
        (|api| EnforcedApi { status: Status::Inactive, ..api }, 403),
        (|api| EnforcedApi { created_at: api.created_at + Lifetime::seconds(1), ..api }, 401),
        (|api| api, 200),
    ];
    for (change, expected) in changes {
        let server = telling();
        server.teller.describe(change);
        let guard = server.api(SIGNED).guard();
        assert_eq!(status(&guard, "GET /orders", &server.token(SIGNED, "read")).await, expected);
    }
    let server = telling();
    let unknown = "https://unknown.example";
    let claims = AccessTokenClaims { aud: unknown.to_owned(), ..server.claims(&server.issuer()) };
    let token = server.signing_key().sign(&claims, Typ::AccessToken).unwrap();
    assert_eq!(status(&server.api(unknown).guard(), "GET /orders", &token).await, 403);
}

/// Fetch Standard §3.2.2: a preflight brings no token; it passes where the API says so, and nobody stands behind it.
#[tokio::test]
async fn a_preflight_passes_where_the_api_lets_it() {
    let server = telling();
    let preflight = |path| Asked {
        method: "OPTIONS",
        path,
        peer: None,
        authorization: &[],
        forwarded: &[],
        is_cors_request: true,
    };
    let guard = server.api(SIGNED).guard();
    assert!(matches!(guard.admit(&preflight("/orders")).await, Ok(Admitted::Preflight)));
    assert_eq!(guard.admit(&preflight("/a/../b")).await.unwrap_err().status(), 403);
    assert_eq!(status(&guard, "OPTIONS /orders", "").await, 401, "no preflight");
    server.teller.describe(|api| EnforcedApi { preflight: Preflight::Deny, ..api });
    let guard = server.api(SIGNED).guard();
    assert_eq!(guard.admit(&preflight("/orders")).await.unwrap_err().status(), 401);
}

/// Under either framework the request is judged as it came, whatever a router has cut off it, and by the address it came from.
#[test]
fn a_request_is_judged_as_it_came() {
    let server = telling();
    server.teller.describe(|mut api| {
        api.levels.read.paths = vec!["/levels/orders".parse().unwrap()];
        api
    });
    let (read, write) = (server.token(SIGNED, "read"), server.token(SIGNED, "write"));
    let from = |network: &str| {
        let claims = server.claims(&server.issuer());
        let claims = AccessTokenClaims { allowed_ips: vec![network.parse().unwrap()], ..claims };
        server.signing_key().sign(&claims, Typ::AccessToken).unwrap()
    };
    for host in both(&server) {
        let listed = host.bring("GET /levels/orders?page=2", &read);
        assert_eq!((listed.status, listed.body.as_str()), (200, "orders for shop"));
        let refused = host.bring("POST /levels/orders", &read);
        assert_eq!(refused.status, 403);
        assert!(refused.header("www-authenticate").unwrap().contains("scope=\"read write\""));
        assert_eq!(host.bring("POST /levels/orders", &write).status, 200);
        assert_eq!(host.bring("GET /levels/orders", &from("127.0.0.0/8")).status, 200);
        let elsewhere = host.bring("GET /levels/orders", &from("10.0.0.0/8"));
        assert_eq!((elsewhere.status, elsewhere.header("www-authenticate")), (403, None));
        assert_eq!(host.ask("GET /levels/orders", &[]).status, 401);
        let cors = ["origin: https://shop.example", "access-control-request-method: POST"];
        assert_eq!(
            host.ask("OPTIONS /levels/orders", &cors).status,
            405,
            "it has passed, to nobody who knows it"
        );
        assert_eq!(host.ask("OPTIONS /levels/orders", &[]).status, 401);
    }
}
