//! What the tokens that come of a refresh say: scope, audience, form, and the ID token; and how refreshing goes on when the
//! master key is replaced.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, INTRANET, ISSUER, ORDERS, Place, SHOP, Tokens, claims, tokens, word};
use crate::flows::token_requests::MIXED;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::random::SystemRandom;
use doorward_protocol::time::Lifetime;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use ring::digest::{SHA256, digest};

#[track_caller]
fn refreshed(place: &Place, client: &str, last: &Tokens, further: &[(&str, &str)]) -> Tokens {
    tokens(&place.refresh_as(client, last.refresh(), further))
}

/// A refresh that is refused costs nothing: were the token spent, its late retry would cost a public client the family.
#[track_caller]
fn refused(place: &Place, last: &Tokens, further: &[(&str, &str)], expected: &str) {
    assert_eq!(word(&place.refresh_as(APP, last.refresh(), further)), expected, "{further:?}");
    place.advance(Lifetime::minutes(1));
}

/// RFC 6749 §6: the scope may be narrowed for one access token, and "if omitted is treated as equal to the scope originally
/// granted".
#[test]
fn a_narrower_scope_does_not_stick() {
    let place = Place::new();
    let all = "email offline_access openid profile";
    let mut last = place.tokens(&Browser::new(&place), APP, "alice");
    assert_eq!(last.scope(), all);
    for narrow in ["openid", "email openid", "email"] {
        last = refreshed(&place, APP, &last, &[("scope", narrow)]);
        assert_eq!((last.scope(), last.claims()["scope"].as_str()), (narrow, Some(narrow)));
        last = refreshed(&place, APP, &last, &[]);
        assert_eq!(last.scope(), all);
    }
}

/// RFC 6749 §6: "The requested scope MUST NOT include any scope not originally granted by the resource owner".
#[test]
fn a_scope_never_grows() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let last = place.tokens_of(&browser, APP, "alice", &[("scope", "openid orders:read")]);
    for more in
        ["openid groups", "orders:read orders:write", "nothing", "openid  \"", &format!("{MIXED} groups")]
    {
        refused(&place, &last, &[("scope", more)], "invalid_scope");
    }
    let narrow = refreshed(&place, APP, &last, &[("scope", "openid")]);
    refreshed(&place, APP, &narrow, &[("scope", "openid orders:read")]);
    assert!(place.revocations().is_empty());
}

/// RFC 6749 §6: what the client may no longer ask for is no longer granted, and comes back with the permission.
#[test]
fn a_scope_that_the_client_has_lost_is_not_granted() {
    let place = Place::new();
    let all = "openid profile email groups offline_access orders:read orders:write";
    let mut last = place.tokens(&Browser::new(&place), APP, "alice");
    place.change_client(APP, |members| {
        members.scopes = scope("openid offline_access");
        members.default_scopes = scope("openid");
    });
    last = refreshed(&place, APP, &last, &[]);
    assert_eq!(last.scope(), "offline_access openid");
    refused(&place, &last, &[("scope", "openid profile")], "invalid_scope");
    place.change_client(APP, |members| members.scopes = scope(all));
    assert_eq!(refreshed(&place, APP, &last, &[]).scope(), "email offline_access openid profile");
}

/// OpenID Connect Core §12.1: without the scope `openid` there is no ID token; a client that has lost it learns no more of
/// the person, and one that has lost a claim's scope not that claim.
#[test]
fn an_id_token_says_no_more_than_the_client_may_know() {
    let place = Place::new();
    place.change_client(SHOP, |members| members.id_token_claims = true);
    let mut last = place.tokens_of(&Browser::new(&place), SHOP, "alice", &[("scope", MIXED)]);
    assert_eq!(last.id_token()["preferred_username"], "alice");
    place.change_client(SHOP, |members| {
        members.scopes = scope("openid offline_access orders:read");
        members.default_scopes = scope("");
    });
    last = refreshed(&place, SHOP, &last, &[]);
    assert_eq!(last.scope(), "orders:read");
    assert_eq!(last.id_token().get("preferred_username"), None, "{}", last.id_token());
    place.change_client(SHOP, |members| members.scopes = scope("offline_access orders:read"));
    last = refreshed(&place, SHOP, &last, &[]);
    assert_eq!(last.0.get("id_token"), None, "{}", last.0);
}

/// OpenID Connect Core §5.4: an ID token of a narrower request tells what that request asked for.
#[test]
fn an_id_token_is_as_narrow_as_the_request() {
    let place = Place::new();
    place.change_client(SHOP, |members| members.id_token_claims = true);
    let last = place.tokens(&Browser::new(&place), SHOP, "alice");
    assert_eq!(last.id_token()["email"], "alice@example.com");
    let narrow = refreshed(&place, SHOP, &last, &[("scope", "openid profile")]);
    let said = narrow.id_token();
    assert_eq!((said["name"].as_str(), said.get("email")), (Some("ALICE Example"), None));
}

/// RFC 8707 §2.2: the resource of a refresh is one of those that were allowed; two are refused, and nothing is spent.
#[test]
fn a_resource_is_chosen_anew_at_each_refresh() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let mut last = place.tokens_of(&browser, APP, "alice", &[("scope", MIXED)]);
    for (resource, scope) in [
        (ORDERS, "orders:read orders:write"),
        (ISSUER, "offline_access openid profile"),
        (ORDERS, "orders:read orders:write"),
    ] {
        last = refreshed(&place, APP, &last, &[("resource", resource)]);
        assert_eq!((last.claims()["aud"].as_str(), last.scope()), (Some(resource), scope));
    }
    refused(&place, &last, &[("resource", "https://stock.example")], "invalid_target");
    refused(&place, &last, &[("resource", "not a URI")], "invalid_target");
    refused(&place, &last, &[("resource", ORDERS), ("resource", ISSUER)], "invalid_target");
    refreshed(&place, APP, &last, &[]);
    assert!(place.revocations().is_empty());
}

/// OpenID Connect Core §12.2: the new ID token names the same issuer, person, client and sign-in, and no nonce.
#[test]
fn a_refresh_gives_a_new_id_token_about_the_same_sign_in() {
    let place = Place::new();
    for client in [APP, SHOP, INTRANET] {
        let first = place.tokens_later(&Browser::new(&place), client, &[]);
        place.advance(Lifetime::days(3));
        let next = refreshed(&place, client, &first, &[]);
        let (old, new) = (first.id_token(), next.id_token());
        for claim in ["iss", "sub", "aud", "auth_time", "acr", "amr", "sid"] {
            assert!(old.get(claim).is_some() && old[claim] == new[claim], "{claim}: {old} {new}");
        }
        assert_eq!((old["nonce"].as_str(), new.get("nonce")), (Some("n-0"), None));
        assert_eq!(new["iat"].as_i64(), old["iat"].as_i64().map(|at| at + Lifetime::days(3).0));
        let hash = digest(&SHA256, next.access().as_bytes());
        assert_eq!(new["at_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
    }
}

/// OpenID Connect Core §12.1: a refresh that does not ask for `openid` is answered without an ID token.
#[test]
fn without_openid_there_is_no_id_token() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let first = place.tokens_of(&browser, APP, "alice", &[("scope", "orders:read offline_access")]);
    assert_eq!(first.0.get("id_token"), None);
    assert_eq!(refreshed(&place, APP, &first, &[]).0.get("id_token"), None);
    let mixed = place.tokens_of(&browser, APP, "alice", &[("scope", MIXED)]);
    assert_eq!(mixed.id_token()["aud"], APP);
    let narrow = refreshed(&place, APP, &mixed, &[("scope", "orders:read")]);
    assert_eq!(narrow.0.get("id_token"), None);
    assert_eq!(refreshed(&place, APP, &narrow, &[]).id_token()["aud"], APP);
}

/// RFC 7662 §2.2: opaque access tokens are refreshed like signed ones, each with an end of its own.
#[test]
fn an_api_with_opaque_tokens_gets_opaque_ones() {
    let place = Place::new();
    place.make_opaque(ORDERS);
    let first = place.tokens_later(&Browser::new(&place), SHOP, &[("scope", MIXED)]);
    place.advance(Lifetime::minutes(9));
    let second = refreshed(&place, SHOP, &first, &[("scope", "orders:read")]);
    let retried = refreshed(&place, SHOP, &first, &[]);
    for (given, scope) in [(&first, "orders:read orders:write"), (&second, "orders:read")] {
        assert!(given.access().starts_with("dw_at_"));
        let known = place.introspect(SHOP, given.access());
        assert_eq!(
            (known["active"].as_bool(), known["scope"].as_str()),
            (Some(true), Some(scope)),
            "{known}"
        );
        assert_eq!(known["auth_time"], first.id_token()["auth_time"]);
    }
    assert_eq!(retried.refresh(), second.refresh());
    assert_ne!(retried.access(), second.access());
    place.advance(Lifetime::minutes(2));
    assert!(!place.is_active(SHOP, first.access()) && place.is_active(SHOP, second.access()));
    let third = refreshed(&place, SHOP, &second, &[]);
    assert_eq!(word(&place.refresh(SHOP, first.refresh())), "invalid_grant", "it was reused");
    for dead in [second, third, retried] {
        assert!(!place.is_active(SHOP, dead.access()));
    }
}

/// RFC 9700 §4.14.2: a token under an older pepper is rotated, and retried to the same successor, across the replacement.
#[test]
fn a_new_master_key_does_not_break_a_family() {
    let old = Place::new();
    let browser = Browser::new(&old);
    let given = [(); 3].map(|()| old.tokens(&browser, APP, "alice"));
    let before = refreshed(&old, APP, &given[0], &[]);
    let both = old.master.with_next_version(&SystemRandom::default()).unwrap();
    let new = old.restarted_with(both.to_text().expose());
    let retried = refreshed(&new, APP, &given[0], &[]);
    assert_eq!(retried.refresh(), before.refresh(), "the answer of before the restart, once more");
    let rotated = refreshed(&new, APP, &given[1], &[]);
    assert_eq!(refreshed(&new, APP, &given[1], &[]).refresh(), rotated.refresh());
    assert_eq!(refreshed(&old, APP, &given[1], &[]).refresh(), rotated.refresh(), "nor on a node that lags");
    let next = refreshed(&new, APP, &rotated, &[]);
    assert_eq!(refreshed(&new, APP, &rotated, &[]).refresh(), next.refresh());

    let alone = both.to_text().expose().lines().find(|line| line.starts_with("v2:")).unwrap().to_owned();
    let context = new.context();
    doorward_testkit::block_on::block_on(doorward_core::manage::signing_keys::rewrap(
        new.server.sealer(),
        &by_operator(&context),
        &context,
    ))
    .unwrap();
    let alone = new.restarted_with(&alone);
    refreshed(&alone, APP, &next, &[]);
    assert_eq!(word(&alone.refresh(APP, given[2].refresh())), "invalid_grant", "its pepper is retired");
}

/// RFC 9068 §2.2: every access token of a family names the same person, client and family.
#[test]
fn access_tokens_of_a_family_name_it() {
    let place = Place::new();
    let first = place.tokens_later(&Browser::new(&place), APP, &[("scope", MIXED)]);
    let next = refreshed(&place, APP, &first, &[("resource", ISSUER)]);
    let (one, other) = (claims(first.access()), claims(next.access()));
    for claim in ["iss", "sub", "client_id", "grant", "user_gen", "gen", "auth_time", "acr"] {
        assert_eq!(one[claim], other[claim], "{claim}: {one}");
    }
    assert_eq!(one["sub"], place.user_id("alice").to_string());
    assert_ne!(one["jti"], other["jti"]);
}
