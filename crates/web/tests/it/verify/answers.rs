//! The table of statuses: what each kind of request is answered, with its challenge and with whoever makes it.

use crate::api_access::held::KEY;
use crate::flows::place::{BILLING, ORDERS, Place, done, json};
use crate::verify::asked::{Asked, CLIENT, place};
use doorward_core::access::api::Api;
use doorward_core::manage::{management_api, organizations};
use doorward_protocol::access::level::Access;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Level, Preflight, Status, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::credentials::networks;
use doorward_testkit::calls::by_operator;
use doorward_testkit::frozen_clock::START;

const NOBODY: [&str; 6] = [""; 6];

/// An access token of the key's, for itself.
fn of_client(place: &Place, scope: &str) -> String {
    let answer = place.token(KEY, &[("grant_type", "client_credentials"), ("scope", scope)]);
    json(&answer)["access_token"].as_str().unwrap_or_else(|| panic!("{}", json(&answer))).to_owned()
}

#[test]
fn what_the_level_lets_through_passes_with_whoever_makes_it() {
    let place = place();
    let token = place.api_token("alice", Level::Read);
    let answer = Asked::get(&token.value).answer(&place);
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.identity(),
        [&place.subject("alice"), "", &token.id.to_string(), "read", "orders:read", ""]
    );
    assert_eq!((answer.header("cache-control"), answer.0.body().len()), (Some("no-store"), 0));
    let full = place.api_token("alice", Level::Full);
    let answer = Asked::post(&full.value).answer(&place);
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.identity()[3..5], ["full", "orders:read orders:write"]);
}

/// RFC 6749 §3.3: an access token's scope says its level, whether it is signed or opaque.
#[test]
fn access_tokens_pass_by_their_scope() {
    let place = place();
    for opaque in [false, true] {
        if opaque {
            place.make_opaque(ORDERS);
        }
        let token = of_client(&place, "orders:read");
        let answer = Asked::get(&token).answer(&place);
        assert_eq!((answer.status(), &answer.identity()[3..5]), (200, &["read", "orders:read"][..]));
        assert_eq!(answer.identity()[..2], [KEY, KEY], "it speaks for itself");
        assert_eq!(Asked::post(&token).status(&place), 403);
        assert_eq!(Asked::post(&of_client(&place, "orders:read orders:write")).status(&place), 200);
    }
}

#[test]
fn the_organization_is_the_persons_or_else_the_clients() {
    let place = place();
    let made = |name: &str| {
        let (members, context) = (organizations::Members::named(name), place.context());
        done(organizations::create(members, &by_operator(&context), &context)).id
    };
    let (theirs, its) = (made("Acme"), made("Beta"));
    place.set_user("alice", move |user| user.organization = Some(theirs));
    place.set_client(KEY, move |client| client.organization = Some(its));
    let token = place.api_token("alice", Level::Read);
    assert_eq!(Asked::get(&token.value).answer(&place).identity()[5], theirs.to_string());
    let token = of_client(&place, "orders:read");
    assert_eq!(Asked::get(&token).answer(&place).identity()[5], its.to_string());
}

/// RFC 6750 §3: who brings no token is told that one is needed, and nothing of an error.
#[test]
fn without_a_token_the_challenge_is_bare() {
    let place = place();
    for asked in [
        Asked::about("GET", "/orders/7"),
        Asked::about("GET", "/orders/7").with("authorization", "Basic YTo="),
        Asked::about("GET", "/orders/7").with("x-api-key", &place.api_token("alice", Level::Read).value),
    ] {
        let answer = asked.answer(&place);
        assert_eq!((answer.status(), answer.challenge()), (401, "Bearer"), "{asked:?}");
        assert_eq!((answer.identity(), answer.header("cache-control")), (NOBODY, Some("no-store")));
    }
}

/// RFC 6750 §3.1: `invalid_token`, for whatever is wrong with it.
#[test]
fn a_token_that_is_no_good_is_said_to_be_so() {
    let place = place();
    let invalid = |token: &str, what: &str| {
        let answer = Asked::get(token).answer(&place);
        assert_eq!(answer.status(), 401, "{what}");
        assert!(
            answer.challenge().starts_with("Bearer error=\"invalid_token\""),
            "{what}: {}",
            answer.challenge()
        );
        assert_eq!(answer.identity(), NOBODY, "{what}");
    };
    let with = |set: &dyn Fn(&mut doorward_core::token::api_token::ApiToken)| {
        place.api_token_with("alice", |token| {
            token.access.named = vec![Access { api: place.api_key(ORDERS), level: Level::Full }];
            set(token);
        })
    };
    for text in ["", "x", "a.b.c", &place.value().0, "dw_pat_x"] {
        invalid(text, text);
    }
    invalid(&with(&|token| token.revoked_at = Some(START)).value, "revoked");
    invalid(&with(&|token| token.expires_at = START).value, "expired");
    invalid(&with(&|token| token.access.named = vec![]).value, "no level here");
    let bound = with(&|token| {
        token.access.named = vec![];
        token.allowed_ips = networks(&["203.0.113.0/24"]);
    });
    invalid(&bound.value, "no level here, whatever network it is from");
    let elsewhere = with(&|token| token.access.named[0].api = place.api_key(BILLING));
    invalid(&elsewhere.value, "of another API");
    let token = with(&|_| ());
    let client = of_client(&place, "orders:read");
    assert_eq!(Asked::get(&token.value).status(&place), 200);
    place.set_user("alice", |user| user.status = UserStatus::Disabled);
    invalid(&token.value, "whose owner is disabled");
    place.set_client(KEY, |client| client.status = Status::Inactive);
    invalid(&client, "whose client is off");
}

/// RFC 9068 §4: an access token is for one audience, and for no other API.
#[test]
fn a_token_for_somebody_else_is_no_good() {
    let place = place();
    let token = of_client(&place, "orders:read");
    assert_eq!(Asked::get(&token).to(&format!("/verify?api={BILLING}")).status(&place), 401);
}

/// RFC 6750 §3.1: `insufficient_scope`, with "the scope necessary to access the protected resource".
#[test]
fn a_level_that_is_too_small_is_said_to_be_so_with_what_would_do() {
    let place = place();
    for token in [place.api_token("alice", Level::Read).value, of_client(&place, "orders:read")] {
        let answer = Asked::post(&token).answer(&place);
        assert_eq!(answer.status(), 403);
        assert!(
            answer.challenge().starts_with("Bearer error=\"insufficient_scope\""),
            "{}",
            answer.challenge()
        );
        assert!(
            answer.challenge().ends_with(", scope=\"orders:read orders:write\""),
            "{}",
            answer.challenge()
        );
        assert_eq!(answer.identity(), NOBODY);
    }
    let writing = of_client(&place, "orders:write");
    let answer = Asked::get(&writing).answer(&place);
    assert_eq!(answer.status(), 403);
    assert!(answer.challenge().ends_with(", scope=\"orders:read\""), "{}", answer.challenge());
}

#[test]
fn a_request_from_elsewhere_is_forbidden_and_recorded() {
    let place = place();
    let token = place.api_token_with("alice", |token| {
        token.access.named = vec![Access { api: place.api_key(ORDERS), level: Level::Read }];
        token.allowed_ips = networks(&["192.0.2.0/24"]);
    });
    assert_eq!(Asked::get(&token.value).status(&place), 200);
    for elsewhere in [
        Asked::get(&token.value).from("198.51.100.1"),
        Asked::get(&token.value).from("192.0.2.7, 198.51.100.1"),
        Asked::get(&token.value).without("x-forwarded-for"),
    ] {
        let answer = elsewhere.answer(&place);
        assert_eq!(
            (answer.status(), answer.challenge(), answer.identity()),
            (403, "", NOBODY),
            "{elsewhere:?}"
        );
    }
    let recorded = place.recorded_soon("api_token.refused");
    assert_eq!(recorded.len(), 1, "once a minute at most");
    assert_eq!(recorded[0].reason, "foreign_network");
}

#[test]
fn an_api_that_is_unknown_or_off_lets_nothing_through() {
    let place = place();
    let management = management_api::identifier(&place.server.settings().issuer);
    let token = place.api_token_with("alice", |token| {
        let at = |api| Access { api: place.api_key(api), level: Level::Full };
        token.access.named = vec![at(ORDERS), at(&management)];
    });
    for api in ["https://nowhere.example", "orders", "management", &management] {
        assert_eq!(Asked::get(&token.value).to(&format!("/verify?api={api}")).status(&place), 403, "{api}");
    }
    let off = |api: &mut Api| api.status = Status::Inactive;
    place.set_api(ORDERS, off);
    let answer = Asked::get(&token.value).answer(&place);
    assert_eq!((answer.status(), answer.challenge(), answer.identity()), (403, "", NOBODY));
}

/// Fetch §3.2.2: a browser's question carries no credential, so none is judged.
#[test]
fn a_preflight_passes_without_identity_where_the_api_lets_it() {
    let place = place();
    let preflight = Asked::about("OPTIONS", "/orders/7")
        .with("origin", "https://app.example")
        .with("access-control-request-method", "POST");
    let answer = preflight.answer(&place);
    assert_eq!((answer.status(), answer.identity()), (200, NOBODY));
    let bearing = preflight.clone().bearing(&place.api_token("alice", Level::Full).value).answer(&place);
    assert_eq!((bearing.status(), bearing.identity()), (200, NOBODY), "nobody is named by it");
    for less in
        [preflight.clone().without("origin"), preflight.clone().without("access-control-request-method")]
    {
        assert_eq!(less.status(&place), 401, "{less:?}");
    }
    for method in ["GET", "POST", "options"] {
        assert_eq!(preflight.clone().with("x-forwarded-method", method).status(&place), 401, "{method}");
    }
    assert_eq!(preflight.clone().with("x-forwarded-uri", "/orders/../users").status(&place), 403);
    place.set_api(ORDERS, |api| api.preflight = Preflight::Deny);
    assert_eq!(preflight.status(&place), 401);
}

/// RFC 9110 §9.3.2: whatever method the proxy asks by, it asks about another request.
#[test]
fn the_method_by_which_a_proxy_asks_does_not_matter() {
    let place = place();
    let token = place.api_token("alice", Level::Read);
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"] {
        assert_eq!(Asked { method, ..Asked::get(&token.value) }.status(&place), 200, "{method}");
        assert_eq!(Asked { method, ..Asked::post(&token.value) }.status(&place), 403, "{method}");
    }
}

#[test]
fn a_use_is_noted_with_the_address_of_the_client() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    place.advance(Lifetime::seconds(7));
    assert_eq!(Asked::get(&token.value).status(&place), 200);
    block_on(place.server.record_uses()).unwrap();
    let id = token.id;
    let used = place.change(move |tx| tx.last_use(id)).unwrap();
    assert_eq!((used.used_at, used.address), (START + Lifetime::seconds(7), CLIENT.parse().ok()));
}
