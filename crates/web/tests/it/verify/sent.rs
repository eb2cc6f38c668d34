//! The requests that Envoy sends on without their body, behind a path that names the API.

use crate::flows::place::{ORDERS, Place};
use crate::verify::asked::{Asked, PROXY};
use crate::{api_access::held, verify::asked};
use doorward_protocol::words::{Level, Preflight};
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use std::sync::Arc;

/// A place that answers there.
fn place() -> Place {
    let mut place = held::place();
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let settings = WebSettings { trusted_proxies, ext_authz: true, ..WebSettings::default() };
    place.app = Arc::new(App::new(Arc::clone(&place.server), settings).unwrap());
    place
}

/// What is sent on of a request.
fn sent(place: &Place, method: &'static str, path: &str) -> Asked {
    let target = format!("/ext-authz/{}{path}", place.api_key(ORDERS));
    Asked { method, target, peer: Some(PROXY), headers: vec![] }
}

#[test]
fn method_and_path_are_the_requests_own() {
    let place = place();
    let token = place.api_token("alice", Level::Read);
    let answer = sent(&place, "GET", "/orders/7?a=b").bearing(&token.value).answer(&place);
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.identity()[..4], [&place.subject("alice"), "", &token.id.to_string(), "read"]);
    for method in ["HEAD", "OPTIONS"] {
        assert_eq!(sent(&place, method, "/").bearing(&token.value).status(&place), 200, "{method}");
    }
    for method in ["POST", "DELETE", "PROPFIND", "get"] {
        let asked = sent(&place, method, "/orders").bearing(&token.value);
        assert_eq!(asked.status(&place), 403, "{method}");
        let told = asked.with("x-forwarded-method", "GET").with("x-original-method", "GET");
        assert_eq!(told.status(&place), 403, "{method}, whatever else is told");
    }
    let bare = sent(&place, "GET", "/orders/7").answer(&place);
    assert_eq!((bare.status(), bare.challenge()), (401, "Bearer"));
}

#[test]
fn what_is_odd_or_nowhere_is_forbidden() {
    let place = place();
    let token = place.api_token("alice", Level::Full).value;
    for odd in ["", "/a/../b", "/a%2fb", "//a", "/a//b", "/a;b", "/%2e%2e/b", "/a%00"] {
        assert_eq!(sent(&place, "GET", odd).bearing(&token).status(&place), 403, "{odd}");
    }
    for target in [
        "/ext-authz",
        "/ext-authz/",
        "/ext-authz//a",
        "/ext-authz/orders/a",
        "/ext-authz/01JZZZZZZZZZZZZZZZZZZZZZZZ/a",
    ] {
        assert_eq!(sent(&place, "GET", "").to(target).bearing(&token).status(&place), 403, "{target}");
    }
    let good = sent(&place, "GET", "/a").bearing(&token);
    assert_eq!(good.status(&place), 200);
    assert_eq!(good.clone().and("authorization", "Bearer x").status(&place), 403);
    assert_eq!(good.clone().with("x-forwarded-for", "unknown").status(&place), 403);
    for peer in [Some("192.0.2.7"), None] {
        assert_eq!(good.clone().by(peer).with("x-forwarded-for", PROXY).status(&place), 403, "{peer:?}");
    }
}

/// Fetch §3.2.2: the question of a browser is the request itself here.
#[test]
fn a_preflight_is_let_through_where_the_api_says_so() {
    let place = place();
    let preflight = sent(&place, "OPTIONS", "/orders")
        .with("origin", "https://app.example")
        .with("access-control-request-method", "POST");
    assert_eq!(preflight.status(&place), 200);
    assert_eq!(preflight.clone().without("origin").status(&place), 401);
    place.set_api(ORDERS, |api| api.preflight = Preflight::Deny);
    assert_eq!(preflight.status(&place), 401);
}

#[test]
fn nothing_is_there_until_it_is_switched_on() {
    let place = asked::place();
    assert_eq!(
        sent(&place, "GET", "/orders").to("/ext-authz/x/y").status(&place),
        421,
        "the host is not ours"
    );
    let found = place.app.prefixes().any(|prefix| prefix.contains("ext-authz"));
    assert!(!found);
}
