//! Whom a person's access token is for: the server itself or one API, by what was asked for, what was allowed, and what there
//! still is.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, ISSUER, ORDERS, Place, SHOP, Tokens, json, tokens, word};
use crate::flows::token_requests::{MIXED, done};
use doorward_core::access::api::ApiScope;
use doorward_core::manage::{apis, clients};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{GrantType, Status};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use http::header::WWW_AUTHENTICATE;
use serde_json::json as value;

pub(crate) const STOCK: &str = "https://stock.example";
const ROBOT: &str = "robot";

pub(crate) fn open_api(place: &Place, identifier: &str, scopes: &[&str]) {
    let scopes = scopes.iter().map(|name| ApiScope { name: (*name).to_owned(), description: String::new() });
    let members = apis::Members { scopes: scopes.collect(), ..apis::Members::named("An API") };
    done(block_on(apis::create(identifier, members, &by_operator(&place.context()), &place.context())));
}

/// `alice`'s tokens at the shop, for this scope and with further parameters of the authorization request.
fn allowed(place: &Place, scope: &str, further: &[(&str, &str)]) -> Tokens {
    let request = [&[("scope", scope)], further].concat();
    place.tokens_of(&Browser::new(place), SHOP, "alice", &request)
}

/// Audience and scope of an access token.
fn about(tokens: &Tokens) -> (String, String) {
    let claims = tokens.claims();
    assert_eq!(claims["scope"], tokens.scope(), "RFC 6749 §5.1");
    (claims["aud"].as_str().unwrap().to_owned(), tokens.scope().to_owned())
}

#[track_caller]
fn is_about(tokens: &Tokens, audience: &str, scope: &str) {
    assert_eq!(about(tokens), (audience.to_owned(), scope.to_owned()));
}

/// The error with which a client is sent back from the authorization endpoint.
fn sent_back(place: &Place, parameters: &[(&str, &str)]) -> String {
    Browser::new(place).open(&place.request(SHOP, parameters)).answer()["error"].clone()
}

/// RFC 9068 §2.2: the server's own scopes lead to the server, an API's to the API; asked for together, the token is for the
/// API and says nothing of the rest.
#[test]
fn a_token_has_one_audience() {
    let place = Place::new();
    let own = allowed(&place, "openid email", &[]);
    is_about(&own, ISSUER, "email openid");
    assert!(place.tells_who(own.access()));
    is_about(&allowed(&place, "orders:write", &[]), ORDERS, "orders:write");
    let mixed = allowed(&place, MIXED, &[]);
    is_about(&mixed, ORDERS, "orders:read orders:write");
    assert_eq!(mixed.id_token()["aud"], SHOP, "the ID token is for the client all the same");
}

/// OpenID Connect Core §5.3.1: userinfo takes tokens for the server itself, with the scope `openid`.
#[test]
fn a_token_for_an_api_is_no_good_at_userinfo() {
    let place = Place::new();
    let mixed = allowed(&place, MIXED, &[]);
    assert_eq!(place.userinfo(mixed.access()).status(), 401);
    let own = tokens(&place.refresh_as(SHOP, mixed.refresh(), &[("scope", "openid")]));
    is_about(&own, ISSUER, "openid");
    assert_eq!(json(&place.userinfo(own.access())), value!({ "sub": own.id_token()["sub"] }));
    let without = tokens(&place.refresh_as(SHOP, own.refresh(), &[("scope", "profile")]));
    is_about(&without, ISSUER, "profile");
    let refusal = place.userinfo(without.access());
    assert_eq!(refusal.status(), 403);
    let challenge = refusal.headers()[WWW_AUTHENTICATE].to_str().unwrap();
    assert!(challenge.contains("insufficient_scope"), "{challenge}");
}

/// RFC 8707 §2.1: the resource of the authorization request is what the person is asked about.
#[test]
fn a_resource_named_in_the_authorization_request_is_the_audience() {
    let place = Place::new();
    open_api(&place, STOCK, &["orders:read", "stock:read"]);
    assert_eq!(sent_back(&place, &[("scope", "orders:read")]), "invalid_scope", "two APIs have it");
    for resource in [ORDERS, STOCK] {
        let named = allowed(&place, "openid orders:read", &[("resource", resource)]);
        is_about(&named, resource, "orders:read");
    }
    is_about(&allowed(&place, "openid", &[("resource", ISSUER)]), ISSUER, "openid");
    for (scope, resource, error) in [
        ("openid", ORDERS, "invalid_scope"),
        ("openid orders:read", ISSUER, "invalid_scope"),
        ("openid orders:write", STOCK, "invalid_scope"),
        ("openid orders:read", "https://nobody.example", "invalid_target"),
    ] {
        assert_eq!(sent_back(&place, &[("scope", scope), ("resource", resource)]), error, "{scope}");
    }
}

/// RFC 8707 §2.2: a code is redeemed for one of the resources it stands for; another costs it nothing.
#[test]
fn a_resource_named_in_the_token_request_is_the_audience() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for (resource, scope) in [(ORDERS, "orders:read orders:write"), (ISSUER, "offline_access openid profile")]
    {
        let code = place.code_of(&browser, SHOP, "alice", &[("scope", MIXED)]);
        let redeem = |resource| place.redeem_as(SHOP, &code, &[("resource", resource)]);
        assert_eq!(word(&redeem("https://nobody.example")), "invalid_target");
        is_about(&tokens(&redeem(resource)), resource, scope);
    }
}

/// RFC 8707 §2.2: the server itself is no resource of a grant that says nothing of it.
#[test]
fn what_was_allowed_at_an_api_alone_gives_no_token_for_the_server() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let code = place.code_of(&browser, SHOP, "alice", &[("scope", "orders:read")]);
    let to_issuer = [("resource", ISSUER)];
    assert_eq!(word(&place.redeem_as(SHOP, &code, &to_issuer)), "invalid_target");
    let given = tokens(&place.redeem(SHOP, &code));
    assert_eq!(word(&place.refresh_as(SHOP, given.refresh(), &to_issuer)), "invalid_target");
    let mixed = allowed(&place, MIXED, &[]);
    let narrow = [("scope", "orders:read"), ("resource", ISSUER)];
    assert_eq!(word(&place.refresh_as(SHOP, mixed.refresh(), &narrow)), "invalid_scope");
    let own = allowed(&place, "openid", &[]);
    assert_eq!(word(&place.refresh_as(SHOP, own.refresh(), &[("resource", ORDERS)])), "invalid_target");
}

/// RFC 9068 §3: a client that has lost its scopes at the API does not get a token for somebody else instead.
#[test]
fn a_default_does_not_wander_to_another_audience() {
    let place = Place::new();
    let mixed = allowed(&place, MIXED, &[]);
    place.change_client(SHOP, |members| members.scopes = scope("openid profile"));
    assert_eq!(word(&place.refresh(SHOP, mixed.refresh())), "invalid_scope");
    let own = tokens(&place.refresh_as(SHOP, mixed.refresh(), &[("scope", "openid")]));
    is_about(&own, ISSUER, "openid");
    let only = allowed(&place, "openid profile", &[]);
    place.change_client(SHOP, |members| {
        members.scopes = scope("orders:read");
        members.default_scopes = scope("");
    });
    assert_eq!(word(&place.refresh(SHOP, only.refresh())), "invalid_scope", "nor one that says nothing");
    assert_eq!(word(&place.refresh(SHOP, own.refresh())), "granted", "what is left at the API");
}

/// RFC 6749 §6: what the API no longer has is left out where nothing was named, and refused where it was.
#[test]
fn a_scope_that_the_api_has_lost_is_not_granted() {
    let place = Place::new();
    let given = allowed(&place, "orders:read orders:write", &[]);
    place.change_api(ORDERS, |members| members.scopes.retain(|scope| scope.name == "orders:read"));
    let next = tokens(&place.refresh(SHOP, given.refresh()));
    is_about(&next, ORDERS, "orders:read");
    let both = [("scope", "orders:read orders:write")];
    assert_eq!(word(&place.refresh_as(SHOP, next.refresh(), &both)), "invalid_scope");
    place.change_api(ORDERS, |members| members.scopes.clear());
    assert_eq!(word(&place.refresh(SHOP, next.refresh())), "invalid_scope");
}

/// RFC 8707 §2: while an API is switched off nothing is minted for it and nothing is good at it; what else the person has
/// allowed is not touched.
#[test]
fn an_api_that_is_switched_off_gets_nothing() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let mixed = allowed(&place, MIXED, &[]);
    let code = place.code_of(&browser, SHOP, "alice", &[("scope", MIXED)]);
    place.switch_api(ORDERS, Status::Inactive);
    assert_eq!(sent_back(&place, &[("scope", MIXED)]), "invalid_target");
    assert_eq!(word(&place.redeem(SHOP, &code)), "invalid_target");
    assert_eq!(word(&place.refresh(SHOP, mixed.refresh())), "invalid_target");
    assert!(!place.is_active(SHOP, mixed.access()));
    let own = tokens(&place.refresh_as(SHOP, mixed.refresh(), &[("scope", "openid")]));
    assert!(place.tells_who(own.access()));
    place.switch_api(ORDERS, Status::Active);
    assert!(place.is_active(SHOP, mixed.access()));
    is_about(&tokens(&place.redeem(SHOP, &code)), ORDERS, "orders:read orders:write");
    is_about(&tokens(&place.refresh(SHOP, own.refresh())), ORDERS, "orders:read orders:write");
}

/// RFC 8707 §2: an API registered anew under the same identifier is another one: nobody has allowed anything at it.
#[test]
fn an_api_registered_anew_inherits_nothing() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let mixed = place.tokens_of(&browser, SHOP, "alice", &[("scope", MIXED)]);
    let code = place.code_of(&browser, SHOP, "alice", &[("scope", MIXED)]);
    done(block_on(apis::delete(ORDERS, &by_operator(&place.context()), &place.context())));
    for anew in [false, true] {
        if anew {
            place.advance(Lifetime::seconds(1));
            open_api(&place, ORDERS, &["orders:read", "orders:write"]);
        }
        assert!(!place.is_active(SHOP, mixed.access()), "{anew}");
        assert_eq!(word(&place.redeem(SHOP, &code)), "invalid_target", "{anew}");
        assert_eq!(word(&place.refresh(SHOP, mixed.refresh())), "invalid_target", "{anew}");
        let named = [("resource", ORDERS)];
        assert_eq!(word(&place.refresh_as(SHOP, mixed.refresh(), &named)), "invalid_target", "{anew}");
    }
    let silent = [("scope", MIXED), ("prompt", "none")];
    let answer = browser.open(&place.request(SHOP, &silent)).answer();
    assert_eq!(answer["error"], "consent_required");
    let own = tokens(&place.refresh_as(SHOP, mixed.refresh(), &[("scope", "openid")]));
    assert!(place.tells_who(own.access()));
}

/// RFC 6749 §4.4: no person takes part, so none of what only a person can allow is granted.
#[test]
fn a_client_by_itself_never_gets_the_scopes_of_people() {
    let mut place = Place::new();
    let members = clients::Members {
        grant_types: vec![GrantType::ClientCredentials],
        scopes: scope("openid profile orders:read"),
        default_scopes: scope("openid profile orders:read"),
        ..clients::Members::named("A robot")
    };
    place.register(ROBOT, members);
    let ask = |further: &[(&str, &str)]| {
        place.token(ROBOT, &[&[("grant_type", "client_credentials")], further].concat())
    };
    let given = tokens(&ask(&[]));
    is_about(&given, ORDERS, "orders:read");
    assert_eq!((given.0.get("id_token"), given.0.get("refresh_token")), (None, None));
    for refused in ["openid", "openid orders:read", "profile"] {
        assert_eq!(word(&ask(&[("scope", refused)])), "invalid_scope", "{refused}");
    }
    assert_eq!(word(&ask(&[("scope", "openid"), ("resource", ISSUER)])), "invalid_target");
    place.change_client(ROBOT, |members| members.default_scopes = scope("openid"));
    let empty = tokens(&ask(&[]));
    assert_eq!((empty.claims()["aud"].as_str(), empty.claims().get("scope")), (Some(ISSUER), None));
    assert_eq!(place.userinfo(empty.access()).status(), 403);
}

/// RFC 6749 §3.3: without a scope the client's default is asked for.
#[test]
fn a_request_without_a_scope_asks_for_the_default() {
    let place = Place::new();
    is_about(&allowed(&place, "", &[]), ISSUER, "openid profile");
    place.change_client(APP, |members| members.default_scopes = scope("openid orders:read"));
    let browser = Browser::new(&place);
    is_about(&place.tokens_of(&browser, APP, "bob", &[("scope", "")]), ORDERS, "orders:read");
}
