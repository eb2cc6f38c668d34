//! Revocation: what a client takes back stays back.

use crate::house::{Actor, House, claims, word};
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;

const BOTH: [&str; 2] = ["scope=orders:read", "scope=stock:read"];

/// RFC 7009 §2: the token is invalid at once, also after a restart, whichever form it has.
#[test]
fn a_revoked_token_is_inactive_from_the_next_request_on_and_across_restarts() {
    let house = House::default();
    let client = house.client("orders:read stock:read");
    for form in BOTH {
        let (token, other) = (house.access_token(&client, form), house.access_token(&client, form));
        house.revoke(&client, &token).unwrap();
        let restarted = house.another();
        for house in [&house, &restarted] {
            assert!(!house.is_active(&client, &token), "{form}");
            assert!(house.is_active(&client, &other), "{form}: another token is not touched");
        }
    }
}

/// RFC 7009 §2.2: revoking twice, or what never was a token, is answered alike.
#[test]
fn revocation_is_idempotent() {
    let house = House::default();
    let client = house.client("orders:read stock:read");
    for form in BOTH {
        let token = house.access_token(&client, form);
        assert_eq!(house.revoke(&client, &token), Ok(()));
        assert_eq!(house.revoke(&client, &token), Ok(()));
    }
    for nothing in ["x", "a.b.c", "dw_at_"] {
        assert_eq!(house.revoke(&client, nothing), Ok(()));
    }
}

/// RFC 7009 §2.1: a client revokes its own tokens only.
#[test]
fn another_clients_token_is_not_touched() {
    let house = House::default();
    let (client, other) = (house.client("orders:read stock:read"), house.client("orders:read"));
    for form in BOTH {
        let token = house.access_token(&client, form);
        assert_eq!(house.revoke(&other, &token), Ok(()), "nor is it revealed that it exists");
        assert!(house.is_active(&client, &token));
    }
}

/// RFC 7009 §2.1: the token parameter is required; client authentication comes first.
#[test]
fn revocation_needs_a_client_and_a_token() {
    let house = House::default();
    let revoke = |actor: &Actor, form: &str| {
        word(house.ask(actor, form, |request| block_on(house.server.revoke(&request))))
    };
    assert_eq!(revoke(&house.client(""), "x=y"), "invalid_request");
    assert_eq!(revoke(&house.public_client(), "token=x"), "granted", "a public client names itself");
    let stranger = Actor { client_id: "nobody".into(), secret: Some("x".into()) };
    assert_eq!(revoke(&stranger, "token=x"), "invalid_client");
}

#[test]
fn what_was_revoked_is_forgotten_after_its_end_only() {
    let house = House::default();
    let client = house.client("orders:read stock:read");
    let tokens = BOTH.map(|form| house.access_token(&client, form));
    for token in &tokens {
        house.revoke(&client, token).unwrap();
    }
    house.advance(Lifetime::seconds(599));
    block_on(doorward_core::sweep::sweep(&house.server.context())).unwrap();
    assert!(tokens.iter().all(|token| !house.is_active(&client, token)), "swept too early");
    house.advance(Lifetime::days(3));
    block_on(doorward_core::sweep::sweep(&house.server.context())).unwrap();
    let left = block_on(
        house.server.cache().store().snapshot(|tx| Ok((tx.revoked_jwts()?, tx.digests_by_pepper()?))),
    );
    let (revoked, digests) = left.unwrap();
    assert!(revoked.is_empty());
    let jti = claims(&tokens[0])["jti"].as_str().unwrap().parse().unwrap();
    assert!(!house.server.cache().is_revoked(jti), "nor does memory grow for ever");
    assert_eq!(digests.iter().map(|(_, count)| count).sum::<i64>(), 1, "the client's secret");
}

/// RFC 7009 §2: what was revoked elsewhere a moment ago is in force here too, once it was revoked here as well.
#[test]
fn revoking_what_another_node_has_revoked_is_in_force_when_it_is_answered() {
    let here = House::default();
    let there = here.another();
    let client = here.client("orders:read");
    let token = here.access_token(&client, "");
    here.revoke(&client, &token).unwrap();
    there.revoke(&client, &token).unwrap();
    assert!(!there.is_active(&client, &token));
}

/// RFC 7009 §2: a token signed with a key that another node made a moment ago is taken back all the same.
#[test]
fn a_token_of_a_key_that_is_new_here_is_revoked() {
    let here = House::default();
    let there = here.another();
    let client = here.client("orders:read");
    let context = here.server.context();
    let key = signing_keys::prepare(Algorithm::ES256, here.server.sealer(), &context).unwrap();
    block_on(signing_keys::rotate(key, Occasion::Compromise, &by_operator(&context), &context)).unwrap();
    let token = here.access_token(&client, "");
    there.revoke(&client, &token).unwrap();
    block_on(here.server.cache().catch_up()).unwrap();
    assert!(!there.is_active(&client, &token) && !here.is_active(&client, &token));
}

#[test]
fn a_clock_that_is_ahead_for_a_while_brings_nothing_back() {
    let house = House::default();
    let client = house.client("orders:read");
    let token = house.access_token(&client, "");
    house.revoke(&client, &token).unwrap();
    house.advance(Lifetime::minutes(30));
    block_on(doorward_core::sweep::sweep(&house.server.context())).unwrap();
    let started_meanwhile = house.another();
    house.advance(Lifetime::minutes(-30));
    assert!(!house.is_active(&client, &token) && !started_meanwhile.is_active(&client, &token));
}
