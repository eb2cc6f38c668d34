//! Introspection: who may ask what, and what makes a token inactive.

use crate::house::{House, ORDERS, STOCK, word};
use doorward_core::manage::{apis, clients};
use doorward_protocol::introspection::Introspection;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Status;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

/// The two APIs' scopes, one with signed tokens and one with opaque ones.
const BOTH: [(&str, &str); 2] = [("orders:read", ORDERS), ("stock:read", STOCK)];

/// RFC 7662 §2.2: what an API learns about a token, the same for both forms.
#[test]
fn an_api_learns_what_its_token_means() {
    let house = House::default();
    let (client, gateway) = (house.client("orders:read stock:read"), house.client(""));
    for (scope, api) in BOTH {
        house.let_introspect(api, &gateway);
        let token = house.access_token(&client, &format!("scope={scope}"));
        let Introspection::Active(seen) = house.introspect(&gateway, &token) else {
            panic!("{scope} is inactive")
        };
        assert_eq!((seen.scope.to_string().as_str(), seen.aud.as_str()), (scope, api));
        assert_eq!(seen.client_id, client.client_id.parse().ok());
        assert_eq!(seen.sub, client.client_id.as_str());
        assert_eq!((seen.exp - seen.iat, seen.iss.as_str()), (Lifetime::minutes(10), "https://as.example"));
    }
}

/// RFC 7662 §4: a caller whom the token does not concern learns nothing, not even that it exists.
#[test]
fn a_stranger_learns_nothing() {
    let house = House::default();
    let (client, stranger) = (house.client("orders:read stock:read"), house.client(""));
    for (scope, other) in [("orders:read", STOCK), ("stock:read", ORDERS)] {
        let token = house.access_token(&client, &format!("scope={scope}"));
        assert_eq!(house.introspect(&stranger, &token), Introspection::Inactive);
        let gateway = house.client("");
        house.let_introspect(other, &gateway);
        assert_eq!(house.introspect(&gateway, &token), Introspection::Inactive, "the gateway of another API");
        assert!(house.is_active(&client, &token), "its own client may ask");
    }
}

/// RFC 7662 §2.1: the endpoint is for callers who prove who they are.
#[test]
fn a_public_client_cannot_introspect() {
    let house = House::default();
    let public = house.public_client();
    let ask = house.ask(&public, "token=x", |request| block_on(house.server.introspect(&request)));
    assert_eq!(word(ask), "invalid_client");
    let nothing =
        house.ask(&house.client(""), "token=", |request| block_on(house.server.introspect(&request)));
    assert_eq!(word(nothing), "invalid_request");
}

/// RFC 7662 §2.2: an expired token is inactive from the second on in which it ends.
#[test]
fn a_token_ends_at_its_expiry() {
    let house = House::default();
    let client = house.client("orders:read stock:read");
    let tokens = BOTH.map(|(scope, _)| house.access_token(&client, &format!("scope={scope}")));
    house.advance(Lifetime::seconds(599));
    assert!(tokens.iter().all(|token| house.is_active(&client, token)));
    house.advance(Lifetime::seconds(1));
    assert!(tokens.iter().all(|token| !house.is_active(&client, token)));
}

/// RFC 7662 §2.2: what is not a token of this server is inactive, and no error.
#[test]
fn what_is_not_a_token_is_inactive() {
    let house = House::default();
    let client = house.client("orders:read stock:read");
    let tokens = BOTH.map(|(scope, _)| house.access_token(&client, &format!("scope={scope}")));
    let mut odd: Vec<String> =
        ["x", "a.b.c", "dw_at_", "..", "dw_pat_0", "%F0%9F%92%A5"].map(str::to_owned).to_vec();
    for token in &tokens {
        odd.push(token[..token.len() - 1].to_owned());
        odd.push(format!("{token}A"));
        odd.push(token.to_lowercase());
    }
    for token in odd {
        assert_eq!(house.introspect(&client, &token), Introspection::Inactive, "{token}");
    }
}

#[test]
fn switching_the_client_off_ends_its_tokens_for_good() {
    let house = House::default();
    let (client, gateway) = (house.client("orders:read stock:read"), house.client(""));
    let tokens = BOTH.map(|(scope, api)| {
        house.let_introspect(api, &gateway);
        house.access_token(&client, &format!("scope={scope}"))
    });
    assert!(tokens.iter().all(|token| house.is_active(&gateway, token)));
    block_on(clients::set_status(
        &client.client_id,
        Status::Inactive,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    assert!(tokens.iter().all(|token| !house.is_active(&gateway, token)));
    block_on(clients::set_status(
        &client.client_id,
        Status::Active,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    assert!(tokens.iter().all(|token| !house.is_active(&gateway, token)), "they do not come back");
    let fresh = house.access_token(&client, "scope=orders:read");
    assert!(house.is_active(&gateway, &fresh));
}

#[test]
fn deleting_the_client_ends_its_tokens() {
    let house = House::default();
    let (client, gateway) = (house.client("orders:read stock:read"), house.client(""));
    let tokens = BOTH.map(|(scope, api)| {
        house.let_introspect(api, &gateway);
        house.access_token(&client, &format!("scope={scope}"))
    });
    block_on(clients::delete(
        &client.client_id,
        &by_operator(&house.server.context()),
        &house.server.context(),
    ))
    .unwrap();
    assert!(tokens.iter().all(|token| !house.is_active(&gateway, token)));
    assert_eq!(word(house.token(&client, "")), "invalid_client");
}

#[test]
fn switching_the_api_off_or_deleting_it_ends_its_tokens() {
    let house = House::default();
    let client = house.client("orders:read stock:read");
    for (scope, api) in BOTH {
        let token = house.access_token(&client, &format!("scope={scope}"));
        block_on(apis::set_status(
            api,
            Status::Inactive,
            &by_operator(&house.server.context()),
            &house.server.context(),
        ))
        .unwrap();
        assert!(!house.is_active(&client, &token), "{api} is off");
        block_on(apis::set_status(
            api,
            Status::Active,
            &by_operator(&house.server.context()),
            &house.server.context(),
        ))
        .unwrap();
        assert!(house.is_active(&client, &token), "{api} is on again");
        block_on(apis::delete(api, &by_operator(&house.server.context()), &house.server.context())).unwrap();
        assert!(!house.is_active(&client, &token), "{api} is deleted");
    }
}

#[test]
fn an_api_registered_anew_under_the_same_identifier_does_not_take_over_old_tokens() {
    let house = House::default();
    let client = house.client("orders:read");
    let token = house.access_token(&client, "");
    block_on(apis::delete(ORDERS, &by_operator(&house.server.context()), &house.server.context())).unwrap();
    house.advance(Lifetime::seconds(1));
    house.api(ORDERS, &["orders:read"], doorward_protocol::words::TokenFormat::Jwt);
    assert!(!house.is_active(&client, &token));
    assert!(house.is_active(&client, &house.access_token(&client, "")));
}
