//! What APIs and clients learn about people's tokens, and how clients give them back.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, INTRANET, ISSUER, ORDERS, Place, SHOP, Tokens, json, tokens, word};
use crate::flows::token_requests::MIXED;
use doorward_core::manage::clients;
use doorward_protocol::time::Lifetime;
use serde_json::json as value;

/// The API itself, as a client.
const DESK: &str = "orders-desk";

fn place_with_a_desk() -> Place {
    let mut place = Place::new();
    place.register(DESK, clients::Members::named("The orders API"));
    place.let_introspect(DESK, ORDERS);
    place
}

fn mixed(place: &Place, client: &str) -> Tokens {
    place.tokens_of(&Browser::new(place), client, "alice", &[("scope", MIXED)])
}

fn revoke(place: &Place, client: &str, token: &str) {
    let answer = place.client("/oauth2/revoke", client, &[("token", token)]);
    assert_eq!((answer.status().as_u16(), answer.body().len()), (200, 0), "RFC 7009 §2.2");
}

/// RFC 7662 §2.2 and RFC 9470 §6.2: who the person is, which client acts for them, and how they signed in, whatever form the
/// token has.
#[test]
fn an_api_learns_for_whom_a_token_speaks() {
    let place = place_with_a_desk();
    for opaque in [false, true] {
        if opaque {
            place.make_opaque(ORDERS);
        }
        let browser = Browser::new(&place);
        let first = place.tokens_later(&browser, APP, &[("scope", MIXED)]);
        let signed_in = first.id_token()["auth_time"].as_i64().unwrap();
        place.advance(Lifetime::minutes(7));
        let given = tokens(&place.refresh_as(APP, first.refresh(), &[("scope", "orders:read")]));
        assert_eq!(given.access().starts_with("dw_at_"), opaque);
        let mut known = place.introspect(DESK, given.access());
        assert!(known.as_object_mut().unwrap().remove("jti").is_some_and(|jti| jti.is_string()));
        let now = signed_in + 7 * 60 + 30;
        let expected = value!({
            "active": true, "token_type": "Bearer", "iss": ISSUER, "aud": ORDERS, "client_id": APP,
            "scope": "orders:read", "sub": place.user_id("alice").to_string(), "username": "alice",
            "auth_time": signed_in, "acr": "1", "iat": now, "exp": now + 600,
        });
        assert_eq!(known, expected);
    }
}

/// RFC 7662 §2.1: only an API and the client that holds a token learn about it; everybody else as much as about no token.
#[test]
fn only_those_whom_a_token_concerns_learn_about_it() {
    let place = place_with_a_desk();
    let nothing = value!({ "active": false });
    for opaque in [false, true] {
        if opaque {
            place.make_opaque(ORDERS);
        }
        let held = mixed(&place, SHOP);
        assert!(place.is_active(SHOP, held.access()) && place.is_active(DESK, held.access()));
        assert_eq!(place.introspect(INTRANET, held.access()), nothing);
        let own = tokens(&place.refresh_as(SHOP, held.refresh(), &[("scope", "openid")]));
        assert!(place.is_active(SHOP, own.access()));
        assert_eq!(place.introspect(DESK, own.access()), nothing, "that token is not for the API");
        for client in [SHOP, DESK] {
            assert_eq!(
                place.introspect(client, own.refresh()),
                nothing,
                "a refresh token is nobody's business"
            );
        }
    }
    place.change_api(ORDERS, |members| members.introspection_clients.clear());
    assert_eq!(place.introspect(DESK, mixed(&place, SHOP).access()), nothing);
}

/// RFC 7662 §2.1: "the protected resource calls the introspection endpoint" with credentials of its own; a public client has
/// none.
#[test]
fn a_public_client_learns_nothing_even_of_its_own_tokens() {
    let place = Place::new();
    let held = mixed(&place, APP);
    let answer = place.client("/oauth2/introspect", APP, &[("token", held.access())]);
    assert_eq!((answer.status().as_u16(), word(&answer).as_str()), (401, "invalid_client"));
}

/// RFC 7009 §2: an access token that is given back is dead at once; what else there is of the family is not.
#[test]
fn an_access_token_is_given_back_by_itself() {
    let place = place_with_a_desk();
    for opaque in [false, true] {
        if opaque {
            place.make_opaque(ORDERS);
        }
        let first = mixed(&place, SHOP);
        let other = tokens(&place.refresh(SHOP, first.refresh()));
        revoke(&place, SHOP, first.access());
        revoke(&place, SHOP, first.access());
        assert!(!place.is_active(SHOP, first.access()) && !place.is_active(DESK, first.access()));
        assert!(place.is_active(SHOP, other.access()));
        assert_eq!(word(&place.refresh(SHOP, other.refresh())), "granted");
    }
    let own = place.tokens(&Browser::new(&place), APP, "alice");
    revoke(&place, APP, own.access());
    assert_eq!(place.userinfo(own.access()).status(), 401);
    assert!(place.revocations().is_empty());
}

/// RFC 7009 §2.1: with a refresh token ends the whole grant, whichever of the family's it is.
#[test]
fn with_a_refresh_token_the_whole_family_is_given_back() {
    let place = Place::new();
    for (number, client) in [SHOP, APP].into_iter().enumerate() {
        for given_back in 0..2 {
            let first = place.tokens(&Browser::new(&place), client, "alice");
            let second = tokens(&place.refresh(client, first.refresh()));
            revoke(&place, client, [&first, &second][given_back].refresh());
            revoke(&place, client, second.refresh());
            place.assert_dead(client, &first);
            place.assert_dead(client, &second);
            let revocations = place.revocations();
            assert_eq!(revocations.len(), 2 * number + given_back + 1);
            let object = format!("family:{}", first.claims()["grant"].as_str().unwrap());
            let event = revocations.iter().find(|event| event.objects == object).unwrap();
            assert_eq!(
                (event.reason.as_str(), event.client),
                ("revoked_by_client", Some(place.client_key(client)))
            );
            assert_eq!(event.user, Some(place.user_id("alice")));
        }
    }
}

/// RFC 7662 §2.2: opaque tokens of a family that was given back are inactive as well.
#[test]
fn opaque_tokens_end_with_their_family() {
    let place = place_with_a_desk();
    place.make_opaque(ORDERS);
    let held = mixed(&place, SHOP);
    assert!(place.is_active(DESK, held.access()));
    revoke(&place, SHOP, held.refresh());
    assert!(!place.is_active(DESK, held.access()) && !place.is_active(SHOP, held.access()));
}

/// RFC 7009 §2.1: what belongs to another client is left alone, and the answer does not tell.
#[test]
fn another_clients_tokens_are_left_alone() {
    let place = Place::new();
    for (holder, other) in [(SHOP, INTRANET), (SHOP, APP), (APP, SHOP)] {
        let held = place.tokens(&Browser::new(&place), holder, "alice");
        revoke(&place, other, held.access());
        revoke(&place, other, held.refresh());
        assert!(place.tells_who(held.access()));
        assert_eq!(word(&place.refresh(holder, held.refresh())), "granted");
    }
    assert!(place.revocations().is_empty());
}

/// RFC 7009 §2.1: a client that does not prove who it is gives nothing back.
#[test]
fn a_confidential_client_proves_who_it_is_before_it_gives_anything_back() {
    let place = Place::new();
    let held = place.tokens(&Browser::new(&place), SHOP, "alice");
    let named = [("token", held.refresh()), ("client_id", SHOP)];
    let answer = place.client("/oauth2/revoke", "nobody", &named);
    assert_ne!(answer.status(), 200, "{}", json(&answer));
    assert_eq!(word(&place.refresh(SHOP, held.refresh())), "granted");
}
